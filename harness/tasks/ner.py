"""Named entity recognition: typed spans of characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.tags import from_tags, to_tags
from harness.errors import BrokenPromise
from harness.prediction import Prediction, Spans
from harness.tasks.reading import Reading, field
from harness.tasks.scoring.spans import SCORING
from harness.tasks.task import Form, Task
from harness.text import Example, Span
from harness.text import words as split

IGNORED = -100


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Named entity recognition: typed spans of characters."""
    types = sorted({span.label for e in examples for span in e.spans})
    return ("O", *(f"{part}-{name}" for name in types for part in "BI"))


def validate(example: Example) -> str:
    """A target is a tuple of spans that lie in the text and do not overlap."""
    if isinstance(example.target, tuple):
        return ""
    return f"spans were expected, found {example.target!r}"


def inputs(example: Example) -> list[Reading]:
    """The text."""
    return [(field(example),)]


def gold(example: Example, words: NDArray[np.int32], labels: tuple[str, ...]) -> list[int]:
    """A tag id per word."""
    offsets = [(int(a), int(b)) for a, b in words]
    return [labels.index(tag) if tag in labels else IGNORED for tag in to_tags(offsets, example.spans)]


def decode(
    example: Example, words: NDArray[np.int32], probabilities: NDArray[np.float32], labels: tuple[str, ...]
) -> Prediction:
    """The most probable tag of each word, read leniently: an ``I-`` without its ``B-`` opens a span."""
    tags = [labels[at] for at in probabilities.argmax(-1)] if len(words) else []
    spans = from_tags([(int(a), int(b)) for a, b in words], tags)
    return Spans(labels, tuple(spans), words, probabilities)


def answer(example: Example, said: Any, labels: tuple[str, ...]) -> Prediction:
    """A callable says spans: ``(start, end, label)`` each, or mappings with these keys."""
    spans = []
    for one in said:
        start, end, label = (one["start"], one["end"], one["label"]) if isinstance(one, dict) else one
        if not 0 <= start < end <= len(example.text):
            raise BrokenPromise(f"the callable's span [{start}, {end}) lies outside the text of {example.id}")
        if f"B-{label}" not in labels:
            raise BrokenPromise(f"the callable said the type {label!r}; the tags are {', '.join(labels)}")
        spans.append(Span(int(start), int(end), str(label)))
    offsets = split(example.text)
    tags = to_tags(offsets, spans)
    rows = np.zeros((len(offsets), len(labels)), np.float32)
    rows[np.arange(len(offsets)), [labels.index(tag) for tag in tags]] = 1
    return Spans(labels, tuple(sorted(spans)), np.array(offsets, np.int32).reshape(-1, 2), rows)


TASK = Task(
    name="ner",
    function=labels,
    form=Form.WORDS,
    scoring=SCORING,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
)
