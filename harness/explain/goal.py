"""What is explained: one output of a model for one example, and how it is followed through edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.prediction import HALF, Classes, Prediction, Spans, Text
from harness.tasks.task import Form, Task
from harness.text import TEXT, Edit, Example, Span, script, words

SMALL = 0.1
"""An edited text is compared only if the probability moves by less (methods, section 6.5)."""
START, END = 0, 1
"""The columns of an answer's distributions."""
NO_ANSWER = "no answer"


class Word(NamedTuple):
    """A feature: a whitespace-separated word, ``[start, end)`` of a field."""

    start: int
    end: int
    field: str = TEXT


@dataclass(frozen=True)
class Goal:
    """One output of a model to explain: a label, an entity, an answer, a candidate, or a text.

    Args:
        example: What the model answered for.
        target: For people, such as ``negative`` or ``PER: Angela Merkel``.
        labels: Label ids: the predicted one; the predicted tag of each word of the entity; the number
            of the candidate; empty for answers and texts.
        places: Where the entity's words lie, or the answer; empty if the label is the whole example's.
        value: In [0, 1]: the probability of the label; the geometric mean of the probabilities of an
            entity's tags, of an answer's start and end, or of a text's tokens.
        span: The entity or the answer; None if there is none.
        fields: The fields that the output may depend on, in order; ``()`` stands for all.
        text: The generated text.
        against: Log-odds that the other candidates have together, if only one can be right; they stay
            what they were for the clean example.
    """

    example: Example
    target: str
    labels: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    value: float
    span: Span | None = None
    fields: tuple[str, ...] = ()
    text: str = ""
    against: float = 0.0

    @property
    def words(self) -> list[Word]:
        """The features: the whitespace-separated words of all fields, in their order."""
        return [
            Word(start, end, name)
            for name in self.fields or self.example.fields
            for start, end in words(self.example.fields[name])
        ]


def choose(task: Task, example: Example, said: Prediction) -> Goal | None:
    """What there is to explain about a prediction.

    That is the label, or the most probable of several; the predicted entity of which the model is
    most confident; the answer, or that there is none; the best candidate; or the text.

    Returns:
        None if there is nothing to explain: no words, no choice of labels, no entity found, or no
        finite probability.
    """
    if not np.isfinite(said.probabilities).all():
        return None
    goal = _chosen(task.form, example, said)
    if goal is None:
        return None
    reading = goal.labels[0] if task.form is Form.CHOICE else None
    goal = replace(goal, fields=read(task, example, reading))
    return goal if goal.words else None


def read(task: Task, example: Example, reading: int | None = None) -> tuple[str, ...]:
    """The fields that a model reads, or those of one of its readings, in the order of the example."""
    readings = list(task.inputs(example))
    shown = readings if reading is None else readings[reading : reading + 1]
    names = {part.field for one in shown for segment in one for part in segment.parts}
    return tuple(name for name in example.fields if name in names)


def _chosen(form: Form, example: Example, said: Prediction) -> Goal | None:
    if isinstance(said, Text):
        known = np.isfinite(said.logprob) and said.tokens
        value = float(said.probabilities[0])
        return Goal(example, said.text, (), (), value, text=said.text) if known else None
    if isinstance(said, Classes):
        return _label(form, example, said)
    if form is Form.ANSWER:
        return _answer(example, said, said.spans[0] if said.spans else None)
    found = [goal for span in said.spans if (goal := _entity(example, said, span)) is not None]
    return max(found, key=lambda goal: goal.value, default=None)


def _label(form: Form, example: Example, said: Classes) -> Goal | None:
    if len(said.labels) < 2 and said.exclusive:
        return None
    label = int(said.probabilities.argmax())
    name = f"candidate {said.label}" if form is Form.CHOICE else said.label
    return Goal(example, name, (label,), (), float(said.probabilities[label]))


def _answer(example: Example, said: Spans, span: Span | None) -> Goal | None:
    if span is None:
        goal = Goal(example, NO_ANSWER, (), (), 0.0)
    else:
        goal = Goal(example, span.label, (), ((span.start, span.end),), 0.0, span)
    return replace(goal, value=value(goal, said))


def _entity(example: Example, said: Spans, span: Span) -> Goal | None:
    inside = touching(said, span.start, span.end)
    if not inside.any():
        return None
    labels = said.probabilities[inside].argmax(-1)
    places = tuple((int(a), int(b)) for a, b in said.words[inside])
    target = f"{span.label}: {example.fields[span.field][span.start : span.end]}"
    goal = Goal(example, target, tuple(int(label) for label in labels), places, 0.0, span)
    return replace(goal, value=value(goal, said))


def follow(
    task: Task, goal: Goal, example: Example, said: Prediction, carried: Span | None, now: float | None = None
) -> Goal | None:
    """The same output for an edited text, if the edit has hardly changed it.

    Args:
        task: What the model answers.
        goal: The output for the text before the edit.
        example: The text after it.
        said: What the model says then.
        carried: Where the goal's entity or answer lies then, or None if it has none.
        now: The output's value then, where the prediction does not tell.

    Returns:
        None if the label changed, the entity or answer is no longer found at its place, or the
        probability moved by :data:`SMALL` or more. A text is followed by how likely it is then.
    """
    if isinstance(said, Text):
        found: Goal | None = replace(goal, example=example)
    elif isinstance(said, Classes):
        found = choose(task, example, said)
    elif task.form is Form.ANSWER:
        found = _same_answer(example, said, goal, carried)
    else:
        found = _entity(example, said, carried) if carried is not None and carried in said.spans else None
    if found is None:
        return None
    found = replace(found, value=found.value if now is None else now, fields=goal.fields)
    if abs(found.value - goal.value) >= SMALL:
        return None
    return found if goal.span is not None or found.labels == goal.labels else None


def _same_answer(example: Example, said: Spans, goal: Goal, carried: Span | None) -> Goal | None:
    """The answer where the edit carried it, or that there still is none; its wording may have changed."""
    if goal.span is None:
        return _answer(example, said, None) if not said.spans else None
    there = [span for span in said.spans if carried is not None and _bounds(span) == _bounds(carried)]
    return _answer(example, said, there[0]) if there else None


def _bounds(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.field


def value(goal: Goal, said: Prediction, edits: Sequence[Edit] = ()) -> float:
    """Probability of the goal in a prediction for the goal's example after edits, in [0, 1].

    For an entity it is the geometric mean of the probabilities of its tags at its words' places, for
    an answer that of its start and its end, for a text that of its tokens: ``exp`` of their mean
    logarithm (methods, section 6). A word that the model no longer sees makes it 0.

    Args:
        goal: What is explained.
        said: For texts, with the goal's text as the reference.
        edits: What was done to the example before it was asked for.
    """
    if isinstance(said, Text):
        return float(said.probabilities[1])
    if isinstance(said, Classes):
        return float(said.probabilities[goal.labels[0]])
    if not goal.labels:
        return _answered(goal, said, edits)
    logs = []
    for (start, end), label in zip(goal.places, goal.labels, strict=True):
        tags = said.probabilities[touching(said, *_placed(goal, start, end, edits)), label].astype(float)
        logs.append(np.log(tags).mean() if tags.all() and tags.size else -np.inf)
    return float(np.exp(np.mean(logs)))


def stands(task: Task, goal: Goal, said: Prediction, edits: Sequence[Edit] = ()) -> bool | None:
    """Whether a prediction for the goal's example after edits still says what the goal says.

    That is the same label or candidate; of several labels that it is still given, or still not; an entity
    of the same kind, or an answer, where it was; or still no answer.

    Returns:
        None for texts, which are not written anew.
    """
    if isinstance(said, Text):
        return None
    if isinstance(said, Classes):
        label = goal.labels[0]
        if task.form is Form.LABELS:
            return bool(said.probabilities[label] > HALF) == (goal.value > HALF)
        return int(said.probabilities.argmax()) == label
    if goal.span is None:
        return not said.spans
    there = place(Word(goal.span.start, goal.span.end, goal.span.field), edits)
    return any(
        _bounds(span) == there and (task.form is Form.ANSWER or span.label == goal.span.label)
        for span in said.spans
    )


def _answered(goal: Goal, said: Spans, edits: Sequence[Edit]) -> float:
    """Of the first row if there is no answer, else of the first and the last word of the answer."""
    rows = np.zeros(1, int)
    if goal.span is not None:
        rows = np.flatnonzero(touching(said, *_placed(goal, goal.span.start, goal.span.end, edits)))
    if not len(rows):
        return 0.0
    both = float(said.probabilities[rows[0], START]) * float(said.probabilities[rows[-1], END])
    return float(np.sqrt(both))


def _placed(goal: Goal, start: int, end: int, edits: Sequence[Edit]) -> tuple[int, int]:
    name = goal.span.field if goal.span is not None else TEXT
    return place(Word(start, end, name), edits)[:2]


def touching(said: Spans, start: int, end: int) -> NDArray[np.bool_]:
    """Which of the words that the model saw share a character with ``[start, end)``."""
    touching: NDArray[np.bool_] = (said.words[:, 0] < end) & (said.words[:, 1] > start)
    return touching


def place(word: Word, edits: Sequence[Edit]) -> Word:
    """Where a stretch lies after edits; one that reaches over its bounds widens it.

    Unlike :func:`harness.text.carry` it never refuses: what replaces a stretch takes its place. A
    stretch that was deleted has no length there.
    """
    left, right = word.start, word.end
    for one in script(e for e in edits if e.field == word.field):
        delta = len(one.text) - (one.end - one.start)
        if one.end <= word.start and one.start < word.end:
            left, right = left + delta, right + delta
        elif one.start < word.end:
            left -= max(0, word.start - one.start)
            right += max(0, one.end - word.end) + delta
    return Word(left, right, word.field)
