"""Where units are performed: what they read, what they load, and what is kept in memory between them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import catalog, payload
from harness.errors import BrokenPromise
from harness.execute.files import CHECKPOINT, EXAMPLES, PREDICTIONS, VARIANTS
from harness.prediction import Prediction, from_table
from harness.rng import rng
from harness.store import Blobs
from harness.tasks.task import Form, Task
from harness.text import Example, Variant
from harness.units import AnyModel, Called, Data, Meaning, Perturb, Predict, Train, Unit

if TYPE_CHECKING:
    from harness.attack.constraint import Bound
    from harness.attack.goal import Judge
    from harness.models.encoder import Encoder
    from harness.models.model import Model

Emit = Callable[[str], None]


def environment(threads: int) -> dict[str, str]:
    """What has to be set before numerical libraries are imported."""
    return {
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    }


@dataclass
class Bench:
    """Where units are performed: payloads, plug-ins, device, and what was read last.

    One model and one data set of each kind are kept in memory, because units that share them
    are performed one after the other.
    """

    blobs: Blobs
    plugins: tuple[str, ...]
    device: str
    threads: int
    _model: tuple[str, Any] | None = None
    _encoder: tuple[str, Encoder] | None = None
    _tables: dict[str, Any] = field(default_factory=dict)

    def extension(self, kind: str, called: Called) -> tuple[catalog.Extension, dict[str, Any]]:
        """The extension behind a unit's field, and all its options."""
        found = catalog.find(kind, called.name, self.plugins)
        return found, found.bind(json.loads(called.options))

    def task(self, called: Called) -> Task:
        """The task's record."""
        found, _ = self.extension("task", called)
        assert isinstance(found, Task)
        return found

    def judge(self, called: Called, task: Task) -> Judge:
        """The goal of an attack."""
        from harness.attack.goal import Goal

        found, options = self.extension("goal", called)
        assert isinstance(found, Goal)
        return found.judge(task, options)

    def constraints(self, many: Sequence[Called]) -> list[Bound]:
        """What the candidates of an attack have to meet."""
        from harness.attack.constraint import Bound, Constraint

        found = []
        for called in many:
            one, options = self.extension("constraint", called)
            assert isinstance(one, Constraint)
            found.append(Bound(one, options, called.label))
        return found

    def _kept(self, unit: Unit, read: Callable[[], Any]) -> Any:
        if unit.key not in self._tables:
            while len(self._tables) >= 4:
                del self._tables[next(iter(self._tables))]
            self._tables[unit.key] = read()
        return self._tables[unit.key]

    def examples(self, unit: Data) -> list[Example]:
        """Clean examples."""
        found: list[Example] = self._kept(
            unit, lambda: payload.read_examples(self.blobs.open(unit.key, EXAMPLES))
        )
        return found

    def variants(self, unit: Perturb) -> list[Variant]:
        """Perturbed examples, useless ones included."""
        found: list[Variant] = self._kept(
            unit, lambda: payload.read_variants(self.blobs.open(unit.key, VARIANTS))
        )
        return found

    def predictions(self, unit: Predict) -> dict[str, Prediction]:
        """Predictions by example id."""
        found: dict[str, Prediction] = self._kept(
            unit, lambda: from_table(payload.read_table(self.blobs.open(unit.key, PREDICTIONS))[0])
        )
        return found

    def model(self, unit: AnyModel) -> Model:
        """The loaded model; the one before it is let go."""
        if self._model is None or self._model[0] != unit.key:
            self._model = None
            self._model = (unit.key, self._load(unit))
        loaded: Model = self._model[1]
        return loaded

    def _load(self, unit: AnyModel) -> Model:
        task = self.task(unit.task)
        if isinstance(unit, Train):
            from harness.training.trainer import Trainer

            trainer, _ = self.extension("trainer", unit.trainer)
            assert isinstance(trainer, Trainer)
            if trainer.pretrained:
                self.calm()
            return trainer.load(self.blobs.open(unit.key) / CHECKPOINT, task, self.device)
        labels = task.function(self.examples(unit.labels_of))
        if unit.form == "callable":
            return called(unit.place, labels, task)
        self.calm()
        return checkpoint(unit.place, labels, task, self.device)

    def encoder(self, unit: Meaning) -> Encoder:
        """The loaded sentence encoder; it stays, for all operators are judged by it."""
        if self._encoder is None or self._encoder[0] != unit.encoder:
            from harness.models.encoder import Encoder

            self.calm()
            self._encoder = (unit.encoder, Encoder(unit.place, self.device))
        return self._encoder[1]

    def calm(self) -> None:
        """Pin what could change a bit in torch, and keep its libraries quiet."""
        import torch
        import transformers

        os.environ.update(environment(self.threads))
        torch.set_num_threads(self.threads)
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        if self.device.startswith("cuda"):
            torch.backends.cuda.matmul.allow_tf32 = False
            torch.backends.cudnn.allow_tf32 = False

    def scratch(self, unit: Unit) -> Path:
        """Where a unit keeps what it needs to go on after a kill; of no use once it is published."""
        return self.blobs.root / "resume" / unit.key


def called(place: str, labels: tuple[str, ...], task: Task) -> Model:
    """A user's callable, or what listens at an endpoint, as a model.

    Raises:
        UserError: If it cannot be imported.
    """
    from harness.models.function import Function, resolve

    return Function(resolve(place), labels, task)


def checkpoint(place: str, labels: tuple[str, ...], task: Task, device: str) -> Model:
    """A fine-tuned folder or name on the hub, with its head.

    Raises:
        BrokenPromise: If its labels are not those of the data.
    """
    from harness.models.labels import comparison
    from harness.models.weights import local
    from harness.training.torch import load

    model = load(local(place) if task.form is Form.TEXT else place, task, device)
    if table := comparison(model.labels, labels, ordered=False):
        raise BrokenPromise(f"the labels of {place} are not those of the data\n{table}")
    return model


def usable(variants: Sequence[Variant]) -> list[Variant]:
    """Variants that are evidence: something changed, and the gold is still valid."""
    return [v for v in variants if not v.noop and not v.refusal]


def unrelated(examples: Sequence[Example]) -> dict[str, Example]:
    """By id, another example of the set, the same whenever it is asked for (methods, section 0.4)."""
    order = rng("unrelated").permutation(len(examples)).tolist()
    return {examples[a].id: examples[b] for a, b in zip(order, [*order[1:], *order[:1]], strict=True)}
