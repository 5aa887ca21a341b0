"""What is lost with the words that matter most, and what is left with them alone: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Shares of the words, as DeYoung et al. 2020 (ERASER) choose them."""
PARTS = 10
"""In so many steps all words are taken away to see when the decision turns."""


def sizes(count: int) -> list[int]:
    """How many of so many words each of :data:`SHARES` is: rounded, and one at least.

    In short texts several shares are the same number of words. All of them count in means, so that
    every text has the same shares.
    """
    return [max(1, round(share * count)) for share in SHARES]


def prefixes(count: int) -> list[int]:
    """The numbers of words after whose removal the decision is looked at: at most :data:`PARTS`, rising."""
    return sorted({max(1, round(part * count / PARTS)) for part in range(1, PARTS + 1)})


def descending(weights: Array) -> list[int]:
    """The words by their attributions, those that speak most for the prediction first; ties in order."""
    return [int(at) for at in np.argsort(-weights, kind="stable")]


def lost(value: float, values: Sequence[float] | Array) -> list[float]:
    """Comprehensiveness, or sufficiency, at each share: the probability that is lost.

    ``f(x) - f(x without the first k)``, or ``f(x) - f(the first k alone)`` (methods, section 6.2). Their
    means over the shares are the two AOPC of ERASER.

    Args:
        value: Probability of what the model said of the whole text.
        values: The same of what is left, for each of :data:`SHARES`.

    Returns:
        In [-1, 1] each.
    """
    return [float(value - one) for one in values]


def turning(taken: Sequence[int], stands: Sequence[float] | Array, count: int) -> float | None:
    """The smallest share of words whose removal, most important first, turns the decision.

    Args:
        taken: Numbers of words taken away, rising.
        stands: For each of them 1 if the model still says what it said, 0 if not, NaN if it does not tell.
        count: The number of words.

    Returns:
        In (0, 1], and 1 too if the decision never turns; None if the model does not tell.
    """
    if np.isnan(stands).any():
        return None
    turned = np.flatnonzero(np.asarray(stands) == 0)
    return taken[int(turned[0])] / count if len(turned) else 1.0
