"""Whether attributions foretell what taking words away does, and how far noise moves them.

Pure functions, after Yeh et al. 2019 (methods, section 6.4).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Infidelity(NamedTuple):
    """Mean squared error of what attributions foretell.

    Args:
        raw: In squared units of the output, at least 0: as the attributions are.
        scale: What they have to be multiplied by to foretell best, at least 0.
        scaled: The error that is left then; at most ``change``.
        change: Mean square of the changes themselves: the error of foretelling that nothing happens.
    """

    raw: float
    scale: float
    scaled: float
    change: float


def infidelity(weights: Array, removed: Array, change: Array) -> Infidelity:
    """How far the sum of the attributions of what was taken away is from what its removal did.

    ``E[(d·phi - (f(x) - f(x - d)))²]``, with ``phi`` as it is, and multiplied by
    ``beta = E[d·phi (f(x) - f(x - d))] / E[(d·phi)²]``. As attributions of the opposite sign foretell
    nothing, beta is cut at 0.

    Args:
        weights: Shape ``(features,)``: ``phi``, input included ("multiply by inputs").
        removed: Shape ``(removals, features)``: 1 where a feature was taken away.
        change: Shape ``(removals,)``: how much the output fell.
    """
    foretold = removed @ weights
    square = float(np.mean(foretold**2))
    scale = max(0.0, float(np.mean(foretold * change)) / square) if square > 0 else 0.0
    return Infidelity(
        raw=float(np.mean((foretold - change) ** 2)),
        scale=scale,
        scaled=float(np.mean((scale * foretold - change) ** 2)),
        change=float(np.mean(change**2)),
    )


def all_removals(features: int) -> Array:
    """All sets of features that can be taken away, without the empty one: shape ``(2**m - 1, m)``.

    In the order in which :mod:`harness.explain.faithfulness` numbers sets.
    """
    sets = np.arange(1, 1 << features)
    found: Array = (sets[:, None] >> np.arange(features) & 1).astype(float)
    return found


def moved(before: Array, after: Array) -> float:
    """``||phi' - phi|| / ||phi||``: what max-sensitivity is the maximum of; 0 if both are all zeros."""
    size, change = float(np.linalg.norm(before)), float(np.linalg.norm(after - before))
    if size == 0:
        return 0.0 if change == 0 else float("inf")
    return change / size
