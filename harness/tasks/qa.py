"""Extractive question answering: a stretch of the context, or no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise
from harness.prediction import Floats, Prediction, Spans
from harness.tasks.reading import Reading, field
from harness.tasks.scoring.answers import CONTEXT, SCORING
from harness.tasks.task import Form, Task
from harness.text import Example, Span
from harness.text import words as split

QUESTION = "question"
LABELS = ("start", "end")
LONGEST = 30
"""Words that an answer has at most."""
RANKED = 20
"""Candidates that are kept."""
NOTHING = Span(0, 0, "", CONTEXT)


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Extractive question answering: a stretch of the context, or no answer."""
    return LABELS


def validate(example: Example) -> str:
    """A question, a context, and answers in the context; none if there is no answer."""
    if set(example.fields) != {QUESTION, CONTEXT}:
        return f"a question and a context were expected, found {', '.join(example.fields)}"
    if not isinstance(example.target, tuple) or len(example.spans) < len(example.target):
        return f"answers with their places were expected, found {example.target!r}"
    if any(span.field != CONTEXT for span in example.spans):
        return "an answer should lie in the context"
    return ""


def inputs(example: Example) -> list[Reading]:
    """The question, with the context as its pair."""
    return [(field(example, QUESTION), field(example, CONTEXT))]


def gold(example: Example, words: NDArray[np.int32], labels: tuple[str, ...]) -> tuple[int, int] | None:
    """The first and the last word of the first answer; words that it covers in part belong to it."""
    return _covering(words, example.spans[0].start, example.spans[0].end) if example.spans else None


def _covering(words: NDArray[np.int32], start: int, end: int) -> tuple[int, int] | None:
    inside = np.flatnonzero((words[:, 0] < end) & (words[:, 1] > start))
    return (int(inside[0]), int(inside[-1])) if len(inside) else None


def decode(
    example: Example, words: NDArray[np.int32], probabilities: NDArray[np.float32], labels: tuple[str, ...]
) -> Prediction:
    """The most likely answer of at most :data:`LONGEST` words, or none if that is as likely.

    An answer is as likely as its first word is the start times its last word is the end, and so is
    no answer. ``ranked`` holds the best :data:`RANKED`.
    """
    text = example.fields[CONTEXT]
    ranked = tuple(
        (_span(text, int(words[first, 0]), int(words[last, 1])), p) for first, last, p in _best(probabilities)
    )
    silent = float(probabilities[0, 0]) * float(probabilities[0, 1])
    spans = (ranked[0][0],) if ranked and ranked[0][1] > silent else ()
    return Spans(labels, spans, _with_nothing(words), probabilities, ranked)


def _best(probabilities: NDArray[np.float32]) -> list[tuple[int, int, float]]:
    """First word, last word and probability of the best candidates; of equal ones, the first."""
    starts, ends = probabilities[1:].astype(float).T
    first = np.repeat(np.arange(len(starts)), LONGEST)
    last = first + np.tile(np.arange(LONGEST), len(starts))
    first, last = first[last < len(starts)], last[last < len(starts)]
    likely = starts[first] * ends[last]
    if len(likely) > RANKED:  # sorting all of them would take most of the time
        kept = likely >= np.partition(likely, -RANKED)[-RANKED]
        first, last, likely = first[kept], last[kept], likely[kept]
    order = np.lexsort((last, first, -likely))[:RANKED]
    return [(int(first[at]), int(last[at]), float(likely[at])) for at in order]


def _span(text: str, start: int, end: int) -> Span:
    return Span(start, end, text[start:end], CONTEXT)


def _with_nothing(words: NDArray[np.int32]) -> NDArray[np.int32]:
    """The words after the empty one that stands for no answer."""
    return np.concatenate([np.zeros((1, 2), np.int32), words.astype(np.int32).reshape(-1, 2)])


def answer(example: Example, said: Any, labels: tuple[str, ...]) -> Prediction:
    """A callable says a text, or a mapping with ``start`` and ``end``; an empty text or None: no answer.

    A text is looked for in the context, where its first occurrence is meant. One that is not there
    is scored as it is; it has no place.
    """
    span = _said(example, said)
    offsets = np.array(split(example.fields[CONTEXT]), np.int32).reshape(-1, 2)
    place = None if span == NOTHING else _covering(offsets, span.start, span.end)
    rows: Floats = np.zeros((1 + len(offsets), len(labels)), np.float32)
    first, last = (0, 0) if place is None else (1 + place[0], 1 + place[1])
    rows[first, 0] = rows[last, 1] = 1
    found = () if span == NOTHING else (span,)
    return Spans(labels, found, _with_nothing(offsets), rows, tuple((one, 1.0) for one in found))


def _said(example: Example, said: Any) -> Span:
    context = example.fields[CONTEXT]
    if isinstance(said, Mapping) and {"start", "end"} <= said.keys():
        start, end = said["start"], said["end"]
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= len(context)):
            raise BrokenPromise(
                f"the callable's answer [{start}, {end}) lies outside the context of {example.id}"
            )
        return _span(context, start, end) if start < end else NOTHING
    if said is None or said == "":
        return NOTHING
    if not isinstance(said, str):
        raise BrokenPromise(
            f"the callable should say a text, a mapping with start and end, or None; found {said!r} for {example.id}"
        )
    at = context.find(said)
    return _span(context, at, at + len(said)) if at >= 0 else Span(0, 0, said, CONTEXT)


TASK = Task(
    name="qa",
    function=labels,
    form=Form.ANSWER,
    scoring=SCORING,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
    alternatives=True,
)
