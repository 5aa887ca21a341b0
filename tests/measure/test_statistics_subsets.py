"""Parts of the examples against the rest: exact under the null, and the chosen least is drawn back."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.statistics import part_tests, shrunken, shrunken_rates
from harness.rng import rng


def slices(random, n, kinds=4):
    """Categories of two features and their conjunctions, as indicators."""
    a, b = random.integers(0, kinds, (2, n))
    single = [a == at for at in range(kinds)] + [b == at for at in range(kinds)]
    both = [(a == x) & (b == y) for x, y in itertools.product(range(kinds), repeat=2)]
    return np.column_stack([one for one in single + both if one.sum() >= 10])


def test_the_p_value_is_that_of_all_permutations():
    """Six examples, one part of two: of 15 assignments two have means so far apart, 1 so low."""
    values, part = np.array([0.0, 1, 2, 3, 4, 5]), np.array([[1], [1], [0], [0], [0], [0]], bool)
    found = part_tests(values, part, 20_000, rng(1))
    assert found.p[0] == pytest.approx(2 / 15, abs=0.01)
    assert found.weaker[0] == pytest.approx(1 / 15, abs=0.01)


def test_any_false_alarm_is_as_rare_as_it_says():
    """Over 400 null data sets with 24 overlapping slices, one in twenty calls any of them weak."""
    alarms = 0
    for at in range(400):
        random = rng("null", at)
        values = (random.random(240) < 0.9).astype(float)
        alarms += part_tests(values, slices(random, 240), 199, random).weaker.min() <= 0.05
    assert alarms / 400 == pytest.approx(0.05, abs=0.025)  # two standard errors
    assert alarms > 0


def test_false_alarms_stay_rare_where_clusters_err_as_one():
    """Documents that are right or wrong as a whole, and are in a slice as a whole, do not fool it."""
    alarms, naive = 0, 0
    for at in range(300):
        random = rng("clusters", at)
        sizes = np.repeat([2, 4], 30)
        groups = np.repeat(np.arange(60), sizes)
        values = (random.random(60) < 0.8).astype(float)[groups]
        parts = slices(random, 60)[groups]
        alarms += part_tests(values, parts, 199, random, groups).weaker.min() <= 0.05
        naive += part_tests(values, parts, 199, random).weaker.min() <= 0.05
    assert alarms / 300 <= 0.05 + 0.03
    assert naive / 300 > 0.15


def test_a_weak_part_is_found_and_its_neighbours_are_not_drowned():
    """A planted conjunction that is right half as often as the rest is found nearly always."""
    found = 0
    for at in range(50):
        random = rng("planted", at)
        a, b = random.integers(0, 4, (2, 800))
        weak = (a == 1) & (b == 2)
        values = (random.random(800) < np.where(weak, 0.5, 0.9)).astype(float)
        parts = np.column_stack([weak, *(a == k for k in range(4)), *(b == k for k in range(4))])
        tested = part_tests(values, parts, 499, random)
        found += tested.weaker[0] <= 0.05
        assert tested.weaker.argmin() == 0
    assert found >= 45


def test_adjusted_values_are_never_below_the_unadjusted_and_keep_their_order():
    """A weaker part never has the larger adjusted value."""
    random = rng("order")
    parts = slices(random, 300)
    found = part_tests(random.random(300), parts, 999, random)
    order = np.argsort(found.z)
    assert (np.diff(found.weaker[order]) >= 0).all()
    assert (found.weaker[found.z < 0] >= found.p[found.z < 0] / 2 - 0.02).all()


def test_values_that_are_all_the_same_say_nothing():
    """No part of a perfect model is weaker than another."""
    found = part_tests(np.ones(40), slices(rng(2), 40), 99, rng(3))
    assert (found.p == 1).all()
    assert (found.weaker == 1).all()


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8), st.floats(1e-6, 1))
def test_shrunken_estimates_lie_between_themselves_and_their_mean(estimates, variance):
    """None overshoots, and equal variances keep their order."""
    x = np.array(estimates)
    drawn = shrunken(x, np.full(len(x), variance))
    low, high = np.minimum(x, x.mean()), np.maximum(x, x.mean())
    assert (drawn >= low - 1e-9).all()
    assert (drawn <= high + 1e-9).all()


def test_the_least_rate_of_equal_groups_is_low_by_chance_and_its_shrunken_one_is_not():
    """Methods, section 5.9: twenty groups with a rate of .8 each."""
    raw, drawn = [], []
    for at in range(200):
        hits = rng("groups", at).binomial(40, 0.8, 20)
        raw.append((hits / 40).min())
        drawn.append(shrunken_rates(hits, np.full(20, 40)).min())
    assert np.mean(raw) < 0.70
    assert np.mean(drawn) == pytest.approx(0.8, abs=0.03)


def test_groups_that_do_differ_are_hardly_drawn_together():
    """With many trials the data speak for themselves."""
    drawn = shrunken_rates([500, 900], [1000, 1000])
    assert drawn == pytest.approx([0.5, 0.9], abs=0.01)
    assert shrunken([0.5, 0.9], [1e-5, 1e-5]) == pytest.approx([0.5, 0.9], abs=0.01)
