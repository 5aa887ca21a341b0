"""Many tests at once: p-values adjusted for their number (methods, section 7.6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.measure.statistics.interval import Floats


def holm(p: ArrayLike) -> Floats:
    """p-values adjusted for the chance of any false alarm, in the given order (Holm 1979)."""
    values = _p_values(p)
    order = np.argsort(values)
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    return np.minimum(_reordered(stepped, order), 1.0)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """p-values adjusted for the share of false alarms, in the given order (1995)."""
    return np.minimum(_stepped_up(_p_values(p)), 1.0)


def benjamini_yekutieli(p: ArrayLike) -> Floats:
    """The same as :func:`benjamini_hochberg` however the tests depend on each other (2001)."""
    values = _p_values(p)
    harmonic = float((1 / np.arange(1, values.size + 1)).sum())
    return np.minimum(_stepped_up(values) * harmonic, 1.0)


def _stepped_up(values: Floats) -> Floats:
    order = np.argsort(values)[::-1]
    stepped = np.minimum.accumulate(values[order] * (values.size / np.arange(values.size, 0, -1)))
    return _reordered(stepped, order)


def _p_values(p: ArrayLike) -> Floats:
    values = np.asarray(p, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"expected p-values in [0, 1], got {values.tolist()}")
    return values


def _reordered(adjusted: Floats, order: NDArray[np.intp]) -> Floats:
    result = np.empty_like(adjusted)
    result[order] = adjusted
    return result
