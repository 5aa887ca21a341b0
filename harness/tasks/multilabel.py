"""Multi-label classification: any number of labels for a text, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise
from harness.prediction import Classes, Prediction
from harness.tasks.classification import inputs
from harness.tasks.scoring.labels import SCORING
from harness.tasks.task import Form, Task
from harness.text import Example


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Multi-label classification: any number of labels for a text, or none."""
    return tuple(sorted({label for e in examples for label in e.references}))


def validate(example: Example) -> str:
    """A target is a tuple of labels, each of them once; it may be empty."""
    target = example.target
    if not isinstance(target, tuple) or example.spans:
        return f"labels were expected, found {target!r}"
    if len(set(target)) < len(target):
        return f"a label is there twice: {target!r}"
    return ""


def gold(example: Example, words: NDArray[np.int32], labels: tuple[str, ...]) -> list[int]:
    """1 for each label that is right, 0 for the others."""
    return [int(label in example.references) for label in labels]


def decode(
    example: Example, words: NDArray[np.int32], probabilities: NDArray[np.float32], labels: tuple[str, ...]
) -> Prediction:
    """The probabilities as they are."""
    return Classes(labels, probabilities, exclusive=False)


def answer(example: Example, said: Any, labels: tuple[str, ...]) -> Prediction:
    """A callable says the labels that it gives, or a mapping of labels to probabilities."""
    if not isinstance(said, Mapping) and (isinstance(said, str) or not hasattr(said, "__iter__")):
        raise BrokenPromise(f"the callable's answer for {example.id} should be a list of labels: {said!r}")
    given = dict(said) if isinstance(said, Mapping) else dict.fromkeys(said, 1.0)
    unknown = set(given) - set(labels)
    if unknown:
        raise BrokenPromise(f"the callable said {unknown.pop()!r}; the labels are {', '.join(labels)}")
    row = np.array([float(given.get(label, 0.0)) for label in labels], np.float32)
    if not ((row >= 0) & (row <= 1)).all():
        raise BrokenPromise(f"the callable's probabilities for {example.id} are not in [0, 1]: {said!r}")
    return Classes(labels, row, exclusive=False)


TASK = Task(
    name="multilabel",
    function=labels,
    form=Form.LABELS,
    scoring=SCORING,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
)
