"""On how few words attributions rest: pure functions (methods, section 6.8)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST = 0.8
"""The share of all attribution that decisive words carry together."""


def gini(weights: Array) -> float | None:
    """Gini coefficient of the absolute attributions.

    Args:
        weights: Shape ``(words,)``.

    Returns:
        In [0, 1): 0 if all words count alike, nearly 1 if one alone counts; None if none does.
    """
    sizes = np.sort(np.abs(weights))
    n, total = len(sizes), float(sizes.sum())
    if total == 0:
        return None
    return float((2 * np.arange(1, n + 1) - n - 1) @ sizes / (n * total))


def decisive(weights: Array) -> int | None:
    """The least number of words that carry :data:`MOST` of the absolute attributions; None if there are none."""
    sizes = np.sort(np.abs(weights))[::-1]
    total = float(sizes.sum())
    if total == 0:
        return None
    reached = np.cumsum(sizes) >= MOST * total * (1 - 1e-12)  # so that rounding asks for no further word
    return int(np.argmax(reached)) + 1
