"""The record of a task: everything that differs between tasks, in one place."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.catalog import Extension
from harness.prediction import Prediction
from harness.tasks.reading import Reading
from harness.tasks.scoring.grounding import Grounding
from harness.text import Edit, Example

Array = NDArray[np.float64]


class Form(StrEnum):
    """What a model is asked for; it decides head, loss and batches."""

    LABEL = "label"
    """One of the labels for all that is read."""
    LABELS = "labels"
    """Any number of the labels, each with a probability of its own."""
    WORDS = "words"
    """A label for each word."""
    ANSWER = "answer"
    """The words at which an answer starts and ends, or none."""
    CHOICE = "choice"
    """How well each of several candidates suits, each of them read on its own."""
    TEXT = "text"
    """A text."""


HEADS = {
    Form.LABEL: "AutoModelForSequenceClassification",
    Form.LABELS: "AutoModelForSequenceClassification",
    Form.WORDS: "AutoModelForTokenClassification",
    Form.ANSWER: "AutoModelForQuestionAnswering",
    Form.CHOICE: "AutoModelForSequenceClassification",
    Form.TEXT: "AutoModelForSeq2SeqLM",
}
"""The ``transformers`` class with the head and the loss of each form. Decoders generate texts with
``AutoModelForCausalLM``, and encoders through an ``EncoderDecoderModel``."""


LABELLED = frozenset({Form.LABEL, Form.LABELS, Form.WORDS})
"""Forms whose labels come from the data and are the head's outputs; the others always have the same."""


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


@dataclass(frozen=True)
class Detail:
    """A further score: a function of sums of statistics, its range, and which way is better."""

    statistic: Callable[[Array], Array]
    bounds: tuple[float, float] = (0.0, 1.0)
    direction: Literal["higher", "lower", "none"] = "higher"

    def __call__(self, sums: Array) -> Array:
        """The score of sums, shape ``(..., columns)`` to ``(...)``."""
        return self.statistic(sums)


POSITIVE = (0.0, math.inf)


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """How predictions of one shape are scored: sums of per-example statistics.

    Args:
        metric: The headline metric with what decides it, such as ``entity_f1|strict|micro``.
        columns: ``columns(labels)``: names of the statistics, for the model's labels.
        stats: ``stats(example, prediction, labels)``: the example's statistics, shape ``(columns,)``.
        score: Sums of statistics, shape ``(..., columns)``, to scores in [0, 1], shape ``(...)``.
        chance: Likewise to the best score that needs no look at the input (methods, section 0.4).
        moved: ``moved(clean, edited, edits, source)``: distance of two predictions, the clean one
            carried through the edits of the clean example ``source``.
        harm: ``harm(example, prediction)`` in [0, 1]: what an attack tries to raise.
        broken: ``broken(example, prediction)``: whether an attack has reached its goal.
        details: ``details(labels)``: further scores of the same sums by name.
        unrelated: ``unrelated(other, prediction)``: statistics of the prediction against the gold of
            an unrelated example, for ``chance``; they are the last columns. None: chance needs none.
        grounding: ``grounding(clean, edited, source, variant)``: how much of what was written about the clean
            example ``source`` and about ``variant`` is borne out. None: nothing is written.
        peak: ``peak(clean, edited, edits)``: the soft distance of the part of the answer that moved most,
            where ``moved`` gives the mean over many of them. None: answers are of one part.
    """

    metric: str
    columns: Callable[[tuple[str, ...]], list[str]]
    stats: Callable[[Example, Prediction, tuple[str, ...]], Array]
    score: Callable[[Array], Array]
    chance: Callable[[Array], Array]
    moved: Callable[[Prediction, Prediction, Sequence[Edit], Example], Moved]
    harm: Callable[[Example, Prediction], float]
    broken: Callable[[Example, Prediction], bool]
    details: Callable[[tuple[str, ...]], dict[str, Detail]]
    unrelated: Callable[[Example, Prediction], Array] | None = None
    grounding: Callable[[Prediction, Prediction, Example, Example], Grounding] | None = None
    peak: Callable[[Prediction, Prediction, Sequence[Edit]], float] | None = None

    def row(
        self, example: Example, prediction: Prediction, labels: tuple[str, ...], other: Example | None = None
    ) -> Array:
        """All statistics of a prediction, shape ``(columns,)``.

        Args:
            example: With its gold.
            prediction: What the model said.
            labels: The model's.
            other: An unrelated example with its gold; without it its columns are 0.
        """
        own = self.stats(example, prediction, labels)
        if self.unrelated is None:
            return own
        if other is None:
            return np.concatenate([own, np.zeros(len(self.columns(labels)) - len(own))])
        return np.concatenate([own, self.unrelated(other, prediction)])


@dataclass(frozen=True, kw_only=True)
class Task(Extension):
    """One task. ``function(examples)`` gives the model's output labels for training data.

    Args:
        form: What a model is asked for.
        scoring: How its predictions are scored.
        validate: Why an example does not suit the task; empty if it does.
        inputs: ``inputs(example)``: what a model reads: one reading, or one per candidate. The words
            that taggers and answers are about are those of its last segment.
        gold: ``gold(example, words, labels)``: the training target for words at these offsets,
            shape ``(words, 2)``. By form: a label id; a list of 0 and 1 per label; a label id per
            word (-100: no loss); the numbers of the first and the last word of the answer, or None;
            a list of 0 and 1 per candidate; the text to learn.
        decode: ``decode(example, words, output, labels)``: a prediction from what the head says. By
            form: probabilities, shape ``(labels,)``, ``(words, labels)``, ``(1 + words, 2)`` with no
            answer first, or log-odds ``(candidates,)``; a :class:`harness.prediction.Text` as it is.
        answer: ``answer(example, said, labels)``: a prediction from what a user's callable said.
        instruction: What to do, for models that are told; stands before what they read.
        alternatives: Whether one of several gold spans is enough.
        exclusive: Whether candidates compete for one probability, because one of them is right, rather
            than having a probability each.
    """

    kind: ClassVar[str] = "task"
    form: Form
    scoring: Scoring
    validate: Callable[[Example], str]
    inputs: Callable[[Example], Sequence[Reading]]
    gold: Callable[[Example, NDArray[np.int32], tuple[str, ...]], Any]
    decode: Callable[[Example, NDArray[np.int32], Any, tuple[str, ...]], Prediction]
    answer: Callable[[Example, Any, tuple[str, ...]], Prediction]
    instruction: str = ""
    alternatives: bool = False
    exclusive: bool = True

    @property
    def head(self) -> str:
        """Name of the ``transformers`` class with the task's head and loss."""
        return HEADS[self.form]

    @property
    def per_word(self) -> bool:
        """Whether the head answers for each word rather than for the whole text."""
        return self.form is Form.WORDS
