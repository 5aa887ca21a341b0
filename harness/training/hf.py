"""The trainer of the Hugging Face library, with its arguments in reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from harness.training.settings import Settings
from harness.training.torch import load, prepare
from harness.training.trainer import Emit, Job, Outcome, Trainer


@dataclass(frozen=True, kw_only=True)
class HfSettings(Settings):
    """The shared options, and any argument of ``transformers.TrainingArguments`` besides.

    Args:
        arguments: Such as ``{adam_beta2: 0.98}``; not those that the shared
            options stand for.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)


def fit(job: Job, emit: Emit, **options: Any) -> Outcome:
    """Fine-tune a transformer with ``transformers.Trainer``.

    Raises:
        UserError: If the pre-trained weights or the further arguments cannot be used.
        Diverged: If a loss or a weight is not finite.
    """
    from harness.training import checkpoint
    from harness.training.fence import keyed
    from harness.training.objective import objective
    from harness.training.watch import Watch
    from harness.training.watched import Watched, arguments

    settings = HfSettings(**options)
    model, rows, order = prepare(job, settings)
    network, tokenizer = model.network, model.tokenizer
    steps = ceil(settings.epochs * order.per_epoch)
    watch = Watch(job, model, settings, order.per_epoch, steps, emit)
    loss_of = objective(job, settings, rows)

    with keyed(job.device, settings.seed("dropout", job.seed), "dropout"):
        given = arguments(job, settings, steps)
        Watched(job, network, given, settings, tokenizer, rows, order, loss_of, watch).train()

    outcome = watch.finish()
    checkpoint.save(job, network, tokenizer, outcome, asdict(settings))
    return outcome


TRAINER = Trainer(
    name="hf", function=fit, load=load, settings=HfSettings, ordered=True, stops=True, version=3
)
