"""What a measure is given: arrays, and pure functions over their sums. No model, no store."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.catalog import Extension
from harness.data.verdicts import Reviewed
from harness.probe.probe import Reading
from harness.tasks.task import Detail
from harness.variation import MAIN, Variation

Array = NDArray[np.float64]
Feature = NDArray[Any]
Statistic = Callable[[Array], Array]

TRAIN, TEST = "train", "test"
LOOKED_AT = ("continuity", "robustness")
"""Properties whose rows rest on perturbed examples, which an adaptive budget looks at several times."""


def level_of(property: str, level: float, looks: int) -> float:
    """The level of each look at a row, so that its interval holds at all of them with probability ``level``.

    Whatever look is the last, and for whatever reason: by the union bound (Bonferroni).
    """
    return 1 - (1 - level) / looks if property in LOOKED_AT else level


class Condition(NamedTuple):
    """What a model was tested on. The clean split itself has no operator and severity 0.

    Args:
        split: ``test``, the name of a shift, or ``train`` for a sample of the training data.
        operator: Label of the operator as in the suite, such as ``nlpaug:keyboard``.
        family: The operator's level: character, word, sentence, format or entity.
        severity: 1 to 5, or 0 if clean or without degrees.
    """

    split: str
    operator: str = ""
    family: str = ""
    severity: int = 0


@dataclass(frozen=True)
class Cell:
    """One run on one condition, a row per variant that changed and whose gold is valid.

    Args:
        index: Shape ``(k,)``: which example of the split the row stems from.
        stats: Shape ``(k, columns)``: the task's sufficient statistics against carried gold.
        moved: Shape ``(k, 5)``: distance to the run's own prediction on the clean example:
            hard numerator and denominator, soft numerator and denominator, flip (0 or 1).
            Zeros on a clean split.
        rate: Shape ``(k,)``: share of the text that was edited.
        invalid: Variants left out because their gold could not be carried.
        noop: Variants left out because nothing changed.
        right: Shape ``(k,)``: whether the answer is right, as attacks on the task count it.
        similarity: Shape ``(k,)``: cosine to the clean text, if a sentence encoder was asked.
        fragmentation: Shape ``(k,)``: sub-words per word over those of the clean text, likewise.
        broken: Shape ``(k,)``: whether the similarity is below what the suite asks for.
        confidence: Shape ``(k,)``: probability of the answer; NaN where answers have none.
        brier: Shape ``(k,)``: squared distance of the probabilities to what is right; NaN likewise.
        loss: Shape ``(k,)``: minus the log-probability of the right label, in nats; NaN likewise.
        tagging: Shape ``(k, 6 + 2 tags)``, for taggers in perturbed conditions: what the clean and the edited
            answer have in common, see :mod:`harness.tasks.scoring.tagging`.
        grounding: Shape ``(k, 4)``, for tasks that ask for a text in perturbed conditions: how much of what was
            written is borne out, see :class:`harness.tasks.scoring.grounding.Grounding`.
        sense: Shape ``(k,)``, likewise, if a sentence encoder was asked: how far the meanings of the written texts
            are apart, in [0, 1].
        flips: Of all rows, how many words of one type became which; the empty type is none.
    """

    index: NDArray[np.int64]
    stats: Array
    moved: Array
    rate: Array
    invalid: int = 0
    noop: int = 0
    right: NDArray[np.bool_] | None = None
    similarity: Array | None = None
    fragmentation: Array | None = None
    broken: NDArray[np.bool_] | None = None
    confidence: Array | None = None
    brier: Array | None = None
    loss: Array | None = None
    tagging: Array | None = None
    grounding: Array | None = None
    sense: Array | None = None
    flips: Mapping[tuple[str, str], int] = field(default_factory=dict)


def whole(parts: Sequence[Cell]) -> Cell:
    """The cell of a condition that was asked in parts, one of them at least."""
    if len(parts) == 1:
        return parts[0]
    found: dict[str, Any] = {}
    for one in fields(Cell):
        values = [getattr(part, one.name) for part in parts]
        if isinstance(values[0], int):
            found[one.name] = sum(values)
        elif isinstance(values[0], Mapping):
            found[one.name] = dict(sum((Counter(counts) for counts in values), Counter()))
        else:
            found[one.name] = None if values[0] is None else np.concatenate(values)
    return Cell(**found)


@dataclass(frozen=True)
class Seen:
    """Gold mentions that training has seen and has not, per example of a split (methods, 5.4).

    Shape ``(examples, 4)``: seen and found, seen, new and found, new.
    """

    counts: Array


@dataclass(frozen=True)
class Again:
    """Second answers to clean texts beside the first ones.

    Args:
        index: Shape ``(k,)``: example of the test split.
        moved: Shape ``(k, 5)``, as of a :class:`Cell`.
    """

    index: NDArray[np.int64]
    moved: Array


@dataclass(frozen=True)
class Familiarity:
    """How familiar the texts of a data set look to a run (methods, section 3.8).

    Args:
        index: Shape ``(k,)``: which example of the data set a row is about; of outliers that were made
            of the test data, which example of those.
        scores: By name shape ``(k,)``, more is more familiar; NaN where it is not told.
    """

    index: NDArray[np.int64]
    scores: Mapping[str, Array]


@dataclass(frozen=True)
class Profile:
    """What there is to know of the examples of a split without a model.

    Args:
        features: By name, shape ``(examples,)``: numbers, NaN where there is none; or categories as text,
            empty where there is none.
        known: Shape ``(examples,)``: whether training has the same text.
        near: Shape ``(examples,)``: whether training has it, or a near-duplicate of it.
        sets: Shape ``(examples,)``: the contrast set that each belongs to, empty if to none.
    """

    features: Mapping[str, Feature]
    known: NDArray[np.bool_]
    near: NDArray[np.bool_]
    sets: NDArray[np.str_] | None = None


@dataclass(frozen=True)
class Mentions:
    """Entities by how much of them training has seen (methods, 5.4).

    Args:
        counts: By case handling, shape ``(examples, 12)``: of each of the four partitions the spans
            that were found, those said that are none, and those missed; see
            :func:`harness.data.mentions.counted`.
        confusable: Shape ``(examples, 2)``: mentions whose name has several types in the split, found
            and all.
    """

    counts: Mapping[str, Array]
    confusable: Array


@dataclass(frozen=True)
class RunTable:
    """One training run; ``seed`` is None for a model that was already there.

    Args:
        status: ``ok``, ``diverged`` (no cells then), or ``given``.
        one_class: Whether all its predictions on the clean test set are the same.
        again: How far answers moved when clean texts were asked once more, if they were.
        familiar: How familiar the clean test set and each set of outliers look to it.
        mentions: Of taggers, by clean split.
        probabilities: Of classifiers, by clean split: shape ``(examples, labels)``, in the order of the
            statistics' columns; NaN for an example without a prediction.
        partial: By kind the cell of the test examples that have such a part, of which they were asked.
    """

    seed: int | None
    status: str
    cells: Mapping[Condition, Cell]
    seen: Mapping[str, Seen] = field(default_factory=dict)
    one_class: bool = False
    again: Again | None = None
    familiar: Mapping[str, Familiarity] = field(default_factory=dict)
    mentions: Mapping[str, Mentions] = field(default_factory=dict)
    probabilities: Mapping[str, Array] = field(default_factory=dict)
    partial: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True)
class Agreement:
    """How much runs agree on the clean test set, by the task's hard output distance (methods, 4.4).

    Args:
        pairs: The pairs of runs, as positions.
        observed: Shape ``(pairs, examples)``: distance of the two runs' outputs on each example.
        expected: Shape ``(runs, runs)``: mean distance over pairs of outputs regardless of example.
        outputs: Shape ``(runs, examples)``: codes of the labels, where each answer is one of them.
    """

    pairs: tuple[tuple[int, int], ...]
    observed: Array
    expected: Array
    outputs: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class AttackTable:
    """One attack on one run, a row per example that was meant to be attacked.

    Args:
        attack: Its label in the suite.
        seed: The run's.
        index: Shape ``(k,)``: example of the split.
        skipped: Shape ``(k,)``: the model was wrong already, or there was nothing to attack.
        success: Shape ``(k,)``: the goal was reached, re-checked by the engine.
        queries: Shape ``(k,)``: model queries spent.
        rate: Shape ``(k,)``: share of words edited in the most harmful text that was found, 0 if
            there is none.
        stats: Shape ``(k, columns)``: statistics on the most harmful text that was found, against
            its carried gold; zeros after an error.
        clean_stats: Likewise on the clean text.
        error: Shape ``(k,)``: the model or the search broke; counted, and left out of all else.
        truncated: Shape ``(k,)``: the budget of queries or of time ended the search.
        unstable: Shape ``(k,)``: the model gave another answer when it was asked once more.
        control: Shape ``(k,)``: 1 where edits at random succeed with as many queries, 0 where they do
            not, NaN where they were not tried. None if there is no such control.
        changed: Shape ``(k,)``: number of words edited in the text that was found.
        minimal: Shape ``(k,)``: share of words of the edits that are needed; of interest for successes.
        minimal_changed: Shape ``(k,)``: number of words edited by them.
        characters: Shape ``(k,)``: characters that these edits change, as Levenshtein distance over
            length.
        candidates: Shape ``(k,)``: scripts that were proposed.
        refused: How many of them what refused, ``(k,)`` each, in the order in which it was asked:
            the gold first, then the constraints, those that refused nothing included.
        entities: Shape ``(k, 6)``, for taggers: of the gold entities found on the clean text (first
            column) those that are missed, mistyped and mis-bounded after; entities that were
            invented; and words outside of gold entities.
        seconds: Shape ``(k,)``: time spent on an example.
        likeness: Shape ``(k,)``, for tasks that ask for a text: likeness of the most harmful text that was
            found to the clean one, chrF with beta 1.
    """

    attack: str
    seed: int | None
    index: NDArray[np.int64]
    skipped: NDArray[np.bool_]
    success: NDArray[np.bool_]
    queries: Array
    rate: Array
    stats: Array
    clean_stats: Array
    error: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    unstable: NDArray[np.bool_]
    control: Array | None
    changed: Array
    minimal: Array
    minimal_changed: Array
    characters: Array
    candidates: Array
    refused: Mapping[str, Array]
    entities: Array | None
    seconds: Array
    likeness: Array | None = None

    @property
    def attacked(self) -> NDArray[np.bool_]:
        """Shape ``(k,)``: where an attack was tried and came to an end."""
        tried: NDArray[np.bool_] = ~self.skipped & ~self.error
        return tried


@dataclass(frozen=True)
class TransferTable:
    """The texts that an attack found on one run, tried on another: a row per success of the attack.

    Args:
        attack: Its label in the suite.
        source: The model that was attacked.
        source_seed: The seed of its run.
        seed: The seed of the run that the texts were tried on.
        index: Shape ``(k,)``: example of the split.
        right: Shape ``(k,)``: whether the model they were tried on is right on the clean text.
        fooled: Shape ``(k,)``: whether the goal is reached with it too.
    """

    attack: str
    source: str
    source_seed: int | None
    seed: int | None
    index: NDArray[np.int64]
    right: NDArray[np.bool_]
    fooled: NDArray[np.bool_]


@dataclass(frozen=True)
class BehaviourTable:
    """One test of behaviour of one run, a row per text or pair of texts.

    Args:
        test: Its name.
        kind: ``MFT``, ``INV`` or ``DIR``.
        index: Shape ``(k,)``: which text of the test's own data set the row is about.
        failed: Shape ``(k,)``: whether the answer was not as expected.
    """

    test: str
    kind: str
    index: NDArray[np.int64]
    failed: NDArray[np.bool_]


@dataclass(frozen=True)
class ExplainTable:
    """Attributions of one run, a row per explained prediction.

    Args:
        method: The attribution method's name.
        faithfulness: Shape ``(k,)``: normalised faithfulness in [-1, 1] (methods, 6.3); NaN where
            there was nothing to explain.
        control: Shape ``(k,)``: the same for a random order of the words.
        stability: Shape ``(k,)``: Spearman's rho of attributions before and after a small
            meaning-preserving edit (methods, 6.5); NaN where it is undefined.
        completeness: Shape ``(k,)``: relative completeness error; NaN where undefined.
        more: Further columns ``(k,)`` or ``(k, shares)`` by name, NaN where undefined; those of checks that
            were not asked for are missing. For what they are see :class:`harness.explain.explain.Explanation`.
        targets: What was explained, ``k`` of them.
        weights: The attributions, shape ``(words,)`` each.
        seconds: Time of an explanation, on average.
        passes: Texts that the model read for an explanation, on average.
        variation: How the run differs from the main ones.
    """

    method: str
    seed: int | None
    index: NDArray[np.int64]
    faithfulness: Array
    control: Array
    stability: Array
    completeness: Array
    more: Mapping[str, Array] = field(default_factory=dict)
    targets: Sequence[str] = ()
    weights: Sequence[Array] = ()
    seconds: float = math.nan
    passes: float = math.nan
    variation: Variation = MAIN


@dataclass(frozen=True)
class ProbeTable:
    """What a probe found on one run, a row per item that it looked at.

    Args:
        probe: Its label in the suite.
        seed: The run's.
        readings: What is to be read off it.
        index: Shape ``(k,)``: which example of the test split an item belongs to.
        operator: Whose edits were made, ``k`` of them; empty where none were.
        columns: Shape ``(k,)`` each, NaN where undefined.
        why: Why there is nothing; empty if there is.
    """

    probe: str
    seed: int | None
    readings: tuple[Reading, ...]
    index: NDArray[np.int64]
    operator: tuple[str, ...] = ()
    columns: Mapping[str, Array] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class ModelTable:
    """All there is about one model of the suite.

    Args:
        given: It was not trained here.
        runs: The main ones, which differ by nothing but their seed.
        parts: The others, by how they differ from the main ones; tested on clean data only.
        attackable: Why there is no attack; empty if there is one.
        missing: Why attacks that the suite names have no result, by label.
        transfers: What was found on other runs, tried on this model's.
        explainable: Why there is no explanation; empty if there is one.
        probes: What each probe found, or why it did not, on each run that was probed.
        options: By setting, all options of its training, nested ones by dotted names.
        trials: Validation scores of the complete trials of a search for hyperparameters, in order.
        augmented: Whether it was trained on edited or adversarial texts too.
    """

    name: str
    given: bool
    runs: tuple[RunTable, ...]
    parts: Mapping[Variation, tuple[RunTable, ...]] = field(default_factory=dict)
    agreement: Agreement | None = None
    attacks: tuple[AttackTable, ...] = ()
    explanations: tuple[ExplainTable, ...] = ()
    tests: tuple[BehaviourTable, ...] = ()
    attackable: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)
    transfers: tuple[TransferTable, ...] = ()
    explainable: str = ""
    probes: tuple[ProbeTable, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    trials: tuple[float, ...] = ()
    augmented: bool = False

    @property
    def by_attack(self) -> Mapping[str, Sequence[AttackTable]]:
        """The tables of each attack, a table for each attacked run."""
        found: dict[str, list[AttackTable]] = {}
        for table in self.attacks:
            found.setdefault(table.attack, []).append(table)
        return found


class Fixed(NamedTuple):
    """A score that was written down, with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Reference:
    """The model that errors are compared with (methods, section 3.2).

    Args:
        name: Of a model of the suite, or of one in a baseline file.
        title: What to call it before people.
        scores: What was written down of it by condition; None if it is a model of the suite.
        clean: Its score on the clean test data, if that was written down.
    """

    name: str
    title: str
    scores: Mapping[Condition, Fixed] | None = None
    clean: float = math.nan


@dataclass(frozen=True)
class Tables:
    """What all measures are functions of.

    Args:
        metric: Signature of the task's headline metric.
        score: Sums of statistics, shape ``(..., columns)``, to scores in [0, 1].
        chance: Likewise to chance scores.
        details: Further scores by name; as the statistics' columns depend on a model's labels,
            one mapping per model name.
        sizes: Examples per split.
        groups: Cluster codes per split, shape ``(examples,)``.
        models: In the order of the suite.
        seed: The suite's seed, for resampling.
        resamples: Bootstrap resamples.
        level: Two-sided confidence level.
        worst_of: The k of the worst of k perturbations.
        reviews: What people found of the texts of operators, by operator.
        others: What other data sets of the same task are called; their test data are splits.
        excluded: Examples, or parts of them, that were left out of each of these for want of a label here.
        overlap: Share of a split's texts that occur in the training data.
        columns: Names of the statistics' columns by model name.
        digests: Which examples a split has, by content, as far as known.
        looks: How often the perturbed examples may be looked at before they are all asked.
        outliers: By set of outliers, cluster codes of its examples; None if it was made of the test data.
        reference: The model that errors are compared with, if any.
        profiles: Of the test data and the shifts, by split.
    """

    metric: str
    score: Statistic
    chance: Statistic
    details: Mapping[str, Mapping[str, Detail]]
    sizes: Mapping[str, int]
    groups: Mapping[str, NDArray[np.int64]]
    models: tuple[ModelTable, ...]
    seed: int
    resamples: int = 2000
    level: float = 0.95
    overlap: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    looks: int = 1
    worst_of: int = 5
    reviews: Mapping[str, Reviewed] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    outliers: Mapping[str, NDArray[np.int64] | None] = field(default_factory=dict)
    reference: Reference | None = None
    profiles: Mapping[str, Profile] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Measure(Extension):
    """``function(tables) -> Iterable[Row]``: pure. ``formula`` is printed beside the headline."""

    kind: ClassVar[str] = "measure"
    formula: str
