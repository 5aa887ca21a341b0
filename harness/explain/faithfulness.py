"""Whether an order of features is the order in which they matter to the model: pure functions.

A feature set is a bit mask: bit ``j`` stands for feature ``j``. ``values`` holds the model's
probability for every set *taken away*, shape ``(2**m,)``: ``values[0]`` is that of the whole text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NOTHING = 0.02
"""Below this distance of the best and the worst order there is nothing to explain."""
MOST = 10
"""Features for which all ``2**m`` sets are still asked for."""


def faithfulness(values: Array, weights: Array) -> float | None:
    """Normalised faithfulness of attributions.

    ``(AOPC(descending) - AOPC(ascending)) / (AOPC_max - AOPC_min)`` with the exact limits over all
    orders (methods, section 6.3; the normalisation is that of Edin et al. 2025).

    Args:
        values: Shape ``(2**m,)``, see the module; 0 < m <= 10.
        weights: Shape ``(m,)``: attributions of the features; ties keep the features' order.

    Returns:
        In [-1, 1]: 1 for the best order there is, 0 in the mean over all orders, and with the sign
        reversed for the reversed order. None if the limits differ by less than :data:`NOTHING`.
    """
    low, high = limits(values)
    if high - low < NOTHING:
        return None
    order = np.argsort(-weights, kind="stable")
    return float((aopc(values, order) - aopc(values, order[::-1])) / (high - low))


def aopc(values: Array, order: Sequence[int] | NDArray[np.int64]) -> float:
    """Mean loss of probability while features are taken away in this order (section 6.3)."""
    gone = np.cumsum(1 << np.asarray(order, np.int64))
    return float(np.mean(values[0] - values[gone]))


def limits(values: Array) -> tuple[float, float]:
    """The least and the greatest :func:`aopc` of all orders, by dynamic programming over sets.

    ``best(S) = loss(S) + max over j in S of best(S without j)``, and likewise the least.

    Raises:
        ValueError: If there are not ``2**m`` values for some m from 1 to :data:`MOST`.
    """
    features = len(values).bit_length() - 1
    if not 0 < features <= MOST or len(values) != 1 << features:
        raise ValueError(f"2**m values are needed for m from 1 to {MOST} features, found {len(values)}")
    sets, bits = np.arange(len(values)), 1 << np.arange(features)
    member = (sets[:, None] & bits) > 0
    size = member.sum(1)
    least, most = values[0] - values, values[0] - values
    for count in range(1, features + 1):
        layer = sets[size == count]
        before = layer[:, None] ^ bits  # for members: the set without that feature
        least[layer] += np.where(member[layer], least[before], np.inf).min(1)
        most[layer] += np.where(member[layer], most[before], -np.inf).max(1)
    return float(least[-1]) / features, float(most[-1]) / features


def chunks(count: int, segments: int) -> list[range]:
    """At most ``segments`` contiguous groups of ``count`` words, of sizes as equal as can be."""
    bounds = np.linspace(0, count, min(count, segments) + 1).round().astype(int)
    return [range(a, b) for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]


def removals(count: int, segments: int) -> list[list[int]]:
    """The words taken away for each feature set, where features are :func:`chunks` of words."""
    groups = chunks(count, segments)
    return [
        [word for bit, group in enumerate(groups) if chosen >> bit & 1 for word in group]
        for chosen in range(1 << len(groups))
    ]
