"""The record of a trainer, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from harness.catalog import Extension
from harness.models.model import Model
from harness.tasks.task import Task
from harness.text import Example

Emit = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """One training run.

    Args:
        task: What to learn.
        pretrained: Folder or hub name to start from; empty for trainers that start from nothing.
        labels: The output labels, in order.
        train: Training examples with gold.
        validation: Held-out examples with gold.
        seed: Of this run: head initialisation, data order and dropout are keyed by it.
        device: ``cpu``, ``cuda`` or ``mps``.
        where: An empty folder for the checkpoint.
    """

    task: Task
    pretrained: str
    labels: tuple[str, ...]
    train: Sequence[Example]
    validation: Sequence[Example]
    seed: int
    device: str
    where: Path


@dataclass(frozen=True)
class Outcome:
    """What training says about itself.

    Args:
        before: The task's score on the validation data before training, in [0, 1].
        after: The same for the checkpoint that was kept.
        epochs: How many were trained.
        history: One record per evaluation: epoch, loss, score …
    """

    before: float | None
    after: float | None
    epochs: float
    history: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trainer(Extension):
    """``function(job, emit, **options) -> Outcome`` writes a checkpoint into ``job.where``.

    Raise :class:`harness.errors.Diverged` when the loss is no longer finite. Its keyword-only
    options are the keys of ``training:`` in a suite.

    Args:
        load: ``load(where, task, device)``: the model of a checkpoint it wrote.
        pretrained: Whether it starts from pre-trained weights.
    """

    kind: ClassVar[str] = "trainer"
    load: Callable[[str | Path, Task, str], Model]
    pretrained: bool = True
