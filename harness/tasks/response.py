"""Response ranking: which of several replies continues the dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from harness.errors import BrokenPromise
from harness.prediction import Classes, Prediction
from harness.tasks.candidates import SLOTS, flaw, query, readings, right, slotted, told
from harness.tasks.reading import Reading, turns
from harness.tasks.scoring.ranking import RESPONSE
from harness.tasks.task import Form, Task
from harness.text import Example


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Response ranking: which of several replies continues the dialogue."""
    return SLOTS


def validate(example: Example) -> str:
    """Turns, two to ten candidates, and the one slot that is right."""
    found = flaw(example)
    if not found and len(example.references) > 1:
        return f"one reply should be right, found {len(example.references)}"
    return found


def inputs(example: Example) -> list[Reading]:
    """For each candidate the turns, each after its speaker, and the candidate."""
    return readings(example, turns(example, query(example)))


def gold(example: Example, words: NDArray[np.int32], labels: tuple[str, ...]) -> list[int]:
    """1 for the candidate that is right, 0 for the others."""
    return right(example)


def decode(
    example: Example, words: NDArray[np.int32], odds: NDArray[np.float32], labels: tuple[str, ...]
) -> Prediction:
    """A distribution over the candidates: the softmax of their log-odds."""
    return Classes(labels, slotted(softmax(odds)))


def answer(example: Example, said: Any, labels: tuple[str, ...]) -> Prediction:
    """A callable says a slot, or a mapping of slots to probabilities."""
    row = told(example, said)
    if row.sum() <= 0:
        raise BrokenPromise(f"the callable prefers no candidate of {example.id}: {said!r}")
    return Classes(labels, slotted(row / row.sum()))


TASK = Task(
    name="response",
    function=labels,
    form=Form.CHOICE,
    scoring=RESPONSE,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
)
