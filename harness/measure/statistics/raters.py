"""Agreement of runs beyond chance (methods, section 4.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from harness.measure.statistics.interval import (
    MINIMUM_RUNS,
    Floats,
    Interval,
    by_t,
    divided,
    jackknife_variance,
    strength,
)

SMALLEST_DISAGREEMENT = 0.02
"""Below this expected disagreement, chance-corrected agreement says nothing."""


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
    chance = chance_disagreement(expected, n)
    value = krippendorff(float(apart.mean()), chance)
    if chance < SMALLEST_DISAGREEMENT:
        return Interval(value, math.nan, math.nan, method, "degenerate")
    resampled = divided(W @ numerators.T, W @ denominators.T).mean(axis=1) / chance
    defined = resampled[np.isfinite(resampled)]
    variance = float(defined.var(ddof=1))
    if runs >= MINIMUM_RUNS:
        variance += jackknife_variance(without_runs(apart, pairs, expected, n))
    status = "unreliable" if defined.size < resampled.size else strength(runs)
    wide = by_t(value, variance, runs - 1, level, method, status)
    return Interval(value, max(-1.0, wide.low), min(1.0, wide.high), method, wide.status)


def chance_disagreement(expected: Floats, n: int) -> float:
    """Mean distance of two outputs of which none is compared with itself; see :func:`agreement`."""
    outputs = len(expected) * n
    return float(expected.mean()) * outputs / (outputs - 1)


def without_runs(apart: Floats, pairs: Sequence[tuple[int, int]], expected: Floats, n: int) -> Floats:
    """Krippendorff's alpha without each of the runs, ``(R,)`` with R at least 3.

    Args:
        apart: Mean distance of each pair of runs, ``(P,)``.
        pairs: The two runs of each pair.
        expected: As of :func:`agreement`, ``(R, R)``.
        n: Examples.
    """
    found = []
    for out in range(len(expected)):
        kept = [r for r in range(len(expected)) if r != out]
        among = [out not in pair for pair in pairs]
        chance = chance_disagreement(expected[np.ix_(kept, kept)], n)
        found.append(krippendorff(float(apart[among].mean()), chance))
    return np.array(found)


def kendall_w(scores: Floats) -> Floats:
    """Agreement of rankings, with the correction for ties (section 4.13; Kendall and Babington Smith 1939).

    Args:
        scores: What each of the raters (data sets) gives to each of the ranked (models), at least 2 of both,
            ``(raters, ranked, ...)``.

    Returns:
        1 if all rank alike, 0 if the rankings have nothing in common; NaN if every rater ties all. Of the
        shape of the further axes.
    """
    raters, ranked = scores.shape[:2]
    ranks = rankdata(scores, axis=1)
    sums = ranks.sum(axis=0)
    apart = ((sums - raters * (ranked + 1) / 2) ** 2).sum(axis=0)
    most = (ranks**2).sum(axis=(0, 1)) - raters * ranked * ((ranked + 1) / 2) ** 2
    return divided(apart, raters * most)


def fleiss(outputs: NDArray[np.generic]) -> float:
    """Chance-corrected agreement of labels (section 4.4; Fleiss 1971).

    Krippendorff's alpha of the same labels is ``kappa + (1 - kappa) / (n R)``: it corrects for the size of
    the sample, which matters for few examples only.

    Args:
        outputs: What each run answered to each example, ``(R, n)`` with R at least 2.

    Returns:
        1 for identical runs, 0 for agreement by chance; NaN if all answers are the same.
    """
    runs = len(outputs)
    counts = np.array([(outputs == label).sum(axis=0) for label in np.unique(outputs)])  # labels x examples
    agreed = (counts * (counts - 1)).sum(axis=0).mean() / (runs * (runs - 1))
    by_chance = (counts.mean(axis=1) ** 2).sum() / runs**2
    return krippendorff(float(1 - agreed), float(1 - by_chance))
