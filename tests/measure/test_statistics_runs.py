"""Almost stochastic order of two recipes, and agreement of runs by Fleiss' kappa."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from harness.measure import statistics as st
from harness.rng import rng

scores = some.lists(some.integers(0, 20).map(lambda k: k / 20), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((0.7, 0.9), (0.75, 0.8), 0.2),
        ((0.80, 0.82, 0.84), (0.79, 0.81, 0.83), 0.0),
        ((0.7, 0.8, 0.9), (0.75, 0.8), 0.1818182),
        ((0.5, 0.5), (0.5,), 0.5),
    ],
)
def test_the_violation_of_order_agrees_with_the_worked_examples(
    a: tuple[float, ...], b: tuple[float, ...], expected: float
) -> None:
    """Methods, section 4.10; equal scores are a tie."""
    assert st.violation(a, b) == pytest.approx(expected, abs=5e-8)


@given(a=scores, b=scores)
def test_the_violation_of_order_is_an_integral_over_quantiles(a: list[float], b: list[float]) -> None:
    """The same as on a fine grid; swapping the recipes gives the rest to 1, shifting both changes nothing."""
    grid = (np.arange(840 * 4) + 0.5) / (840 * 4)  # no edge of up to 8 runs lies within a cell
    x, y = (np.quantile(side, grid, method="inverted_cdf") for side in (a, b))
    gap = y - x
    expected = (np.maximum(gap, 0) ** 2).sum() / (gap**2).sum() if gap.any() else 0.5
    found = st.violation(a, b)
    assert found == pytest.approx(expected)
    assert found + st.violation(b, a) == pytest.approx(1)
    assert st.violation(np.array(a) + 3, np.array(b) + 3) == pytest.approx(found, abs=1e-9)


def test_a_recipe_without_a_difference_dominates_the_other_by_chance() -> None:
    """In one of R + 1 cases, and as often the other way round: the reason why the order is no test."""
    found = [st.violation(*rng("chance", trial).normal(size=(2, 5))) for trial in range(3000)]
    assert [np.mean(np.array(found) == at) for at in (0, 1)] == pytest.approx([1 / 6] * 2, abs=0.025)


def test_bounds_of_the_order_follow_from_resampled_runs() -> None:
    """Plus and minus a normal quantile of the standard deviation over resamples."""
    a, b = rng("a").normal(0.3, 1, 8), rng("b").normal(0, 1, 6)
    found = st.almost_dominates(a, b, rng("draw"), 0.8, resamples=300)
    random = rng("draw")
    drawn = [side[random.integers(side.size, size=(300, side.size))] for side in (a, b)]
    sd = np.std([st.violation(x, y) for x, y in zip(*drawn, strict=True)], ddof=1)
    half = stats.norm.ppf(0.9) * sd
    assert found.value == st.violation(a, b)
    assert (found.low, found.high) == pytest.approx((max(0, found.value - half), min(1, found.value + half)))


def test_more_comparisons_make_the_upper_bound_higher_and_do_not_fade() -> None:
    """Confidence 1 - alpha / m: .9833 for three and .995 for ten comparisons at 5 %."""
    a, b = rng("fade").normal(0.5, 1, 20), rng("fading").normal(0, 1, 20)
    bounds = []
    for comparisons in (1, 3, 10):
        found = st.almost_dominates(a, b, rng("same"), 1 - 2 * 0.05 / comparisons)
        bounds.append((found.high - found.value) / stats.norm.ppf(1 - 0.05 / comparisons))
    assert bounds == pytest.approx([bounds[0]] * 3)


def test_a_recipe_that_is_clearly_ahead_is_found_to_be() -> None:
    """Two standard deviations ahead with ten runs each: below .2 in nearly all cases, above .8 the other way."""
    ahead = behind = 0
    for trial in range(60):
        a, b = rng("ahead", trial).normal(size=(2, 10)) + np.array([[2.0], [0.0]])
        ahead += st.almost_dominates(a, b, rng(trial), resamples=300).high < 0.2
        behind += st.almost_dominates(b, a, rng(trial), resamples=300).low > 0.8
    assert min(ahead, behind) >= 55


def test_the_order_of_runs_needs_runs() -> None:
    """None or one shows no spread, two are underpowered, equal ones say nothing at all."""
    cases = [
        ([], [0.1]),
        ([0.1], [0.2, 0.3]),
        ([0.1, 0.2], [0.3, 0.4]),
        ([0.5] * 3, [0.5] * 3),
        ([1, 2, 3], [2, 3, 4]),
    ]
    found = [st.almost_dominates(a, b, rng("needs")) for a, b in cases]
    assert [f.status for f in found] == ["not_applicable"] * 2 + ["underpowered", "degenerate", "ok"]
    assert (found[3].low, found[3].value, found[3].high) == (0, 0.5, 1)


# -- Fleiss' kappa ---------------------------------------------------------------------------------

RUNS = np.array([[0, 0, 1, 1, 0, 1], [0, 1, 1, 1, 0, 1], [0, 0, 1, 0, 0, 1]])


def test_fleiss_kappa_agrees_with_the_worked_example() -> None:
    """Three runs on six examples: .5555556, where alpha is .5802469."""
    assert st.fleiss(RUNS) == pytest.approx(0.5555556, abs=5e-8)


def test_fleiss_kappa_agrees_with_his_own_example() -> None:
    """Fourteen raters, ten subjects, five categories: .210 (the table of Fleiss 1971, as in Wikipedia)."""
    table = [
        (0, 0, 0, 0, 14),
        (0, 2, 6, 4, 2),
        (0, 0, 3, 5, 6),
        (0, 3, 9, 2, 0),
        (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0),
        (3, 2, 6, 3, 0),
        (2, 5, 3, 2, 2),
        (6, 5, 2, 1, 0),
        (0, 2, 2, 3, 7),
    ]
    outputs = np.array([np.repeat(np.arange(5), row) for row in table]).T
    assert st.fleiss(outputs) == pytest.approx(0.210, abs=5e-4)


@given(
    runs=some.integers(2, 5), n=some.integers(1, 12), labels=some.integers(1, 4), seed=some.integers(0, 99)
)
def test_alpha_and_kappa_differ_by_the_size_of_the_sample_only(
    runs: int, n: int, labels: int, seed: int
) -> None:
    """``alpha = kappa + (1 - kappa) / (n R)``, for any labels, and both are undefined for a single one."""
    outputs = rng("kappa", seed).integers(0, labels, (runs, n))
    kappa, total = st.fleiss(outputs), runs * n
    shares = np.unique(outputs, return_counts=True)[1] / total
    expected = (1 - (shares**2).sum()) * total / (total - 1)
    alpha = st.krippendorff(float(st.instability(outputs).mean()), float(expected))
    assert math.isnan(kappa) == math.isnan(alpha)
    assert math.isnan(kappa) or alpha == pytest.approx(kappa + (1 - kappa) / total)


def test_agreement_by_chance_is_none() -> None:
    """Runs that answer at random agree no more than chance, identical ones perfectly."""
    random = rng("random").integers(0, 3, (4, 20_000))
    assert st.fleiss(random) == pytest.approx(0, abs=0.01)
    assert st.fleiss(np.stack([random[0]] * 3)) == 1


def test_the_expected_worst_of_two_runs_is_the_published_one():
    """Methods, section 4.9: of .70, .80, .85, .90 it is .7583333, the best of the negated scores."""
    scores = np.array([0.70, 0.80, 0.85, 0.90])
    assert -st.expected_best(-scores, 2) == pytest.approx(0.7583333, abs=5e-8)
    assert st.expected_best(scores, 2) == pytest.approx(0.8666667, abs=5e-8)


def test_no_failure_in_twenty_runs_still_leaves_room_for_some():
    """Methods, section 4.8: the one-sided upper bound at 95 % is .1391083."""
    assert st.clopper_pearson(0, 20, 0.90).high == pytest.approx(0.1391083, abs=5e-8)
