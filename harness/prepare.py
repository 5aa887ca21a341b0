"""Everything before the first computation: the suite loaded, its data read, its work planned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import plan as planning
from harness.data import verdicts
from harness.data.check import check_splits
from harness.data.verdicts import Reviewed
from harness.errors import Fault, UserError
from harness.models.device import numerics, resolve
from harness.models.labels import comparison
from harness.plan import Plan
from harness.suite import Suite, Use, load
from harness.tasks.task import LABELLED, Task
from harness.text import Example


@dataclass(frozen=True)
class Prepared:
    """A suite with its data read and its plan made; nothing has been computed.

    ``reviews`` is what people found of the operators' texts.
    """

    suite: Suite
    plan: Plan
    device: str
    reviews: Mapping[str, Reviewed]
    warnings: tuple[str, ...]

    @property
    def id(self) -> str:
        """The run's id: what was asked for decides it, so asking again gives it again."""
        keys = [unit.key for unit in self.plan.wanted()]
        text = json.dumps([self.suite.digest, keys])
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def prepare(path: str | Path, scale: int = 1) -> Prepared:
    """Load a suite, read its data and plan the work.

    Imports no torch, unless a trainer's precision is ``auto`` and has not been measured here before.

    Args:
        path: The suite file.
        scale: So many times the examples that it says.

    Raises:
        UserError: With all that is wrong with the suite, or else with its data.
    """
    suite = load(path, scale)
    splits = read_splits(suite)
    device = resolve(suite.spec.device)
    bases = {m.name: _base(suite, m.name) for m in suite.spec.models}
    if suite.encoder:
        bases[planning.ENCODER] = _encoder(suite.encoder)
    if faults := list(_labels(suite, splits)):
        raise UserError(faults)
    suite = replace(suite, trainers={n: _concrete(u, suite, device) for n, u in suite.trainers.items()})
    figures = json.dumps(numerics(device, suite.spec.threads), sort_keys=True)
    plan = planning.plan(suite, splits, bases, figures)
    reviews = verdicts.read(suite.reviews, [use.label for use in suite.operators])
    return Prepared(suite, plan, device, reviews, tuple(_warnings(suite)))


def read_splits(suite: Suite) -> dict[str, Sequence[Example]]:
    """Every data set of a suite, read and checked.

    Raises:
        UserError: With all faults of all files.
    """
    splits: dict[str, Sequence[Example]] = {}
    faults: list[Fault] = []
    for name, source in suite.sources.items():
        try:
            found = source.use.extension.function(source.path, **source.use.options)
            splits[name] = source.part(found, suite.spec.seed)
        except UserError as error:
            faults += error.faults
    assert isinstance(suite.task, Task)
    if not faults:
        task = suite.task
        faults += check_splits(
            splits, "train" in splits, task.form in LABELLED, task.alternatives
        ) or planning.check_targets(task, splits)
    if faults:
        raise UserError(faults)
    return splits


def _base(suite: Suite, name: str) -> str:
    """A digest of what a model starts from, or consists of."""
    model = next(m for m in suite.spec.models if m.name == name)
    if model.callable:
        from harness.models.function import digest as of_callable

        return of_callable(model.callable)
    if not suite.places[name]:
        return ""
    from harness.models.weights import digest

    return digest(suite.places[name])


def _encoder(name: str) -> str:
    """A digest of the sentence encoder."""
    from harness.models.weights import digest

    try:
        return digest(name)
    except UserError as error:
        raise UserError(
            [replace(fault, field="perturb.similarity.encoder") for fault in error.faults]
        ) from None


def _concrete(use: Use | None, suite: Suite, device: str) -> Use | None:
    """A trainer with its precision decided, so that the key of what it trains says which it was."""
    if use is None or use.options.get("precision") != "auto":
        return use
    from harness.training.precision import resolve

    found = resolve("auto", device, suite.spec.threads)
    return replace(use, options={**use.options, "precision": found})


def _labels(suite: Suite, splits: Mapping[str, Sequence[Example]]) -> Iterator[Fault]:
    """Faults of checkpoints that cannot answer what the data asks for."""
    task = suite.task
    assert isinstance(task, Task)
    if task.form not in LABELLED:
        return
    from harness.training.pretrained import labels

    wanted = task.function(splits.get("train", splits["test"]))
    for at, model in enumerate(suite.spec.models):
        if not model.checkpoint:
            continue
        own = labels(suite.places[model.name])
        if table := comparison(own, wanted, ordered=False):
            yield Fault(
                f"the labels of model {model.name!r} are not those of the data\n{table}",
                file=suite.places[model.name],
                field=f"models.{at}.checkpoint",
                hint="rename the labels in the data or in the checkpoint's config.json (id2label, label2id)",
            )


def _warnings(suite: Suite) -> list[str]:
    found = [f"attack {label} is left out: {why}" for label, why in suite.missing.items()]
    trained = any(use is not None for use in suite.trainers.values())
    if trained and len(suite.spec.vary.seeds) < 3:
        found.append(
            f"{len(suite.spec.vary.seeds)} seed(s): stability needs at least three, five for a first look"
        )
    return found
