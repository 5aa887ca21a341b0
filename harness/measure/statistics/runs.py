"""What finished training runs say about the recipe that made them (methods, sections 4.1 to 4.10)."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, ndtri

from harness.measure.statistics.interval import ROUNDING, Floats, Interval, by_t, strength


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
    return by_t(float(x.mean()), float(variance(x)), x.size - 1, level, method, strength(x.size))


def sd_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Standard deviation (ddof 1) of R runs with its chi-square interval (section 4.1)."""
    x = np.asarray(values, dtype=np.float64)
    if x.size < 2:
        return Interval(math.nan, math.nan, math.nan, "chi2", "not_applicable")
    if np.ptp(x) == 0:
        return Interval(0.0, 0.0, 0.0, "chi2", "degenerate")
    sd, df, tail = float(x.std(ddof=1)), x.size - 1, (1 - level) / 2
    low, high = (sd * math.sqrt(df / float(chdtri(df, upper))) for upper in (tail, 1 - tail))
    return Interval(sd, low, high, "chi2", strength(x.size))


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
    return by_t(value, total / (runs * n), df, level, method, strength(runs))


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


# -- two recipes -----------------------------------------------------------------------------------


def violation(a: ArrayLike, b: ArrayLike) -> float:
    """How far ``a`` is from being at least as good as ``b`` at every quantile (section 4.10).

    The squared distance between the quantile functions where ``b`` lies higher, over that everywhere;
    the integrals are exact, since both functions are steps. (del Barrio, Cuesta-Albertos & Matrán 2018.)

    Args:
        a: Scores of the runs of one recipe, higher is better, ``(..., A)``.
        b: Those of the other, ``(..., B)``.

    Returns:
        0 if ``a`` stochastically dominates ``b``, 1 if it is the other way round, .5 for a tie and for equal
        scores; of the shape of the leading axes. Swapping the recipes gives ``1 - violation``.
    """
    return float(_violations(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)))


def _violations(a: Floats, b: Floats) -> Floats:
    sizes = a.shape[-1], b.shape[-1]
    common = math.lcm(*sizes)
    edges = np.union1d(*(np.arange(1, size + 1) * (common // size) for size in sizes))
    # the step that each stretch between two edges belongs to
    high, low = (
        np.sort(x, axis=-1)[..., (edges - 1) // (common // size)]
        for x, size in zip((a, b), sizes, strict=True)
    )
    widths = np.diff(edges, prepend=0) / common
    gap = low - high
    total = (gap**2) @ widths
    same = total <= (ROUNDING * np.abs(np.concatenate([a, b], axis=-1)).max()) ** 2
    ratio: Floats = np.where(same, 0.5, (np.maximum(gap, 0) ** 2) @ widths / np.where(same, 1.0, total))
    return ratio


def almost_dominates(
    a: ArrayLike,
    b: ArrayLike,
    generator: np.random.Generator,
    level: float = 0.90,
    resamples: int = 2000,
) -> Interval:
    """Almost stochastic order of two recipes by their runs (section 4.10; Dror et al. 2019).

    Recipe ``a`` is almost stochastically better if the upper bound of its :func:`violation` lies below
    .5, and clearly so below .2. The bounds are the estimate plus and minus a normal quantile of its
    standard deviation when the runs of each recipe are resampled. They describe how far one recipe is ahead
    and are no test: of two recipes that do not differ, with R runs each, one dominates the other in the
    sample with probability ``2 / (R + 1)``. With 3 to 20 runs the upper bound fell below .5 in 19 to 23 % of
    simulated cases without a difference, and below .2 in 3 to 7 %, at a nominal 5 %. A claim about means is
    tested by :func:`two_way_t` of the differences.

    Args:
        a: Scores of the runs of one recipe, higher is better, ``(A,)``.
        b: Those of the other, ``(B,)``.
        generator: Source of randomness.
        level: Two-sided; the upper bound holds at ``(1 + level) / 2``. For m comparisons at a common error
            rate ``alpha`` it is ``1 - 2 * alpha / m``.
        resamples: How often the runs are resampled.

    Returns:
        The violation within its bounds, in [0, 1]; ``degenerate`` if all scores are equal, ``underpowered``
        below 3 runs of either, ``not_applicable`` for a single run.
    """
    x, y = (np.asarray(side, dtype=np.float64) for side in (a, b))
    method, few = "almost-stochastic-order", min(x.size, y.size)
    value = violation(x, y) if few else math.nan
    if few < 2:
        return Interval(value, math.nan, math.nan, method, "not_applicable")
    if np.ptp(np.concatenate([x, y])) == 0:
        return Interval(value, 0.0, 1.0, method, "degenerate")
    drawn = [side[generator.integers(side.size, size=(resamples, side.size))] for side in (x, y)]
    half = float(ndtri((1 + level) / 2)) * float(_violations(*drawn).std(ddof=1))
    return Interval(value, max(0.0, value - half), min(1.0, value + half), method, strength(few))
