"""The units of a plan: each describes one call by everything that decides its result.

The units inside a unit are its inputs, so its key is a hash of content: no name, path or time enters it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, ClassVar

from harness.variation import MAIN, Variation


def aside(**options: Any) -> Any:
    """A field for people that does not decide the result and stays out of the key."""
    return field(metadata={"aside": True}, **options)


def later(default: Any) -> Any:
    """A field that units did not have once: it is part of the key only where it is not what it was then."""
    return field(default=default, metadata={"later": True})


@dataclass(frozen=True)
class Unit:
    """One piece of work. ``version`` of a class is raised when what it computes changes."""

    version: ClassVar[int] = 1
    performed: ClassVar[bool] = True
    """Whether it has a payload of its own; otherwise it only describes."""

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """All that decides the result, inputs by their key."""
        own = {
            f.name: value
            for f in fields(self)
            for value in (getattr(self, f.name),)
            if not f.metadata.get("aside") and not (f.metadata.get("later") and value == f.default)
        }
        return {"unit": type(self).__name__, "version": self.version} | {
            name: _named(value) for name, value in own.items()
        }

    @cached_property
    def key(self) -> str:
        """160 bits of the recipe's hash, in hexadecimal."""
        text = json.dumps(self.recipe, sort_keys=True, ensure_ascii=True, allow_nan=False)
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    @cached_property
    def inputs(self) -> tuple[Unit, ...]:
        """The units directly inside this one, each once."""
        found: dict[str, Unit] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Unit):
                    found[one.key] = one
        return tuple(found.values())

    @property
    def kind(self) -> str:
        """The class name in lower case."""
        return type(self).__name__.lower()

    @property
    def title(self) -> str:
        """What to call it before people."""
        return self.kind


def _named(value: Any) -> Any:
    if isinstance(value, Unit):  # what only describes is spelled out, so that people can be told what differs
        return value.key if value.performed else value.recipe
    return [_named(one) for one in value] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Data(Unit):
    """Parsed examples, by their content."""

    digest: str
    name: str = aside(default="", compare=False)
    size: int = aside(default=0, compare=False)

    @property
    def title(self) -> str:
        return f"data {self.name}"


@dataclass(frozen=True)
class Profile(Unit):
    """What there is to know of examples without a model: their features, and which of them training knows."""

    examples: Data
    train: Data | None

    @property
    def title(self) -> str:
        return f"profile {self.examples.name}"


@dataclass(frozen=True)
class Called(Unit):
    """An extension with its options, as part of other units."""

    performed: ClassVar[bool] = False
    name: str
    number: int
    source: str
    options: str
    label: str = aside(default="", compare=False)


@dataclass(frozen=True)
class Given(Unit):
    """A model that is already there: a checkpoint, or a callable."""

    performed: ClassVar[bool] = False
    form: str
    digest: str
    task: Called
    labels_of: Data
    place: str = aside(default="", compare=False)
    name: str = aside(default="", compare=False)
    seed: None = aside(default=None, compare=False)

    @property
    def variation(self) -> Variation:
        """Nothing is varied of a model that is not trained."""
        return MAIN


@dataclass(frozen=True)
class Search(Unit):
    """A search for hyperparameters; its result is what came of each trial.

    ``space`` is canonical JSON of what may be chosen.
    """

    trainer: Called
    task: Called
    base: str
    data: Data
    validation: Data
    space: str
    trials: int
    sampler: str
    prune: bool
    seed: int
    numerics: str
    place: str = aside(default="", compare=False)
    name: str = aside(default="", compare=False)

    @property
    def title(self) -> str:
        return f"search {self.name}, {self.trials} trials"


@dataclass(frozen=True)
class Train(Unit):
    """Fine-tuning; its result is a checkpoint folder.

    What a search has chosen goes above its options, and what augmentation makes is added to the data.
    ``order`` is the seed of the order of the data, None that of the run; ``checkpoint`` the share of its
    steps after which it stops; ``shuffled`` says whether gold is dealt out anew; ``draw``, ``setting``,
    ``source`` and ``part`` are what people call its subset, its options and its data.
    """

    trainer: Called
    task: Called
    base: str
    data: Data
    validation: Data
    fraction: float
    subset: int
    seed: int
    numerics: str
    search: Search | None = None
    extra: Augment | None = None
    order: int | None = later(None)
    checkpoint: float = later(1.0)
    shuffled: bool = later(False)
    place: str = aside(default="", compare=False)
    name: str = aside(default="", compare=False)
    draw: int = aside(default=0, compare=False)
    setting: str = aside(default="", compare=False)
    source: str = aside(default="", compare=False)
    part: str = aside(default="", compare=False)

    @property
    def variation(self) -> Variation:
        """How it differs from the main runs."""
        return replace(Variation.of(self), subset=self.draw)

    @property
    def title(self) -> str:
        part = "" if self.fraction == 1 else f" on {self.fraction:.0%}"
        told = (f", {axis} {value}" for axis, value in self.variation.told.items() if axis != "fraction")
        return f"train {self.name} seed {self.seed}{part}{''.join(told)}"


AnyModel = Train | Given


@dataclass(frozen=True)
class Meaning(Unit):
    """How it is judged whether perturbed texts still mean the same."""

    performed: ClassVar[bool] = False
    encoder: str
    least: float
    drop: bool
    numerics: str
    place: str = aside(default="", compare=False)


@dataclass(frozen=True)
class Perturb(Unit):
    """Variants of a data set."""

    version: ClassVar[int] = 2
    data: Data
    operator: Called
    task: Called
    severity: int
    seed: int
    draw: int = 0
    meaning: Meaning | None = None
    part: tuple[int, int] | None = later(None)
    """From which to which of the examples :func:`in_turn`; None: all of them, in their own order."""

    @property
    def title(self) -> str:
        part = f" of {self.part[0]} to {self.part[1]}" if self.part else ""
        return f"perturb {self.operator.label} {self.severity or 'all'}{part}"


@dataclass(frozen=True)
class Predict(Unit):
    """What a model says on clean or perturbed examples."""

    version: ClassVar[int] = 3
    model: AnyModel
    examples: Data | Perturb
    numerics: str

    @property
    def title(self) -> str:
        seed = "" if self.model.seed is None else f" seed {self.model.seed}"
        where = self.examples
        on = where.name if isinstance(where, Data) else f"{where.operator.label} {where.severity or 'all'}"
        return f"predict {self.model.name}{seed} on {on}"


@dataclass(frozen=True)
class Repeat(Unit):
    """How far answers to clean texts move when the model is asked once more."""

    first: Predict
    data: Data
    task: Called

    @property
    def title(self) -> str:
        return f"ask {self.first.model.name} again"


@dataclass(frozen=True)
class Score(Unit):
    """Statistics of predictions against gold, and their distance to the clean predictions."""

    version: ClassVar[int] = 5
    said: Predict
    clean: Predict | None
    train: Data | None
    task: Called

    @property
    def title(self) -> str:
        return self.said.title.replace("predict", "score", 1)


@dataclass(frozen=True)
class Familiar(Unit):
    """How familiar texts look to a model, by what it said of them."""

    said: Predict

    @property
    def title(self) -> str:
        return self.said.title.replace("predict", "familiarity:", 1)


@dataclass(frozen=True)
class Agree(Unit):
    """How much several runs of a model agree."""

    version: ClassVar[int] = 2
    said: tuple[Predict, ...]
    task: Called
    seed: int

    @property
    def title(self) -> str:
        return f"agree {self.said[0].model.name}"


@dataclass(frozen=True)
class Verify(Unit):
    """Which texts of a test of behaviour a model fails."""

    said: Predict
    task: Called
    test: str
    label: str
    expect: str
    tolerance: float
    name: str = aside(default="", compare=False)

    @property
    def title(self) -> str:
        return f"verify {self.name} of {self.said.model.name}"


@dataclass(frozen=True)
class Assault(Unit):
    """An adversarial attack on a model."""

    version: ClassVar[int] = 3
    model: AnyModel
    data: Data
    attack: Called
    task: Called
    goal: Called
    constraints: tuple[Called, ...]
    control: Called | None
    budget: int
    seconds: float | None
    seed: int
    numerics: str

    @property
    def kind(self) -> str:
        return "attack"

    @property
    def title(self) -> str:
        return f"attack {self.model.name} with {self.attack.label}"


@dataclass(frozen=True)
class Transfer(Unit):
    """Whether the texts that an attack on one model found reach the goal with another."""

    model: AnyModel
    source: Assault
    task: Called
    numerics: str

    @property
    def title(self) -> str:
        return f"try on {self.model.name} what {self.source.attack.label} found on {self.source.model.name}"


@dataclass(frozen=True)
class Augment(Unit):
    """Training examples to be added: edited by operators, or found by attacks on the model trained without.

    ``share`` is how many there are to the training examples; each part gives as many as the others.
    """

    data: Data
    parts: tuple[Called | Assault, ...]
    task: Called
    share: float
    severities: tuple[int, ...]
    seed: int

    @property
    def title(self) -> str:
        return f"augment {self.data.name} by {self.share:.0%}"


@dataclass(frozen=True)
class Explain(Unit):
    """Attributions on clean examples and, where an edit is given, on edited ones, and checks of them."""

    version: ClassVar[int] = 3
    model: AnyModel
    data: Data
    edited: Perturb | None
    explainer: Called
    checks: tuple[str, ...]
    draws: int
    task: Called
    seed: int
    numerics: str

    @property
    def title(self) -> str:
        return f"explain {self.model.name}"


@dataclass(frozen=True)
class Inspect(Unit):
    """What a probe finds around clean examples, and between them and edited ones."""

    version: ClassVar[int] = 2
    model: AnyModel
    data: Data
    edited: tuple[Perturb, ...]
    probe: Called
    task: Called
    seed: int
    numerics: str

    @property
    def kind(self) -> str:
        return "probe"

    @property
    def title(self) -> str:
        return f"probe {self.model.name} with {self.probe.label}"


def spelled(unit: Unit) -> dict[str, Any]:
    """A unit field by field, those for people included, as JSON can hold it; see :func:`read_back`."""
    own = {f.name: _spelled(getattr(unit, f.name)) for f in fields(unit)}
    return {"unit": type(unit).__name__, **own}


def _spelled(value: Any) -> Any:
    if isinstance(value, Unit):
        return spelled(value)
    return [_spelled(one) for one in value] if isinstance(value, tuple) else value


def read_back(told: Mapping[str, Any]) -> Unit:
    """The unit behind what :func:`spelled` gave: with the same key, as long as its class does the same.

    Raises:
        KeyError: If there is no such kind of unit.
        TypeError: If it has other fields.
    """
    kinds = {kind.__name__: kind for kind in Unit.__subclasses__()}
    values = {name: _read_back(value) for name, value in told.items() if name != "unit"}
    return kinds[told["unit"]](**values)


def _read_back(value: Any) -> Any:
    if isinstance(value, Mapping):
        return read_back(value)
    return tuple(_read_back(one) for one in value) if isinstance(value, list) else value


def reachable(roots: Iterable[Unit]) -> Iterator[Unit]:
    seen: set[str] = set()

    def visit(unit: Unit) -> Iterator[Unit]:
        if unit.key in seen:
            return
        seen.add(unit.key)
        for one in unit.inputs:
            yield from visit(one)
        if unit.performed:
            yield unit

    for root in roots:
        yield from visit(root)
