"""Recommendation: which items of a slate a user with this history will click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from harness.prediction import Classes, Prediction
from harness.tasks.candidates import SLOTS, flaw, query, readings, right, slotted, told
from harness.tasks.reading import Reading, field, turns
from harness.tasks.scoring.ranking import RECOMMENDATION
from harness.tasks.task import Form, Task
from harness.text import Example


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Recommendation: which items of a slate a user with this history will click."""
    return SLOTS


def validate(example: Example) -> str:
    """A history, two to ten candidates, and the slots that were clicked, at least one."""
    return flaw(example)


def inputs(example: Example) -> list[Reading]:
    """For each candidate what is known of the user, and the candidate."""
    names = query(example)
    return readings(example, field(example, *names) if len(names) == 1 else turns(example, names))


def gold(example: Example, words: NDArray[np.int32], labels: tuple[str, ...]) -> list[int]:
    """1 for the candidates that were clicked, 0 for the others."""
    return right(example)


def decode(
    example: Example, words: NDArray[np.int32], odds: NDArray[np.float32], labels: tuple[str, ...]
) -> Prediction:
    """The probability of a click for each candidate."""
    return Classes(labels, slotted(expit(odds)), exclusive=False)


def answer(example: Example, said: Any, labels: tuple[str, ...]) -> Prediction:
    """A callable says a slot, or a mapping of slots to probabilities of a click."""
    return Classes(labels, slotted(told(example, said)), exclusive=False)


TASK = Task(
    name="recommendation",
    function=labels,
    form=Form.CHOICE,
    scoring=RECOMMENDATION,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
    exclusive=False,
)
