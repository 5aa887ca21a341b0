"""Bootstrap intervals and p-values of any score that is a function of column sums (methods, 7.2, 7.3)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr

from harness.measure.statistics.interval import (
    FEW,
    ROUNDING,
    Floats,
    Interval,
    Statistic,
    by_t,
    jackknife_variance,
)
from harness.measure.statistics.resampling import left_out, replicates, sums, weights

Method = Literal["bca", "percentile"]


def bootstrap(
    table: Floats,
    statistic: Statistic,
    W: Floats,
    level: float = 0.95,
    method: Method = "bca",
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


def bootstraps(
    tables: Floats,
    statistic: Statistic,
    resamples: int,
    generator: np.random.Generator,
    level: float = 0.95,
    method: Method = "bca",
    groups: ArrayLike | None = None,
) -> list[Interval]:
    """:func:`bootstrap` of many scores on the same examples at once, with the same resamples.

    Args:
        tables: Additive statistics, ``(K, n, p)``: of each score one row per example.
        statistic: Maps column sums ``(..., p)`` to scores ``(...)``.
        resamples: B; memory does not grow with ``B * n``.
        generator: Source of randomness.
        level: Two-sided coverage of each interval.
        method: ``bca`` or ``percentile``.
        groups: The cluster of each example, ``(n,)``.

    Returns:
        K intervals.
    """
    table = np.moveaxis(tables, 0, 1)
    values = statistic(table.sum(axis=0))
    drawn = np.concatenate([statistic(block) for block in sums(table, resamples, generator, groups)])
    without = statistic(left_out(table, groups))
    return [
        interval_of(float(value), drawn[:, k], without[:, k], level, method) for k, value in enumerate(values)
    ]


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
    return bootstrap(np.hstack([table_a, table_b]), difference(statistic), W, level, groups=groups)


def difference(statistic: Statistic) -> Statistic:
    """The statistic of the first half of the columns minus that of the second half."""

    def between(sums: Floats) -> Floats:
        width = sums.shape[-1] // 2
        return statistic(sums[..., :width]) - statistic(sums[..., width:])

    return between


def interval_of(
    value: float,
    replicates: Floats,
    jackknife: Floats,
    level: float = 0.95,
    method: Method = "bca",
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
    if _flat(defined):
        return Interval(value, value, value, method, "degenerate")
    few = jackknife.size < FEW
    status = "unreliable" if defined.size < replicates.size else "underpowered" if few else "ok"
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca" and few and np.isfinite(jackknife).all():
        return by_t(value, jackknife_variance(jackknife), jackknife.size - 1, level, "jackknife-t", status)
    corrected = _bca(value, defined, jackknife, tails) if method == "bca" else None
    low, high = np.quantile(defined, tails if corrected is None else corrected)
    return Interval(value, float(low), float(high), "percentile" if corrected is None else "bca", status)


def _flat(replicates: Floats) -> bool:
    return bool(np.ptp(replicates) <= ROUNDING * np.abs(replicates).max())


def _bca(value: float, replicates: Floats, jackknife: Floats, tails: Floats) -> Floats | None:
    """The quantiles that stand for ``tails`` once bias and skewness are accounted for, if defined."""
    skew = _skew(value, replicates, jackknife)
    if skew is None:
        return None
    bias, acceleration = skew
    shifted = bias + ndtri(tails)
    scale = 1 - acceleration * shifted
    if (scale <= 0).any():
        return None
    quantiles: Floats = ndtr(bias + shifted / scale)
    return quantiles


def _skew(value: float, replicates: Floats, jackknife: Floats) -> tuple[float, float] | None:
    """Bias and acceleration, if they are defined."""
    same = ROUNDING * np.abs(replicates).max()
    below = ((replicates < value - same).mean() + (replicates <= value + same).mean()) / 2
    influence = jackknife.mean() - jackknife
    if not 0 < below < 1 or not np.abs(influence).max() > same:  # also if some influence is NaN
        return None
    return float(ndtri(below)), float((influence**3).sum() / (6 * (influence**2).sum() ** 1.5))


# -- p-values --------------------------------------------------------------------------------------


def above(limit: float, value: float, replicates: Floats, jackknife: Floats) -> float:
    """p-value of "the score is no higher than ``limit``": the reverse of :func:`interval_of`.

    It is below ``alpha`` where the lower bound at level ``1 - 2 * alpha`` lies above the limit, so tests
    and intervals agree, up to one resample in B. Of a difference to a baseline, ``above(-margin, ...)``
    shows non-inferiority and :func:`below` at the same limit a loss beyond the margin; these are the
    p-values that :func:`holm` adjusts. (Efron & Tibshirani 1993, An Introduction to the Bootstrap, 14.3.)

    Args:
        limit: What the score is compared with.
        value: The score on all examples.
        replicates: The score in each resample, ``(B,)``; where it is undefined it counts as no higher.
        jackknife: The score without each unit (example or cluster), ``(units,)``.

    Returns:
        At least ``1 / (B + 1)`` before the corrections of BCa; 1 if the score is undefined or does not
        vary at all, which shows nothing.
    """
    defined = replicates[np.isfinite(replicates)]
    if not math.isfinite(value) or not defined.size or _flat(defined):
        return 1.0
    if jackknife.size < FEW and np.isfinite(jackknife).all():
        error = math.sqrt(jackknife_variance(jackknife))
        return float(stdtr(jackknife.size - 1, (limit - value) / error)) if error else 1.0
    undefined = replicates.size - defined.size
    share = (1 + undefined + int((defined <= limit).sum())) / (replicates.size + 1)
    skew = _skew(value, defined, jackknife)
    if skew is None or share >= 1:
        return min(1.0, share)
    bias, acceleration = skew
    place = float(ndtri(share)) - bias
    scale = 1 + acceleration * place
    return float(ndtr(place / scale - bias)) if scale > 0 else min(1.0, share)


def below(limit: float, value: float, replicates: Floats, jackknife: Floats) -> float:
    """p-value of "the score is no lower than ``limit``"; see :func:`above`."""
    return above(-limit, -value, -replicates, -jackknife)


def within(margin: float, value: float, replicates: Floats, jackknife: Floats) -> float:
    """p-value of "the difference is ``margin`` or more, one way or the other" (section 7.4).

    Two one-sided tests (TOST, Schuirmann 1987): small values show equivalence. It is below ``alpha`` where
    the interval at level ``1 - 2 * alpha`` lies within plus and minus the margin.

    Args:
        margin: The difference that does not matter, above 0, in units of the score.
        value: The difference on all examples.
        replicates: The difference in each resample, ``(B,)``.
        jackknife: The difference without each unit, ``(units,)``.

    Raises:
        ValueError: If the margin is not positive.
    """
    if margin <= 0:
        raise ValueError(f"expected a margin above 0, got {margin}")
    return max(above(-margin, value, replicates, jackknife), below(margin, value, replicates, jackknife))


# -- runs and examples -----------------------------------------------------------------------------


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


def multibootstraps(
    tables: Floats,
    statistic: Statistic,
    resamples: int,
    generator: np.random.Generator,
    groups: ArrayLike | None = None,
) -> Floats:
    """:func:`multibootstrap` of many scores at once, such as all conditions of a suite.

    Runs and examples are drawn once for all of them, so that any difference or mean of the scores is
    bootstrapped by taking it of the replicates.

    Args:
        tables: Additive statistics, ``(R, K, n, p)``: of each run and score one row per example.
        statistic: Maps column sums ``(..., p)`` to scores ``(...)``.
        resamples: B; memory does not grow with ``B * n``.
        generator: Source of randomness; runs are drawn first.
        groups: The cluster of each example, ``(n,)``.

    Returns:
        Replicates ``(B, K)``, to be read by their percentiles; for fewer than 10 runs see
        :func:`two_way_t`.
    """
    runs = tables.shape[0]
    shares, at, means = weights(runs, resamples, generator) / runs, 0, []
    for block in sums(np.moveaxis(tables, 2, 0), resamples, generator, groups):
        means.append(np.einsum("br,brk->bk", shares[at : at + len(block)], statistic(block)))
        at += len(block)
    return np.concatenate(means)
