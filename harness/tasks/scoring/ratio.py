"""Ratios of sums, as all scores are."""

from __future__ import annotations

import numpy as np

from harness.tasks.task import Array


def ratio(part: Array, whole: Array) -> Array:
    """``part / whole``, element by element; 0 where there is nothing to take a part of."""
    found: Array = np.divide(part, whole, out=np.zeros(np.shape(whole)), where=whole > 0)
    return found
