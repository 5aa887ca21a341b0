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
from harness.training.optimize import warmup_steps
from harness.training.trainer import Job
from harness.training.watch import Watch

OPTIMIZERS = {"adamw": "adamw_torch", "sgd": "sgd"}
SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


def updates(batches: int, settings: HfSettings) -> tuple[int, int]:
    """Steps of the optimizer per epoch and in all, when gradients may be accumulated."""
    per_epoch = ceil(batches / int(settings.arguments.get("gradient_accumulation_steps", 1)))
    return per_epoch, ceil(settings.epochs * per_epoch)


def arguments(job: Job, settings: HfSettings, steps: int) -> transformers.TrainingArguments:
    """What ``transformers`` calls our settings, and the further ones as they are.

    Raises:
        UserError: If a further argument is unknown, wrong, or one that our settings stand for.
    """
    seed = seed_of(job.seed, "dropout") % 2**32
    ours: dict[str, Any] = {
        "output_dir": str(job.where),
        "max_steps": steps,
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "per_device_train_batch_size": settings.batch_size,
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
        if key not in known or key in ours
    ]
    if faults:
        raise UserError(faults)
    try:
        return transformers.TrainingArguments(**ours, **settings.arguments)
    except (TypeError, ValueError) as error:
        raise UserError(Fault(str(error), field="arguments")) from error


class Watched(transformers.Trainer):  # type: ignore[misc]
    """A trainer that batches as we do, tells the watch of every loss and step, and prints nothing."""

    def __init__(
        self,
        network: Any,
        arguments: transformers.TrainingArguments,
        tokenizer: Any,
        rows: Sequence[Row],
        order: Order,
        watch: Watch,
    ) -> None:
        super().__init__(network, arguments, train_dataset=rows, callbacks=[Steps(watch)])
        self.remove_callback(transformers.PrinterCallback)
        self.order, self.watch = order, watch
        self.collated = partial(collate, tokenizer, device="cpu")

    def get_train_dataloader(self) -> DataLoader[Row]:
        """Our batches: of like length, in an order keyed by the seed."""
        return DataLoader(self.train_dataset, batch_sampler=self.order, collate_fn=self.collated)

    def compute_loss(self, *given: Any, **options: Any) -> Any:
        """The model's loss, unless it is not finite."""
        found = super().compute_loss(*given, **options)
        loss: torch.Tensor = found[0] if isinstance(found, tuple) else found
        self.watch.saw(loss.item())
        return found


class Steps(transformers.TrainerCallback):  # type: ignore[misc]
    """Passes steps on to the watch, and its wish to stop back."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def on_step_end(self, arguments: Any, state: Any, control: Any, **rest: Any) -> None:
        """Called after each step of the optimizer."""
        if self.watch.stepped():
            control.should_training_stop = True
