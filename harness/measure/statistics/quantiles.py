"""Intervals of quantiles that hold whatever the distribution: from order statistics alone."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import binom

from harness.measure.statistics.interval import Floats, Interval


def quantile_interval(
    values: Floats, q: float, level: float, bounds: tuple[float, float] = (-math.inf, math.inf)
) -> Interval:
    """Interval of the q-quantile of what independent values are a sample of.

    How many of n values do not exceed the quantile is binomial, so that the k-th smallest value is a bound
    of it with a known error. Coverage is at least nominal for every distribution; ties make it larger.

    Args:
        values: Shape ``(n,)``, finite.
        q: In (0, 1).
        level: Two-sided coverage.
        bounds: The range of the values, in which an end lies that no value bounds: as of the 95 % quantile
            of fewer than 72 values at level 0.95.

    Returns:
        ``underpowered`` where an end is one of the ``bounds``; where that is infinite too, or there are no
        values, the end is NaN and the interval ``not_applicable``. The value is the middle of the least
        values with at least, and with more than, q of the sample below them.
    """
    method, n = "order-statistics", len(values)
    if not n:
        return Interval(math.nan, math.nan, math.nan, method, "not_applicable")
    ordered = np.sort(values)
    wanted, rounding = q * n, 1e-9
    at, above = math.ceil(wanted - rounding) - 1, math.floor(wanted + rounding)
    value = float(ordered[max(at, 0)] + ordered[min(above, n - 1)]) / 2
    first, last = (int(binom.ppf(tail, n, q)) for tail in ((1 - level) / 2, (1 + level) / 2))
    low = float(ordered[first - 1]) if first else bounds[0]
    high = float(ordered[last]) if last < n else bounds[1]
    status = "ok" if first and last < n else "underpowered"
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = (end if math.isfinite(end) else math.nan for end in (low, high))
        status = "not_applicable"
    return Interval(value, low, high, method, status)
