"""Tests of two models on the same examples: different, no worse, equivalent (methods, 7.3 and 7.4).

Each gives a p-value, and small values always show what the function is named after. Of the difference of
any other score see :func:`harness.measure.statistics.above`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, ndtr, ndtri, stdtr

from harness.measure.statistics.interval import Floats, Statistic
from harness.measure.statistics.rates import cluster_se
from harness.measure.statistics.resampling import cluster_sums, coins, compact

# -- right or wrong --------------------------------------------------------------------------------


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
    _check_margin(margin)
    return float(ndtr(-_tango_z(b, c, n, -margin)))


def equivalent(b: int, c: int, n: int, margin: float) -> float:
    """p-value of "the accuracies differ by ``margin`` or more" (section 7.4; Tango 1998).

    Two one-sided tests (TOST): the larger of the two p-values of :func:`noninferior`, each model being
    the candidate once. Equivalence holds at error rate alpha exactly if :func:`tango` at level
    ``1 - 2 * alpha`` lies within plus and minus the margin.

    Raises:
        ValueError: If the counts do not fit into ``n`` or the margin does not lie in (0, 1).
    """
    return max(noninferior(b, c, n, margin), noninferior(c, b, n, margin))


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


def _check_margin(margin: float) -> None:
    if not 0 < margin < 1:
        raise ValueError(f"expected 0 < margin < 1, got {margin}")


# -- means -----------------------------------------------------------------------------------------


def noninferior_mean(differences: ArrayLike, margin: float, groups: ArrayLike | None = None) -> float:
    """p-value of "the mean difference is a loss of ``margin`` or more" (section 7.4).

    One-sided t test of ``candidate - baseline``; with clusters, of cluster sums.

    Args:
        differences: Of each example, higher is better for the candidate, ``(n,)`` with n at least 2.
        margin: The loss that is tolerated, above 0, in units of the score.
        groups: The cluster of each example, ``(n,)``, at least two different ones.

    Returns:
        The p-value; 1 if the differences are all equal, which leaves nothing to estimate an error from.

    Raises:
        ValueError: If the margin is not positive.
    """
    if margin <= 0:
        raise ValueError(f"expected a margin above 0, got {margin}")
    x = np.asarray(differences, dtype=np.float64)
    units = np.arange(x.size) if groups is None else np.asarray(groups)
    error = cluster_se(x, units) if np.ptp(x) > 0 else 0.0
    if not error > 0:
        return 1.0
    return float(stdtr(len(np.unique(units)) - 1, -(float(x.mean()) + margin) / error))


def equivalent_mean(differences: ArrayLike, margin: float, groups: ArrayLike | None = None) -> float:
    """p-value of "the means differ by ``margin`` or more": two one-sided t tests (section 7.4).

    See :func:`noninferior_mean`. (TOST, Schuirmann 1987.)
    """
    x = np.asarray(differences, dtype=np.float64)
    return max(noninferior_mean(x, margin, groups), noninferior_mean(-x, margin, groups))


# -- any score -------------------------------------------------------------------------------------


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
    hits = _as_far(table_a.sum(axis=0), table_b.sum(axis=0), moved, statistic)
    return (1 + int(hits)) / (len(swaps) + 1)


def swap_tests(
    tables_a: Floats,
    tables_b: Floats,
    statistic: Statistic,
    draws: int,
    generator: np.random.Generator,
    groups: ArrayLike | None = None,
) -> Floats:
    """:func:`swap_test` of many scores of two models at once, all with the same draws.

    Args:
        tables_a: Additive statistics of one model, ``(K, n, p)``: of each score one row per example.
        tables_b: Those of the other; row for row the same examples.
        statistic: Maps column sums ``(..., p)`` to scores ``(...)``.
        draws: B, usually 9999; memory does not grow with ``B * n``.
        generator: Source of randomness.
        groups: The cluster of each example, ``(n,)``; whole clusters change places.

    Returns:
        K two-sided p-values, at least ``1 / (B + 1)``; :func:`holm` adjusts them for their number.
    """
    apart = np.moveaxis(tables_b - tables_a, 0, 1)
    units = apart if groups is None else cluster_sums(apart, groups)
    flat = compact(units.reshape(len(units), -1))
    sums_a, sums_b = tables_a.sum(axis=1), tables_b.sum(axis=1)
    hits = np.zeros(len(tables_a), np.int64)
    for swaps in coins(len(units), draws, generator):
        moved = (swaps.astype(flat.dtype) @ flat).astype(np.float64).reshape(-1, *apart.shape[1:])
        hits += _as_far(sums_a, sums_b, moved, statistic)
    return (1 + hits) / (draws + 1)


def _as_far(sums_a: Floats, sums_b: Floats, moved: Floats, statistic: Statistic) -> NDArray[np.int64]:
    """In how many draws the models lie at least as far apart as they do, of each score."""
    observed = np.abs(statistic(sums_a) - statistic(sums_b))
    drawn = np.abs(statistic(sums_a + moved) - statistic(sums_b - moved))
    # equal sums may round differently; where a score is undefined nothing was shown
    hits: NDArray[np.int64] = (~(drawn < observed * (1 - 1e-9))).sum(axis=0)
    return hits
