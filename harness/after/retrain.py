"""Fine-tunes on old and new data, and says whether the new model may take the old one's place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from harness import catalog
from harness import plan as planning
from harness.after.compare import Change, Comparison, Said, compare
from harness.after.outcome import known, outcomes
from harness.data.check import check_splits
from harness.data.reader import Reader
from harness.errors import ExitCode, Fault, UserError
from harness.execute.bench import Bench
from harness.execute.files import CHECKPOINT
from harness.execute.local import Emit, Report, Settings, execute
from harness.execute.perform import keep_data
from harness.measure.drift import Drift, Floats, classifier_test, shares_test, size_test
from harness.measure.statistics import holm
from harness.models.features import text_features
from harness.plan import digest, full, sample
from harness.prepare import Prepared
from harness.rng import rng
from harness.store import Published, Store
from harness.suite import Suite
from harness.tasks.reading import plain
from harness.tasks.task import LABELLED
from harness.text import Example
from harness.training.trainer import Trainer
from harness.units import AnyModel, Data, Predict, Train, Unit, reachable

Origin = Literal["scratch", "last"]
WIDTH, MOST = 1024, 2000
"""Features, and examples of each kind, that drift is looked for in."""


@dataclass(frozen=True)
class Wish:
    """How to retrain.

    Args:
        new: The file of new data.
        origin: ``scratch``: from the pre-trained weights; ``last``: from the last checkpoint.
        share: Of the new data that is kept for testing.
        margin: The loss of score that is tolerated.
        reader: Of the new file; empty: that of the suite's training data, or by the file's ending.
        workers: Processes.
    """

    new: Path
    origin: Origin = "scratch"
    share: float = 0.3
    margin: float = 0.02
    reader: str = ""
    workers: int = 1


@dataclass(frozen=True)
class Parts:
    """The new data in two, and what was left out.

    Args:
        train: To learn from.
        test: To judge by.
        known_test: New examples left out of training because old test or validation data have them.
        known_train: New examples left out of the test because the old training data have them.
    """

    train: tuple[Example, ...]
    test: tuple[Example, ...]
    known_test: int = 0
    known_train: int = 0


@dataclass(frozen=True)
class Retrained:
    """What came of it.

    Args:
        id: Decided by what was asked for.
        wish: What was asked for.
        parts: The new data.
        drift: Of inputs and predictions; ``adjusted`` p-values in the same order.
        adjusted: For there being several tests (Holm).
        models: By model name, the comparison on the old and on the new test data.
        units: The new training runs that finished, by model name.
        failures: What failed, by title of the unit.
        exit_code: What it comes to.
        plan: Of the suite.
    """

    id: str
    wish: Wish
    parts: Parts
    drift: tuple[Drift, ...]
    adjusted: tuple[float | None, ...]
    models: Mapping[str, Mapping[str, Comparison]]
    units: Mapping[str, tuple[Train, ...]]
    failures: Mapping[str, str]
    exit_code: ExitCode
    plan: planning.Plan


OLD, NEW = "old test data", "new test data"


def retrain(prepared: Prepared, wish: Wish, store: Store, emit: Emit, strict: bool = False) -> Retrained:
    """Retrain every model of a suite on old and new data, and compare it with the one before.

    Args:
        prepared: The suite, its data read and its work planned.
        wish: How.
        store: Where the old models are, or else are trained now, and where the new ones go.
        emit: Told of every event.
        strict: Whether an inconclusive comparison is exit code 4.

    Raises:
        UserError: If nothing in the suite is trained, or the new data do not suit it.
    """
    old = {name: _trained(runs) for name, runs in prepared.plan.models.items()}
    old = {name: runs for name, runs in old.items() if runs}
    if not old:
        raise UserError(Fault("no model of this suite is trained here", prepared.suite.file))
    parts = divide(prepared, read(prepared.suite, wish), wish.share)
    data = {"train": (*prepared.plan.data["train"], *parts.train), NEW: parts.test}
    _check(prepared, wish, data)
    work = _Work(prepared, wish, store, emit, data)
    new = work.carried_out(old)
    models = {name: work.compared(old[name], new[name]) for name in old}
    drift = work.drifted(next(iter(old.values()))[0], parts)
    return Retrained(
        id=_id(prepared, wish, [unit for runs in new.values() for unit in runs], parts),
        wish=wish,
        parts=parts,
        drift=drift,
        adjusted=_adjusted(drift),
        models={name: found for name, found in models.items() if found},
        units={name: tuple(r for r in runs if r.key not in work.out) for name, runs in new.items()},
        failures={work.titles.get(key, key): why for key, why in work.out.items()},
        exit_code=_exit_code(models, work.out, strict),
        plan=prepared.plan,
    )


def _trained(runs: Sequence[AnyModel]) -> tuple[Train, ...]:
    return tuple(run for run in full(runs) if isinstance(run, Train))


# -- the new data ----------------------------------------------------------------------------------


def read(suite: Suite, wish: Wish) -> list[Example]:
    """The new examples, read as the suite reads its training data, if that comes from a file.

    Raises:
        UserError: If they cannot be read, or it is not known how.
    """
    use = suite.sources["train"].use
    name = wish.reader
    if not name and getattr(use.extension, "local", False):
        return list(use.extension.function(str(wish.new), **use.options))
    readers = catalog.every("reader", suite.plugins)
    name = name or wish.new.suffix.removeprefix(".")
    if name not in readers:
        hint = f"say how with --reader: {', '.join(readers)}"
        raise UserError(
            Fault(f"it is not known how to read this ({name!r} is no reader)", str(wish.new), hint=hint)
        )
    record = readers[name]
    assert isinstance(record, Reader)
    options = dict(use.options) if name == use.name else {}
    return list(record.function(str(wish.new), **record.bind(options)))


def divide(prepared: Prepared, new: Sequence[Example], share: float) -> Parts:
    """The new examples in two parts, each going where a hash of its group, or else of its text, says.

    Equal texts and examples of one group stay together, and an example stays on its side when the
    file grows. What the old test and validation data have is not learnt from, and what the old
    training data have is not tested on.
    """
    data, seed = prepared.plan.data, prepared.suite.spec.seed
    learnt = {_content(e) for e in data["train"]}
    tested = {_content(e) for split in ("validation", "test") for e in data.get(split, ())}
    sides: tuple[list[Example], list[Example]] = ([], [])
    left = [0, 0]
    for e in new:
        side = int(rng(seed, "retrain", e.group or _content(e)).random() < share)
        if _content(e) in (learnt if side else tested):
            left[side] += 1
        else:
            sides[side].append(replace(e, id=f"new:{e.id}"))
    return Parts(tuple(sides[0]), tuple(sides[1]), *left)


def _content(example: Example) -> str:
    fields = {name: " ".join(text.casefold().split()) for name, text in example.fields.items()}
    return json.dumps([fields, [[m.start, m.end, m.label] for m in example.marks]], sort_keys=True)


def _check(prepared: Prepared, wish: Wish, data: Mapping[str, Sequence[Example]]) -> None:
    task, file = prepared.plan.task, str(wish.new)
    size = len(data["train"]) - len(prepared.plan.data["train"])
    faults = [
        Fault(f"no example is left for {what}", file, hint="more data, or another --test-share")
        for what, count in (("training", size), ("testing", len(data[NEW])))
        if not count
    ]
    if faults:
        raise UserError(faults)
    splits = {"train": data["train"], "validation": prepared.plan.data["validation"], "test": data[NEW]}
    wrong = check_splits(splits, True, task.form in LABELLED, task.alternatives)
    wrong = wrong or tuple(planning.check_targets(task, splits))
    if wrong:
        raise UserError(replace(one, file=one.file or file) for one in wrong)
    added = set(task.function(data["train"])) - set(task.function(prepared.plan.data["train"]))
    if task.form in LABELLED and added and wish.origin == "last":
        message = f"the last checkpoint does not know the label {sorted(added)[0]!r}, which the new data have"
        raise UserError(Fault(message, file, hint="--from scratch"))


# -- the work --------------------------------------------------------------------------------------


class _Work:
    """Units of a retraining, performed like those of any run."""

    def __init__(
        self,
        prepared: Prepared,
        wish: Wish,
        store: Store,
        emit: Emit,
        data: Mapping[str, tuple[Example, ...]],
    ) -> None:
        self.prepared, self.wish, self.store, self.emit = prepared, wish, store, emit
        self.new = {name: Data(digest(e), name, len(e)) for name, e in data.items()}
        units = prepared.plan.units
        self.tests = {OLD: units["test"], NEW: self.new[NEW]}
        self.examples = {units[name].key: e for name, e in prepared.plan.data.items()}
        self.examples |= {self.new[name].key: e for name, e in data.items()}
        self.out: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        suite = prepared.suite
        workers = 1 if prepared.device != "cpu" else wish.workers
        self.settings = Settings(suite.plugins, prepared.device, suite.spec.threads, workers)
        self.bench = Bench(store.blobs, suite.plugins, prepared.device, suite.spec.threads)

    def carried_out(self, old: Mapping[str, Sequence[Train]]) -> dict[str, tuple[Train, ...]]:
        """Train what is missing and ask all models; the new training runs by model name."""
        # The old models come first: the new ones may start from them.
        self._execute([self.said(run, test) for runs in old.values() for run in runs for test in self.tests])
        new = {
            name: tuple(self._again(run) for run in runs if run.key not in self.out)
            for name, runs in old.items()
        }
        self._execute([self.said(run, test) for runs in new.values() for run in runs for test in self.tests])
        return new

    def said(self, run: Train, test: str) -> Predict:
        """What a model says to test data."""
        return Predict(run, self.tests[test], run.numerics)

    def _again(self, run: Train) -> Train:
        """The same training on old and new data, from where the wish says."""
        record, _ = self.bench.extension("trainer", run.trainer)
        assert isinstance(record, Trainer)
        again = replace(run, data=self.new["train"])
        if self.wish.origin == "scratch" or not record.pretrained:
            return again
        place = self.store.blobs.open(run.key) / CHECKPOINT
        return replace(again, base=f"unit:{run.key}", place=str(place))

    def _execute(self, roots: Sequence[Unit]) -> None:
        units = list(reachable(roots))
        self.titles |= {unit.key: unit.title for unit in units}

        def restore(unit: Data) -> Published:
            return keep_data(unit, self.examples[unit.key], self.store.blobs)

        report: Report = execute(units, self.store, self.settings, restore, self.emit)
        self.out |= dict.fromkeys(report.diverged, "diverged") | report.failed
        self.out |= {
            key: f"not tried, because {title} has no result" for key, title in report.skipped.items()
        }

    def compared(self, old: Sequence[Train], new: Sequence[Train]) -> dict[str, Comparison]:
        """On old and new test data, over the seeds that both models have finished."""
        by_seed = {run.seed: run for run in old}
        pairs = [(by_seed[run.seed], run) for run in new]
        whole = [
            p
            for p in pairs
            if not any(self.said(run, test).key in self.out for run in p for test in self.tests)
        ]
        if not whole:
            return {}
        task, spec = self.prepared.plan.task, self.prepared.suite.spec
        train = self.examples[self.new["train"].key]
        return {
            test: compare(
                task,
                self.examples[unit.key],
                [self._answers(a, test) for a, _ in whole],
                [self._answers(b, test) for _, b in whole],
                task.function(train) if task.form in LABELLED else task.function(()),
                margin=self.wish.margin,
                resamples=spec.statistics.resamples,
                seed=spec.seed,
            )
            for test, unit in self.tests.items()
        }

    def _answers(self, run: Train, test: str) -> Said:
        return self.bench.predictions(self.said(run, test))

    def drifted(self, model: Train, parts: Parts) -> tuple[Drift, ...]:
        """Whether inputs differ from the old training data, and answers of an old model from before."""
        task, seed = self.prepared.plan.task, self.prepared.suite.spec.seed
        old = sample(self.prepared.plan.data["train"], MOST, seed, "drift", "old")
        new = sample((*parts.train, *parts.test), MOST, seed, "drift", "new")
        before, after = ([plain(task.inputs(e)) for e in examples] for examples in (old, new))
        random = rng(seed, "retrain", "drift")
        found = [
            classifier_test(features(before), features(after), random),
            size_test(_sizes(before), _sizes(after), random, "length of inputs"),
        ]
        if not any(self.said(model, test).key in self.out for test in self.tests):
            labels = known(task, task.function(self.prepared.plan.data["train"]))
            old_counts, new_counts = (self._counts(model, test, labels) for test in (OLD, NEW))
            found.append(shares_test(old_counts, new_counts, random))
        return tuple(found)

    def _counts(self, model: Train, test: str, labels: Sequence[str]) -> Floats:
        form = self.prepared.plan.task.form
        given = [outcomes(one, form) for one in self._answers(model, test).values()]
        return np.array([[label in own for label in labels] for own in given], np.float64)


def features(texts: Sequence[str]) -> Floats:
    """Hashed words and pairs of words, of length 1 each; shape ``(texts, WIDTH)``."""
    rows = np.zeros((len(texts), WIDTH))
    for at, text in enumerate(texts):
        np.add.at(rows[at], text_features(text, WIDTH), 1.0)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float64)


def _sizes(texts: Sequence[str]) -> Floats:
    return np.array([len(text.split()) for text in texts], np.float64)


def _adjusted(drift: Sequence[Drift]) -> tuple[float | None, ...]:
    tested = [one.p for one in drift if one.p is not None]
    found = iter(holm(tested).tolist())
    return tuple(None if one.p is None else next(found) for one in drift)


def _exit_code(
    models: Mapping[str, Mapping[str, Comparison]], out: Mapping[str, str], strict: bool
) -> ExitCode:
    changes = {one.change for found in models.values() for one in found.values()}
    if Change.WORSE in changes:
        return ExitCode.GATE_FAILED
    if any(why != "diverged" for why in out.values()) or not all(models.values()):
        return ExitCode.INCOMPLETE
    return ExitCode.INCONCLUSIVE if strict and Change.INCONCLUSIVE in changes else ExitCode.PASSED


def _id(prepared: Prepared, wish: Wish, units: Sequence[Train], parts: Parts) -> str:
    told = [prepared.suite.digest, [u.key for u in units], digest(parts.test), wish.margin]
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=4).hexdigest()
