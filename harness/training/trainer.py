"""The record of a trainer, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from harness.catalog import Extension
from harness.models.model import Model
from harness.tasks.task import Form, Task
from harness.text import Example
from harness.training.settings import Settings

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
        order: Keys the data order instead, unless it is None.
        until: Share of all steps after which to stop, with the weights that the whole training has then.
        device: ``cpu``, ``cuda`` or ``mps``.
        where: An empty folder for the checkpoint.
        scratch: Where a trainer may keep what it needs to go on after having been killed, the same
            whenever this run is tried; None: nowhere.
        report: Wants to be told of the epoch and the validation score of each look on the way; what it
            raises ends the training.
    """

    task: Task
    pretrained: str
    labels: tuple[str, ...]
    train: Sequence[Example]
    validation: Sequence[Example]
    seed: int
    device: str
    where: Path
    scratch: Path | None = None
    report: Callable[[float, float], None] = lambda epoch, score: None
    order: int | None = None
    until: float = 1.0

    @property
    def order_seed(self) -> int:
        """What keys the data order."""
        return self.seed if self.order is None else self.order


@dataclass(frozen=True)
class Outcome:
    """What training says about itself.

    Args:
        before: The task's score on the validation data before training, in [0, 1]; None if there
            is nothing to score yet.
        after: The same for the checkpoint that was kept.
        epochs: How many were trained.
        history: One record per evaluation: ``epoch``, mean training ``loss`` since the last, ``score``.
    """

    before: float | None
    after: float | None
    epochs: float
    history: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trainer(Extension):
    """``function(job, emit, **options) -> Outcome`` writes a checkpoint into ``job.where``.

    Raise :class:`harness.errors.Diverged` when the loss is no longer finite. The keys of
    ``training:`` in a suite are the function's keyword-only parameters, or the fields of ``settings``.

    Args:
        load: ``load(where, task, device)``: the model of a checkpoint it wrote.
        pretrained: Whether it starts from pre-trained weights.
        forms: What it can learn to answer with; None for everything.
        settings: Declares and checks the options of trainers that have many; raises ValueError.
        ordered: Whether the order of the data matters and is keyed by ``job.order_seed``.
        stops: Whether it can stop on the way, at ``job.until``.
    """

    kind: ClassVar[str] = "trainer"
    load: Callable[[str | Path, Task, str], Model]
    pretrained: bool = True
    forms: frozenset[Form] | None = None
    settings: type[Settings] | None = None
    ordered: bool = False
    stops: bool = False

    @property
    def options(self) -> Mapping[str, Any]:
        """The options by name, with their defaults."""
        return asdict(self.settings()) if self.settings else super().options

    def bind(self, given: object) -> dict[str, Any]:
        """All options; their values are checked too where the trainer says what they may be."""
        options = super().bind(given)
        if self.settings:
            self.settings(**options)
        return options
