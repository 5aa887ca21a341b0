"""An estimate between its bounds, and what all other modules here say with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""Maps column sums ``(..., p)`` to scores ``(...)``; may return NaN where a score is undefined."""

FEW = 10
"""Below so many examples or clusters, quantiles of a bootstrap are not to be trusted."""
MINIMUM_RUNS = 3
"""Below so many runs, statements about a training recipe are underpowered."""
ROUNDING = 1e-12
"""Relative difference below which two sums of the same numbers count as equal."""

UNDEFINED = ("degenerate", "not_applicable")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between its bounds.

    Args:
        value: The estimate.
        low: The lower bound, at most ``high``.
        high: The upper bound.
        method: How the bounds came about; not always the method asked for.
        status: ``ok``; ``underpowered`` (too few units or runs); ``unreliable`` (the score was
            undefined in some resamples); ``degenerate`` (no variation to measure); or
            ``not_applicable``. Only the last two admit numbers that are not finite.

    Raises:
        ValueError: If the bounds are crossed or, without such a status, not finite.
    """

    value: float
    low: float
    high: float
    method: str
    status: str = "ok"

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"crossed bounds: {self}")
        if self.status not in UNDEFINED and not all(map(math.isfinite, (self.value, self.low, self.high))):
            raise ValueError(f"not finite, but {self.status}: {self}")


def by_t(value: float, variance: float, df: float, level: float, method: str, status: str = "ok") -> Interval:
    """``value`` plus and minus a quantile of Student's t times the standard error."""
    if variance == 0:
        return Interval(value, value, value, method, "degenerate")
    half = float(stdtrit(df, (1 + level) / 2)) * math.sqrt(variance)
    return Interval(value, value - half, value + half, method, status)


def strength(runs: int) -> str:
    """The status of a statement about a training recipe that rests on so many runs."""
    return "ok" if runs >= MINIMUM_RUNS else "underpowered"


def divided(top: Floats, bottom: Floats) -> Floats:
    """The quotient; NaN where ``bottom`` is 0."""
    return np.where(bottom == 0, np.nan, top / np.where(bottom == 0, 1.0, bottom))


def ratio(sums: Floats) -> Floats:
    """The first of two column sums over the second: the statistic of means and rates; NaN for 0/0."""
    return divided(sums[..., 0], sums[..., 1])


def jackknife_variance(values: Floats) -> float:
    """Variance of a statistic, from its values with each unit left out, ``(units,)`` (Tukey 1958)."""
    return float((values.size - 1) * values.var())
