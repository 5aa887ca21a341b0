"""What can be counted of answers, whatever their shape: the labels that are given."""

from __future__ import annotations

from collections.abc import Sequence

from harness.prediction import Prediction, Spans, Text
from harness.tasks.scoring.spans import types
from harness.tasks.task import Form, Task

NOTHING, ANSWERED, UNANSWERED = "(nothing)", "answered", "unanswered"
LENGTHS = (1, 2, 4, 8, 16, 32, 64, 128)
"""Lengths of texts in words, each the most of its class."""


def outcomes(prediction: Prediction, form: Form) -> frozenset[str]:
    """What an answer counts as, at least one of :func:`known`.

    A label, several labels, the labels of the spans, or :data:`NOTHING`; whether a question is
    answered; the place of the winner among candidates; of a text, the class of its length.
    """
    if isinstance(prediction, Text):
        size = len(prediction.text.split())
        return frozenset({_length(next((most for most in LENGTHS if size <= most), 0))})
    if form is Form.ANSWER:
        return frozenset({UNANSWERED if not prediction.spans else ANSWERED})  # type: ignore[union-attr]
    if isinstance(prediction, Spans):
        return frozenset(span.label for span in prediction.spans) or frozenset({NOTHING})
    if form is Form.CHOICE:
        return frozenset({prediction.label})
    return frozenset(prediction.chosen) or frozenset({NOTHING})


def known(task: Task, labels: Sequence[str]) -> tuple[str, ...]:
    """All that answers can count as, for a model with these labels."""
    if task.form is Form.TEXT:
        return tuple(_length(most) for most in (*LENGTHS, 0))
    if task.form is Form.ANSWER:
        return ANSWERED, UNANSWERED
    if task.form is Form.WORDS:
        return (*types(labels), NOTHING)
    return tuple(labels) if task.form in (Form.LABEL, Form.CHOICE) else (*labels, NOTHING)


def _length(most: int) -> str:
    return f"up to {most} words" if most else f"over {LENGTHS[-1]} words"
