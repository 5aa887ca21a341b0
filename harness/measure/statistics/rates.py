"""Proportions, and means of values that come in clusters (methods, sections 2.1 and 7.2)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtri

from harness.measure.statistics.interval import Interval
from harness.measure.statistics.resampling import cluster_sums


def wilson(k: int, n: int, level: float = 0.95) -> Interval:
    """Score interval of a proportion ``k / n``, for reporting (section 2.1; Wilson 1927).

    Raises:
        ValueError: If ``k`` does not lie in ``[0, n]``.
    """
    _check_count(k, n)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, "wilson", "not_applicable")
    share, z2 = k / n, float(ndtri((1 + level) / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * share * (1 - share) / n + (z2 / (2 * n)) ** 2) / (1 + z2 / n)
    # exactly 0 and 1 at the ends, where rounding would leave the range
    return Interval(share, centre - half if k else 0.0, centre + half if k < n else 1.0, "wilson")


def clopper_pearson(k: int, n: int, level: float = 0.95) -> Interval:
    """Exact interval of a proportion ``k / n``, for guarantees (section 7.2; Clopper & Pearson 1934).

    Raises:
        ValueError: If ``k`` does not lie in ``[0, n]``.
    """
    _check_count(k, n)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, "clopper-pearson", "not_applicable")
    tail = (1 - level) / 2
    low = float(betaincinv(k, n - k + 1, tail)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return Interval(k / n, low, high, "clopper-pearson")


def _check_count(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"expected 0 <= k <= n, got k={k}, n={n}")


def cluster_se(values: ArrayLike, clusters: ArrayLike) -> float:
    """Standard error of the mean of clustered values (section 2.1); NaN for a single cluster."""
    z = np.asarray(values, dtype=np.float64)
    sums = cluster_sums(z - z.mean(), clusters)
    if sums.size < 2:
        return math.nan
    return math.sqrt(sums.size / (sums.size - 1) * float((sums**2).sum())) / z.size
