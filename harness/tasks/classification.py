"""Text classification: one label for the whole text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise
from harness.prediction import Classes, Prediction
from harness.tasks.reading import Reading, field, turns
from harness.tasks.scoring.classes import SCORING
from harness.tasks.task import Form, Task
from harness.text import Example


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Text classification: one label for the whole text."""
    return tuple(sorted({str(e.target) for e in examples}))


def validate(example: Example) -> str:
    """A target is a label."""
    if isinstance(example.target, str) and example.target:
        return ""
    return f"a label was expected, found {example.target!r}"


def inputs(example: Example) -> list[Reading]:
    """The text, or a text and its pair; of more fields, all but the first make up the pair."""
    first, *rest = example.fields
    if len(rest) < 2:
        return [tuple(field(example, name) for name in example.fields)]
    return [(field(example, first), turns(example, rest))]


def gold(example: Example, words: NDArray[np.int32], labels: tuple[str, ...]) -> int:
    """The id of the gold label."""
    return labels.index(str(example.target))


def decode(
    example: Example, words: NDArray[np.int32], probabilities: NDArray[np.float32], labels: tuple[str, ...]
) -> Prediction:
    """The distribution as it is."""
    return Classes(labels, probabilities)


def answer(example: Example, said: Any, labels: tuple[str, ...]) -> Prediction:
    """A callable says a label, or a mapping of labels to probabilities."""
    given = dict(said) if isinstance(said, Mapping) else {said: 1.0}
    unknown = set(given) - set(labels)
    if unknown:
        raise BrokenPromise(f"the callable said {unknown.pop()!r}; the labels are {', '.join(labels)}")
    row = np.array([float(given.get(label, 0.0)) for label in labels], np.float32)
    if not np.isfinite(row).all() or row.min() < 0 or row.sum() <= 0:
        raise BrokenPromise(f"the callable's probabilities for {example.id} are not a distribution: {said!r}")
    return Classes(labels, row / row.sum())


TASK = Task(
    name="classification",
    function=labels,
    form=Form.LABEL,
    scoring=SCORING,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
)
