"""Intervals, tests and sample sizes: arrays in, numbers out (methods, sections 4 and 7).

Every score is a function of the column sums of a table with one row of additive statistics per
example, so a bootstrap is one matrix product of resampling weights with the table. Conditions and
models that share examples share one weight matrix and thereby stay paired. A ``level`` is always
that of the two-sided interval: the one-sided 95 % bounds of a gate are the ends at level 0.90.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, betaincinv, chdtri, ndtr, ndtri, stdtrit

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""Maps column sums ``(..., p)`` to scores ``(...)``; may return NaN where a score is undefined."""

FEW = 10
"""Below so many examples or clusters, quantiles of a bootstrap are not to be trusted."""
MINIMUM_RUNS = 3
"""Below so many runs, statements about a training recipe are underpowered."""
SMALLEST_DISAGREEMENT = 0.02
"""Below this expected disagreement, chance-corrected agreement says nothing."""
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


def ratio(sums: Floats) -> Floats:
    """The first of two column sums over the second: the statistic of means and rates; NaN for 0/0."""
    return _divide(sums[..., 0], sums[..., 1])


def _divide(top: Floats, bottom: Floats) -> Floats:
    return np.where(bottom == 0, np.nan, top / np.where(bottom == 0, 1.0, bottom))


# -- resampling ----------------------------------------------------------------------------------


def weights(
    n: int, resamples: int, generator: np.random.Generator, groups: ArrayLike | None = None
) -> Floats:
    """How often each example occurs in each bootstrap resample.

    Args:
        n: Number of examples, at least 1.
        resamples: Number of resamples, usually 2000. The result takes ``8 * resamples * n`` bytes.
        generator: Source of randomness.
        groups: The cluster of each example, ``(n,)``; whole clusters are drawn, as many as there are.

    Returns:
        ``(resamples, n)`` counts. Rows sum to ``n``, with clusters of unequal size on average.
    """
    if groups is None:
        draws = generator.integers(n, size=(resamples, n))
        draws += n * np.arange(resamples)[:, np.newaxis]  # a range of its own for each resample
        return np.bincount(draws.ravel(), minlength=resamples * n).reshape(resamples, n).astype(np.float64)
    names, codes = np.unique(groups, return_inverse=True)
    return weights(len(names), resamples, generator)[:, codes]


def cluster_sums(table: Floats, groups: ArrayLike) -> Floats:
    """Rows ``(n, p)`` added up within clusters: ``(G, p)``, in sorted order of the clusters."""
    names, codes = np.unique(groups, return_inverse=True)
    sums = np.zeros((len(names), *table.shape[1:]))
    np.add.at(sums, codes, table)
    return sums


def left_out(table: Floats, groups: ArrayLike | None = None) -> Floats:
    """Column sums without each example, ``(n, p)``, or without each cluster, ``(G, p)``."""
    rows = table if groups is None else cluster_sums(table, groups)
    sums: Floats = rows.sum(axis=0) - rows
    return sums


def replicates(table: Floats, statistic: Statistic, W: Floats) -> Floats:
    """The statistic in each resample, ``(B,)``, from a table ``(n, p)`` and weights ``(B, n)``."""
    return statistic(W @ table)


def bootstrap(
    table: Floats,
    statistic: Statistic,
    W: Floats,
    level: float = 0.95,
    method: Literal["bca", "percentile"] = "bca",
    groups: ArrayLike | None = None,
) -> Interval:
    """Bootstrap interval of a function of column sums (methods, section 7.2; Efron 1987).

    Args:
        table: Additive statistics, one row per example, ``(n, p)``.
        statistic: Maps column sums to the score.
        W: Weights ``(B, n)`` from :func:`weights`, drawn with the same groups.
        level: Two-sided coverage.
        method: ``bca`` (bias-corrected and accelerated) or ``percentile``.
        groups: The cluster of each example; clusters are then what the jackknife leaves out.
    """
    value = float(statistic(table.sum(axis=0)))
    return interval_of(
        value, replicates(table, statistic, W), statistic(left_out(table, groups)), level, method
    )


def paired_difference(
    table_a: Floats,
    table_b: Floats,
    statistic: Statistic,
    W: Floats,
    level: float = 0.95,
    groups: ArrayLike | None = None,
) -> Interval:
    """Bootstrap interval of ``statistic(a) - statistic(b)`` on the same examples (section 7.3).

    Args:
        table_a: Additive statistics of the candidate, ``(n, p)``.
        table_b: Those of the baseline; row for row the same examples.
        statistic: Maps column sums to the score.
        W: Weights ``(B, n)`` from :func:`weights`, drawn with the same groups.
        level: Two-sided coverage.
        groups: The cluster of each example.
    """
    width = table_a.shape[1]

    def difference(sums: Floats) -> Floats:
        return statistic(sums[..., :width]) - statistic(sums[..., width:])

    return bootstrap(np.hstack([table_a, table_b]), difference, W, level, groups=groups)


def interval_of(
    value: float,
    replicates: Floats,
    jackknife: Floats,
    level: float = 0.95,
    method: Literal["bca", "percentile"] = "bca",
) -> Interval:
    """Interval of any score, from its replicates and its values with each unit left out.

    For composites, such as a mean over operators of ratios of sums: compute the composite from
    :func:`replicates` and from :func:`left_out` of every part, all with one ``W``.

    Args:
        value: The score on all examples.
        replicates: The score in each resample, ``(B,)``.
        jackknife: The score without each unit (example or cluster), ``(units,)``.
        level: Two-sided coverage.
        method: ``bca``, which needs a defined bias and acceleration and otherwise becomes
            ``percentile``, and with fewer than 10 units ``jackknife-t``; or ``percentile``.

    Returns:
        The interval. Resamples in which the score is undefined are left out and make it
        ``unreliable``; if all others are equal it is ``degenerate`` and has no width.
    """
    defined = replicates[np.isfinite(replicates)]
    if not math.isfinite(value) or not defined.size:
        return Interval(value, math.nan, math.nan, method, "not_applicable")
    if np.ptp(defined) <= ROUNDING * np.abs(defined).max():
        return Interval(value, value, value, method, "degenerate")
    few = jackknife.size < FEW
    status = "unreliable" if defined.size < replicates.size else "underpowered" if few else "ok"
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca" and few and np.isfinite(jackknife).all():
        return _t(value, _jackknife_variance(jackknife), jackknife.size - 1, level, "jackknife-t", status)
    corrected = _bca(value, defined, jackknife, tails) if method == "bca" else None
    low, high = np.quantile(defined, tails if corrected is None else corrected)
    return Interval(value, float(low), float(high), "percentile" if corrected is None else "bca", status)


def _bca(value: float, replicates: Floats, jackknife: Floats, tails: Floats) -> Floats | None:
    """The quantiles that stand for ``tails`` once bias and skewness are accounted for, if defined."""
    same = ROUNDING * np.abs(replicates).max()
    below = ((replicates < value - same).mean() + (replicates <= value + same).mean()) / 2
    influence = jackknife.mean() - jackknife
    if not 0 < below < 1 or not np.abs(influence).max() > same:  # also if some influence is NaN
        return None
    bias = ndtri(below)
    acceleration = (influence**3).sum() / (6 * (influence**2).sum() ** 1.5)
    shifted = bias + ndtri(tails)
    scale = 1 - acceleration * shifted
    if (scale <= 0).any():
        return None
    quantiles: Floats = ndtr(bias + shifted / scale)
    return quantiles


def _jackknife_variance(values: Floats) -> float:
    return float((values.size - 1) * values.var())


def _t(value: float, variance: float, df: float, level: float, method: str, status: str = "ok") -> Interval:
    """``value`` plus and minus a quantile of Student's t times the standard error."""
    if variance == 0:
        return Interval(value, value, value, method, "degenerate")
    half = float(stdtrit(df, (1 + level) / 2)) * math.sqrt(variance)
    return Interval(value, value - half, value + half, method, status)


# -- proportions and clustered means -------------------------------------------------------------


def wilson(k: int, n: int, level: float = 0.95) -> Interval:
    """Score interval of a proportion ``k / n``, for reporting (section 2.1; Wilson 1927).

    Raises:
        ValueError: If ``k`` does not lie in ``[0, n]``.
    """
    _check_count(k, n)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, "wilson", "not_applicable")
    share, z2 = k / n, float(ndtri((1 + level) / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * share * (1 - share) / n + (z2 / (2 * n)) ** 2) / (1 + z2 / n)
    # exactly 0 and 1 at the ends, where rounding would leave the range
    return Interval(share, centre - half if k else 0.0, centre + half if k < n else 1.0, "wilson")


def clopper_pearson(k: int, n: int, level: float = 0.95) -> Interval:
    """Exact interval of a proportion ``k / n``, for guarantees (section 7.2; Clopper & Pearson 1934).

    Raises:
        ValueError: If ``k`` does not lie in ``[0, n]``.
    """
    _check_count(k, n)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, "clopper-pearson", "not_applicable")
    tail = (1 - level) / 2
    low = float(betaincinv(k, n - k + 1, tail)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return Interval(k / n, low, high, "clopper-pearson")


def _check_count(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"expected 0 <= k <= n, got k={k}, n={n}")


def cluster_se(values: ArrayLike, clusters: ArrayLike) -> float:
    """Standard error of the mean of clustered values (section 2.1); NaN for a single cluster."""
    z = np.asarray(values, dtype=np.float64)
    sums = cluster_sums(z - z.mean(), clusters)
    if sums.size < 2:
        return math.nan
    return math.sqrt(sums.size / (sums.size - 1) * float((sums**2).sum())) / z.size


# -- runs ----------------------------------------------------------------------------------------


def expected_best(values: NDArray[np.float64], k: int) -> float:
    """The best of ``k`` of the values, on average over all ways to draw them without replacement.

    The unbiased estimator of methods, section 4.9 (Tang et al. 2020, Showing Your Work Doesn't Always
    Work, equation 4).

    Args:
        values: Shape ``(B,)``.
        k: From 1 to B.
    """
    order = np.sort(values)
    shares = np.array([math.comb(i, k - 1) for i in range(len(order))], float) / math.comb(len(order), k)
    return float(order @ shares)


def t_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Student's interval of the mean of R runs (section 4.1); ignores the noise of the test set."""
    return _over_runs(values, lambda x: x.var(ddof=1) / x.size, level, "t")


def prediction_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Where the score of the next run will lie, given those of R runs (section 4.1)."""
    return _over_runs(values, lambda x: x.var(ddof=1) * (1 + 1 / x.size), level, "t-prediction")


def _over_runs(values: ArrayLike, variance: Callable[[Floats], float], level: float, method: str) -> Interval:
    x = np.asarray(values, dtype=np.float64)
    if x.size < 2:
        return Interval(float(x.mean()) if x.size else math.nan, math.nan, math.nan, method, "not_applicable")
    if np.ptp(x) == 0:
        return Interval(float(x[0]), float(x[0]), float(x[0]), method, "degenerate")
    return _t(float(x.mean()), float(variance(x)), x.size - 1, level, method, _power_of(x.size))


def sd_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Standard deviation (ddof 1) of R runs with its chi-square interval (section 4.1)."""
    x = np.asarray(values, dtype=np.float64)
    if x.size < 2:
        return Interval(math.nan, math.nan, math.nan, "chi2", "not_applicable")
    if np.ptp(x) == 0:
        return Interval(0.0, 0.0, 0.0, "chi2", "degenerate")
    sd, df, tail = float(x.std(ddof=1)), x.size - 1, (1 - level) / 2
    low, high = (sd * math.sqrt(df / float(chdtri(df, upper))) for upper in (tail, 1 - tail))
    return Interval(sd, low, high, "chi2", _power_of(x.size))


def _power_of(runs: int) -> str:
    return "ok" if runs >= MINIMUM_RUNS else "underpowered"


def run_variance(scores: Floats) -> float:
    """Variance between runs that the finite test set does not explain (section 4.2; Jordan 2024).

    Args:
        scores: Score of each run on each example, ``(R, n)`` with R and n at least 2.

    Returns:
        An unbiased estimate in squared units of the score. By chance it can be negative, which
        means that there is no evidence of real differences between runs.
    """
    n = scores.shape[1]
    total = scores.mean(axis=1).var(ddof=1)
    return float(n / (n - 1) * (total - scores.var(axis=0, ddof=1).sum() / n**2))


def instability(outputs: NDArray[np.generic]) -> Floats:
    """Probability that two random runs disagree on each example, ``(n,)`` (section 4.5).

    Args:
        outputs: What each run answered to each example, ``(R, n)`` with R at least 2.
    """
    disagreements = [left != right for left, right in combinations(outputs, 2)]
    return np.asarray(np.mean(disagreements, axis=0), dtype=np.float64)


def two_way_t(scores: Floats, level: float = 0.95) -> Interval:
    """Mean over runs and examples, both of them random: for fewer than 10 runs (section 4.7).

    Unlike an interval over examples alone, it supports a claim about the training recipe.

    Args:
        scores: Score of each run on each example, ``(R, n)``.
        level: Two-sided coverage.

    Returns:
        A t interval from the mean squares of runs, examples and their interaction, with degrees of
        freedom after Satterthwaite; ``not_applicable`` for a single run or example.
    """
    runs, n = scores.shape
    value, method = float(scores.mean()), "two-way-t"
    if runs < 2 or n < 2:
        return Interval(value, math.nan, math.nan, method, "not_applicable")
    by_run, by_example = scores.mean(axis=1), scores.mean(axis=0)
    rest = scores - by_run[:, np.newaxis] - by_example + value
    mean_squares = (
        n * by_run.var(ddof=1),
        runs * by_example.var(ddof=1),
        (rest**2).sum() / ((runs - 1) * (n - 1)),
    )
    ms_run, ms_example, ms_rest = map(float, mean_squares)
    total = max(ms_run + ms_example - ms_rest, ms_run, ms_example)
    if total <= (ROUNDING * np.abs(scores).max()) ** 2:
        return Interval(value, value, value, method, "degenerate")
    noise = ms_run**2 / (runs - 1) + ms_example**2 / (n - 1) + ms_rest**2 / ((runs - 1) * (n - 1))
    df = max(runs - 1, total**2 / noise)
    return _t(value, total / (runs * n), df, level, method, _power_of(runs))


def multibootstrap(tables: Floats, statistic: Statistic, W_runs: Floats, W: Floats) -> Floats:
    """Mean score over resampled runs and examples: for 10 runs or more (section 4.7; Sellam 2022).

    Args:
        tables: Additive statistics of each run, ``(R, n, p)``.
        statistic: Maps column sums to the score of one run.
        W_runs: Weights of the runs, ``(B, R)``, from :func:`weights`.
        W: Weights of the examples, ``(B, n)``, drawn independently.

    Returns:
        Replicates ``(B,)``, to be read by their percentiles.
    """
    by_run = np.stack([replicates(table, statistic, W) for table in tables], axis=1)
    means: Floats = (W_runs * by_run).mean(axis=1)
    return means


def krippendorff(observed: float, expected: float) -> float:
    """Chance-corrected agreement ``1 - observed / expected`` (section 4.4; Krippendorff 2011).

    Args:
        observed: Mean distance between outputs of two runs for the same example.
        expected: Mean distance between any two outputs.

    Returns:
        1 for identical runs, 0 for agreement by chance; NaN if all outputs are the same.
    """
    return 1 - observed / expected if expected > 0 else math.nan


def agreement(
    numerators: Floats,
    denominators: Floats,
    pairs: Sequence[tuple[int, int]],
    expected: Floats,
    W: Floats,
    level: float = 0.95,
) -> Interval:
    """Krippendorff's alpha of R runs with its uncertainty over runs and examples (section 4.4).

    The distance between two runs is the sum of its numerators over that of its denominators (all 1
    if every example counts the same; 0 where an answer is missing). Runs are few, so the variance
    is that of leaving each run out plus that of resampling examples, with a t interval of R-1
    degrees of freedom. Resampling holds the expected disagreement fixed.

    Args:
        numerators: Distances of each pair of runs on each example, ``(P, n)``.
        denominators: What to divide their sums by, ``(P, n)``, with positive sums.
        pairs: The two runs of each pair, all R(R-1)/2 of them.
        expected: Mean distance between all n outputs of one run and all n of another, ``(R, R)``;
            on the diagonal an output's zero distance to itself is included.
        W: Weights of the examples ``(B, n)`` from :func:`weights`.
        level: Two-sided coverage.

    Returns:
        Alpha; ``degenerate`` if the runs never disagree or nearly all outputs are the same,
        ``underpowered`` below 3 runs, for which no run can be left out.
    """
    runs, n = expected.shape[0], numerators.shape[1]
    method = "jackknife-runs+bootstrap-examples"
    apart = numerators.sum(axis=1) / denominators.sum(axis=1)

    def alpha(kept: Sequence[int]) -> float:
        among = [r in kept and s in kept for r, s in pairs]
        outputs = len(kept) * n
        chance = expected[np.ix_(kept, kept)].mean() * outputs / (outputs - 1)  # without self-pairs
        return krippendorff(float(apart[among].mean()), float(chance))

    chance = float(expected.mean()) * runs * n / (runs * n - 1)
    value = alpha(range(runs))
    if chance < SMALLEST_DISAGREEMENT:
        return Interval(value, math.nan, math.nan, method, "degenerate")
    resampled = _divide(W @ numerators.T, W @ denominators.T).mean(axis=1) / chance
    defined = resampled[np.isfinite(resampled)]
    variance = float(defined.var(ddof=1))
    if runs >= MINIMUM_RUNS:
        others = [[r for r in range(runs) if r != out] for out in range(runs)]
        variance += _jackknife_variance(np.array([alpha(kept) for kept in others]))
    status = "unreliable" if defined.size < resampled.size else _power_of(runs)
    wide = _t(value, variance, runs - 1, level, method, status)
    return Interval(value, max(-1.0, wide.low), min(1.0, wide.high), method, wide.status)


# -- two models on the same examples -------------------------------------------------------------


def tango(b: int, c: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Score interval of the difference of two paired proportions (section 7.4; Tango 1998).

    Args:
        b: Examples that only the candidate gets right.
        c: Examples that only the baseline gets right.
        n: All examples, at least ``b + c`` and at least 1.
        level: Two-sided coverage.

    Returns:
        Bounds of ``(b - c) / n``, within [-1, 1].

    Raises:
        ValueError: If the counts are negative or do not fit into ``n``.
    """
    _check_discordant(b, c, n)
    z = float(ndtri((1 + level) / 2))
    return _tango_low(b, c, n, z), -_tango_low(c, b, n, z)


def _tango_low(b: int, c: int, n: int, z: float) -> float:
    from scipy.optimize import brentq

    if c == n:
        return -1.0
    # z falls from infinity at -1 to 0 at the observed difference
    root = brentq(lambda at: _tango_z(b, c, n, at) - z, -1 + 1e-12, (b - c) / n, xtol=1e-13)
    return float(root)


def _tango_z(b: int, c: int, n: int, difference: float) -> float:
    """How many standard errors the observed difference lies above a hypothetical one."""
    beyond = b - c - n * difference
    if beyond == 0:
        return 0.0
    linear = (2 * n - b + c) * difference - b - c
    constant = -c * difference * (1 - difference)
    only_baseline = (math.sqrt(linear**2 - 8 * n * constant) - linear) / (4 * n)  # estimated share
    return beyond / math.sqrt(n * (2 * only_baseline + difference * (1 - difference)))


def noninferior(b: int, c: int, n: int, margin: float) -> float:
    """p-value of "the candidate's accuracy is lower by ``margin`` or more" (section 7.4).

    Small values show non-inferiority; the claim holds at error rate alpha exactly if the lower end
    of :func:`tango` at level ``1 - 2 * alpha`` lies above ``-margin``.

    Raises:
        ValueError: If the counts do not fit into ``n`` or the margin does not lie in (0, 1).
    """
    _check_discordant(b, c, n)
    if not 0 < margin < 1:
        raise ValueError(f"expected 0 < margin < 1, got {margin}")
    return float(ndtr(-_tango_z(b, c, n, -margin)))


def mcnemar(b: int, c: int, mid: bool = False) -> float:
    """Two-sided p-value of "both models are right equally often" (section 7.3; McNemar 1947).

    Args:
        b: Examples that only one model gets right.
        c: Examples that only the other gets right.
        mid: Whether to count only half the probability of what was observed: less conservative.
    """
    n, k = b + c, min(b, c)
    exact = 2 * float(bdtr(k, n, 0.5))
    return exact - math.comb(n, k) / 2**n if mid else min(1.0, exact)


def _check_discordant(b: int, c: int, n: int) -> None:
    if min(b, c) < 0 or b + c > n or n < 1:
        raise ValueError(f"expected b, c >= 0 and b + c <= n with n >= 1, got b={b}, c={c}, n={n}")


def swap_test(table_a: Floats, table_b: Floats, statistic: Statistic, swaps: NDArray[np.bool_]) -> float:
    """Two-sided p-value of approximate randomisation, for any score (section 7.3; Yeh 2000).

    Args:
        table_a: Additive statistics of one model, ``(n, p)``.
        table_b: Those of the other; row for row the same examples.
        statistic: Maps column sums to the score.
        swaps: For which examples the models change places in each draw, ``(B, n)``.

    Returns:
        ``(1 + hits) / (B + 1)``, so never 0.
    """
    moved = swaps.astype(np.float64) @ (table_b - table_a)
    sums_a, sums_b = table_a.sum(axis=0), table_b.sum(axis=0)
    observed = abs(float(statistic(sums_a) - statistic(sums_b)))
    drawn = np.abs(statistic(sums_a + moved) - statistic(sums_b - moved))
    hits = int((drawn >= observed * (1 - 1e-9)).sum())  # equal sums may round differently
    return (1 + hits) / (len(swaps) + 1)


# -- many tests ----------------------------------------------------------------------------------


def holm(p: ArrayLike) -> Floats:
    """p-values adjusted for the chance of any false alarm, in the given order (Holm 1979)."""
    values = _p_values(p)
    order = np.argsort(values)
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    return _reordered(stepped, order)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """p-values adjusted for the share of false alarms, in the given order (1995)."""
    values = _p_values(p)
    order = np.argsort(values)[::-1]
    stepped = np.minimum.accumulate(values[order] * (values.size / np.arange(values.size, 0, -1)))
    return _reordered(stepped, order)


def _p_values(p: ArrayLike) -> Floats:
    values = np.asarray(p, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"expected p-values in [0, 1], got {values.tolist()}")
    return values


def _reordered(adjusted: Floats, order: NDArray[np.intp]) -> Floats:
    result = np.empty_like(adjusted)
    result[order] = np.minimum(adjusted, 1.0)
    return result


# -- planning ------------------------------------------------------------------------------------


def needed(sd: float, margin: float, alpha: float = 0.05, power: float = 0.8, difference: float = 0.0) -> int:
    """How many examples a one-sided non-inferiority gate needs (section 7.5).

    Args:
        sd: Standard deviation of the paired differences; for 0/1 scores about the square root of
            the share of discordant examples.
        margin: The tolerated loss, in units of the score.
        alpha: Chance of passing a candidate that is worse by ``margin``.
        power: Chance of passing one that is better by ``difference``.
        difference: The true difference to plan for, above ``-margin``.

    Raises:
        ValueError: If the planned difference is itself a loss of ``margin`` or more.
    """
    if margin + difference <= 0:
        raise ValueError(f"no sample shows a true difference of {difference} to lie above {-margin}")
    return math.ceil((_z_sum(alpha, power) * sd / (margin + difference)) ** 2)


def detectable(sd: float, n: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest loss that ``n`` examples can tell from none (section 7.5); see :func:`needed`."""
    return _z_sum(alpha, power) * sd / math.sqrt(n)


def _z_sum(alpha: float, power: float) -> float:
    return float(ndtri(1 - alpha) + ndtri(power))
