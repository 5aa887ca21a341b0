"""What chosen options add to a score: shares of variance that noise does not inflate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from harness.measure import statistics as st
from harness.rng import rng

GRID = {"rate": ["low", "low", "high", "high"], "freeze": ["none", "head", "none", "head"]}
BY_HAND = np.array([(0.80, 0.84), (0.70, 0.74), (0.90, 0.88), (0.78, 0.84)])
"""Two options x two runs."""


def test_a_full_grid_is_the_analysis_of_variance_by_hand() -> None:
    """Sums of squares: rate .0128, freeze .0162, run .0018, rest .0020 with 4 degrees of freedom."""
    rate, freeze = st.main_effects(BY_HAND, GRID).values()
    assert (rate.f, freeze.f) == pytest.approx((0.0128 / 0.0005, 0.0162 / 0.0005))
    assert rate.p == pytest.approx(0.0072, abs=5e-5)
    error = 0.0005
    total = 0.0128 + 0.0162 + 0.0018 + 0.0020
    assert rate.share.value == pytest.approx((0.0128 - error) / (total + error))
    assert freeze.share.value == pytest.approx((0.0162 - error) / (total + error))


def test_one_change_at_a_time_is_enough() -> None:
    """Each is told from the others; what the worst of them does is most of the variance."""
    scores = np.array([0.90, 0.89, 0.70, 0.50])[:, np.newaxis] + rng("one").normal(0, 0.005, (4, 3))
    levels = {"rate": [0, 1, 0, 0], "decay": [0, 0, 1, 0], "freeze": [0, 0, 0, 1]}
    found = st.main_effects(scores, levels)
    assert found["rate"].share.value < 0.01 < found["decay"].share.value < found["freeze"].share.value


def test_what_never_varies_alone_has_no_share_and_still_counts_in_the_whole() -> None:
    """Two options that always change together cannot be told apart, but what they do is there."""
    scores = np.array([0.9, 0.88, 0.5])[:, np.newaxis] + rng("alone").normal(0, 0.005, (3, 3))
    found = st.main_effects(scores, {"rate": [0, 1, 0], "freeze": [0, 0, 1], "head": [0, 0, 1]})
    assert list(found) == ["rate"]
    assert found["rate"].share.value < 0.02


@pytest.mark.parametrize("scores", [np.full((4, 3), 0.8), BY_HAND[:, :1], np.tile(BY_HAND[:, :1], 3)])
def test_without_noise_to_judge_by_there_is_nothing(scores) -> None:
    """All alike; or one run of each setting would leave one degree of freedom, and equal runs none of noise."""
    found = st.main_effects(scores, {**GRID, "both": ["a", "b", "b", "c"]})
    assert found == {}


@given(some.integers(0, 10_000), some.floats(-1, 1), some.floats(0.01, 10))
def test_shares_do_not_depend_on_the_scale_and_lie_in_their_intervals(trial, shift, scale) -> None:
    """Nor on a seed that is better with every setting, as far as it is no share of its own."""
    scores = rng("scale", trial).normal(size=(4, 3))
    plain, other = (st.main_effects(one, GRID) for one in (scores, scale * scores + shift))
    for name, one in plain.items():
        assert 0 <= one.share.low <= one.share.value <= one.share.high <= 1
        assert other[name].share.value == pytest.approx(one.share.value, abs=1e-9)
        assert other[name].p == pytest.approx(one.p, abs=1e-9)


def test_intervals_hold_and_noise_makes_no_share() -> None:
    """400 grids of 2 x 2 settings and 5 runs: the true share is covered; eta squared would be far above it."""
    covered, values, nothing = [], [], []
    true = 0.01**2 / (0.01**2 + 0.02**2)
    for trial in range(400):
        noise = rng("effects", trial).normal(0, 0.02, (4, 5))
        found = st.main_effects(noise + np.array([0, 0, 0.02, 0.02])[:, np.newaxis], GRID)
        covered.append(found["rate"].share.low <= true <= found["rate"].share.high)
        values.append(found["rate"].share.value)
        nothing.append(found["freeze"].p < 0.05)
    assert 0.92 <= np.mean(covered) <= 0.99
    assert np.mean(values) == pytest.approx(true, abs=0.03)
    assert 0.02 <= np.mean(nothing) <= 0.08
