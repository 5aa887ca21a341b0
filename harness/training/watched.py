"""``transformers.Trainer`` on our batches, under our watch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from inspect import signature
from math import ceil
from typing import Any

import torch
import transformers
from torch.utils.data import DataLoader

from harness.errors import Fault, UserError, nearest
from harness.rng import seed_of
from harness.training.encoding import Order, Row, collate
from harness.training.hf import HfSettings
from harness.training.objective import Objective
from harness.training.optimize import groups, warmup_steps
from harness.training.resume import Resume
from harness.training.trainer import Job
from harness.training.watch import Watch

OPTIMIZERS = {"adamw": "adamw_torch_fused", "sgd": "sgd"}
SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}
REPLACED = ("label_smoothing_factor", "bf16", "fp16", "resume_from_checkpoint", "load_best_model_at_end")
"""Arguments of the library that our loss, our precision and our states take the place of."""


def arguments(job: Job, settings: HfSettings, steps: int) -> transformers.TrainingArguments:
    """What ``transformers`` calls our settings, and the further ones as they are.

    Raises:
        UserError: If a further argument is unknown, wrong, or one that our settings stand for.
    """
    seed = seed_of(settings.seed("dropout", job.seed), "dropout") % 2**32
    ours: dict[str, Any] = {
        "output_dir": str(job.where),
        "max_steps": steps,
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "per_device_train_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.accumulate,
        "optim": OPTIMIZERS[settings.optimizer],
        "lr_scheduler_type": SCHEDULES[settings.schedule],
        "warmup_steps": warmup_steps(settings, steps),
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.gradient_clip,
        "seed": seed,
        "data_seed": seed,
        "use_cpu": job.device == "cpu",
        "eval_strategy": "no",
        "save_strategy": "no",
        "logging_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "remove_unused_columns": False,
    }
    known = signature(transformers.TrainingArguments).parameters
    faults = [
        Fault(f"unknown argument {key!r}", field="arguments", hint=nearest(key, tuple(known)))
        if key not in known
        else Fault(f"{key!r} follows from the other options and cannot be given", field="arguments")
        for key in settings.arguments
        if key not in known or key in ours or key in REPLACED
    ]
    if faults:
        raise UserError(faults)
    try:
        return transformers.TrainingArguments(**ours, **settings.arguments)
    except (TypeError, ValueError) as error:
        raise UserError(Fault(str(error), field="arguments")) from error


class Watched(transformers.Trainer):  # type: ignore[misc]
    """A trainer with our batches, weights' groups and loss that tells the watch of every step."""

    def __init__(
        self,
        job: Job,
        network: Any,
        arguments: transformers.TrainingArguments,
        settings: HfSettings,
        tokenizer: Any,
        rows: Sequence[Row],
        order: Order,
        loss_of: Objective,
        watch: Watch,
    ) -> None:
        super().__init__(
            network, arguments, train_dataset=rows, callbacks=[Steps(job, settings, order, watch)]
        )
        self.remove_callback(transformers.PrinterCallback)
        self.settings, self.order, self.loss_of, self.watch = settings, order, loss_of, watch
        self.collated = partial(collate, tokenizer, device="cpu")
        self.model_accepts_loss_kwargs = False  # the loss is a mean over the batch, as in the plain loop

    def get_train_dataloader(self) -> DataLoader[Row]:
        """Our batches: of like length, in an order keyed by the seed.

        The loader has a generator of its own, because it draws a number whenever an epoch begins.
        """
        return DataLoader(
            self.train_dataset,
            batch_sampler=self.order,
            collate_fn=self.collated,
            generator=torch.Generator(),
        )

    def _run_epoch(self, *, steps_in_epoch: int, num_update_steps_per_epoch: int, **rest: Any) -> Any:
        """One epoch in transformers 5, which takes all to be as long as the first was before training.

        One that is gone on with is shorter, and its last step of the optimizer comes sooner.
        """
        left = len(self.order)
        return super()._run_epoch(
            steps_in_epoch=left,
            num_update_steps_per_epoch=ceil(left / self.args.gradient_accumulation_steps),
            **rest,
        )

    def create_optimizer(self) -> Any:
        """The library's, as its arguments say, over our groups of weights."""
        kind, options = self.get_optimizer_cls_and_kwargs(self.args, self.model)
        self.optimizer: Any = kind(groups(self.model, self.settings), **options)
        return self.optimizer

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **rest: Any) -> Any:
        """Our loss, unless it is not finite."""
        loss = self.loss_of(model, inputs)
        self.watch.saw(loss)
        return loss


class Steps(transformers.TrainerCallback):  # type: ignore[misc]
    """Passes steps on to the watch, and its wish to stop back; keeps states, and goes on from one."""

    def __init__(self, job: Job, settings: HfSettings, order: Order, watch: Watch) -> None:
        self.job, self.settings, self.order, self.watch = job, settings, order, watch

    def on_train_begin(
        self, arguments: Any, state: Any, control: Any, *, optimizer: Any, lr_scheduler: Any, **rest: Any
    ) -> None:
        """Called before the first batch is asked for."""
        watch = self.watch
        self.resume = Resume(
            self.job, self.settings, watch.model.network, optimizer, lr_scheduler, watch, watch.emit
        )
        state.global_step = watch.step
        self.order.skip(watch.step)
        watch.begin()

    def on_step_begin(self, arguments: Any, state: Any, control: Any, **rest: Any) -> None:
        """Called before the first batch of a step."""
        self.resume.generators()

    def on_step_end(self, arguments: Any, state: Any, control: Any, **rest: Any) -> None:
        """Called after each step of the optimizer."""
        if self.watch.stepped():
            control.should_training_stop = True
        else:
            self.resume.stepped()
