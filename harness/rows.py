"""What a run concludes: result rows, gate verdicts and all that a report is made of.

``results.json`` is these records, field by field; its JSON Schema is printed by
``harness schema results``. A number that is not finite is None and its status says why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from harness.variation import Variation

PROPERTIES = ("continuity", "robustness", "stability", "generalization", "interpretability")
Direction = Literal["higher", "lower", "none"]


class Status(StrEnum):
    """Whether a number may be relied on (methods, section 0.2.8)."""

    OK = "ok"
    DEGENERATE = "degenerate"
    UNDERPOWERED = "underpowered"
    UNRELIABLE = "unreliable"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured number.

    Args:
        property: One of :data:`PROPERTIES`, or ``score`` for the task's own metric.
        measure: Its name within the property, such as ``score`` (the headline) or ``flip_rate``.
        model: The model's name in the suite.
        condition: What it was measured on: ``split``, ``operator``, ``family``, ``severity``,
            ``attack``, ``shift``, ``seed`` …, as far as they apply.
        value: The number, or None with a ``status`` and a ``note`` that say why.
        low: Lower end of the interval, or None if there is none.
        high: Upper end of the interval, or None if there is none.
        n: Source examples behind it.
        runs: Training runs behind it.
        direction: Which way is better.
        status: Whether it may be relied on.
        signature: What decided it: metric, interval method, resamples …, short and comparable.
        note: A remark for people.
    """

    property: str
    measure: str
    model: str
    condition: Mapping[str, str | int | float] = field(default_factory=dict)
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    runs: int = 1
    direction: Direction = "higher"
    status: Status = Status.OK
    signature: str = ""
    note: str = ""


def measured_as(signature: str) -> str:
    """What decided a number, without how its interval was made: numbers that differ in it are not comparable."""
    parts = signature.split("|")
    interval = next((at for at, part in enumerate(parts) if part.startswith("B=")), len(parts))
    return "|".join(parts[:interval] + parts[interval + 3 :])


def finite(value: float | None) -> float | None:
    """The number, or None if it is not finite."""
    return float(value) if value is not None and math.isfinite(value) else None


class Verdict(StrEnum):
    """What a gate says."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """A gate and what came of it.

    Args:
        expression: As written in the suite.
        verdict: What came of it.
        model: The model it was judged on.
        condition: That of the row it was judged on.
        value: The measured number, with its interval ``low`` to ``high``.
        limit: What it was compared with; for a baseline, its value less the margin.
        baseline: The value of the baseline, or of the other model, if the gate compares with one.
        change: How much better the number is than that one, and the interval of that from ``change_low``
            to ``change_high``.
        line: Line of the gate in the suite file, 0 if unknown.
        p: How likely a number so far beyond the limit is if the limit is only just met, times what is due
            for judging several gates at once (Holm 1979); None if there is nothing to compare.
        reason: One sentence for people: why this verdict, and what would decide it.
    """

    expression: str
    verdict: Verdict
    model: str = ""
    condition: Mapping[str, str | int | float] = field(default_factory=dict)
    value: float | None = None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    baseline: float | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None
    line: int = 0
    p: float | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One line of the scorecard: a property's headline with all that it takes to read it."""

    property: str
    model: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    runs: int
    direction: Direction
    status: Status
    formula: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Trained:
    """One training run, or a model that was already there (``seed`` is then None).

    ``before`` and ``after`` are the task's score on the validation data before and after
    fine-tuning, ``test`` that on the test data of the suite; ``status`` is ``ok``, ``diverged``,
    ``degenerate`` or ``given``. How a run differs from the main ones is said by the fields of
    :class:`harness.variation.Variation`.
    """

    model: str
    seed: int | None
    fraction: float
    before: float | None
    after: float | None
    test: float | None
    epochs: float
    seconds: float
    status: str
    note: str = ""
    subset: int = 0
    order: int | None = None
    setting: str = ""
    source: str = ""
    checkpoint: float = 1.0
    shuffled: bool = False
    part: str = ""

    @property
    def main(self) -> bool:
        """Whether it differs from the other main runs by nothing but its seed."""
        return Variation.of(self).main


@dataclass(frozen=True, kw_only=True)
class Searched:
    """A search for hyperparameters: what it cost, and what it chose.

    ``complete``, ``pruned`` and ``diverged`` count trials by how they ended; ``score`` is the best
    validation score and ``chosen`` are the options that it was reached with. ``importance`` is the share of
    each option in the variance of the trials' scores; empty if there are too few.
    """

    model: str
    sampler: str
    complete: int
    pruned: int
    diverged: int
    score: float | None
    chosen: Mapping[str, str | int | float | bool]
    seconds: float
    importance: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Attacked:
    """What an attack on a run cost: queries and seconds of the ``examples`` that were attacked.

    ``seconds`` is the median for an example. It is no row, as it differs each time.
    """

    attack: str
    model: str
    seed: int | None
    examples: int
    queries: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Transition:
    """What became of right and of wrong answers in a condition, all ``runs`` of a model added up.

    ``kept``, ``broken``, ``mended`` and ``wrong`` count answers that were right and are, were and are not,
    were not and are, and are wrong before and after. The other four count them by whether the answer is
    still that to the clean text. ``p`` is McNemar's exact p-value of the run that tells least, None where
    texts are no independent examples, and ``q`` the same for having looked at all conditions of the model
    (Benjamini and Hochberg 1995).
    """

    model: str
    operator: str
    family: str
    severity: int
    runs: int
    kept: int
    broken: int
    mended: int
    wrong: int
    same_right: int
    other_right: int
    same_wrong: int
    other_wrong: int
    p: float | None = None
    q: float | None = None


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How familiar the test texts and a set of outliers look to a model, by the score that tells them best.

    ``known`` and ``strange`` are shares of the texts, all runs together, whose score lies in each of equally
    wide bins from ``low`` to ``high``.
    """

    outliers: str
    model: str
    by: str
    low: float
    high: float
    known: tuple[float, ...]
    strange: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A text with marked stretches, for showing: gold, predicted spans or attributed words.

    ``marks`` are ``(start, end, label, weight)``; ``weight`` is in [-1, 1] for attributions and
    the model's confidence in [0, 1] otherwise. ``label`` is the answer for the text as a whole, if
    there is one, and ``confidence`` the probability that the model gives it; ``written`` says that
    it is not one of several, but a text. ``choices`` are the answers that were weighed, best first,
    each with its probability, where there is more to know than the label.
    """

    text: str
    label: str = ""
    marks: tuple[tuple[int, int, str, float], ...] = ()
    confidence: float | None = None
    written: bool = False
    choices: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An example worth looking at: what was changed, and what the model said before and after.

    ``edits`` are ``(start, end, replacement)`` on ``gold.text``; ``gold``, ``before`` are on the
    clean text and ``after`` is on the edited one. ``kind`` is ``perturbation``, ``attack``, ``test``,
    ``probe`` or ``partial``; of a probe, what stands for the clean text may be one that was edited before,
    and of a part, edits take away what it does not have.
    """

    kind: str
    model: str
    seed: int | None
    condition: Mapping[str, str | int | float]
    id: str
    edits: tuple[tuple[int, int, str], ...]
    gold: Passage
    before: Passage
    after: Passage
    distance: float
    rate: float
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Explained:
    """Attributions of one prediction: clean, and after a small edit if that was measured."""

    model: str
    id: str
    method: str
    target: str
    clean: Passage
    edited: Passage | None
    faithfulness: float | None
    stability: float | None


@dataclass(frozen=True, kw_only=True)
class Unstable:
    """A test example on which the runs of a model disagree: gold, and what each run ``said``, by its seed.

    ``instability`` is the mean distance of the answers of two runs (methods, section 4.5), in [0, 1].
    """

    model: str
    id: str
    instability: float
    gold: Passage
    said: tuple[tuple[int | None, Passage], ...]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """An example with its gold answer and what a model said."""

    id: str
    gold: Passage
    said: Passage


@dataclass(frozen=True, kw_only=True)
class WeakSlice:
    """A part of the test data on which a model is surely weaker than on the rest; found by looking.

    Args:
        parts: ``(feature, bucket)`` of one or two features.
        n: Its examples.
        score: The score on it, a mean over runs: too low, as it was chosen for being low.
        shrunken: The same, drawn towards the other slices' by as much as it is noise.
        rest: The score on all other examples.
        p: How likely any of the slices would look so weak if none were.
        examples: Some on which it fails.
    """

    parts: tuple[tuple[str, str], ...]
    n: int
    score: float
    shrunken: float
    rest: float
    p: float
    examples: tuple[Answered, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SliceSearch:
    """What came of looking for the weakest slices of a model; no row, so no gate can name it.

    ``looked`` slices were tested, and ``alpha`` is the chance that any of ``found`` is a false alarm.
    """

    model: str
    looked: int
    alpha: float
    found: tuple[WeakSlice, ...]


@dataclass(frozen=True, kw_only=True)
class Work:
    """Units of one kind: how many there were, what became of them and the seconds they took."""

    kind: str
    total: int
    cached: int
    done: int
    failed: int
    skipped: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Spent:
    """How many of the perturbed examples of a condition an adaptive budget asked, and why no more."""

    model: str
    condition: Mapping[str, str | int | float]
    examples: int
    of: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What an adaptive budget spent.

    Every condition was looked at up to ``looks`` times, so that the rows of continuity and robustness have
    intervals of the level ``level``, each of which holds at all looks together.
    """

    looks: int
    level: float
    spent: tuple[Spent, ...]

    @property
    def asked(self) -> int:
        """Perturbed examples that were asked, over all conditions and models."""
        return sum(one.examples for one in self.spent)

    @property
    def whole(self) -> int:
        """How many there are."""
        return sum(one.of for one in self.spent)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A unit that failed, and why."""

    unit: str
    error: str


@dataclass(frozen=True, kw_only=True)
class LabelLine:
    """A line of a classification report: a label, or an average of several (``average``).

    Numbers are means over training runs; ``low`` and ``high`` are the interval of ``f1``.
    """

    name: str
    precision: float
    recall: float
    f1: float
    low: float | None
    high: float | None
    support: int
    average: bool = False


@dataclass(frozen=True, kw_only=True)
class LabelReport:
    """The classification report of a model on the clean test data.

    ``level`` is ``label``; or, for taggers, ``entity`` (spans of the right type and extent) and
    ``token`` (tags of words between white space).
    """

    model: str
    level: str
    runs: int
    lines: tuple[LabelLine, ...]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Which run this is, and what it ran on."""

    id: str
    started: str
    seconds: float
    command: str
    harness: str
    versions: Mapping[str, str]
    machine: Mapping[str, str | int | float]
    seeds: tuple[int, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SuiteInfo:
    """The suite as it was run: name, file, content hash, task and all settings with defaults.

    ``baseline`` is the file that relative gates compare with, whether or not it is there.
    """

    name: str
    file: str
    digest: str
    task: str
    metric: str
    description: str
    baseline: str
    resolved: Mapping[str, Any]
    data: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Results:
    """All that a report is made of."""

    schema_version: int = 1
    run: Run
    suite: SuiteInfo
    exit_code: int
    scorecard: tuple[Scored, ...]
    rows: tuple[Row, ...]
    gates: tuple[GateResult, ...]
    models: tuple[Trained, ...]
    units: tuple[Work, ...]
    failures: tuple[Failure, ...] = ()
    labels: tuple[LabelReport, ...] = ()
    searches: tuple[Searched, ...] = ()
    budget: Budget | None = None
    attacks: tuple[Attacked, ...] = ()
    transitions: tuple[Transition, ...] = ()
    outliers: tuple[Histogram, ...] = ()
    examples: tuple[Shown, ...] = ()
    explanations: tuple[Explained, ...] = ()
    unstable: tuple[Unstable, ...] = ()
    slices: tuple[SliceSearch, ...] = ()
