"""Two models on the same examples: equivalence, means, many randomisation tests at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from harness.measure import statistics as st
from harness.rng import rng

FIRST = np.array([0.81, 0.79, 0.82, 0.80, 0.78])
SECOND = np.array([0.80, 0.80, 0.81, 0.80, 0.79])


def f1(sums: np.ndarray) -> np.ndarray:
    """Micro F1 of the columns true positives, false positives, false negatives."""
    scores: np.ndarray = 2 * sums[..., 0] / np.maximum(2 * sums[..., 0] + sums[..., 1] + sums[..., 2], 1)
    return scores


def alike(gates: int, n: int, trial: int) -> tuple[np.ndarray, np.ndarray]:
    """Two equally good models, ``(gates, n, 3)`` each, on the same sentences."""
    random = rng("alike", trial)
    gold = random.poisson(2.0, (gates, n))
    found = [random.binomial(gold, 0.8) for _ in range(2)]
    first, second = (
        np.stack([k, random.poisson(0.3, gold.shape), gold - k], axis=-1).astype(float) for k in found
    )
    return first, second


# -- equivalence of proportions --------------------------------------------------------------------


@given(
    b=some.integers(0, 30), c=some.integers(0, 30), rest=some.integers(1, 300), margin=some.floats(0.01, 0.5)
)
def test_equivalent_proportions_have_their_interval_within_the_margins(
    b: int, c: int, rest: int, margin: float
) -> None:
    """p is below 5 % exactly if the 90 % interval lies within; the order of the models does not matter."""
    n = b + c + rest
    low, high = st.tango(b, c, n, 0.90)
    p = st.equivalent(b, c, n, margin)
    assert p == st.equivalent(c, b, n, margin)
    assert p >= st.noninferior(b, c, n, margin)
    if min(abs(low + margin), abs(high - margin)) > 1e-9:
        assert (p < 0.05) == (-margin < low and high < margin)


def test_equivalence_of_the_worked_example_fails_on_the_side_of_the_loss() -> None:
    """30 against 40 discordant of 1000 at a margin of .02: p is that of non-inferiority."""
    assert st.equivalent(30, 40, 1000, 0.02) == pytest.approx(0.1195735, abs=5e-8)


def test_equivalence_keeps_its_error_rate_at_the_margin() -> None:
    """Models that differ by just the margin pass as equivalent at most about 5 % of the time."""
    draws = rng("equivalence").multinomial(2000, [0.03, 0.01, 0.96], size=2000)
    outcomes, repeats = np.unique(draws, axis=0, return_counts=True)
    passed = [st.equivalent(int(b), int(c), 2000, 0.02) < 0.05 for b, c, _ in outcomes]
    assert 0.03 < repeats[passed].sum() / 2000 < 0.065


@pytest.mark.parametrize("margin", [0.0, 1.0, -0.1])
def test_a_margin_of_proportions_lies_between_0_and_1(margin: float) -> None:
    """No margin, no question."""
    for test in (st.noninferior, st.equivalent):
        with pytest.raises(ValueError, match="0 < margin < 1"):
            test(1, 2, 10, margin)


# -- means -----------------------------------------------------------------------------------------


def test_equivalence_of_means_agrees_with_the_worked_example() -> None:
    """Mean difference 0, standard error .0044721, t = 4.4721 both ways: p = .0055282."""
    differences = FIRST - SECOND
    assert st.cluster_se(differences, np.arange(5)) == pytest.approx(0.0044721, abs=5e-8)
    assert st.equivalent_mean(differences, 0.02) == pytest.approx(0.0055282, abs=5e-8)


@given(seed=some.integers(0, 99), margin=some.floats(0.01, 1), n=some.integers(2, 30))
def test_noninferiority_of_means_agrees_with_scipy(seed: int, margin: float, n: int) -> None:
    """A one-sided t test against minus the margin."""
    x = rng("means", seed).normal(size=n)
    expected = stats.ttest_1samp(x, -margin, alternative="greater").pvalue
    assert st.noninferior_mean(x, margin) == pytest.approx(expected)
    other = stats.ttest_1samp(x, margin, alternative="less").pvalue
    assert st.equivalent_mean(x, margin) == pytest.approx(max(expected, other))


def test_copies_of_examples_are_no_more_evidence() -> None:
    """With clusters the degrees of freedom are those of the clusters."""
    x = rng("copies").normal(size=12)
    groups = np.repeat(np.arange(12), 5)
    once, copied = st.noninferior_mean(x, 0.3), st.noninferior_mean(np.repeat(x, 5), 0.3, groups)
    assert copied == pytest.approx(once)
    assert st.noninferior_mean(np.repeat(x, 5), 0.3) < once


@pytest.mark.parametrize("test", [st.noninferior_mean, st.equivalent_mean])
def test_equal_differences_leave_no_error_to_estimate(test: Callable[..., float]) -> None:
    """Nothing is shown by them, nor by a single cluster; and a margin is above 0."""
    assert test([0.1, 0.1, 0.1], 0.5) == 1
    assert test([0.1, 0.2, 0.1], 0.5, ["a", "a", "a"]) == 1
    with pytest.raises(ValueError, match="above 0"):
        test([0.1, 0.2], 0.0)


# -- many randomisation tests ----------------------------------------------------------------------


def test_many_randomisation_tests_agree_with_each_alone() -> None:
    """The same swaps, tossed beforehand, give the same p-values."""
    from harness.measure.statistics.resampling import coins

    first, second = alike(5, 80, 0)
    together = st.swap_tests(first, second, f1, 600, rng("toss"))
    swaps = np.concatenate(list(coins(80, 600, rng("toss"))))
    alone = [st.swap_test(a, b, f1, swaps) for a, b in zip(first, second, strict=True)]
    assert together.tolist() == alone


def test_a_randomisation_test_agrees_with_scipy() -> None:
    """Of the difference of two means, up to the draws."""
    random = rng("scipy")
    a, b = random.integers(0, 5, (2, 60)) + np.array([[0.0], [0.5]])
    ones = np.ones(60)
    found = st.swap_tests(
        np.stack([a, ones], axis=-1)[np.newaxis],
        np.stack([b, ones], axis=-1)[np.newaxis],
        st.ratio,
        9999,
        rng("ours"),
    )
    theirs = stats.permutation_test(
        (a, b),
        lambda x, y, axis=-1: x.mean(axis=axis) - y.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=9999,
        rng=rng("theirs"),
    ).pvalue
    assert found[0] == pytest.approx(theirs, abs=0.015)


def test_whole_clusters_change_places() -> None:
    """Three clusters can be swapped in 8 ways, 2 of which are as extreme as one that is all in favour."""
    a = np.stack([np.arange(9) + 1.0, np.ones(9)], axis=-1)[np.newaxis]
    b = np.stack([np.zeros(9), np.ones(9)], axis=-1)[np.newaxis]
    groups = np.repeat([0, 1, 2], 3)
    assert st.swap_tests(a, b, st.ratio, 8000, rng("clusters"), groups)[0] == pytest.approx(0.25, abs=0.02)
    assert st.swap_tests(a, b, st.ratio, 8000, rng("clusters"))[0] < 0.01


def test_a_score_that_is_undefined_shows_no_difference() -> None:
    """Draws in which it is undefined count as hits; if it always is, p is 1."""
    nothing = np.zeros((1, 20, 2))
    assert st.swap_tests(nothing, nothing, st.ratio, 99, rng("nothing"))[0] == 1
    a, b = nothing.copy(), nothing.copy()
    a[0, 0], b[0, 1] = (1, 1), (0, 1)
    assert st.swap_tests(a, b, st.ratio, 999, rng("rare"))[0] > 0.5


def test_randomisation_tests_keep_their_error_rate_and_holm_that_of_the_family() -> None:
    """Of 1,000 true nulls about 5 % are rejected; of 50 families of 20, after Holm, about 5 % too."""
    p = np.concatenate([st.swap_tests(*alike(50, 200, k), f1, 499, rng("null", k)) for k in range(20)])
    assert 0.03 <= (p <= 0.05).mean() <= 0.07
    families = [(st.holm(family) <= 0.05).any() for family in p.reshape(50, 20)]
    assert sum(families) <= 7  # the 99th percentile of 50 at 5 %


def test_adjustment_for_any_dependence_agrees_with_the_worked_example() -> None:
    """Benjamini and Yekutieli, by methods, section 7.6."""
    found = st.benjamini_yekutieli((0.010, 0.040, 0.030, 0.005))
    assert found == pytest.approx([0.0416667, 0.0833333, 0.0833333, 0.0416667], abs=5e-8)


@settings(max_examples=50)
@given(p=some.lists(some.floats(0, 1), min_size=1, max_size=12))
def test_adjustment_for_any_dependence_agrees_with_scipy(p: list[float]) -> None:
    """Whatever the p-values."""
    assert st.benjamini_yekutieli(p) == pytest.approx(stats.false_discovery_control(p, method="by"))
