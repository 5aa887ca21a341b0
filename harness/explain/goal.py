"""What is explained: one output of a model for one text, and how it is followed through edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.inference import predict
from harness.models.model import Model
from harness.prediction import Classes, Prediction, Spans
from harness.text import TEXT, Edit, Example, Span, apply, script, words

PLACEHOLDER = "…"
"""Stands for a word that was taken away, for models without a mask token."""
SMALL = 0.1
"""An edited text is compared only if the probability moves by less (methods, section 6.5)."""


@dataclass(frozen=True)
class Goal:
    """One output of a model to explain: the predicted label, or one predicted entity.

    Args:
        example: The text that the model answered for.
        target: For people, such as ``negative`` or ``PER: Angela Merkel``.
        labels: Label ids: the predicted one, or the predicted tag of each word of the entity.
        places: Where these words lie, ``(start, end)``; empty if the label is the whole text's.
        value: Probability of the label, or geometric mean of the tags' probabilities, in [0, 1].
        span: The entity; None for labels of whole texts.
    """

    example: Example
    target: str
    labels: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    value: float
    span: Span | None = None

    @property
    def words(self) -> list[tuple[int, int]]:
        """The features: offsets of the whitespace-separated words."""
        return words(self.example.text)


def choose(example: Example, said: Prediction) -> Goal | None:
    """The predicted label, or the predicted entity of which the model is most confident.

    Returns:
        None if there is nothing to explain: no words, no choice of labels, no entity found, or no
        finite probability.
    """
    if not words(example.text) or len(said.labels) < 2 or not np.isfinite(said.probabilities).all():
        return None
    if isinstance(said, Classes):
        label = int(said.probabilities.argmax())
        return Goal(example, said.label, (label,), (), float(said.probabilities[label]))
    if not isinstance(said, Spans):
        return None
    found = [goal for span in said.spans if (goal := _entity(example, said, span)) is not None]
    return max(found, key=lambda goal: goal.value, default=None)


def _entity(example: Example, said: Spans, span: Span) -> Goal | None:
    inside = _touching(said, span.start, span.end)
    if not inside.any():
        return None
    labels = said.probabilities[inside].argmax(-1)
    places = tuple((int(a), int(b)) for a, b in said.words[inside])
    target = f"{span.label}: {example.text[span.start : span.end]}"
    goal = Goal(example, target, tuple(int(label) for label in labels), places, 0.0, span)
    return replace(goal, value=value(goal, said))


def follow(goal: Goal, example: Example, said: Prediction, carried: Span | None) -> Goal | None:
    """The same output for an edited text, if the edit has hardly changed it.

    Args:
        goal: The output for the text before the edit.
        example: The text after it.
        said: What the model says then.
        carried: Where the goal's entity lies then, or None if it has none.

    Returns:
        None if the label changed, the entity is no longer found at its place, or the probability
        moved by :data:`SMALL` or more.
    """
    found = None
    if isinstance(said, Classes):
        found = choose(example, said)
    elif isinstance(said, Spans) and carried is not None and carried in said.spans:
        found = _entity(example, said, carried)
    if found is None or abs(found.value - goal.value) >= SMALL:
        return None
    return found if goal.span is not None or found.labels == goal.labels else None


def value(goal: Goal, said: Prediction, edits: Sequence[Edit] = ()) -> float:
    """Probability of the goal in a prediction for the goal's text after edits, in [0, 1].

    For an entity it is the geometric mean of the probabilities of its tags at its words' places:
    ``exp`` of their mean logarithm (methods, section 6). A word that the model no longer sees makes
    it 0.
    """
    if isinstance(said, Classes):
        return float(said.probabilities[goal.labels[0]])
    assert isinstance(said, Spans)
    logs = []
    for (start, end), label in zip(goal.places, goal.labels, strict=True):
        tags = said.probabilities[_touching(said, *place(start, end, edits)), label].astype(float)
        logs.append(np.log(tags).mean() if tags.all() and tags.size else -np.inf)
    return float(np.exp(np.mean(logs)))


def _touching(said: Spans, start: int, end: int) -> NDArray[np.bool_]:
    """Which of the words that the model saw share a character with ``[start, end)``."""
    touching: NDArray[np.bool_] = (said.words[:, 0] < end) & (said.words[:, 1] > start)
    return touching


def place(start: int, end: int, edits: Sequence[Edit]) -> tuple[int, int]:
    """Where ``[start, end)`` lies after edits; one that reaches over its bounds widens it.

    Unlike :func:`harness.text.carry` it never refuses: what replaces a stretch takes its place. A
    stretch that was deleted has no length there.
    """
    left, right = start, end
    for one in script(e for e in edits if e.field == TEXT):
        delta = len(one.text) - (one.end - one.start)
        if one.end <= start and one.start < end:
            left, right = left + delta, right + delta
        elif one.start < end:
            left -= max(0, start - one.start)
            right += max(0, one.end - end) + delta
    return left, right


# -- taking words away ---------------------------------------------------------------------------


def blank(model: Model) -> str:
    """What a word is replaced by to take it away: the tokenizer's mask, or :data:`PLACEHOLDER`."""
    from harness.models.transformer import Transformer

    mask = model.tokenizer.mask_token if isinstance(model, Transformer) else None
    return str(mask) if mask else PLACEHOLDER


def values_without(
    model: Model, asked: Sequence[tuple[Goal, Sequence[tuple[int, int]]]]
) -> NDArray[np.float64]:
    """The values of goals with some words of their texts taken away, in one call of the model.

    The words are replaced by :func:`blank`, so that all others stay where they were in the order.

    Args:
        model: The model.
        asked: Goals, each with the offsets of the words to take away.

    Returns:
        Shape ``(len(asked),)``, in [0, 1].
    """
    empty = blank(model)
    scripts = [[Edit(start, end, empty) for start, end in gone] for _, gone in asked]
    texts = [apply(goal.example.text, edits) for (goal, _), edits in zip(asked, scripts, strict=True)]
    said = predict(
        model,
        [
            replace(goal.example, fields={**goal.example.fields, TEXT: text})
            for (goal, _), text in zip(asked, texts, strict=True)
        ],
    )
    return np.array([value(goal, p, edits) for (goal, _), p, edits in zip(asked, said, scripts, strict=True)])
