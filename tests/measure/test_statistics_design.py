"""How to spend questions (methods, section 7.1)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from harness.measure import statistics as st

VALUES = arrays(float, 12, elements=some.floats(-1, 1, allow_subnormal=False))


def test_the_number_of_variants_is_that_of_the_worked_example() -> None:
    """Variances .04 and .09 at equal costs: 1.5."""
    assert st.best_variants(0.04, 0.09) == pytest.approx(1.5)


@given(some.floats(0.01, 1), some.floats(0, 1), some.floats(0.1, 5), some.floats(1, 20))
def test_no_other_number_of_variants_is_surer_at_the_same_price(between, within, cost, other):
    """With so many examples as the price allows, whatever number is tried."""
    best = st.best_variants(between, within, cost)

    def variance(variants):
        # as many examples as a million buys, so that rounding them does not matter
        return st.two_stage_variance(between, within, int(1e6 / (cost + variants)), variants)

    assert variance(best) <= variance(other) * (1 + 1e-4)


@pytest.mark.parametrize("wrong", [(0, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_impossible_variances_are_refused(wrong) -> None:
    """With what was found."""
    with pytest.raises(ValueError, match=f"got {wrong[0]}, {wrong[1]} and {wrong[2]}"):
        st.best_variants(*wrong)


def test_what_is_known_is_taken_off_as_in_the_worked_example() -> None:
    """A slope of .95 brings the variance from .053 to .007875 and leaves the mean alone."""
    y, z = np.array([0.9, 0.6, 0.8, 0.3, 0.7]), np.array([1, 0.7, 0.8, 0.4, 0.6])
    found = st.cuped(y, z)
    assert found == pytest.approx(y - 0.95 * (z - 0.7))
    assert (y.var(ddof=1), found.var(ddof=1)) == (pytest.approx(0.053), pytest.approx(0.007875))
    assert found.mean() == pytest.approx(y.mean())


@given(VALUES, VALUES)
def test_what_is_known_never_makes_values_vary_more(y, z):
    """And the mean stays; the variance falls by the square of the correlation."""
    found = st.cuped(y, z)
    assert found.mean() == pytest.approx(y.mean(), abs=1e-12)
    assert found.var() <= y.var() + 1e-12
    if y.std() > 1e-3 and z.std() > 1e-3:
        assert found.var() == pytest.approx(y.var() * (1 - np.corrcoef(y, z)[0, 1] ** 2), abs=1e-9)


def test_a_constant_foretells_nothing() -> None:
    """The values come back as they are."""
    assert st.cuped([1.0, 2.0, 4.0], [3.0, 3.0, 3.0]).tolist() == [1, 2, 4]
