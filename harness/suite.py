"""The suite: one YAML file, typed; all that is wrong with it at once, each with its place."""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, get_args, runtime_checkable

from pydantic import ValidationError

from harness import catalog
from harness.assertion import BASELINE, Assertion, parse
from harness.catalog import Extension
from harness.document import Document, Path_, read
from harness.errors import Fault, UserError, nearest
from harness.expectation import Expectation
from harness.nonsense import KINDS
from harness.partial import problem
from harness.rng import rng
from harness.shuffled import ABLE
from harness.space import corners, overlaid, problems
from harness.spec import (
    LEARNT,
    PROBED,
    RESERVED,
    AugmentSpec,
    BehaviourSpec,
    FeatureName,
    ModelSpec,
    Named,
    SearchSpec,
    Spec,
    enlarged,
    fault_of,
    typed,
    within,
    without,
)
from harness.text import Example, clusters
from harness.variation import HOME, PLAIN


@runtime_checkable
class Speaking(Protocol):
    """An extension that is not for every task and every language."""

    only_for: frozenset[str]
    language: str

    def suits(self, task: str) -> bool:
        """Whether it can be used for the task."""


@runtime_checkable
class Checked(Protocol):
    """An extension that may lack something on this machine."""

    def suits(self, task: str) -> bool:
        """Whether it can be used for the task."""

    def ready(self, options: Mapping[str, Any]) -> None:
        """Raise a UserError if something is missing."""


@dataclass(frozen=True)
class Use:
    """An extension as a suite uses it, with all its options.

    ``name`` finds it again; ``label`` is what tables and gates call it: ``nlpaug:keyboard``.
    """

    extension: Extension
    name: str
    options: Mapping[str, Any]
    label: str


@dataclass(frozen=True)
class Augmenting:
    """How training data are augmented."""

    operators: tuple[Use, ...]
    attacks: tuple[Use, ...]
    share: float


@dataclass(frozen=True)
class Source:
    """Where a data set comes from, and which part of it is meant.

    Args:
        use: The reader.
        path: What it reads.
        shuffle: Whether to put the examples into a random order that the suite's seed decides.
        skip: Examples left out at the beginning.
        limit: Examples taken after that; None for all.
    """

    use: Use
    path: str
    shuffle: bool = False
    skip: int = 0
    limit: int | None = None

    def part(self, examples: Sequence[Example], seed: int) -> list[Example]:
        """The part of what was read that is meant.

        Two parts of one shuffled file that skip and limit keep apart have no example in common, nor
        a group: shuffled examples of a group stay together, and all of them belong to the part that
        the first of them belongs to. So parts of grouped data may be some examples off their limit.
        """
        if not self.shuffle:
            return list(examples[self.skip :][: self.limit])
        together = clusters(examples)
        end = math.inf if self.limit is None else self.skip + self.limit
        found, at = list[Example](), 0
        for one in rng(seed, "shuffle").permutation(len(together)):
            if self.skip <= at < end:
                found += together[one]
            at += len(together[one])
        return found


@dataclass(frozen=True)
class Suite:
    """A suite that can be run: everything it names has been found.

    Args:
        spec: What the file says.
        document: The file, with the places of what it says.
        digest: Of what it says, comments and layout aside.
        task: The task.
        sources: ``train``, ``validation``, ``test`` and each shift, as far as given; of another data set
            ``NAME:train``, ``NAME:validation`` and, for its test data, ``NAME``.
        operators: Perturbations, in order.
        attacks: Attacks, in order.
        missing: Why attacks are left out that the file names, by label.
        goal: What attacks are after.
        constraints: What the texts of attacks have to meet, in order.
        augments: By model name, how its training data are augmented.
        trainers: By model name; None for a model that is already there.
        settings: By model name, the trainer with each of the settings that it has the options for.
        places: By model name: what to start from or to load, with variables expanded and folders
            resolved against the suite's; empty if it starts from nothing.
        plugins: Python files with extensions, resolved.
        explainer: The attribution method, if any.
        probes: Probes, in order.
        probed: The operators whose edits probes make.
        encoder: The sentence encoder that judges perturbed texts, as ``places``; empty if none does.
        reviews: Files of people's verdicts on perturbed texts.
        tests: Tests of behaviour.
        gates: What to assert, with the line each is on.
        outliers: By name, where inputs come from that no model should be sure about, or what kind of
            :mod:`harness.nonsense` is made of the test data.
        reference: Whom errors are compared with, and the baseline file that tells of it, empty if it is a
            model of the suite; None if they are compared with nobody's.
    """

    spec: Spec
    document: Document
    digest: str
    task: Extension
    sources: Mapping[str, Source]
    operators: tuple[Use, ...]
    attacks: tuple[Use, ...]
    missing: Mapping[str, str]
    goal: Use
    constraints: tuple[Use, ...]
    augments: Mapping[str, Augmenting]
    trainers: Mapping[str, Use | None]
    settings: Mapping[str, Mapping[str, Use]]
    places: Mapping[str, str]
    plugins: tuple[str, ...]
    explainer: Use | None
    probes: tuple[Use, ...]
    probed: tuple[Use, ...]
    encoder: str
    reviews: tuple[str, ...]
    tests: tuple[Expectation, ...]
    gates: tuple[tuple[Assertion, int], ...]
    outliers: Mapping[str, Source | str] = field(default_factory=dict)
    reference: tuple[str, str] | None = None

    @property
    def file(self) -> str:
        """As the user named it."""
        return self.document.file


def load(path: str | Path, scale: int = 1) -> Suite:
    """Read a suite file and find all that it names.

    Args:
        path: The file.
        scale: So many times the examples that it says, at least 1.

    Raises:
        UserError: With every fault of the file, each with line and column.
    """
    document = read(Path(path))
    spec, faults = typed(document, document.value)
    if faults:  # look at the rest as well, so that one round of mending is enough
        spec, _ = typed(document, without(document.value, faults))
    if spec is None:
        raise UserError(faults)
    resolver = _Resolver(document, enlarged(spec, scale), Path(path).resolve().parent)
    suite = resolver.suite()
    faults += [f for f in resolver.faults if not any(within(known.field, f.field) for known in faults)]
    if suite is None or faults:
        raise UserError(faults)
    return suite


_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


class _Resolver:
    """Finds what a suite names, collecting faults instead of stopping at the first."""

    def __init__(self, document: Document, spec: Spec, folder: Path) -> None:
        self.document, self.spec, self.folder = document, spec, folder
        self.faults: list[Fault] = []
        self.missing: dict[str, str] = {}
        self.plugins = self._plugins()

    def suite(self) -> Suite | None:
        spec = self.spec
        task = self._find(("task",), "task", spec.task)
        sources, outliers, reference = self._sources(), self._outliers(), self._reference()
        trainers = {m.name: self._trainer(at, m) for at, m in enumerate(spec.models)}
        settings = self._settings(trainers)
        self._capable(task, trainers)
        places = {m.name: self._place(at, m) for at, m in enumerate(spec.models)}
        judge = spec.perturb.similarity
        encoder = self._weights(("perturb", "similarity", "encoder"), judge.encoder) if judge else ""
        reviews = [
            self._file(("perturb", "reviews", at), name) for at, name in enumerate(spec.perturb.reviews)
        ]
        self._distinct([m.name for m in spec.models], ("models",), "model name")
        self._axes(trainers)
        operators = self._uses(("perturb", "operators"), "operator", spec.perturb.operators)
        attacks = self._attacks(task, ("attack", "recipes"), spec.attack.recipes)
        goal = self._goal(task)
        constraints = self._uses(("attack", "constraints"), "constraint", spec.attack.constraints)
        augments = {
            m.name: found for at, m in enumerate(spec.models) if (found := self._augment(task, at, m))
        }
        explainer = None
        if spec.explain is not None:
            explainer = self._use(("explain", "method"), "explainer", spec.explain.method)
        self._stability_edit(operators)
        self._explained_parts(task)
        probes = self._uses(("probe", "probes"), "probe", spec.probe.probes)
        probed = self._probed(operators)
        tests = tuple(self._test(at, one) for at, one in enumerate(spec.tests))
        self._distinct([one.name for one in spec.tests], ("tests",), "test")
        gates = self._gates(operators, attacks, probes)
        self._parts()
        if self.faults or task is None or goal is None:
            return None
        digest = hashlib.blake2b(spec.model_dump_json().encode(), digest_size=16).hexdigest()
        return Suite(
            spec=spec,
            document=self.document,
            digest=digest,
            task=task,
            sources=sources,
            operators=operators,
            attacks=attacks,
            missing=self.missing,
            goal=goal,
            constraints=constraints,
            augments=augments,
            trainers=trainers,
            settings=settings,
            places=places,
            plugins=tuple(self.plugins),
            explainer=explainer,
            probes=probes,
            probed=probed,
            encoder=encoder,
            tests=tests,
            reviews=tuple(file for file in reviews if file is not None),
            gates=gates,
            outliers=outliers,
            reference=reference,
        )

    def _blame(self, path: Path_, message: str, hint: str = "", at_key: bool = False) -> None:
        self.faults.append(self.document.fault(path, message, hint, at_key))

    def _written(self, *path: str) -> bool:
        """Whether the file says anything there, be it right or wrong: what is wrong has its own fault."""
        node = self.document.value
        for part in path:
            node = node.get(part) if isinstance(node, Mapping) else None
        return bool(node)

    def _plugins(self) -> list[str]:
        found = []
        for at, name in enumerate(self.spec.plugins):
            path = self.folder / name
            if os.path.isfile(path) and path.suffix == ".py":
                found.append(str(path))
            else:
                self._blame(("plugins", at), f"no such Python file: {path}")
        return found

    def _find(self, path: Path_, kind: str, name: str) -> Extension | None:
        try:
            return catalog.find(kind, name, self.plugins)
        except UserError as error:
            for fault in error.faults:
                self._blame(path, fault.message, fault.hint)
            return None

    def _use(self, path: Path_, kind: str, written: Named) -> Use | None:
        given: Any = None
        if isinstance(written, dict):
            if len(written) != 1:
                self._blame(path, f"expected one name with its options, found {', '.join(written) or 'none'}")
                return None
            ((name, given),) = written.items()
        else:
            name = written
        extension = self._find(path, kind, name)
        if extension is None:
            return None
        options = self._bind(path, extension, given)
        if options is None:
            return None
        placed = {
            key: self._weights(path, options[key])
            for key in getattr(extension, "weights", ())
            if options[key]
        }
        return Use(extension, name, {**options, **placed}, _label(name, given))

    def _bind(self, path: Path_, extension: Extension, given: Any) -> Mapping[str, Any] | None:
        try:
            return extension.bind(given)
        except ValueError as error:
            self._blame(path, str(error))
            return None

    def _uses(self, path: Path_, kind: str, written: list[Named]) -> tuple[Use, ...]:
        return tuple(use for use in self._named(path, kind, written) if use is not None)

    def _named(self, path: Path_, kind: str, written: list[Named]) -> list[Use | None]:
        """What stands in a list, place by place; None where there is a fault."""
        uses = [self._use((*path, at), kind, one) for at, one in enumerate(written)]
        self._distinct([use and use.label for use in uses], path, kind)
        self._suited(uses, path)
        return uses

    def _attacks(
        self, task: Extension | None, path: Path_, written: list[Named], skip: bool | None = None
    ) -> tuple[Use, ...]:
        """Attacks that can be run here; what one lacks is a fault, unless it is to be left out."""
        skip = self.spec.attack.on_missing == "skip" if skip is None else skip
        kept = []
        for at, use in enumerate(self._named(path, "attack", written)):
            if task is None or use is None or not isinstance(use.extension, Checked):
                continue
            if not use.extension.suits(self.spec.task):
                self._blame((*path, at), f"{use.label} cannot attack models of {self.spec.task}")
                continue
            try:
                use.extension.ready(use.options)
                kept.append(use)
            except UserError as error:
                for fault in error.faults:
                    if skip:
                        self.missing[use.label] = fault.message
                    else:
                        more = "or leave out what is missing: attack: {on_missing: skip}"
                        self._blame((*path, at), f"{use.label}: {fault.message}", f"{fault.hint}; {more}")
        return tuple(kept)

    def _goal(self, task: Extension | None) -> Use | None:
        path: Path_ = ("attack", "goal")
        use = self._use(path, "goal", self.spec.attack.goal)
        if use is None or task is None:
            return use
        try:
            use.extension.judge(task, use.options)  # type: ignore[attr-defined]
        except UserError as error:
            for fault in error.faults:
                self._blame(path, fault.message, fault.hint)
        return use

    def _augment(self, task: Extension | None, at: int, model: ModelSpec) -> Augmenting | None:
        path: Path_ = ("models", at, "training", "augment")
        given = model.training.get("augment")
        if given is None:
            return None
        try:
            spec = AugmentSpec.model_validate(given)
        except ValidationError as error:
            self.faults += [fault_of(self.document, dict(one), path, AugmentSpec) for one in error.errors()]
            return None
        if not spec.operators and not spec.attacks:
            self._blame(path, "augment needs operators or attacks, or both, found neither")
        if not model.trainer:
            return None
        return Augmenting(
            self._uses((*path, "operators"), "operator", spec.operators),
            self._attacks(task, (*path, "attacks"), spec.attacks, skip=False),
            spec.share,
        )

    def _test(self, at: int, given: BehaviourSpec) -> Expectation:
        label = tuple(given.label) if isinstance(given.label, list) else given.label
        told = {**dict(given), "label": label, "lexicons": self.spec.lexicons}
        found = Expectation(**told)
        for key, message in found.problems():
            self._blame(("tests", at, key), f"test {given.name!r}: {message}")
        return found

    def _distinct(self, values: Sequence[object], path: Path_, what: str) -> None:
        for at, value in enumerate(values):
            if value is not None and value in values[:at]:
                self._blame((*path, at), f"the {what} {value!r} is there twice")

    def _suited(self, uses: Sequence[Use | None], path: Path_) -> None:
        for at, use in enumerate(uses):
            extension = None if use is None else use.extension
            if use is None or not isinstance(extension, Speaking):
                continue
            if not extension.suits(self.spec.task):
                made = ", ".join(sorted(extension.only_for))
                why = f"is made for {made}" if made else f"does not preserve the labels of {self.spec.task}"
                self._blame((*path, at), f"{use.label} {why}, so it cannot be used there")
            if self.spec.language and extension.language not in ("", self.spec.language):
                spoken = (
                    f"{use.label} speaks {extension.language!r} only, the texts are {self.spec.language!r}"
                )
                self._blame((*path, at), spoken)

    def _axes(self, trainers: Mapping[str, Use | None]) -> None:
        vary = self.spec.vary
        used = [use for use in trainers.values() if use is not None]
        names = ", ".join(sorted({use.name for use in used}))
        for axis, able, what in (
            ("orders", "ordered", "goes by an order of the data"),
            ("checkpoints", "stops", "can stop on the way"),
        ):
            if getattr(vary, axis) and used and not any(getattr(use.extension, able, False) for use in used):
                self._blame(("vary", axis), f"no model's trainer {what}: found {names}")
        self._distinct(vary.seeds, ("vary", "seeds"), "seed")
        self._distinct(vary.train_fraction, ("vary", "train_fraction"), "fraction")
        self._distinct(vary.subsets, ("vary", "subsets"), "subset")
        self._distinct(vary.orders, ("vary", "orders"), "order")
        self._distinct(vary.checkpoints, ("vary", "checkpoints"), "checkpoint")
        if len(vary.subsets) > 1 and vary.train_fraction == [1.0]:
            hint = "give a share to draw: train_fraction: [1.0, 0.5]"
            self._blame(("vary", "subsets"), "all draws of the whole training data are the same", hint)
        own: dict[Path_, dict[str, Any]] = {
            ("models", at, "training"): model.training for at, model in enumerate(self.spec.models)
        }
        own |= {("vary", "settings", name): given for name, given in vary.settings.items()}
        for path, given in own.items():
            if vary.orders and given.get("seed_decides", "everything") != "everything":
                message = "with vary.orders, seeds and orders decide by themselves, so leave seed_decides out"
                self._blame((*path, "seed_decides"), message)

    def _settings(self, trainers: Mapping[str, Use | None]) -> dict[str, dict[str, Use]]:
        """Each trainer with each of the settings whose options it has."""
        found: dict[str, dict[str, Use]] = {name: {} for name in trainers}
        for setting, given in self.spec.vary.settings.items():
            path: Path_ = ("vary", "settings", setting)
            if setting == PLAIN:
                self._blame(
                    path, f"{PLAIN!r} is what the options of the suite itself are called", at_key=True
                )
            if not given:
                self._blame(path, "expected options of a trainer, found none")
                continue
            outer = [str(key).partition(".")[0] for key in given]
            having = []
            for at, model in enumerate(self.spec.models):
                use = trainers.get(model.name)
                if use is None or not all(key in use.extension.options for key in outer):
                    continue
                having.append(model.name)
                if model.search is not None and (both := sorted(given.keys() & model.search.space.keys())):
                    what = f"{both[0]!r} is chosen by the search of models.{at}, so no setting can give it"
                    self._blame((*path, both[0]), what)
                options = self._bind(path, use.extension, overlaid(use.options, given))
                if options is not None:
                    found[model.name][setting] = Use(use.extension, use.name, options, use.label)
            if not having and any(trainers.values()):
                known = sorted({key for use in trainers.values() if use for key in use.extension.options})
                unknown = next((key for key in outer if key not in known), outer[0])
                self._blame(path, "no model's trainer has all of these options", nearest(unknown, known))
        return found

    def _sources(self) -> dict[str, Source]:
        written: dict[Path_, dict[str, Any]] = {
            ("data", name): value
            for name in ("train", "validation", "test")
            if (value := getattr(self.spec.data, name)) is not None
        }
        written |= {("data", "shifts", name): value for name, value in self.spec.data.shifts.items()}
        for name in set(self.spec.data.shifts) & RESERVED:
            self._blame(("data", "shifts", name), f"a shift cannot be called {name!r}", at_key=True)
        found = {str(path[-1]): self._source(path, value) for path, value in written.items()}
        for name, other in self.spec.data.others.items():
            if name in {*RESERVED, HOME, *self.spec.data.shifts}:
                self._blame(
                    ("data", "others", name), f"another data set cannot be called {name!r}", at_key=True
                )
            for key, called in ((name, "test"), *((f"{name}:{part}", part) for part in LEARNT)):
                found[key] = self._source(("data", "others", name, called), getattr(other, called))
        return {name: source for name, source in found.items() if source is not None}

    def _outliers(self) -> dict[str, Source | str]:
        """Sets to be read, and kinds of what is to be made of the test data."""
        found: dict[str, Source | str] = {}
        for name, written in self.spec.data.outliers.items():
            path: Path_ = ("data", "outliers", name)
            if "made" not in written:
                if source := self._source(path, written):
                    found[name] = source
                continue
            kind = written["made"]
            if kind not in KINDS:
                message = f"made should be one of {', '.join(KINDS)}, found {kind!r}"
                self._blame((*path, "made"), message, nearest(str(kind), tuple(KINDS)))
            for key in written.keys() - {"made"}:
                self._blame((*path, key), f"unknown key {key!r}: all that is made is one for each test text")
            found[name] = str(kind)
        return found

    def _parts(self) -> None:
        """Blame parts of the test data that models of the task cannot be asked."""
        path: Path_ = ("data", "partial")
        if self.spec.vary.parts and not self._written("data", "partial"):
            hint = "name kinds of parts, such as data: {partial: [first-sentence]}, or leave it out"
            self._blame(("vary", "parts"), "there is no kind of part to train on", hint)
        self._distinct(self.spec.data.partial, path, "kind")
        for at, kind in enumerate(self.spec.data.partial):
            if message := problem(kind, self.spec.task):
                self._blame((*path, at), message)

    def _reference(self) -> tuple[str, str] | None:
        path: Path_ = ("perturb", "reference")
        given, models = self.spec.perturb.reference, [model.name for model in self.spec.models]
        if given is None:
            return None
        if isinstance(given, str):
            if given not in models:
                hint = f"{nearest(given, models)}; of a stored baseline: {{file.json: model}}"
                self._blame(path, f"no model {given!r} in this suite to compare with", hint)
            return given, ""
        ((file, name),) = given.items() if len(given) == 1 else (("", None),)
        if not isinstance(name, str):
            self._blame(path, f"expected one {{baseline file: model}}, found {given!r}")
            return None
        where = self._file((*path, file), file)
        return None if where is None else (name, where)

    def _source(self, path: Path_, written: Mapping[str, Any]) -> Source | None:
        if not written:
            self._blame(path, "expected {reader: path}, found nothing")
            return None
        name, where = next(iter(written.items()))
        record = self._find((*path, name), "reader", name)
        if record is None or not isinstance(where, str):
            if record is not None:
                self._blame((*path, name), f"a path or name was expected, found {where!r}")
            return None
        part = self._part(path, written)
        # A reader that can stop early is told the limit, unless what it reads is not taken in its order.
        own = {"limit"} & record.options.keys() if part.keys() == {"limit"} else set()
        given = {k: v for k, v in written.items() if k != name and (k not in part or k in own)}
        if path == ("data", "test") and "columns" in record.options:
            given = {**given, **self._kept(given.get("columns"))}
        options = self._bind(path, record, given)
        if getattr(record, "local", False):
            where = self._file((*path, name), where)
        else:
            where = self._expanded((*path, name), where)
        if options is None or where is None:
            return None
        for key in getattr(record, "files", ()):
            found = [self._file((*path, key), file) for file in options[key]]
            options = {**options, key: tuple(file for file in found if file is not None)}
        return Source(Use(record, name, options, name), where, **part)

    def _kept(self, given: Any) -> dict[str, list[str]]:
        """The columns that a data set keeps: its own, and those that slices are cut by."""
        own = given if isinstance(given, list) else []
        wanted = [*own, *self.spec.slices.columns, self.spec.slices.contrast]
        kept = list(dict.fromkeys(name for name in wanted if name))
        return {"columns": kept} if kept and isinstance(given, list | None) else {}

    def _file(self, path: Path_, text: str) -> str | None:
        """A file as it is found from the suite's folder."""
        where = self._expanded(path, text)
        if where is None:
            return None
        where = str(self.folder / where)
        if os.path.isfile(where):
            return where
        self._blame(path, f"no such file: {where}")
        return None

    def _part(self, path: Path_, written: Mapping[str, Any]) -> dict[str, Any]:
        """Which part of a data set is meant: keys that every reader understands."""
        part = {key: written[key] for key in ("shuffle", "skip", "limit") if key in written}
        for key, value in part.items():
            if key == "shuffle":
                right = isinstance(value, bool)
            else:
                right = type(value) is int and value >= (1 if key == "limit" else 0)
            if not right:
                wanted = {"shuffle": "true or false", "skip": "a number from 0", "limit": "a number from 1"}[
                    key
                ]
                self._blame((*path, key), f"{key} should be {wanted}, found {value!r}")
        return part

    def _expanded(self, path: Path_, text: str) -> str | None:
        missing = [m[1] for m in _VARIABLE.finditer(text) if m[1] not in os.environ and m[2] is None]
        if missing:
            self._blame(
                path,
                f"the environment variable {missing[0]} is not set",
                f"set it, or write a default: ${{{missing[0]}:-…}}",
            )
            return None
        return _VARIABLE.sub(lambda m: os.environ.get(m[1], m[2] or ""), text)

    def _trainer(self, at: int, model: ModelSpec) -> Use | None:
        path: Path_ = ("models", at)
        kinds = [k for k in ("trainer", "checkpoint", "callable") if getattr(model, k)]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none of them"
            self._blame(
                path, f"model {model.name!r} needs one of trainer, checkpoint or callable, found {found}"
            )
            return None
        if kinds != ["trainer"]:
            self._ready(path, kinds[0], model)
            return None
        record = self._find((*path, "trainer"), "trainer", model.trainer)
        if record is None:
            return None
        if getattr(record, "pretrained", False) != bool(model.pretrained):
            want = (
                "needs pretrained weights: add pretrained"
                if not model.pretrained
                else "starts from nothing: remove pretrained"
            )
            self._blame(path, f"trainer {model.trainer!r} {want}")
        for name in ("train", "validation"):
            if getattr(self.spec.data, name) is None:
                self._blame(("data",), f"data.{name} is missing, and model {model.name!r} is to be trained")
        own = {name: value for name, value in model.training.items() if name != "augment"}
        options = self._bind((*path, "training"), record, own)
        if options is not None and model.search is not None:
            self._searchable((*path, "search", "space"), record, model, model.search)
        return None if options is None else Use(record, model.trainer, options, model.trainer)

    def _ready(self, path: Path_, kind: str, model: ModelSpec) -> None:
        """Blame what makes no sense for a model that is already there."""
        if model.training or model.pretrained or model.search:
            what = "training, search and pretrained"
            self._blame(path, f"{kind} models are not trained here: remove {what}")
        if kind == "callable" and ":" not in model.callable:
            self._blame((*path, kind), f"expected package.module:function, found {model.callable!r}")

    def _searchable(self, path: Path_, record: Extension, model: ModelSpec, search: SearchSpec) -> None:
        """Blame options that the trainer does not have, or not with the values at the ends of the space."""
        wrong = dict(problems(search.space, search.sampler == "grid"))
        for name, message in wrong.items():
            self._blame((*path, name), message)
        for one in corners({name: given for name, given in search.space.items() if name not in wrong}):
            self._bind((*path, *one), record, overlaid(model.training, one))

    def _capable(self, task: Extension | None, trainers: Mapping[str, Use | None]) -> None:
        """Whether each trainer can learn what the task asks for."""
        form = getattr(task, "form", None)
        for at, use in enumerate(trainers.values()):
            if use is None or form is None or _learns(use.extension, form):
                continue
            able = [
                name for name, one in catalog.every("trainer", self.plugins).items() if _learns(one, form)
            ]
            message = f"trainer {use.name!r} cannot learn the task {self.spec.task!r}"
            self._blame(("models", at, "trainer"), message, f"these can: {', '.join(able)}")

    def _place(self, at: int, model: ModelSpec) -> str:
        key = "checkpoint" if model.checkpoint else "pretrained"
        return self._weights(("models", at, key), model.checkpoint or model.pretrained) or model.callable

    def _weights(self, path: Path_, written: str) -> str:
        """A folder or file as it is found from the suite's, or else the name of weights as it is."""
        text = self._expanded(path, written) or ""
        local = self.folder / text
        return str(local) if text and os.path.exists(local) else text

    def _stability_edit(self, operators: tuple[Use, ...]) -> None:
        if self.spec.explain is not None and self.spec.explain.operator:
            labels = [use.label for use in operators]
            if self.spec.explain.operator not in labels:
                self._blame(
                    ("explain", "operator"),
                    f"{self.spec.explain.operator!r} is not an operator of this suite",
                    nearest(self.spec.explain.operator, labels),
                )

    def _explained_parts(self, task: Extension | None) -> None:
        explain, vary = self.spec.explain, self.spec.vary
        if explain is not None and explain.fractions and vary.train_fraction == [1]:
            self._blame(
                ("explain", "fractions"),
                "no run is on a part of the training data",
                "name parts beside the whole, such as vary: {train_fraction: [1.0, 0.5]}, or leave it out",
            )
        if explain is not None and explain.checkpoints and not self._written("vary", "checkpoints"):
            self._blame(
                ("explain", "checkpoints"),
                "no run stops on the way",
                "say after which shares of the training, such as vary: {checkpoints: [0.5]}, or leave it out",
            )
        form = getattr(task, "form", None)
        if explain is not None and explain.shuffled and form is not None and form not in ABLE:
            self._blame(
                ("explain", "shuffled"),
                f"gold of the task {self.spec.task!r} cannot be dealt out anew: it is of its example alone",
            )

    def _probed(self, operators: tuple[Use, ...]) -> tuple[Use, ...]:
        """The operators whose edits probes make: such as keep the answer, and can be made in part."""
        fit = {u.label: u for u in operators if not getattr(u.extension, "directional", False)}
        for at, name in enumerate(self.spec.probe.operators):
            if name not in fit:
                known = any(use.label == name for use in operators)
                why = "changes what is right" if known else "is not an operator of this suite"
                self._blame(("probe", "operators", at), f"{name!r} {why}", nearest(name, tuple(fit)))
        self._distinct(self.spec.probe.operators, ("probe", "operators"), "operator")
        if self.spec.probe.operators:
            return tuple(fit[name] for name in self.spec.probe.operators if name in fit)
        graded = [use for use in fit.values() if getattr(use.extension, "graded", False)]
        families = [[u for u in graded if getattr(u.extension, "family", "") == f] for f in PROBED]
        return tuple(found[0] for found in families if found)

    def _gates(
        self, operators: tuple[Use, ...], attacks: tuple[Use, ...], probes: tuple[Use, ...]
    ) -> tuple[tuple[Assertion, int], ...]:
        known = {
            "operator": [use.label for use in operators],
            "attack": [use.label for use in attacks],
            "probe": [use.label for use in probes],
            "model": [model.name for model in self.spec.models],
            "shift": list(self.spec.data.shifts),
            "outliers": list(self.spec.data.outliers),
            "partial": self.spec.data.partial,
            "test": [one.name for one in self.spec.tests],
            "slice": [*get_args(FeatureName), *self.spec.slices.columns],
            "split": ["train", "test", *self.spec.data.shifts, *self.spec.data.others],
            "trained": [HOME, *self.spec.data.others],
            "tested": [HOME, *self.spec.data.others],
            "setting": [PLAIN, *self.spec.vary.settings],
            "severity": ["0", *map(str, self.spec.perturb.severities)],
        }
        gates = []
        for at, text in enumerate(self.spec.gates):
            path: Path_ = ("gates", at)
            try:
                assertion = parse(text)
            except ValueError as error:
                self._blame(path, str(error))
                continue
            for key, value in assertion.where.items():
                if key in known and value not in known[key]:
                    self._blame(path, f"no {key} {value!r} in this suite", nearest(value, known[key]))
            if assertion.against not in ("", BASELINE, *known["model"]):
                why = f"no model {assertion.against!r} in this suite to compare with"
                self._blame(path, why, nearest(assertion.against, (BASELINE, *known["model"])))
            gates.append((assertion, self.document.values[path][0]))
        return tuple(gates)


def _learns(trainer: Extension, form: Any) -> bool:
    forms = getattr(trainer, "forms", None)
    return forms is None or form in forms


def _label(name: str, given: Any) -> str:
    if given is None:
        return name
    if isinstance(given, dict):
        return f"{name}:{';'.join(f'{k}={v}' for k, v in given.items())}" if given else name
    return f"{name}:{given}"
