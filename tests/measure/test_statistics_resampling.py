"""Many scores at once: the same resamples as one by one, p-values that agree with the intervals."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from harness.measure import statistics as st
from harness.measure.statistics.resampling import BLOCK, EXACT, coins, compact
from harness.rng import rng


def f1(sums: np.ndarray) -> np.ndarray:
    """Micro F1 of the columns true positives, false positives, false negatives."""
    scores: np.ndarray = 2 * sums[..., 0] / np.maximum(2 * sums[..., 0] + sums[..., 1] + sums[..., 2], 1)
    return scores


def entities(*shape: int) -> np.ndarray:
    """Counts of entities found, invented and missed, ``(*shape, 3)``."""
    return rng("entities", *shape).poisson([2.0, 0.4, 0.6], (*shape, 3)).astype(float)


def pairs(trial: int, loss: float, n: int = 200) -> np.ndarray:
    """Two models on sentences of which some are hard for both: the first finds ``loss`` fewer entities."""
    random = rng("pairs", trial)
    gold, chance = random.poisson(2.0, n), random.random(n) * 0.3 + 0.6
    found = [random.binomial(gold, share) for share in (chance - loss, chance)]
    columns = [(k, random.poisson(0.3, n), gold - k) for k in found]
    return np.column_stack([*columns[0], *columns[1]]).astype(float)


# -- drawing ---------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(
    n=some.integers(1, 40),
    resamples=some.sampled_from([1, 7, BLOCK, BLOCK + 1, 3 * BLOCK]),
    clustered=some.booleans(),
    whole=some.booleans(),
)
def test_sums_in_blocks_are_those_of_the_weights(
    n: int, resamples: int, clustered: bool, whole: bool
) -> None:
    """The same generator gives the same resamples, whether the weights are kept or not."""
    table = rng("table", n).integers(0, 9, (n, 2, 3)) / (1 if whole else 7)
    groups = rng("groups", n).integers(0, 4, n) if clustered else None
    found = np.concatenate(list(st.sums(table, resamples, rng("draw"), groups)))
    W = st.weights(n, resamples, rng("draw"), groups)
    expected = np.einsum("bn,nij->bij", W, table)
    assert found.shape == (resamples, 2, 3)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert not whole or (found == expected).all()


def test_single_precision_is_used_only_where_it_is_exact() -> None:
    """Whole numbers that cannot add up to 2^24 in any draw; anything else stays as it is."""
    small, large = np.full((4, 2), 3.0), np.full((4, 2), EXACT / 4)
    kinds = [compact(table).dtype for table in (small, large - 1, large, small + 0.5, -large)]
    assert kinds == [np.float32, np.float32, np.float64, np.float64, np.float64]


@given(n=some.integers(1, 30), draws=some.integers(1, 2 * BLOCK))
@settings(max_examples=20, deadline=None)
def test_coins_are_tossed_once_for_each_example_and_draw(n: int, draws: int) -> None:
    """Blocks add up to the draws asked for."""
    tossed = np.concatenate(list(coins(n, draws, rng("coins"))))
    assert tossed.shape == (draws, n)
    assert tossed.dtype == bool


def test_coins_are_fair_and_independent() -> None:
    """Each has mean 1/2, and no two of them, also within a byte, are correlated."""
    tossed = np.concatenate(list(coins(13, 20_000, rng("fair")))).astype(float)
    assert tossed.mean(axis=0) == pytest.approx(np.full(13, 0.5), abs=0.02)
    assert np.corrcoef(tossed.T) == pytest.approx(np.eye(13), abs=0.04)


# -- many intervals --------------------------------------------------------------------------------


@pytest.mark.parametrize("groups", [None, np.arange(90) // 3])
def test_many_scores_at_once_have_the_intervals_of_each_alone(groups: np.ndarray | None) -> None:
    """With the same resamples, to the last digit but rounding."""
    tables = entities(4, 90)
    W = st.weights(90, 500, rng("draw"), groups)
    together = st.bootstraps(tables, f1, 500, rng("draw"), 0.9, groups=groups)
    for table, found in zip(tables, together, strict=True):
        alone = st.bootstrap(table, f1, W, 0.9, groups=groups)
        assert (found.value, found.low, found.high) == pytest.approx((alone.value, alone.low, alone.high))
        assert (found.method, found.status) == (alone.method, alone.status)


def test_the_multibootstrap_of_many_scores_is_that_of_each_alone() -> None:
    """Runs are drawn first, then examples, and both are shared by all scores."""
    tables = entities(5, 3, 40)  # runs, scores, examples
    found = st.multibootstraps(tables, f1, 300, rng("draw"))
    random = rng("draw")
    W_runs, W = st.weights(5, 300, random), st.weights(40, 300, random)
    assert found.shape == (300, 3)
    for score in range(3):
        assert found[:, score] == pytest.approx(st.multibootstrap(tables[:, score], f1, W_runs, W))


def test_the_multibootstrap_of_many_scores_agrees_with_the_full_enumeration() -> None:
    """2 runs x 2 examples, correctness [[1, 0], [1, 1]]: mean .75, variance .078125."""
    right = np.array([[1.0, 0], [1, 1]])
    tables = np.stack([right, np.ones_like(right)], axis=-1)[:, np.newaxis]
    found = st.multibootstraps(tables, st.ratio, 40_000, rng("enumerated"))[:, 0]
    shares = [(found == value).mean() for value in (0, 0.5, 0.75, 1)]
    assert shares == pytest.approx([0.0625, 0.25, 0.25, 0.4375], abs=0.01)
    assert (found.mean(), found.var()) == pytest.approx((0.75, 0.078125), abs=0.005)


# -- p-values --------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    trial=some.integers(0, 99),
    alpha=some.sampled_from([0.01, 0.05, 0.2]),
    size=some.sampled_from([6, 60, 200]),
)
def test_a_p_value_is_below_alpha_where_the_bound_is_beyond_the_limit(
    trial: int, alpha: float, size: int
) -> None:
    """Tests and intervals never contradict each other, up to two resamples."""
    statistic = st.difference(f1)
    table = pairs(trial, 0.02, size)
    value, drawn = (
        float(statistic(table.sum(axis=0))),
        st.replicates(table, statistic, st.weights(size, 999, rng(0))),
    )
    without = statistic(st.left_out(table))
    found = st.interval_of(value, drawn, without, 1 - 2 * alpha)
    slack = (
        0.0 if found.method == "jackknife-t" else 3 * np.diff(np.quantile(drawn, [alpha, alpha + 0.01]))[0]
    )
    assert st.above(found.low - slack - 1e-9, value, drawn, without) <= alpha
    assert st.above(found.low + slack + 1e-9, value, drawn, without) >= alpha * 0.9
    assert st.below(found.high + 3 * slack + 1e-9, value, drawn, without) <= alpha


@given(limit=some.floats(-0.2, 0.2), further=some.floats(0, 0.1))
def test_the_higher_the_limit_the_less_is_shown(limit: float, further: float) -> None:
    """p rises with the limit, stays in (0, 1], and both directions share the certainty there is."""
    drawn, without = rng("drawn").normal(0.01, 0.05, 999), rng("left out").normal(0.01, 0.005, 100)
    low, high = (st.above(at, 0.01, drawn, without) for at in (limit, limit + further))
    assert 0 < low <= high <= 1
    assert low + st.below(limit, 0.01, drawn, without) == pytest.approx(1, abs=0.01)


def test_the_p_value_of_few_clusters_is_that_of_students_t() -> None:
    """Five values of mean .02 with standard error .01 above 0: t = 2 with 4 degrees of freedom."""
    x = np.array([-2.0, -1, 0, 1, 2]) * 0.01 * math.sqrt(2) + 0.02
    without = (x.sum() - x) / 4
    drawn = st.weights(5, 200, rng("few")) @ x / 5
    assert st.above(0.0, 0.02, drawn, without) == pytest.approx(0.0580583, abs=5e-7)


def test_what_does_not_vary_or_is_undefined_shows_nothing() -> None:
    """p is 1, not one in B + 1."""
    flat, some_values = np.full(50, 0.3), np.linspace(0, 1, 50)
    assert st.above(0.0, 0.3, flat, flat) == 1
    assert st.above(0.0, math.nan, some_values, some_values) == 1
    assert st.above(-1.0, 0.5, np.full(50, math.nan), some_values) == 1


def test_resamples_without_a_score_count_against_the_claim() -> None:
    """A rate that is undefined in half of the resamples is not shown to be above anything."""
    drawn = np.where(np.arange(100) % 2, math.nan, np.linspace(0.4, 0.6, 100))
    assert st.above(0.0, 0.5, drawn, np.full(30, 0.5)) >= 0.5


def test_equivalence_needs_both_sides() -> None:
    """The larger of the two p-values; without a margin there is nothing to ask."""
    drawn, without = rng("equal").normal(0.01, 0.01, 999), rng("others").normal(0.01, 0.001, 100)
    both = [st.above(-0.03, 0.01, drawn, without), st.below(0.03, 0.01, drawn, without)]
    assert st.within(0.03, 0.01, drawn, without) == max(both) == both[1]
    with pytest.raises(ValueError, match="above 0"):
        st.within(0.0, 0.01, drawn, without)


def test_the_error_rate_of_noninferiority_in_f1_is_as_stated() -> None:
    """A candidate whose F1 is lower by just the margin passes at 5 % in about 5 % of 1,000 cases."""
    statistic, W = st.difference(f1), st.weights(200, 500, rng("error rate"))
    tables = np.stack([pairs(trial, 0.02) for trial in range(1000)])
    sums = tables.sum(axis=1)
    margin = -float(statistic(sums.sum(axis=0)))  # the truth, to a standard error of .0005
    drawn = np.stack([statistic(W @ table) for table in tables])
    passed = sum(
        st.above(-margin, float(statistic(total)), row, statistic(st.left_out(table))) < 0.05
        for total, row, table in zip(sums, drawn, tables, strict=True)
    )
    assert 0.03 <= passed / 1000 <= 0.07


def test_differences_are_paired_column_for_column() -> None:
    """The first half of the columns less the second, also where there are many scores at once."""
    table = pairs(0, 0.1)
    found = st.difference(f1)(np.stack([table.sum(axis=0)] * 2))
    assert found == pytest.approx([float(f1(table[:, :3].sum(axis=0)) - f1(table[:, 3:].sum(axis=0)))] * 2)


def test_three_examples_are_resampled_in_27_ways() -> None:
    """For x = (0, 0, 1) the sums of all draws are those of a binomial distribution."""
    table = np.array([[0.0], [0], [1]])
    every = np.array([np.bincount(draw, minlength=3) for draw in product(range(3), repeat=3)], dtype=float)
    found = np.concatenate(list(st.sums(table, 27_000, rng("27"))))[:, 0]
    expected = np.bincount((every @ table)[:, 0].astype(int)) / 27
    assert np.bincount(found.astype(int)) / 27_000 == pytest.approx(expected, abs=0.01)
