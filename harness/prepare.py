"""Everything before the first computation: the suite loaded, its data read, its work planned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import plan as planning
from harness.data import verdicts
from harness.data.check import check_outliers, check_splits
from harness.data.others import labels, relabelled
from harness.data.verdicts import Reviewed
from harness.document import Path_
from harness.errors import Fault, UserError, nearest
from harness.models.device import numerics, resolve
from harness.models.labels import comparison
from harness.nonsense import MADE, READ, nonsense
from harness.partial import PART, absent, parts
from harness.perturb.splitting import sentences
from harness.plan import Plan
from harness.spec import LEARNT
from harness.suite import Suite, Use, load
from harness.tasks.task import LABELLED, Task
from harness.text import Example


@dataclass(frozen=True)
class Prepared:
    """A suite with its data read and its plan made; nothing has been computed.

    ``reviews`` is what people found of the operators' texts, ``excluded`` how many labels of each other
    data set were left out.
    """

    suite: Suite
    plan: Plan
    device: str
    reviews: Mapping[str, Reviewed]
    warnings: tuple[str, ...]
    excluded: Mapping[str, int]

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
    splits, excluded = _read(suite)
    device = resolve(suite.spec.device)
    bases = {m.name: _base(suite, m.name) for m in suite.spec.models}
    if suite.encoder:
        bases[planning.ENCODER] = _encoder(suite.encoder)
    if faults := list(_labels(suite, splits)):
        raise UserError(faults)
    suite = _concrete(suite, device)
    figures = json.dumps(numerics(device, suite.spec.threads), sort_keys=True)
    plan = planning.plan(suite, splits, bases, figures)
    reviews = verdicts.read(suite.reviews, [use.label for use in suite.operators])
    return Prepared(suite, plan, device, reviews, tuple(_warnings(suite, excluded)), excluded)


def read_splits(suite: Suite) -> dict[str, Sequence[Example]]:
    """Every data set of a suite, read and checked.

    Raises:
        UserError: With all faults of all files.
    """
    return _read(suite)[0]


def _read(suite: Suite) -> tuple[dict[str, Sequence[Example]], dict[str, int]]:
    """Every data set, and how many labels of each other one were left out."""
    splits: dict[str, Sequence[Example]] = {}
    faults: list[Fault] = []
    for name, source in suite.sources.items():
        try:
            found = source.use.extension.function(source.path, **source.use.options)
            splits[name] = source.part(found, suite.spec.seed)
        except UserError as error:
            faults += error.faults
    assert isinstance(suite.task, Task)
    excluded: dict[str, int] = {}
    if not faults:
        task = suite.task
        own = {
            name: found
            for name, found in splits.items()
            if name in (*LEARNT, "test", *suite.spec.data.shifts)
        }
        faults += _checked(task, own, "train" in own)
        for name, other in suite.spec.data.others.items():
            parts = {part: splits[f"{name}:{part}"] for part in LEARNT} | {"test": splits[name]}
            if task.form in LABELLED:
                known = labels(own.get("train", own["test"]))
                parts, excluded[name], wrong = _called_alike(parts, other.labels, known)
                splits |= {name: parts["test"]} | {f"{name}:{part}": parts[part] for part in LEARNT}
            else:
                wrong = (
                    [Fault("this task has no labels to rename", field="data.labels")] if other.labels else []
                )
            wrong += _checked(task, parts, True)
            faults += [
                replace(one, field=one.field.replace("data.", f"data.others.{name}.", 1)) for one in wrong
            ]
    strange = _read_outliers(suite, splits.get("test", ()), faults)
    faults = faults or list(_columns(suite, splits["test"]))
    cut = {} if faults else _cut(suite, splits, faults)
    if faults:
        raise UserError(faults)
    return splits | strange | cut, excluded


def _checked(task: Task, splits: Mapping[str, Sequence[Example]], trained: bool) -> list[Fault]:
    found = check_splits(splits, trained, task.form in LABELLED, task.alternatives)
    return list(found) or planning.check_targets(task, splits)


def _called_alike(
    parts: Mapping[str, Sequence[Example]], names: Mapping[str, str], known: set[str]
) -> tuple[dict[str, Sequence[Example]], int, list[Fault]]:
    """Another data set with the labels of the suite's own; what has none is left out only where names are given."""
    its = labels(example for examples in parts.values() for example in examples)
    renamed = {names.get(label, label) for label in its}
    strange, missing = sorted(renamed - known), sorted(known - renamed)
    faults = []
    if unknown := sorted(names.keys() - its):
        faults.append(
            Fault(
                f"no label is called {unknown[0]!r}; there are: {', '.join(sorted(its))}", field="data.labels"
            )
        )
    if missing or (strange and not names):
        message = "its labels are not those of the suite's own data: "
        message += "; ".join(
            f"{what} {', '.join(map(repr, some))}"
            for what, some in (("it lacks", missing), ("it has besides", strange))
            if some
        )
        hint = (
            "say what they are called there: labels: {theirs: ours}; what is then still unknown is left out"
        )
        faults.append(Fault(message, field="data.labels", hint=hint))
    if faults:
        return dict(parts), 0, faults
    found = {part: relabelled(examples, names, known) for part, examples in parts.items()}
    return (
        {part: examples for part, (examples, _) in found.items()},
        sum(out for _, out in found.values()),
        [],
    )


def _read_outliers(
    suite: Suite, test: Sequence[Example], faults: list[Fault]
) -> dict[str, Sequence[Example]]:
    """What no model should be sure about, without any target; what is wrong is added to the faults."""
    found: dict[str, Sequence[Example]] = {}
    for name, source in suite.outliers.items():
        if isinstance(source, str):
            found[MADE + name] = made = nonsense(source, test, suite.spec.seed)
            if test and not made:
                faults.append(Fault("no test text became another one", field=f"data.outliers.{name}"))
            continue
        try:
            read = source.use.extension.function(source.path, **source.use.options)
        except UserError as error:
            faults += error.faults
            continue
        examples = [replace(one, target=None) for one in source.part(read, suite.spec.seed)]
        faults += check_outliers(f"data.outliers.{name}", examples, test)
        found[READ + name] = examples
    return found


def _cut(
    suite: Suite, splits: Mapping[str, Sequence[Example]], faults: list[Fault]
) -> dict[str, Sequence[Example]]:
    """Parts of the test data, and of those that models are trained on; what is missing is added to the faults."""
    found: dict[str, Sequence[Example]] = {}
    for at, kind in enumerate(suite.spec.data.partial):
        found[PART + kind] = made = parts(kind, splits["test"], sentences)
        if not made:
            faults.append(suite.document.fault(("data", "partial", at), *absent(kind, splits["test"])))
        for name in LEARNT if suite.spec.vary.parts and "train" in splits else ():
            found[f"{PART}{kind}:{name}"] = own = parts(kind, splits[name], sentences, whole=True)
            if name == "train" and (lost := _lost(suite, splits[name], own)):
                message = (
                    f"no training example {lost} has a part of the kind {kind}, so that it cannot be learned"
                )
                faults.append(suite.document.fault(("vary", "parts"), message))
    return found


def _lost(suite: Suite, whole: Sequence[Example], cut: Sequence[Example]) -> str:
    """Of what label there is no example left; empty if there is one of each, or there are no labels."""
    if not cut:
        return "at all"
    if getattr(suite.task, "form", None) not in LABELLED:
        return ""
    lost = sorted(labels(whole) - labels(cut))
    return f"with the label {lost[0]!r}" if lost else ""


def _columns(suite: Suite, test: Sequence[Example]) -> Iterator[Fault]:
    """Columns that slices are to be cut by, and that no test example has."""
    there = {name for example in test for name in example.meta}
    wanted: dict[Path_, str] = {
        ("slices", "columns", at): n for at, n in enumerate(suite.spec.slices.columns)
    }
    for path, name in {**wanted, ("slices", "contrast"): suite.spec.slices.contrast}.items():
        if name and name not in there:
            hint = nearest(name, sorted(there)) or "jsonl, csv, tsv and hub keep the columns that slices name"
            yield suite.document.fault(path, f"no example of the test data has the column {name!r}", hint)


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


def _concrete(suite: Suite, device: str) -> Suite:
    """A suite with the precision of its trainers decided, so that the key of what they train says which it was."""

    def decided(use: Use) -> Use:
        if use.options.get("precision") != "auto":
            return use
        from harness.training.precision import resolve

        found = resolve("auto", device, suite.spec.threads)
        return replace(use, options={**use.options, "precision": found})

    return replace(
        suite,
        trainers={name: use and decided(use) for name, use in suite.trainers.items()},
        settings={
            name: {setting: decided(use) for setting, use in uses.items()}
            for name, uses in suite.settings.items()
        },
    )


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


def _warnings(suite: Suite, excluded: Mapping[str, int]) -> list[str]:
    found = [f"attack {label} is left out: {why}" for label, why in suite.missing.items()]
    found += [
        f"{count} label(s) of {name} are left out: the suite's own data have none of that name"
        for name, count in excluded.items()
        if count
    ]
    trained = any(use is not None for use in suite.trainers.values())
    if trained and len(suite.spec.vary.seeds) < 3:
        found.append(
            f"{len(suite.spec.vary.seeds)} seed(s): stability needs at least three, five for a first look"
        )
    return found
