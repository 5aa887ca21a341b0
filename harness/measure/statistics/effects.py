"""What fixed choices do to a score: main effects by analysis of variance (methods, section 4.12).

Unlike the levels of a random cause (:mod:`harness.measure.statistics.components`), options are chosen: the
answer holds for the choices that were tried.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import f as f_distribution
from scipy.stats import ncf

from harness.measure.statistics.interval import ROUNDING, Floats, Interval


@dataclass(frozen=True, slots=True)
class Effect:
    """What one choice adds to what all others do.

    Args:
        share: Of the variance of all scores (omega squared), with its interval over runs.
        f: Mean square over that of the rest.
        p: Of "the choice makes no difference".
    """

    share: Interval
    f: float
    p: float


def main_effects(
    scores: Floats, levels: Mapping[str, Sequence[Hashable]], level: float = 0.95
) -> dict[str, Effect]:
    """The share of each choice in the variance of scores; a choice that never varies alone has none.

    Sums of squares are what a choice explains that the others, and the run, do not (type II), so that designs
    need not be complete: one change at a time will do, though shares then need not add up. Interactions count as
    the rest. Shares are omega squared (Hays 1963), which unlike eta squared do not grow with noise; a negative
    one counts as 0. Their intervals follow from those of the noncentrality of F (Steiger 2004), other effects
    being as estimated.

    Args:
        scores: Of each setting in each run, ``(G, R)``; runs are blocks, such as seeds.
        levels: By choice, what it is in each setting, G of them.
        level: Two-sided coverage.

    Returns:
        By choice, without those that cannot be told from others; empty if nothing is left to judge them by,
        or the rest does not vary.
    """
    settings, runs = scores.shape
    total = scores.size
    every = {name: _indicators(found) for name, found in levels.items()}
    means = scores.mean(axis=1)
    full, rank = _explained(means, list(every.values()))
    blocks = settings * float(((scores.mean(axis=0) - scores.mean()) ** 2).sum())
    left = float(((scores - scores.mean()) ** 2).sum()) - blocks - runs * full
    freedom = total - 1 - (runs - 1) - rank
    noise = total * (ROUNDING * float(np.abs(scores).max(initial=0.0))) ** 2
    if freedom < 1 or left <= noise:
        return {}
    error = left / freedom
    tested: dict[str, tuple[float, int]] = {}
    for name in every:
        without, fewer = _explained(means, [found for other, found in every.items() if other != name])
        if rank > fewer:
            tested[name] = max(0.0, runs * (full - without)) / (rank - fewer) / error, rank - fewer
    gains = {name: max(0.0, df * (f - 1)) for name, (f, df) in tested.items()}
    all_gains = max(0.0, runs * full / error - rank) + max(0.0, blocks / error - (runs - 1))
    found = {}
    for name, (f, df) in tested.items():
        others = max(0.0, all_gains - gains[name]) + total
        ends = [_noncentrality(f, df, freedom, (1 + side * level) / 2) for side in (1, -1)]
        value, low, high = (gain / (gain + others) for gain in (gains[name], *ends))
        share = Interval(value, min(low, value), max(high, value), "noncentral-f")
        found[name] = Effect(share, f, float(f_distribution.sf(f, df, freedom)))
    return found


def _indicators(found: Sequence[Hashable]) -> Floats:
    """A column for each level but the first, ``(G, levels - 1)``."""
    known = list(dict.fromkeys(found))
    return np.array([[float(one == other) for other in known[1:]] for one in found]).reshape(len(found), -1)


def _explained(means: Floats, columns: Sequence[Floats]) -> tuple[float, int]:
    """Sum of squares about the mean that columns explain, and how many of them are independent."""
    centred = means - means.mean()
    X = np.column_stack([np.empty((len(means), 0)), *columns])
    fitted, _, rank, _ = np.linalg.lstsq(X - X.mean(axis=0), centred, rcond=1e-9)
    return float((((X - X.mean(axis=0)) @ fitted) ** 2).sum()), int(rank)


def _noncentrality(f: float, df: int, freedom: int, tail: float) -> float:
    """The noncentrality with which F stays below f so often; 0 if it does not even without any."""
    if f_distribution.cdf(f, df, freedom) <= tail:
        return 0.0
    top = 1.0
    while ncf.cdf(f, df, freedom, top) > tail:
        top *= 2
        if not math.isfinite(top) or top > 1e9:
            return top
    return float(brentq(lambda nc: ncf.cdf(f, df, freedom, nc) - tail, 0.0, top))
