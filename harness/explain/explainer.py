"""The record of an explainer, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.catalog import Extension


@dataclass(frozen=True)
class Attribution:
    """How much each word of a goal's text speaks for the goal.

    Args:
        weights: Shape ``(words,)``: signed, finite, in the method's own units.
        completeness: Relative error of the weights' sum, at least 0; None where undefined.
        note: What it takes to read the weights, such as the baseline.
    """

    weights: NDArray[np.float64]
    completeness: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Explainer(Extension):
    """``function(model, task, goals, **options)`` returns an :class:`Attribution` for each goal.

    Goals (:class:`harness.explain.goal.Goal`) hold the texts. The features are ``goal.words``, the
    whitespace-separated words: parts of words are summed, special tokens do not count.

    Args:
        gradients: Whether the model has to be a differentiable network.
    """

    kind: ClassVar[str] = "explainer"
    gradients: bool = False


def explainer(
    name: str, *, gradients: bool = False, version: int = 1
) -> Callable[[Callable[..., Sequence[Attribution]]], Explainer]:
    """Turn a function into an :class:`Explainer`."""

    def record(function: Callable[..., Sequence[Attribution]]) -> Explainer:
        return Explainer(name=name, function=function, gradients=gradients, version=version)

    return record
