"""Asks a model what an output is worth once some words are gone.

A label is worth its probability among all labels. Two forms would be dear to ask in full: a candidate
is read on its own, and worth its probability beside the others as they were; a text is not generated
anew, but scored as it was (teacher forcing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from harness.explain.goal import Goal, Word, place, stands, value
from harness.inference import predict
from harness.models.model import Model, Piece, piece
from harness.prediction import Classes, Prediction
from harness.tasks.task import Form, Task
from harness.text import Edit, Example, Span, apply

PLACEHOLDER = "…"
"""Stands for a word that was taken away, for models without a mask token."""

SURE = 1e-7
"""Probabilities nearer than that to 0 or 1 are as good as certain."""


def blank(model: Model) -> str:
    """What a word is replaced by to take it away: the tokenizer's mask, or :data:`PLACEHOLDER`."""
    return str(getattr(getattr(model, "tokenizer", None), "mask_token", None) or PLACEHOLDER)


def values_without(
    model: Model, task: Task, asked: Sequence[tuple[Goal, Sequence[Word]]]
) -> NDArray[np.float64]:
    """The values of goals with some words of their examples taken away.

    The words are replaced by :func:`blank`, so that all others stay where they were in the order.

    Args:
        model: The model.
        task: What it answers.
        asked: Goals, each with the words to take away.

    Returns:
        Shape ``(len(asked),)``, in [0, 1].
    """
    return without(model, task, asked)[0]


def without(
    model: Model, task: Task, asked: Sequence[tuple[Goal, Sequence[Word]]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As :func:`values_without`, and whether the model still says what it said.

    Returns:
        The values, and for each 1 if the goal stands, 0 if it does not; NaN for texts, and for candidates
        that are read without the others.
    """
    empty = blank(model)
    scripts = [[Edit(start, end, empty, name) for start, end, name in gone] for _, gone in asked]
    goals = [goal for goal, _ in asked]
    examples = [edited(goal.example, edits) for goal, edits in zip(goals, scripts, strict=True)]
    said = _said(model, task, goals, examples)
    worth = [value(goal, one, edits) for goal, one, edits in zip(goals, said, scripts, strict=True)]
    alone = task.form is Form.CHOICE and reads_alone(model)
    still = [
        None if alone else stands(task, goal, one, edits)
        for goal, one, edits in zip(goals, said, scripts, strict=True)
    ]
    return np.array(worth, float), np.array(still, float)


def values(
    model: Model,
    task: Task,
    goals: Sequence[Goal],
    examples: Sequence[Example],
    scripts: Sequence[Sequence[Edit]],
) -> NDArray[np.float64]:
    """The values of goals in what a model says of their examples after edits.

    Args:
        model: The model.
        task: What it answers.
        goals: What is asked for.
        examples: For each goal its example after the edits.
        scripts: The edits.

    Returns:
        Shape ``(len(goals),)``, in [0, 1].
    """
    said = _said(model, task, goals, examples)
    return np.array([value(goal, p, edits) for goal, p, edits in zip(goals, said, scripts, strict=True)])


def weighed(model: Model, task: Task, goals: Sequence[Goal]) -> list[Goal]:
    """The goals with their values as :func:`values` measures them, where a prediction does not tell.

    Where one candidate only can be right, the prediction does tell; what it is read alone for is how
    strong the others are together.
    """
    if task.form not in (Form.TEXT, Form.CHOICE):
        return list(goals)
    found = values(model, task, goals, [goal.example for goal in goals], [()] * len(goals))
    if task.form is Form.CHOICE and task.exclusive and reads_alone(model):
        said = np.array([goal.value for goal in goals])
        return [
            replace(goal, against=float(against))
            for goal, against in zip(goals, _log_odds(found) - _log_odds(said), strict=True)
        ]
    return [replace(goal, value=float(one)) for goal, one in zip(goals, found, strict=True)]


def _said(model: Model, task: Task, goals: Sequence[Goal], examples: Sequence[Example]) -> list[Prediction]:
    if task.form is Form.TEXT:
        told = [replace(e, target=(goal.text,)) for goal, e in zip(goals, examples, strict=True)]
        return predict(scorer(model) or model, told)
    if task.form is Form.CHOICE and reads_alone(model):
        return _alone(model, goals, examples)
    return predict(model, examples)


def edited(example: Example, edits: Sequence[Edit]) -> Example:
    """The example after edits that may replace anything; its marks lie where they were, or wider.

    Marks that have become one word do not overlap: the later one is then empty.
    """
    fields = {
        name: apply(text, [e for e in edits if e.field == name]) for name, text in example.fields.items()
    }
    marks: dict[int, Span] = {}
    free = dict.fromkeys(fields, 0)
    for at, mark in sorted(enumerate(example.marks), key=lambda one: one[1]):
        start, end, name = place(Word(mark.start, mark.end, mark.field), edits)
        start = max(start, free[name])
        free[name] = max(start, end)
        marks[at] = replace(mark, start=start, end=free[name])
    return replace(example, fields=fields, marks=tuple(marks[at] for at in range(len(marks))))


# -- texts ---------------------------------------------------------------------------------------


def scorer(model: Model) -> Model | None:
    """A model that says how likely a generating model is to write the first reference; None if it cannot."""
    make = getattr(model, "scorer", None)
    return make() if make is not None else None


def unexplained(model: Model, task: Task) -> str:
    """Why nothing that the model says can be explained; empty if something can."""
    if task.form is Form.TEXT and scorer(model) is None:
        return "the model does not say how likely a text is, so nothing can be attributed to words"
    return ""


# -- candidates ----------------------------------------------------------------------------------


def reads_alone(model: Model) -> bool:
    """Whether the model reads each candidate on its own, so that one can be asked for without the others."""
    from harness.models.transformer import Transformer

    return isinstance(model, Transformer)


def _alone(model: Any, goals: Sequence[Goal], examples: Sequence[Example]) -> list[Prediction]:
    """A probability for each goal's candidate, which lies at its place among zeros."""
    said: list[Prediction | None] = [None] * len(goals)
    for candidate in sorted({goal.labels[0] for goal in goals}):
        own = [at for at, goal in enumerate(goals) if goal.labels[0] == candidate]
        against = {examples[at].id: goals[at].against for at in own}
        found = predict(Alone(model, candidate, against), [examples[at] for at in own])
        for at, one in zip(own, found, strict=True):
            said[at] = one
    return [one for one in said if one is not None]


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = logit(probabilities.clip(SURE, 1 - SURE))
    return found


@dataclass(frozen=True)
class Alone:
    """A transformer that is asked for one candidate of each example.

    Args:
        model: A :class:`harness.models.transformer.Transformer`.
        candidate: Which one.
        against: By the example's id, the log-odds of the others together.
    """

    model: Any
    candidate: int
    against: Mapping[str, float]

    @property
    def labels(self) -> tuple[str, ...]:
        """Those of the model."""
        return tuple(self.model.labels)

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """The windows of the candidate's reading."""
        from harness.models.transformer import windows

        readings = [self.model.task.inputs(example)[self.candidate] for example in examples]
        return [
            [piece(len(one.ids), (one.ids, one.types), one) for one in own]
            for own in windows(self.model.tokenizer, readings, self.model.length)
        ]

    def forward(self, pieces: Sequence[Piece]) -> Sequence[Any]:
        """Log-odds, as the model says them."""
        return list(self.model.forward(pieces))

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """The probability of the mean log-odds over the windows, against those of the others."""
        row = np.zeros(len(self.labels), np.float32)
        row[self.candidate] = expit(np.mean(outputs) - self.against[example.id])
        return Classes(self.labels, row, exclusive=False)
