"""What the statistics core promises; the numbers are worked by hand or taken from an oracle."""

from __future__ import annotations

import doctest
import importlib.util
import math
import re
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays
from scipy import stats

from harness.measure import statistics as st
from harness.rng import rng

RUNS = np.array([[0, 0, 1, 1, 0, 1], [0, 1, 1, 1, 0, 1], [0, 0, 1, 0, 0, 1]])
GOLD = np.array([0, 0, 1, 1, 1, 1])
FIVE_SCORES = (0.90, 0.91, 0.89, 0.92, 0.88)
CLUSTERED = np.array([1, 1, 0, 0, 0, 1, 1, 1, 0, 1])
CLUSTERS = np.array(list("aaabbcccdd"))

counts = some.integers(1, 40)
tables = arrays.arrays(
    np.float64, some.tuples(some.integers(12, 30), some.just(2)), elements=some.integers(0, 9)
)


def as_mean(values: np.ndarray) -> np.ndarray:
    """A table whose ratio of sums is the mean of the values."""
    return np.column_stack([values, np.ones(len(values))]).astype(float)


def micro_f1(sums: np.ndarray) -> np.ndarray:
    """F1 of the columns true positives, false positives, false negatives."""
    hits, extra, missed = sums[..., 0], sums[..., 1], sums[..., 2]
    scores: np.ndarray = 2 * hits / np.maximum(2 * hits + extra + missed, 1)
    return scores


def entities(n: int, seed: int) -> np.ndarray:
    """True positives, false positives and false negatives of n sentences."""
    return rng("entities", seed).poisson([2.0, 0.4, 0.6], size=(n, 3)).astype(float)


def close(*numbers: float) -> Any:
    """The numbers as printed, to seven digits after the point."""
    return pytest.approx(numbers, abs=6e-8)


# -- Interval ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bounds", [(0.5, math.nan, 0.6), (math.nan, 0.4, 0.6), (0.5, 0.4, math.inf)])
def test_an_ordinary_interval_holds_finite_numbers_only(
    bounds: tuple[float, float, float],
) -> None:
    """NaN and infinity are states with a name, never bounds that a gate might compare."""
    with pytest.raises(ValueError, match="not finite"):
        st.Interval(*bounds, "bca")
    assert st.Interval(*bounds, "bca", "degenerate").status == "degenerate"


def test_an_interval_cannot_have_crossed_bounds() -> None:
    """The lower bound never lies above the upper one."""
    with pytest.raises(ValueError, match="crossed"):
        st.Interval(0.5, 0.6, 0.4, "bca")


def test_a_ratio_of_nothing_to_nothing_is_undefined() -> None:
    """An empty denominator gives NaN instead of a warning or a zero."""
    assert st.ratio(np.array([[1.0, 2.0], [0.0, 0.0]])) == pytest.approx([0.5, math.nan], nan_ok=True)


# -- resampling weights --------------------------------------------------------------------------


@given(n=counts, seed=some.integers(0, 99))
def test_each_resample_draws_exactly_n_examples(n: int, seed: int) -> None:
    """Weights are counts that sum to n; drawing fewer would widen every interval."""
    W = st.weights(n, 7, rng(seed))
    assert W.shape == (7, n)
    assert (W.sum(axis=1) == n).all()
    assert (W >= 0).all()
    assert (W.round() == W).all()


def test_weights_are_multinomial() -> None:
    """Each count has mean 1, variance 1 - 1/n, and covariance -1/n with every other."""
    W = st.weights(5, 40_000, rng("moments"))
    expected = np.eye(5) - 1 / 5
    assert W.mean(axis=0) == pytest.approx(np.ones(5), abs=0.02)
    assert np.cov(W.T) == pytest.approx(expected, abs=0.03)


@given(groups=some.lists(some.sampled_from("abcd"), min_size=1, max_size=20), seed=some.integers(0, 99))
def test_a_cluster_is_drawn_as_a_whole(groups: list[str], seed: int) -> None:
    """Members of a cluster share their weight, and as many clusters are drawn as there are."""
    W = st.weights(len(groups), 5, rng(seed), groups)
    columns = {g: W[:, [i for i, other in enumerate(groups) if other == g]] for g in groups}
    assert all((members == members[:, :1]).all() for members in columns.values())
    drawn = np.sum([members[:, 0] for members in columns.values()], axis=0)
    assert (drawn == len(columns)).all()


def test_the_same_purpose_gives_the_same_weights() -> None:
    """Weights depend on nothing but the generator that was passed in."""
    assert (st.weights(9, 4, rng("w", 1)) == st.weights(9, 4, rng("w", 1))).all()
    assert (st.weights(9, 4, rng("w", 1)) != st.weights(9, 4, rng("w", 2))).any()


def test_replicates_agree_with_the_full_enumeration_of_three_examples() -> None:
    """For x = (0, 0, 1) the bootstrap mean is 0 with probability 8/27 and has SD .2721655."""
    every = np.array([np.bincount(draw, minlength=3) for draw in product(range(3), repeat=3)], dtype=float)
    means = st.replicates(as_mean(np.array([0, 0, 1])), st.ratio, every)
    assert (means == 0).mean() == pytest.approx(8 / 27)
    assert means.std() == pytest.approx(0.2721655, abs=5e-8)


@settings(max_examples=30)
@given(table=tables)
def test_the_jackknife_equals_a_loop_that_leaves_each_row_out(table: np.ndarray) -> None:
    """Total minus row is the same as summing all other rows."""
    loop = [np.delete(table, i, axis=0).sum(axis=0) for i in range(len(table))]
    assert st.left_out(table) == pytest.approx(np.array(loop))


def test_the_jackknife_leaves_out_whole_clusters() -> None:
    """With groups, one set of sums per cluster, in sorted order."""
    table = as_mean(CLUSTERED)
    loop = [table[name != CLUSTERS].sum(axis=0) for name in "abcd"]
    assert st.left_out(table, CLUSTERS) == pytest.approx(np.array(loop))


# -- the bootstrap -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_the_bootstrap_of_a_skewed_mean_agrees_with_scipy(method: Literal["bca", "percentile"]) -> None:
    """Both ends agree with scipy.stats.bootstrap up to Monte-Carlo error."""
    x = rng("skewed").exponential(size=60)
    ours = st.bootstrap(as_mean(x), st.ratio, st.weights(60, 20_000, rng("ours")), 0.9, method)
    theirs = stats.bootstrap(
        (x,), np.mean, n_resamples=20_000, confidence_level=0.9, method=method, rng=rng("theirs"), batch=2000
    ).confidence_interval
    error = 0.1 * x.std() / math.sqrt(60)  # four standard errors of the quantile of 20,000 draws
    assert ours.method == method
    assert ours.status == "ok"
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=error)


def test_bca_quantiles_follow_from_bias_and_acceleration() -> None:
    """The bounds are the replicates' quantiles at Efron's corrected levels."""
    x = rng("formula").exponential(size=30)
    W = st.weights(30, 999, rng("formula weights"))
    means, u = W @ x / 30, x - x.mean()
    acceleration = (u**3).sum() / (6 * (u**2).sum() ** 1.5)  # the closed form for a mean
    bias = stats.norm.ppf((means < x.mean()).mean())
    levels = [
        stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z))) for z in (-1.959964, 1.959964)
    ]
    found = st.bootstrap(as_mean(x), st.ratio, W)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, levels)), abs=1e-6)


def test_bca_covers_a_skewed_mean_better_than_percentiles_do() -> None:
    """The reason for BCa: on skewed data its bound on the long tail's side is closer to nominal."""
    W = st.weights(50, 500, rng("coverage weights"))
    covered = {"bca": 0, "percentile": 0}
    methods: tuple[Literal["bca", "percentile"], ...] = ("bca", "percentile")
    for trial in range(400):
        table = as_mean(rng("coverage", trial).binomial(1, 0.1, 50) * rng("size", trial).exponential(1, 50))
        for method in methods:
            covered[method] += st.bootstrap(table, st.ratio, W, 0.9, method).high >= 0.1
    assert covered["percentile"] / 400 < covered["bca"] / 400
    assert covered["bca"] / 400 >= 0.85


def test_clusters_widen_the_interval_where_their_members_agree() -> None:
    """Ten copies of each example are no more evidence than one."""
    x = rng("copies").binomial(1, 0.7, 40)
    once = st.bootstrap(as_mean(x), st.ratio, st.weights(40, 1000, rng("c")))
    groups = np.repeat(np.arange(40), 10)
    copied = st.bootstrap(
        as_mean(np.repeat(x, 10)), st.ratio, st.weights(400, 1000, rng("c"), groups), groups=groups
    )
    assert (copied.value, copied.low, copied.high) == pytest.approx((once.value, once.low, once.high))


@settings(max_examples=60, deadline=None)
@given(values=some.lists(some.integers(0, 9), min_size=12, max_size=30), seed=some.integers(0, 9))
def test_the_mean_lies_within_its_interval(values: list[int], seed: int) -> None:
    """The bounds enclose the estimate, whatever the data."""
    found = st.bootstrap(as_mean(np.array(values)), st.ratio, st.weights(len(values), 500, rng(seed)))
    assert found.low <= found.value <= found.high


@settings(max_examples=30, deadline=None)
@given(seed=some.integers(0, 99))
def test_the_order_of_examples_does_not_matter(seed: int) -> None:
    """Permuting examples together with their weights changes nothing."""
    table, W, order = entities(40, seed), st.weights(40, 300, rng(seed)), rng("order", seed).permutation(40)
    one, other = st.bootstrap(table, micro_f1, W), st.bootstrap(table[order], micro_f1, W[:, order])
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


@pytest.mark.parametrize("value", [0.0, 0.1, 1.0])
def test_data_without_variation_give_a_degenerate_interval(value: float) -> None:
    """All-equal data have no spread to measure, even if their sums round differently."""
    found = st.bootstrap(as_mean(np.full(30, value)), st.ratio, st.weights(30, 200, rng("flat")))
    assert found.status == "degenerate"
    assert found.low == found.value == found.high == pytest.approx(value)


def test_a_score_that_is_undefined_is_not_applicable() -> None:
    """A rate over no mentions at all has no value and no bounds."""
    found = st.bootstrap(np.zeros((20, 2)), st.ratio, st.weights(20, 50, rng("none")))
    assert found.status == "not_applicable"
    assert math.isnan(found.value)
    assert math.isnan(found.low)


def test_a_score_that_is_undefined_in_some_resamples_is_unreliable() -> None:
    """A rate over two mentions in forty examples keeps finite bounds but says so."""
    table = np.zeros((40, 2))
    table[0], table[1] = (1, 1), (0, 1)
    found = st.bootstrap(table, st.ratio, st.weights(40, 400, rng("rare")))
    assert found.status == "unreliable"
    assert 0 <= found.low < found.high <= 1


def test_percentiles_stand_in_where_the_acceleration_is_undefined() -> None:
    """The method that is reported is the one that was used."""
    replicates = np.linspace(0.4, 0.6, 101)
    found = st.interval_of(0.5, replicates, np.full(30, 0.5), 0.8)
    assert (found.method, found.status) == ("percentile", "ok")
    assert (found.low, found.high) == pytest.approx((0.42, 0.58))
    assert st.interval_of(0.9, replicates, np.linspace(0, 1, 30)).method == "percentile"


def test_few_clusters_get_a_t_interval_and_are_called_underpowered() -> None:
    """Below ten clusters: cluster standard error and G - 1 degrees of freedom."""
    groups, x = np.repeat(np.arange(5), 4), rng("few").normal(size=20)
    found = st.bootstrap(as_mean(x), st.ratio, st.weights(20, 300, rng("few"), groups), groups=groups)
    half = stats.t.ppf(0.975, 4) * st.cluster_se(x, groups)
    assert (found.method, found.status) == ("jackknife-t", "underpowered")
    assert (found.low, found.high) == pytest.approx((x.mean() - half, x.mean() + half))


def test_a_composite_is_bootstrapped_jointly_from_its_parts() -> None:
    """Two conditions that share examples and weights: their errors cancel where they are opposite."""
    x = rng("joint").normal(size=50)
    parts = [as_mean(x), as_mean(1 - x)]
    W = st.weights(50, 500, rng("joint weights"))

    def joint(sums: list[st.Floats]) -> st.Floats:
        return (st.ratio(sums[0]) + st.ratio(sums[1])) / 2

    value = float(joint([p.sum(axis=0) for p in parts]))
    found = st.interval_of(value, joint([W @ p for p in parts]), joint([st.left_out(p) for p in parts]))
    assert found.status == "degenerate"
    assert found.value == pytest.approx(0.5)


# -- two models ----------------------------------------------------------------------------------


def test_a_paired_difference_is_narrower_than_its_parts() -> None:
    """Shared examples make shared noise, which the difference is free of."""
    base, W = entities(200, 1), st.weights(200, 1000, rng("paired"))
    better = base + np.array([[0, -1, 0]]) * (base[:, 1:2] > 0) * (rng("fix").random((200, 1)) < 0.3)
    found = st.paired_difference(better, base, micro_f1, W)
    alone = st.bootstrap(base, micro_f1, W)
    assert found.value == pytest.approx(float(micro_f1(better.sum(axis=0)) - micro_f1(base.sum(axis=0))))
    assert 0 < found.low < found.value < found.high
    assert found.high - found.low < (alone.high - alone.low) / 2


def test_a_model_does_not_differ_from_itself() -> None:
    """The difference of a table with itself is exactly zero in every resample."""
    found = st.paired_difference(entities(30, 2), entities(30, 2), micro_f1, st.weights(30, 50, rng("same")))
    assert (found.value, found.low, found.high, found.status) == (0, 0, 0, "degenerate")


def test_tango_agrees_with_the_worked_example() -> None:
    """30 against 40 discordant of 1000, and the closed form for no discordant example."""
    assert st.tango(30, 40, 1000, 0.95) == close(-0.0269644, 0.0065579)
    assert st.tango(30, 40, 1000, 0.90) == close(-0.0241205, 0.0038287)
    assert st.tango(0, 0, 100, 0.95) == close(-0.0369935, 0.0369935)


@given(b=some.integers(0, 30), c=some.integers(0, 30), rest=some.integers(1, 60))
def test_tango_mirrors_when_the_models_change_places(b: int, c: int, rest: int) -> None:
    """Swapping the models flips the sign; equal counts give an interval symmetric about zero."""
    n = b + c + rest
    low, high = st.tango(b, c, n)
    assert -1 <= low <= (b - c) / n <= high <= 1
    assert st.tango(c, b, n) == pytest.approx((-high, -low), abs=1e-9)
    assert b != c or low == pytest.approx(-high, abs=1e-9)


@given(
    b=some.integers(0, 30), c=some.integers(0, 30), rest=some.integers(1, 60), margin=some.floats(0.01, 0.5)
)
def test_noninferiority_agrees_with_the_bound(b: int, c: int, rest: int, margin: float) -> None:
    """p is below 5 % exactly if the 90 % interval ends above minus the margin."""
    n = b + c + rest
    low = st.tango(b, c, n, 0.90)[0]
    if abs(low + margin) > 1e-9:
        assert (st.noninferior(b, c, n, margin) < 0.05) == (low > -margin)


def test_tango_of_a_baseline_that_alone_is_right_starts_at_minus_one() -> None:
    """Every example discordant in one direction: the bound is the end of the range."""
    low, high = st.tango(0, 20, 20)
    assert low == -1 < high < 0


def test_noninferiority_agrees_with_the_worked_example() -> None:
    """30 against 40 discordant of 1000 do not show non-inferiority at a margin of .02."""
    assert st.noninferior(30, 40, 1000, 0.02) == pytest.approx(0.1195735, abs=5e-8)


def test_noninferiority_keeps_its_error_rate_at_the_margin() -> None:
    """A candidate that is worse by exactly the margin passes at most about 5 % of the time."""
    draws = rng("tango").multinomial(500, [0.01, 0.03, 0.96], size=4000)
    outcomes, repeats = np.unique(draws, axis=0, return_counts=True)
    passed = [st.noninferior(int(b), int(c), 500, 0.02) < 0.05 for b, c, _ in outcomes]
    assert 0.03 < repeats[passed].sum() / 4000 < 0.06


@pytest.mark.parametrize(("b", "c", "n"), [(-1, 2, 10), (6, 5, 10), (0, 0, 0)])
def test_discordant_counts_must_fit_into_n(b: int, c: int, n: int) -> None:
    """Impossible counts are refused with what was found."""
    with pytest.raises(ValueError, match=f"got b={b}, c={c}, n={n}"):
        st.tango(b, c, n)


@pytest.mark.parametrize(
    ("b", "c", "exact", "mid"),
    [(30, 40, 0.2819789, 0.2350976), (2, 9, 0.0654297, 0.0385742), (7, 7, 1, 1), (0, 0, 1, 1)],
)
def test_mcnemar_agrees_with_the_worked_examples(b: int, c: int, exact: float, mid: float) -> None:
    """Exact and mid-p values; equal counts are no evidence at all."""
    assert (st.mcnemar(b, c), st.mcnemar(b, c, mid=True)) == close(exact, mid)


def test_approximate_randomisation_agrees_with_the_full_enumeration() -> None:
    """Differences .1, .2, -.05, .15: two-sided p = .25, the identity being the draw that is added."""
    differences = np.array([0.1, 0.2, -0.05, 0.15])
    swaps = np.array(list(product([False, True], repeat=4)))[1:]
    assert st.swap_test(as_mean(differences), as_mean(np.zeros(4)), st.ratio, swaps) == pytest.approx(0.25)


def test_a_p_value_by_randomisation_is_never_zero() -> None:
    """Draws that never reach the observed difference bound p by one in B + 1."""
    swaps = rng("swaps").random((99, 60)) < 0.5
    assert st.swap_test(as_mean(np.ones(60)), as_mean(np.zeros(60)), st.ratio, swaps) == pytest.approx(0.01)


# -- proportions and clusters --------------------------------------------------------------------


def test_intervals_of_a_proportion_agree_with_the_worked_examples() -> None:
    """45 and 50 of 50, by Wilson and by Clopper and Pearson."""
    wilson, exact, all_right = st.wilson(45, 50), st.clopper_pearson(45, 50), st.wilson(50, 50)
    assert (wilson.value, wilson.low, wilson.high) == close(0.9, 0.7863977, 0.9565242)
    assert (exact.value, exact.low, exact.high) == close(0.9, 0.7818646, 0.9667249)
    assert (all_right.low, all_right.high) == close(0.9286524, 1)


@settings(max_examples=50)
@given(n=counts, share=some.floats(0, 1), level=some.sampled_from([0.8, 0.9, 0.99]))
def test_intervals_of_a_proportion_agree_with_scipy(n: int, share: float, level: float) -> None:
    """Any count, including none and all."""
    k = round(share * n)
    for ours, name in ((st.wilson, "wilson"), (st.clopper_pearson, "exact")):
        theirs = stats.binomtest(k, n).proportion_ci(level, name)
        found = ours(k, n, level)
        assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
        assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("interval", [st.wilson, st.clopper_pearson])
def test_a_proportion_of_nothing_is_not_applicable(interval: Callable[..., st.Interval]) -> None:
    """No examples, no share, and never more hits than examples."""
    assert interval(0, 0).status == "not_applicable"
    with pytest.raises(ValueError, match="k=6, n=5"):
        interval(6, 5)


def test_no_failure_in_twenty_runs_still_allows_for_a_rate_of_fourteen_percent() -> None:
    """The upper bound of 0 of R is 1 - .05^(1/R)."""
    assert st.clopper_pearson(0, 20, 0.9).high == pytest.approx(1 - 0.05 ** (1 / 20))


def test_the_clustered_standard_error_agrees_with_the_worked_example() -> None:
    """Four clusters: .1986622 instead of the naive .1632993, a design effect of 1.48."""
    naive = CLUSTERED.std(ddof=1) / math.sqrt(10)
    found = st.cluster_se(CLUSTERED, CLUSTERS)
    assert (naive, found, (found / naive) ** 2) == close(0.1632993, 0.1986622, 1.48)
    assert math.isnan(st.cluster_se(CLUSTERED, np.zeros(10)))


# -- runs ----------------------------------------------------------------------------------------


def test_the_spread_of_five_runs_agrees_with_the_worked_example() -> None:
    """Mean, SD, their intervals, and where the next run will lie."""
    mean, sd, following = (f(FIVE_SCORES) for f in (st.t_interval, st.sd_interval, st.prediction_interval))
    assert (mean.value, mean.low, mean.high) == close(0.9, 0.8803676, 0.9196324)
    assert (sd.value, sd.low, sd.high) == close(0.0158114, 0.0094731, 0.0454349)
    assert (following.low, following.high) == pytest.approx((0.8519, 0.9481), abs=5e-5)


@pytest.mark.parametrize("interval", [st.t_interval, st.sd_interval, st.prediction_interval])
def test_the_spread_of_runs_needs_runs(interval: Callable[..., st.Interval]) -> None:
    """One run shows no spread, two are underpowered, equal ones are degenerate."""
    states = [interval(values).status for values in ([0.9], [0.9, 0.8], [0.1] * 3, [0.9, 0.8, 0.7])]
    assert states == ["not_applicable", "underpowered", "degenerate", "ok"]


def test_the_variance_between_runs_agrees_with_the_worked_example() -> None:
    """An unbiased estimate, here negative, equal to the mean covariance of pairs of distinct examples."""
    correct = (RUNS == GOLD).astype(float)
    covariance = np.cov(correct.T)
    apart = covariance[~np.eye(6, dtype=bool)].mean()
    assert st.run_variance(correct) == pytest.approx(-0.0111111, abs=5e-8) == pytest.approx(apart)


def test_the_instability_of_examples_agrees_with_the_worked_example() -> None:
    """The probability that two random runs disagree, example by example."""
    found = st.instability(RUNS)
    assert found == pytest.approx([0, 2 / 3, 0, 2 / 3, 0, 0])
    assert found.mean() == pytest.approx(0.2222222, abs=5e-8)


def test_the_multibootstrap_agrees_with_the_full_enumeration_of_two_runs_and_two_examples() -> None:
    """Correctness [[1, 0], [1, 1]]: mean .75, variance .078125, and the probability of each value."""
    resamples = [np.bincount(draw, minlength=2) for draw in product(range(2), repeat=2)]
    W_runs, W = (np.array(side, dtype=float) for side in zip(*product(resamples, repeat=2), strict=True))
    tables = np.stack([as_mean(np.array(run)) for run in ([1, 0], [1, 1])])
    found = st.multibootstrap(tables, st.ratio, W_runs, W)
    shares = {value: (found == value).mean() for value in (0, 0.5, 0.75, 1)}
    assert shares == {0: 0.0625, 0.5: 0.25, 0.75: 0.25, 1: 0.4375}
    assert (found.mean(), found.var()) == pytest.approx((0.75, 0.078125))


def test_the_two_way_interval_is_that_of_the_runs_if_examples_do_not_matter() -> None:
    """Scores that depend on the run alone leave R - 1 degrees of freedom and the t interval of means."""
    scores = np.repeat(np.array(FIVE_SCORES)[:, np.newaxis], 50, axis=1)
    found, runs = st.two_way_t(scores), st.t_interval(FIVE_SCORES)
    assert (found.low, found.high) == pytest.approx((runs.low, runs.high), abs=1e-6)


def test_the_two_way_interval_is_that_of_the_examples_if_runs_are_identical() -> None:
    """Copies of one run leave the t interval of the mean over examples."""
    x = rng("examples").normal(size=60)
    found, examples = st.two_way_t(np.stack([x, x, x])), st.t_interval(x)
    assert (found.low, found.high) == pytest.approx((examples.low, examples.high))


def test_the_two_way_interval_adds_the_mean_squares_and_subtracts_the_rest() -> None:
    """Mean squares 6, 4.5 and .5: a variance of 10/6 with 100/46.25 degrees of freedom."""
    found = st.two_way_t(np.array([[1.0, 2, 3], [2, 4, 6]]))
    half = stats.t.ppf(0.975, 100 / 46.25) * math.sqrt(10 / 6)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half))


def test_the_two_way_interval_has_no_fewer_degrees_of_freedom_than_the_runs() -> None:
    """Examples that vary less than the rest add nothing: the t interval of the run means remains."""
    scores = np.array([[0.0, 1], [3, 2], [4, 5]])
    found, runs = st.two_way_t(scores), st.t_interval(scores.mean(axis=1))
    assert (found.low, found.high) == pytest.approx((runs.low, runs.high))


@pytest.mark.parametrize(("effect", "runs"), [(0.3, 3), (0.3, 5), (0.05, 3)])
def test_the_two_way_interval_covers_the_recipe_not_just_these_runs(effect: float, runs: int) -> None:
    """With few runs, strong or weak run effects, nominal 95 % is held; examples alone are far below."""
    covered = naive = 0
    for trial in range(300):
        random = rng("two-way", effect, runs, trial)
        scores = random.normal(size=(1, 80)) + random.normal(size=(runs, 80))
        scores = scores + effect * random.normal(size=(runs, 1))
        found = st.two_way_t(scores)
        covered += found.low <= 0 <= found.high
        examples = st.t_interval(scores.mean(axis=0))
        naive += examples.low <= 0 <= examples.high
    assert covered / 300 >= 0.92
    assert covered >= naive


def test_the_two_way_interval_says_when_it_cannot_tell() -> None:
    """One run supports no claim about a recipe; equal scores have no spread; two runs are few."""
    x = rng("tell").random((2, 20))
    states = [st.two_way_t(scores).status for scores in (x[:1], np.full((3, 9), 0.1), x)]
    assert states == ["not_applicable", "degenerate", "underpowered"]


# -- agreement -----------------------------------------------------------------------------------


def nominal(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]], np.ndarray]:
    """What ``agreement`` needs to know of class labels ``(R, n)``."""
    pairs = list(combinations(range(len(outputs)), 2))
    apart = np.array([outputs[r] != outputs[s] for r, s in pairs], dtype=float)
    shares = np.array([(outputs == label).mean(axis=1) for label in np.unique(outputs)])
    return apart, np.ones_like(apart), pairs, 1 - shares.T @ shares


def noisy_runs(runs: int, n: int, flips: float, seed: int) -> np.ndarray:
    """Binary answers of runs that each flip some of the same underlying answers."""
    random = rng("noisy", seed)
    return (random.random(n) < 0.5) ^ (random.random((runs, n)) < flips)


def test_agreement_of_labels_agrees_with_the_worked_example() -> None:
    """D_o = .2222222, D_e = .5294118, alpha = .5802469."""
    apart, ones, pairs, expected = nominal(RUNS)
    found = st.agreement(apart, ones, pairs, expected, st.weights(6, 200, rng("alpha")))
    assert apart.mean() == pytest.approx(0.2222222, abs=5e-8)
    assert expected.mean() * 18 / 17 == pytest.approx(0.5294118, abs=5e-8)
    assert found.value == pytest.approx(0.5802469, abs=5e-8)
    assert st.krippendorff(2 / 9, 9 / 17) == pytest.approx(found.value)


def test_agreement_of_continuous_outputs_agrees_with_the_worked_example() -> None:
    """Outputs (0, 1, 5) and (.2, 1, 4): D_o = .08, D_e = .4853333, alpha = .8351648."""
    outputs = np.array([[0, 1, 5], [0.2, 1, 4]])
    distance = np.minimum(1, np.abs(outputs[:, :, None, None] - outputs) / 5)
    expected = distance.mean(axis=(1, 3))
    apart = distance[[0], :, 1, :][:, np.arange(3), np.arange(3)]
    found = st.agreement(apart, np.ones((1, 3)), [(0, 1)], expected, st.weights(3, 200, rng("continuous")))
    assert (apart.mean(), expected.mean() * 6 / 5, found.value) == close(0.08, 0.4853333, 0.8351648)
    assert found.status == "underpowered"


def test_the_interval_of_agreement_follows_from_runs_and_examples() -> None:
    """Delete-one-run jackknife variance plus example-bootstrap variance, t with R - 1 degrees."""
    outputs, W = noisy_runs(4, 60, 0.1, 0), st.weights(60, 400, rng("agree"))
    apart, ones, pairs, expected = nominal(outputs)
    found = st.agreement(apart, ones, pairs, expected, W)
    left = [st.agreement(*nominal(np.delete(outputs, r, axis=0)), W).value for r in range(4)]
    chance = expected.mean() * 240 / 239
    variance = 3 * np.var(left) + np.var(1 - (W @ apart.mean(axis=0)) / 60 / chance, ddof=1)
    half = stats.t.ppf(0.975, 3) * math.sqrt(variance)
    assert (found.low, found.high) == pytest.approx((found.value - half, min(1, found.value + half)))


def test_the_interval_of_agreement_covers_the_agreement_of_all_possible_runs() -> None:
    """Runs that flip a tenth of balanced answers agree with alpha = (1 - 2 * .1)^2 = .64."""
    W = st.weights(100, 200, rng("cover"))
    found = [st.agreement(*nominal(noisy_runs(4, 100, 0.1, trial)), W) for trial in range(200)]
    assert sum(f.low <= 0.64 <= f.high for f in found) / 200 >= 0.93


def test_the_interval_of_agreement_stays_within_the_range_of_agreement() -> None:
    """Three nearly identical runs of few examples: the upper bound is 1, not beyond."""
    found = st.agreement(*nominal(RUNS), st.weights(6, 200, rng("range")))
    assert -1 <= found.low < found.value < found.high == 1


def test_missing_answers_do_not_count_as_agreement() -> None:
    """A pair in which an answer is missing has weight zero in the distance."""
    apart, ones, pairs, expected = nominal(RUNS)
    ones[:, 0] = apart[:, 0] = 0  # nobody answered the first example
    found = st.agreement(apart, ones, pairs, expected, st.weights(6, 200, rng("missing")))
    assert found.value == pytest.approx(st.krippendorff(4 / 15, 9 / 17))


def test_agreement_about_nearly_constant_outputs_is_degenerate() -> None:
    """With an expected disagreement below .02, chance correction divides by almost nothing."""
    outputs = np.zeros((3, 400), dtype=int)
    outputs[0, 0] = 1
    found = st.agreement(*nominal(outputs), st.weights(400, 50, rng("constant")))
    assert found.status == "degenerate"
    assert math.isnan(st.krippendorff(0.0, 0.0))


def test_identical_runs_agree_perfectly() -> None:
    """No disagreement anywhere: alpha is 1, and there is no variation to measure."""
    found = st.agreement(*nominal(np.stack([GOLD] * 3)), st.weights(6, 50, rng("identical")))
    assert (found.value, found.low, found.high, found.status) == (1, 1, 1, "degenerate")


# -- many tests and planning ---------------------------------------------------------------------


def test_adjusted_p_values_agree_with_the_worked_example() -> None:
    """Holm and Benjamini-Hochberg, in the order in which the p-values were given."""
    p = (0.010, 0.040, 0.030, 0.005)
    assert st.holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert st.benjamini_hochberg(p) == pytest.approx([0.02, 0.04, 0.04, 0.02])


@given(p=some.lists(some.floats(0, 1), max_size=12))
def test_adjustment_keeps_the_order_and_agrees_with_scipy(p: list[float]) -> None:
    """Adjusted values are no smaller than the raw ones and at most 1; none in, none out."""
    holm, bh = st.holm(p), st.benjamini_hochberg(p)
    assert bh == pytest.approx(stats.false_discovery_control(p) if p else [])
    assert (holm >= bh - 1e-12).all()
    assert (bh >= p).all()
    assert (holm <= 1).all()
    assert (np.diff(holm[np.argsort(p)]) >= 0).all()


def test_what_is_not_a_p_value_is_refused() -> None:
    """NaN and numbers outside [0, 1] are errors, not the most significant of all."""
    for wrong in (math.nan, -0.1, 1.1):
        with pytest.raises(ValueError, match="p-values in"):
            st.holm([0.5, wrong])


@pytest.mark.parametrize(
    ("variance", "margin", "alpha", "power", "items"),
    [
        (0.10, 0.02, 0.05, 0.8, 1546),
        (0.10, 0.02, 0.05, 0.9, 2141),
        (0.10, 0.01, 0.05, 0.8, 6183),
        (0.10, 0.02, 0.01, 0.8, 2510),
        (0.18, 0.02, 0.05, 0.8, 2783),
    ],
)
def test_the_number_of_examples_needed_agrees_with_worked_examples(
    variance: float, margin: float, alpha: float, power: float, items: int
) -> None:
    """Ten percent discordant examples; unpaired, at an accuracy of .9, nearly twice as many."""
    assert st.needed(math.sqrt(variance), margin, alpha, power) == items


def test_the_detectable_loss_agrees_with_the_worked_example() -> None:
    """A thousand examples of which ten percent are discordant tell a loss of .0248647 from none."""
    found = st.detectable(math.sqrt(0.1), 1000)
    assert found == pytest.approx(0.0248647, abs=5e-8)
    assert st.needed(math.sqrt(0.1), found) == pytest.approx(1000, abs=1)


def test_no_number_of_examples_shows_a_loss_of_the_margin_to_be_smaller() -> None:
    """Planning for a candidate that is worse by the margin has no answer."""
    with pytest.raises(ValueError, match="no sample"):
        st.needed(0.3, 0.02, difference=-0.02)


@pytest.mark.parametrize(("k", "expected"), [(1, 0.8125), (2, 0.8666667), (3, 0.8875), (4, 0.9)])
def test_the_expected_best_of_some_runs_is_the_mean_over_all_draws(k, expected):
    """Methods, section 4.9: without replacement, by hand for pairs."""
    values = np.array([0.85, 0.70, 0.90, 0.80])
    assert st.expected_best(values, k) == pytest.approx(expected, abs=1e-7)
    brute = [max(draw) for draw in combinations(values, k)]
    assert st.expected_best(values, k) == pytest.approx(np.mean(brute))


# -- the page --------------------------------------------------------------------------------------


def test_the_page_shows_what_the_functions_give() -> None:
    """Its examples are run, and it names every function there is."""
    page = Path(__file__).resolve().parents[2] / "docs" / "statistics.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 20
    assert found.failed == 0
    text = page.read_text("utf-8")
    building_blocks = {"cluster_se", "cluster_sums", "interval_of", "krippendorff", "sums", "wealth"}
    elsewhere = {"expected_best", "instability", "t_interval"}  # rows of the page of measures
    functions = {name for name in st.__all__ if name.islower()} - building_blocks - elsewhere
    assert {name for name in functions if not re.search(rf"\b{name}\b", text)} == set()


def test_the_tables_of_coverage_can_be_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small run of what ``make coverage`` does: every line has its shares, and the page a place for each table."""
    path = Path(__file__).resolve().parents[2] / "tools" / "coverage.py"
    spec = importlib.util.spec_from_file_location("coverage_tool", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for name, value in {"TRIALS": 40, "BATCH": 20, "RESAMPLES": 200, "SIZES": (50,)}.items():
        monkeypatch.setattr(tool, name, value)
    shares = re.findall(r"\| ([\d.]+)% \|$", tool.coverage(), re.MULTILINE)
    assert len(shares) == 30
    assert min(map(float, shares)) > 70
    written = tool.PAGE.read_text("utf-8")
    assert [part["name"] for part in tool.PART.finditer(written)] == ["coverage", "error-rates", "adaptive"]
    assert tool.adaptive().count("\n") == 17
