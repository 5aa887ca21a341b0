"""What a suite file may say: typed, with the place of every fault."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from harness.document import Document, Path_
from harness.errors import Fault, nearest

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
        "partial",
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
    partial: list[str] = Field(
        default_factory=list,
        description="Parts of the test data to ask alone: kinds, or only-FIELD; what is kept rewards shortcuts.",
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
    checkpoints: list[Annotated[float, Field(gt=0, lt=1)]] = Field(
        default=[],
        description="Shares of the steps of training after which runs stop that are like the main ones "
        "until then.",
    )
    parts: bool = Field(
        default=False,
        description="Whether models are trained on each kind of `data.partial` alone too.",
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
    checkpoints: bool = Field(
        default=False,
        description="Whether the runs of the same seeds that stopped on the way are explained too.",
    )
    shuffled: bool = Field(
        default=False,
        description="Whether runs of the same seeds are trained on gold dealt out anew, and explained too.",
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


def schema() -> dict[str, Any]:
    """JSON Schema of a suite file, for editors."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", **Spec.model_json_schema()}


def typed(document: Document, value: Any) -> tuple[Spec | None, list[Fault]]:
    if not isinstance(value, dict):
        return None, [document.fault((), f"a suite is a mapping, found {type(value).__name__}")]
    try:
        return Spec.model_validate(value), []
    except ValidationError as error:
        return None, list(dict.fromkeys(fault_of(document, dict(e)) for e in error.errors()))


_NAMED = ("str", "dict[str,any]")
"""How the parts of the union ``Named`` are called in the place of a fault."""


def fault_of(
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


def without(value: Any, faults: Sequence[Fault]) -> Any:
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


def within(inner: str, outer: str) -> bool:
    """Whether a field is another or a part of it."""
    return inner == outer or inner.startswith(f"{outer}.")


def enlarged(spec: Spec, times: int) -> Spec:
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
