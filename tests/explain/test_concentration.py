"""On how few words attributions rest (methods, section 6.8)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.explain.concentration import decisive, gini

WEIGHTS = st.lists(
    st.one_of(st.just(0.0), st.floats(0.001, 1), st.floats(-1, -0.001)), min_size=1, max_size=20
).map(np.array)


def test_the_worked_example_to_the_last_digit():
    """.5, .3, .1, .05, with any signs: the first two words carry 84 %."""
    weights = np.array([0.1, -0.5, 0.05, 0.3])
    assert gini(weights) == pytest.approx(0.4078947, abs=5e-8)
    assert decisive(weights) == 2


def test_equal_words_have_no_concentration_and_a_single_one_has_all_of_it():
    """0 if flat; (n - 1) / n if one of n words has everything."""
    assert gini(np.ones(5)) == pytest.approx(0)
    assert decisive(np.ones(5)) == 4
    assert gini(np.eye(5)[2]) == pytest.approx(0.8)
    assert decisive(np.eye(5)[2]) == 1


def test_no_attribution_at_all_is_not_concentrated_on_anything():
    """There is no number."""
    assert gini(np.zeros(3)) is decisive(np.zeros(3)) is None


@given(WEIGHTS, st.floats(0.1, 10))
def test_units_signs_and_order_do_not_matter(weights, factor):
    """And both stay in their ranges."""
    other = -factor * weights[::-1]
    if not weights.any():
        return
    assert gini(other) == pytest.approx(gini(weights), abs=1e-9)
    assert -1e-12 <= gini(weights) < 1
    assert 1 <= decisive(weights) <= len(weights)
    strongest = np.sort(np.abs(weights))[::-1]
    assert strongest[: decisive(weights)].sum() >= 0.8 * strongest.sum() - 1e-9
