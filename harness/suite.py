"""The suite: one YAML file, typed; all that is wrong with it at once, each with its place."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, get_args, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from harness import catalog
from harness.assertion import BASELINE, Assertion, parse
from harness.catalog import Extension
from harness.document import Document, Path_, read
from harness.errors import Fault, UserError, nearest
from harness.expectation import Expectation
from harness.nonsense import KINDS
from harness.rng import rng
from harness.space import corners, overlaid, problems
from harness.text import Example
from harness.variation import HOME, PLAIN

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Part = Annotated[float, Field(gt=0, le=1)]
Natural = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]
Named = str | dict[str, Any]
FeatureName = Literal[
    "length",
    "unseen_words",
    "rarest",
    "label",
    "label_frequency",
    "labels",
    "entity_density",
    "overlap",
    "answer",
    "arguments",
    "turns",
]
RESERVED = frozenset(
    {
        "train",
        "validation",
        "test",
        "perturbed",
        "attacked",
        "explained",
        "again",
        "probed",
        "outliers",
        "nonsense",
    }
)
"""What the data sets of a plan are called besides the shifts."""
PROBED = ("character", "word")
"""Families whose first operators with degrees are those that probes edit with, unless a suite says others."""
LEARNT = ("train", "validation")
"""What is needed of a data set to train on it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SearchSpec(_Strict):
    """A search for hyperparameters before the model is trained with each seed."""

    trials: Natural = 20
    sampler: Literal["tpe", "random", "grid"] = "tpe"
    space: dict[str, Any] = Field(
        min_length=1, description="By training option a list of choices, or {low, high} with step or log."
    )
    objective: Literal["validation.score"] = "validation.score"
    prune: bool = Field(default=True, description="Stop trials that fall below the median of earlier ones.")


class ModelSpec(_Strict):
    """A model to train (``trainer``), or one that is already there (``checkpoint``, ``callable``)."""

    name: Name
    pretrained: str = Field(default="", description="Weights to start from: minilm, a folder, or a hub name.")
    trainer: str = Field(default="", description="Who fine-tunes it; see `harness list trainer`.")
    training: dict[str, Any] = Field(
        default_factory=dict, description="The trainer's options, and `augment` for any trainer."
    )
    search: SearchSpec | None = Field(default=None, description="Which of them to search for.")
    checkpoint: str = Field(default="", description="A fine-tuned folder or hub name with its head.")
    callable: str = Field(
        default="",
        description="package.module:function, texts in, predictions out; or the URL of an endpoint.",
    )


class OtherSpec(_Strict):
    """Another data set of the same task."""

    train: dict[str, Any]
    validation: dict[str, Any]
    test: dict[str, Any]
    labels: dict[str, str] = Field(
        default_factory=dict, description="What its labels are called in the suite's own data."
    )


class DataSpec(_Strict):
    """Data sets, each ``{reader: path, option: value …}``."""

    train: dict[str, Any] | None = None
    validation: dict[str, Any] | None = None
    test: dict[str, Any]
    shifts: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    others: dict[Name, OtherSpec] = Field(
        default_factory=dict,
        description="Data sets of the same task: trained models are trained on each too, all are tested on all.",
    )
    outliers: dict[Name, dict[str, Any]] = Field(
        default_factory=dict, description="Inputs that no model should be sure about; or {made: kind}."
    )


class VarySpec(_Strict):
    """Axes of training."""

    seeds: list[Seed] = Field(default=[0, 1, 2], min_length=1)
    train_fraction: list[Part] = Field(default=[1.0], min_length=1)
    subsets: list[Seed] = Field(
        default=[0], min_length=1, description="Draws of each share of the training data below 1."
    )
    orders: list[Seed] = Field(
        default=[], description="Seeds of the order of the data, each with every seed; default: as the seed."
    )
    settings: dict[Name, dict[str, Any]] = Field(
        default_factory=dict, description="Options laid over those of each model that has them, by name."
    )

    @field_validator("train_fraction")
    @classmethod
    def _whole(cls, given: list[float]) -> list[float]:
        if 1.0 not in given:
            raise ValueError("1.0 should be among the fractions: the five properties are measured there")
        return given


class SimilaritySpec(_Strict):
    """How much of the meaning perturbed texts keep, as a sentence encoder sees it."""

    encoder: str = Field(default="minilm", description="A sentence encoder: minilm, a folder, or a hub name.")
    least: Annotated[float, Field(ge=-1, le=1)] = Field(
        default=0.6, description="Cosine below which a text counts as one that means something else."
    )
    drop: bool = Field(default=False, description="Whether such texts are refused instead of flagged.")


class PerturbSpec(_Strict):
    """Which perturbations, how strong, and how their validity is looked after."""

    operators: list[Named] = Field(default_factory=list)
    severities: list[Annotated[int, Field(ge=1, le=5)]] = Field(default=[1, 3, 5], min_length=1)
    examples: Natural | None = Field(default=None, description="At most so many test examples; default all.")
    worst_of: Natural = Field(default=5, description="The k of the worst of k perturbations of an example.")
    reference: Named | None = Field(
        default=None,
        description="Whom errors are compared with: a model of the suite, or {baseline file: its model}.",
    )
    similarity: SimilaritySpec | None = None
    noise_floor: Annotated[int, Field(ge=0)] = Field(
        default=0,
        description="At most so many clean texts are asked again: how far answers move by themselves.",
    )
    reviews: list[str] = Field(
        default_factory=list, description="Verdicts of people, as `harness review` has them saved."
    )


class BehaviourSpec(_Strict):
    """A test of behaviour on texts made from a template."""

    name: Name
    kind: Literal["MFT", "INV", "DIR"] = Field(
        description="The answer is right, stays the same, or moves in a direction."
    )
    template: str | dict[str, str] = Field(description="A text with {slots}, or one for each field.")
    label: str | list[str] | None = Field(default=None, description="What is right, or should move.")
    vary: str = Field(default="", description="The slot that is filled anew.")
    after: str | dict[str, str] | None = Field(default=None, description="The text after the change.")
    expect: Literal["not lower", "not higher", "changes"] = "not lower"
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.1
    examples: Natural = 100


class AttackSpec(_Strict):
    """Which adversarial attacks."""

    recipes: list[Named] = Field(default_factory=list)
    goal: Named = Field(default="untargeted", description="What counts as success; see `harness list goal`.")
    constraints: list[Named] = Field(
        default_factory=list, description="What texts may be tried; see `harness list constraint`."
    )
    examples: Natural = 50
    budget: Natural = Field(default=200, description="Model queries per example.")
    seconds: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Time per example; what it cuts short differs between machines."
    )
    runs: Natural = Field(default=1, description="How many of the training runs are attacked.")
    control: bool = Field(default=True, description="Whether to try edits at random with as many queries.")
    transfer: bool = Field(
        default=True, description="Whether to try what was found on one run on all of the others."
    )
    on_missing: Literal["fail", "skip"] = Field(
        default="fail", description="What to do about a recipe that lacks something it reads."
    )


class AugmentSpec(_Strict):
    """Training examples that are added: edited, or found by attacks on the model trained without them."""

    operators: list[Named] = Field(default_factory=list)
    attacks: list[Named] = Field(default_factory=list)
    share: Part = Field(default=0.3, description="How many are added, as a share of the training data.")


class ExplainSpec(_Strict):
    """Which attributions."""

    method: Named = "integrated-gradients"
    examples: Natural = 30
    runs: Natural = Field(default=1, description="How many of the training runs are explained.")
    fractions: bool = Field(
        default=False,
        description="Whether the runs of the same seeds on parts of the training data are explained too.",
    )
    operator: str = Field(default="", description="The edit for stability; default: the first operator.")
    checks: list[Literal["erasure", "again", "randomised", "sensitivity"]] = Field(
        default=["erasure", "again", "randomised"],
        description="What attributions are put to besides, at a price.",
    )
    draws: Natural = Field(default=50, description="Points around a text, for the check of sensitivity.")


class ProbeSpec(_Strict):
    """How the output moves around single texts."""

    probes: list[Named] = Field(default_factory=list)
    examples: Natural = Field(default=50, description="At most so many of the perturbed test examples.")
    runs: Natural = Field(default=1, description="How many of the training runs are probed.")
    operators: list[str] = Field(
        default_factory=list,
        description="Whose edits are made one by one; default: the first with degrees that edits "
        "characters, and the first that edits words.",
    )


class BudgetSpec(_Strict):
    """How many of the perturbed examples are asked: all of them, or as many as it takes."""

    adaptive: bool = True
    first: Annotated[int, Field(ge=20)] = Field(
        default=64, description="Examples before the first look; each further look doubles them."
    )
    width: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.025, description="Half the width of an interval that is narrow enough."
    )

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, given: Any) -> Any:
        if isinstance(given, str):
            if given not in ("fixed", "adaptive"):
                raise ValueError("should be fixed or adaptive")
            return {"adaptive": given == "adaptive"}
        return given


class SlicesSpec(_Strict):
    """Which parts of the test data are measured by themselves."""

    features: list[FeatureName] | None = Field(
        default=None, description="Built-in features to cut by; default: all that the data have."
    )
    columns: list[str] = Field(default_factory=list, description="Columns of the data to cut by.")
    contrast: str = Field(
        default="", description="The column that says which contrast set an example belongs to."
    )


class StatisticsSpec(_Strict):
    """How intervals are made."""

    resamples: Annotated[int, Field(ge=100, le=100_000)] = 2000
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


class Spec(_Strict):
    """What a suite file may say."""

    suite: Name
    task: str
    language: str = Field(
        default="",
        pattern="^([a-z]{2,3})?$",
        description="Code of the texts' language; checks the operators.",
    )
    description: str = ""
    models: list[ModelSpec] = Field(min_length=1)
    data: DataSpec
    vary: VarySpec = VarySpec()
    perturb: PerturbSpec = PerturbSpec()
    tests: list[BehaviourSpec] = Field(default_factory=list)
    lexicons: dict[str, list[str]] = Field(default_factory=dict, description="What slots of tests may hold.")
    attack: AttackSpec = AttackSpec()
    explain: ExplainSpec | None = None
    probe: ProbeSpec = ProbeSpec()
    slices: SlicesSpec = SlicesSpec()
    gates: list[str] = Field(default_factory=list)
    baseline: str = Field(default="", description="Baseline file; default: reports/baselines/<suite>.json.")
    seed: Annotated[int, Field(ge=0)] = 0
    budget: BudgetSpec = Field(
        default=BudgetSpec(adaptive=False), description="fixed, adaptive, or adaptive with settings."
    )
    statistics: StatisticsSpec = StatisticsSpec()
    device: str = Field(default="auto", pattern="^(auto|cpu|mps|cuda(:[0-9]+)?)$")
    threads: Natural = Field(default=1, description="CPU threads per worker; part of what decides a result.")
    plugins: list[str] = Field(default_factory=list, description="Python files with extensions.")


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
        groups: dict[str, list[Example]] = {}
        for example in examples:
            groups.setdefault(example.group or f"\0{example.id}", []).append(example)
        clusters = list(groups.values())
        end = math.inf if self.limit is None else self.skip + self.limit
        found, at = list[Example](), 0
        for one in rng(seed, "shuffle").permutation(len(clusters)):
            if self.skip <= at < end:
                found += clusters[one]
            at += len(clusters[one])
        return found


@dataclass(frozen=True)
class Suite:
    """A suite that can be run: everything it names has been found.

    Args:
        spec: What the file says.
        file: As the user named it.
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
    file: str
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


def load(path: str | Path, scale: int = 1) -> Suite:
    """Read a suite file and find all that it names.

    Args:
        path: The file.
        scale: So many times the examples that it says, at least 1.

    Raises:
        UserError: With every fault of the file, each with line and column.
    """
    document = read(Path(path))
    spec, faults = _typed(document, document.value)
    if faults:  # look at the rest as well, so that one round of mending is enough
        spec, _ = _typed(document, _without(document.value, faults))
    if spec is None:
        raise UserError(faults)
    resolver = _Resolver(document, _enlarged(spec, scale), Path(path).resolve().parent)
    suite = resolver.suite()
    faults += [f for f in resolver.faults if not any(_within(known.field, f.field) for known in faults)]
    if suite is None or faults:
        raise UserError(faults)
    return suite


def _enlarged(spec: Spec, times: int) -> Spec:
    """The suite with so many times the examples, of its data and of what is edited, attacked, explained, probed.

    A part of a file stays apart from the others, since what is skipped grows alike.
    """
    if times == 1:
        return spec

    def more(source: dict[str, Any] | None) -> dict[str, Any] | None:
        # What is wrong stays as it is written, so that its fault says what stands in the file.
        grows = {
            k: v for k, v in (source or {}).items() if k in ("limit", "skip") and type(v) is int and v > 0
        }
        return source and {**source, **{k: v * times for k, v in grows.items()}}

    data: dict[str, Any] = {name: more(getattr(spec.data, name)) for name in (*LEARNT, "test")}
    for several in ("shifts", "outliers"):
        data[several] = {name: more(source) for name, source in getattr(spec.data, several).items()}
    data["others"] = {
        name: other.model_copy(update={part: more(getattr(other, part)) for part in (*LEARNT, "test")})
        for name, other in spec.data.others.items()
    }
    wider = {
        name: part.model_copy(update={"examples": part.examples * times})
        for name in ("perturb", "attack", "explain", "probe")
        if (part := getattr(spec, name)) is not None and part.examples is not None
    }
    return spec.model_copy(update={"data": spec.data.model_copy(update=data), **wider})


def schema() -> dict[str, Any]:
    """JSON Schema of a suite file, for editors."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", **Spec.model_json_schema()}


def _within(inner: str, outer: str) -> bool:
    """Whether a field is another or a part of it."""
    return inner == outer or inner.startswith(f"{outer}.")


def _without(value: Any, faults: Sequence[Fault]) -> Any:
    """A document without the keys that the faults lie under; lists keep their length, and so all places."""
    pruned = copy.deepcopy(value)
    for fault in faults:
        parents, node = [], pruned
        for part in fault.field.split("."):
            parents.append((node, part))
            node = node.get(part) if isinstance(node, dict) else _item(node, part)
        for parent, key in reversed(parents):
            if isinstance(parent, dict):
                parent.pop(key, None)
                break
    return pruned


def _item(node: Any, part: str) -> Any:
    at = int(part) if part.isdigit() else -1
    return node[at] if isinstance(node, list) and 0 <= at < len(node) else None


def _typed(document: Document, value: Any) -> tuple[Spec | None, list[Fault]]:
    if not isinstance(value, dict):
        return None, [document.fault((), f"a suite is a mapping, found {type(value).__name__}")]
    try:
        return Spec.model_validate(value), []
    except ValidationError as error:
        return None, list(dict.fromkeys(_fault(document, dict(e)) for e in error.errors()))


_NAMED = ("str", "dict[str,any]")
"""How the parts of the union ``Named`` are called in the place of a fault."""


def _fault(
    document: Document, error: Mapping[str, Any], at: Path_ = (), model: type[BaseModel] = Spec
) -> Fault:
    """What pydantic found wrong with a model that stands at a place of the document."""
    path = (*at, *error["loc"])
    if error["type"] == "extra_forbidden":
        return document.fault(path, f"unknown key {path[-1]!r}", _known(error["loc"], model), at_key=True)
    if path[-1] in _NAMED and error["type"] in ("string_type", "dict_type"):
        what = json.dumps(error["input"], default=str, ensure_ascii=False)[:60]
        return document.fault(path[:-1], f"should be a name, or a name with its options, found {what}")
    if error["type"] == "missing":
        return document.fault(path, f"missing: {path[-1]!r} has to be given")
    found = error.get("input")
    shown = f", found {json.dumps(found, default=str, ensure_ascii=False)[:60]}"
    message = error["msg"].removeprefix("Value error, ")
    return document.fault(path, message[:1].lower() + message[1:] + shown)


def _known(path: Path_, model: Any) -> str:
    """The nearest key that the model at this place below another one has."""
    for part in path[:-1]:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        kinds = re.findall(r"(\w+Spec)", str(field.annotation)) if field else []
        model = globals()[kinds[0]] if kinds else model
    return nearest(str(path[-1]), tuple(model.model_fields))


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
        self._axes()
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
        self._explained_parts()
        probes = self._uses(("probe", "probes"), "probe", spec.probe.probes)
        probed = self._probed(operators)
        tests = tuple(self._test(at, one) for at, one in enumerate(spec.tests))
        self._distinct([one.name for one in spec.tests], ("tests",), "test")
        gates = self._gates(operators, attacks, probes)
        if self.faults or task is None or goal is None:
            return None
        digest = hashlib.blake2b(spec.model_dump_json().encode(), digest_size=16).hexdigest()
        return Suite(
            spec=spec,
            file=self.document.file,
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
            self.faults += [_fault(self.document, dict(one), path, AugmentSpec) for one in error.errors()]
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

    def _axes(self) -> None:
        vary = self.spec.vary
        self._distinct(vary.seeds, ("vary", "seeds"), "seed")
        self._distinct(vary.train_fraction, ("vary", "train_fraction"), "fraction")
        self._distinct(vary.subsets, ("vary", "subsets"), "subset")
        self._distinct(vary.orders, ("vary", "orders"), "order")
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

    def _explained_parts(self) -> None:
        if (
            self.spec.explain is not None
            and self.spec.explain.fractions
            and self.spec.vary.train_fraction == [1]
        ):
            self._blame(
                ("explain", "fractions"),
                "no run is on a part of the training data",
                "name parts beside the whole, such as vary: {train_fraction: [1.0, 0.5]}, or leave it out",
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
