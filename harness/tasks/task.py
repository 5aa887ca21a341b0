"""The record of a task: everything that differs between tasks, in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.catalog import Extension
from harness.prediction import Prediction
from harness.text import Edit, Example

Array = NDArray[np.float64]


class Moved(NamedTuple):
    """How far an output moved; ``hard`` and ``soft`` are ratios of sums (methods, section 1).

    Args:
        hard: Numerator of the distance between decoded outputs.
        hard_of: Its denominator.
        soft: Numerator of the distance between distributions (total variation).
        soft_of: Its denominator.
        flip: 1 if the decoded outputs differ at all.
    """

    hard: float
    hard_of: float
    soft: float
    soft_of: float
    flip: float


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """How predictions of one shape are scored: sums of per-example statistics.

    Args:
        metric: The headline metric with what decides it, such as ``entity_f1|strict|micro``.
        columns: ``columns(labels)``: names of the statistics, for the model's labels.
        stats: ``stats(example, prediction, labels)``: the example's statistics, shape ``(columns,)``.
        score: Sums of statistics, shape ``(..., columns)``, to scores in [0, 1], shape ``(...)``.
        chance: Likewise to the best score that needs no look at the input (methods, section 0.4).
        moved: ``moved(clean, edited, edits)``: distance of two predictions, the clean one carried
            through the edits.
        harm: ``harm(example, prediction)`` in [0, 1]: what an attack tries to raise.
        broken: ``broken(example, prediction)``: whether an attack has reached its goal.
        details: Further named scores of the same sums, each like ``score``.
    """

    metric: str
    columns: Callable[[tuple[str, ...]], list[str]]
    stats: Callable[[Example, Prediction, tuple[str, ...]], Array]
    score: Callable[[Array], Array]
    chance: Callable[[Array], Array]
    moved: Callable[[Prediction, Prediction, Sequence[Edit]], Moved]
    harm: Callable[[Example, Prediction], float]
    broken: Callable[[Example, Prediction], bool]
    details: Callable[[tuple[str, ...]], dict[str, Callable[[Array], Array]]]


@dataclass(frozen=True, kw_only=True)
class Task(Extension):
    """One task. ``function(examples)`` gives the model's output labels for training data.

    Args:
        head: Name of the ``transformers`` Auto class with the task's head and loss.
        scoring: How its predictions are scored.
        validate: Why an example's target does not suit the task; empty if it does.
        gold: ``gold(example, words, labels)``: the training target for words at these offsets,
            shape ``(words, 2)``: a label id per word for taggers (-100: no loss), or one label id.
        decode: ``decode(words, probabilities, labels)``: a prediction from the head's output,
            ``(words, labels)`` for taggers and ``(labels,)`` otherwise.
        per_word: Whether the head answers for each word rather than for the whole text.
        answer: ``answer(example, said, labels)``: a prediction from what a user's callable said.
    """

    kind: ClassVar[str] = "task"
    head: str
    scoring: Scoring
    validate: Callable[[Example], str]
    gold: Callable[[Example, NDArray[np.int32], tuple[str, ...]], Any]
    decode: Callable[[NDArray[np.int32], NDArray[np.float32], tuple[str, ...]], Prediction]
    per_word: bool
    answer: Callable[[Example, Any, tuple[str, ...]], Prediction]
