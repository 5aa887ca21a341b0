"""The plain training loop, to be read."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import Fault, UserError
from harness.models import generation
from harness.models.model import Model
from harness.tasks.task import Form, Task
from harness.training.settings import Settings
from harness.training.trainer import Emit, Job, Outcome, Trainer

if TYPE_CHECKING:
    from harness.models.generator import Generator
    from harness.models.transformer import Transformer
    from harness.training.encoding import Order, Row


def load(where: str | Path, task: Task, device: str) -> Model:
    """A checkpoint as a model; updates of low rank are put on the weights that they belong to."""
    from harness.models.generator import Generator
    from harness.models.transformer import Transformer
    from harness.training import lora

    if lora.is_adapter(where):
        return lora.load(where, task, device)
    return (Generator if task.form is Form.TEXT else Transformer).load(where, task, device)


def prepare(job: Job, settings: Settings) -> tuple[Transformer | Generator, list[Row], Order]:
    """The network to train, its rows, and the order of their batches, all keyed by the seed.

    Raises:
        UserError: If the pre-trained weights cannot be used.
    """
    from harness.models.transformer import Transformer
    from harness.training import encoding, lora, pretrained
    from harness.training.freeze import freeze

    seed = settings.seed("initialization", job.seed)
    network, tokenizer = pretrained.load(
        job.pretrained, job.task.form, job.labels, seed, job.device, settings.dropout
    )
    if settings.lora:
        lora.adapt(network, job.task.form, settings.adapter, seed, job.device)
    freeze(network, settings.freeze, settings.top_layers)
    model: Transformer | Generator
    if job.task.form is Form.TEXT:
        model = generator(job, network, tokenizer, settings)
        rows = encoding.texts(model, job.train)
    else:
        model = Transformer(network, tokenizer, job.task, job.device)
        length = min(settings.max_length, model.length)
        rows = encoding.encode(
            tokenizer,
            job.task,
            job.labels,
            job.train,
            length,
            negatives=settings.negatives,
            seed=settings.seed("order", job.order_seed),
        )
    drawn = settings.seed("order", job.order_seed)
    order = encoding.Order(rows, settings.batch_size, drawn, settings.accumulate)
    return model, rows, order


def generator(job: Job, network: Any, tokenizer: Any, settings: Settings) -> Generator:
    """A network that writes, with the settings that its checkpoint will have.

    Raises:
        UserError: If it cannot write as much as it is to.
    """
    from harness.models.generator import Generator, publish

    how = generation.parse(settings.generation)
    publish(network, how)
    try:
        return Generator(network, tokenizer, job.task, job.device, how)
    except ValueError as error:
        raise UserError(Fault(str(error), field="generation")) from error


def fit(job: Job, emit: Emit, **options: Any) -> Outcome:
    """Fine-tune a transformer with a plain loop.

    New weights, the order of the data and dropout are keyed by the seed: equal seeds and threads
    give equal bytes, also when training was killed on the way and went on.

    Raises:
        UserError: If the pre-trained weights cannot be used.
        Diverged: If a loss or a weight is not finite.
    """
    from torch.nn.utils import clip_grad_norm_

    from harness.training import checkpoint, encoding, optimize
    from harness.training.fence import keyed
    from harness.training.objective import objective
    from harness.training.resume import Resume
    from harness.training.watch import Watch

    settings = Settings(**options)
    model, rows, order = prepare(job, settings)
    network, tokenizer = model.network, model.tokenizer
    steps = ceil(settings.epochs * order.per_epoch)
    optimizer = optimize.optimizer(network, settings)
    scheduler = optimize.scheduler(optimizer, settings, steps)
    loss_of = objective(job, settings, rows)
    watch = Watch(job, model, settings, order.per_epoch, steps, emit)

    with keyed(job.device, settings.seed("dropout", job.seed), "dropout"):
        resume = Resume(job, settings, network, optimizer, scheduler, watch, emit)
        order.skip(watch.step)
        watch.begin()
        resume.generators()
        for batches in islice(order.steps(), steps - watch.step):
            for batch in batches:
                loss = loss_of(network, encoding.collate(tokenizer, [rows[at] for at in batch], job.device))
                watch.saw(loss)
                (loss / len(batches)).backward()  # type: ignore[no-untyped-call]
            if settings.gradient_clip:
                clip_grad_norm_(network.parameters(), settings.gradient_clip)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
            if watch.stepped():
                break
            resume.stepped()

    outcome = watch.finish()
    checkpoint.save(job, network, tokenizer, outcome, asdict(settings))
    return outcome


TRAINER = Trainer(
    name="torch", function=fit, load=load, settings=Settings, ordered=True, stops=True, version=3
)
