"""What a function can come to at most when its input changes within bounds (methods, section 2.11 d).

Intervals go through a network layer by layer (Gowal et al. 2018): sound for any network whose layers are affine
or rising, and the wider the more of them there are, so that for a network of many layers they say nothing.
Where a sum over words and pairs of neighbours decides, the worst case is found exactly instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Box(NamedTuple):
    """All points between two corners, each of shape ``(size,)``."""

    low: Array
    high: Array


def affine(box: Box, weights: Array, bias: Array | float = 0.0) -> Box:
    """Where ``weights @ x + bias`` lies for the points of a box: the smallest box around it.

    The centre is mapped as a point, the radius by the absolute weights.

    Args:
        box: Of shape ``(size,)``.
        weights: Shape ``(outputs, size)``.
        bias: Shape ``(outputs,)``.
    """
    centre, radius = (box.high + box.low) / 2, (box.high - box.low) / 2
    moved, spread = weights @ centre + bias, np.abs(weights) @ radius
    return Box(moved - spread, moved + spread)


def rising(box: Box, function: Callable[[Array], Array]) -> Box:
    """The same for a function of each number by itself that never falls, such as ReLU: corners go to corners."""
    return Box(function(box.low), function(box.high))


def worst(alone: Sequence[Array], joined: Sequence[Array]) -> Array:
    """How small sums over the words of a text can be made by replacing some of them.

    Exact, by dynamic programming over the words from left to right.

    Args:
        alone: Of each word, one at least, what each of its options adds: shape ``(options, sums)``. The first
            is the word itself; each other one is a replacement.
        joined: Of each word but the last, what an option adds together with one of the next word: shape
            ``(options, options of the next, sums)``.

    Returns:
        Shape ``(1 + n, sums)`` for ``n`` words that have replacements: the least by how many of them are
        replaced at most.
    """
    most = sum(len(one) > 1 for one in alone)
    best = _paid(np.repeat(alone[0][np.newaxis], 1 + most, axis=0))
    for own, pairs in zip(alone[1:], joined, strict=True):
        best = _paid((best[:, :, np.newaxis] + pairs).min(axis=1) + own)
    found: Array = best.min(axis=1)
    return found


def _paid(least: Array) -> Array:
    """The least sums by how many words are replaced at most, the last one of them included.

    Args:
        least: Shape ``(1 + n, options, sums)``, by how many words before the last are replaced at most.
    """
    found = np.full_like(least, np.inf)
    found[:, 0] = least[:, 0]
    found[1:, 1:] = least[:-1, 1:]
    return found
