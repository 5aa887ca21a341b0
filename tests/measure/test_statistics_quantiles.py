"""Intervals of quantiles from order statistics: what they promise holds whatever the distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import quantile_test

from harness.measure.statistics import quantile_interval
from harness.rng import rng


@pytest.mark.parametrize("q", [0.5, 0.9])
@pytest.mark.parametrize("n", [40, 101])
def test_ends_are_those_of_the_binomial_test(q: float, n: int) -> None:
    """SciPy's test of a quantile has the same interval."""
    values = rng("quantiles", n).exponential(size=n)
    own = quantile_interval(values, q, 0.95)
    theirs = quantile_test(values, p=q).confidence_interval(0.95)
    assert (own.low, own.high, own.status) == (theirs.low, theirs.high, "ok")
    assert own.low < own.value < own.high
    assert own.value == pytest.approx(np.quantile(values, q, method="averaged_inverted_cdf"))


@pytest.mark.parametrize(("q", "n"), [(0.5, 20), (0.95, 100), (0.95, 40)])
def test_coverage_is_at_least_nominal(q: float, n: int) -> None:
    """In 2,000 samples of a skewed distribution; no more than a few points above for so coarse a bound."""
    draws, truth = rng("coverage", n).exponential(size=(2000, n)), -math.log(1 - q)
    found = [quantile_interval(one, q, 0.9, (0, 1e9)) for one in draws]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.885 <= held <= 0.98


def test_an_end_that_no_value_bounds_is_that_of_the_range() -> None:
    """The 95 % quantile of 71 values at level 0.95 may lie above all of them; that of 72 does not."""
    values = np.arange(72) / 72
    assert quantile_interval(values, 0.95, 0.95, (0, 1)).high == values[-1]
    short = quantile_interval(values[:71], 0.95, 0.95, (0, 1))
    assert (short.high, short.status) == (1.0, "underpowered")
    open_ended = quantile_interval(values[:71], 0.95, 0.95)
    assert math.isnan(open_ended.high)
    assert (open_ended.status, open_ended.low) == ("not_applicable", short.low)
    assert quantile_interval(np.zeros(0), 0.5, 0.95).status == "not_applicable"


def test_values_that_are_all_the_same_are_surely_the_median() -> None:
    """With six of them the chance that the median lies on one side of all is below 5 %."""
    same = quantile_interval(np.full(6, 9.0), 0.5, 0.95, (1, 9))
    assert (same.value, same.low, same.high, same.status) == (9, 9, 9, "ok")
    assert quantile_interval(np.full(5, 9.0), 0.5, 0.95, (1, 9)).status == "underpowered"
