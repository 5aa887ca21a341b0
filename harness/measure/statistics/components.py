"""What causes the spread of scores: variance components of random effects (methods, section 4.6).

Mean squares and their expectations as in the analysis of variance. Bootstrapping three to five levels of a
factor can say little about their variance, so the intervals of the shares are generalised confidence
intervals (Weerahandi 1993): each mean square is drawn from what it may be in truth, given what it is here
and the chi-square distribution of its degrees of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from harness.measure.statistics.interval import MINIMUM_RUNS, ROUNDING, Floats, Interval

DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class Component:
    """The part of one cause in the variance of a score.

    Args:
        variance: Estimated without bias, in squared units of the score; by chance it may be negative,
            which counts as 0 in the shares.
        share: Of the sum of all components, with its interval.
        levels: How many the factor has; of the rest, its degrees of freedom plus 1.
        f: Mean square over that of what lies below it; NaN for the rest.
        p: Of "the factor makes no difference"; NaN for the rest.
    """

    variance: float
    share: Interval
    levels: int
    f: float
    p: float


def crossed(scores: Floats, generator: np.random.Generator, level: float = 0.95) -> tuple[Component, ...]:
    """Components of crossed factors, such as initialisations x data orders, or seeds x examples.

    Interactions cannot be told from noise with one score per cell: they are part of the rest.

    Args:
        scores: One score for each combination of levels, ``(I, J, ...)``; two factors or more with two
            levels or more each.
        generator: Source of randomness, for the intervals.
        level: Two-sided coverage.

    Returns:
        One component for each axis, and the rest. Shares are ``underpowered`` if any factor has
        fewer than 3 levels, and ``degenerate`` if nothing varies.

    Raises:
        ValueError: If there are fewer than two factors, or a factor has a single level.
    """
    _check(scores)
    mean = scores.mean()
    rest = scores - mean
    copies, mean_squares, freedom = [], [], []
    for axis, levels in enumerate(scores.shape):
        others = tuple(other for other in range(scores.ndim) if other != axis)
        effect = scores.mean(axis=others, keepdims=True) - mean
        rest = rest - effect
        copies.append(scores.size / levels)
        freedom.append(levels - 1)
        mean_squares.append(copies[-1] * float((effect**2).sum()) / freedom[-1])
    freedom.append(scores.size - 1 - sum(freedom))
    mean_squares.append(float((rest**2).sum()) / freedom[-1])
    below = [len(copies)] * len(copies)
    noise = (ROUNDING * float(np.abs(scores).max())) ** 2 * scores.size
    return _components(mean_squares, freedom, copies, below, scores.shape, noise, generator, level)


def nested(scores: Floats, generator: np.random.Generator, level: float = 0.95) -> tuple[Component, ...]:
    """Components of nested factors, such as data subsets, seeds within each, examples within those.

    Args:
        scores: One score for each level of the last factor within each of the one before, and so on,
            ``(A, B, ...)``; the levels of an axis are others in each row of the axes before.
        generator: Source of randomness, for the intervals.
        level: Two-sided coverage.

    Returns:
        One component for each axis, outermost first; the last one is the rest.

    Raises:
        ValueError: If there are fewer than two factors, or a factor has a single level.
    """
    _check(scores)
    means = [scores.mean(axis=tuple(range(axis, scores.ndim))) for axis in range(scores.ndim)] + [scores]
    copies, mean_squares, freedom = [], [], []
    for axis, levels in enumerate(scores.shape):
        copies.append(math.prod(scores.shape[axis + 1 :]))
        freedom.append(math.prod(scores.shape[:axis]) * (levels - 1))
        effect = means[axis + 1] - means[axis][..., np.newaxis]
        mean_squares.append(copies[-1] * float((effect**2).sum()) / freedom[-1])
    below = list(range(1, scores.ndim))
    noise = (ROUNDING * float(np.abs(scores).max())) ** 2 * scores.size
    return _components(mean_squares, freedom, copies[:-1], below, scores.shape, noise, generator, level)


def _check(scores: Floats) -> None:
    if scores.ndim < 2 or min(scores.shape) < 2:
        raise ValueError(f"expected two factors or more of 2 levels or more, got the shape {scores.shape}")


def _components(
    mean_squares: Sequence[float],
    freedom: Sequence[int],
    copies: Sequence[float],
    below: Sequence[int],
    levels: Sequence[int],
    noise: float,
    generator: np.random.Generator,
    level: float,
) -> tuple[Component, ...]:
    """Components from mean squares, the last of which is that of the rest.

    Args:
        copies: Scores behind each level of each factor.
        below: Which mean square is expected of a factor that makes no difference.
        noise: What a mean square of rounding errors may be.
    """
    found, df = np.array(mean_squares), np.array(freedom)
    found = np.where(found <= noise, 0.0, found)

    def variances(squares: Floats) -> Floats:
        causes = [(squares[..., k] - squares[..., b]) / copies[k] for k, b in enumerate(below)]
        return np.stack([*causes, squares[..., -1]], axis=-1)

    values = variances(found)
    shares = _shares(values)
    drawn = _shares(variances(found * df / generator.chisquare(df, size=(DRAWS, len(df)))))
    tails = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    status = "ok" if min(levels) >= MINIMUM_RUNS else "underpowered"
    result = []
    for k, value in enumerate(values):
        share = Interval(float(shares[k]), float(tails[0, k]), float(tails[1, k]), "generalised", status)
        if not found.any():
            share = Interval(math.nan, math.nan, math.nan, "generalised", "degenerate")
        f = p = math.nan
        if k < len(below) and found.any():
            f = float(found[k] / found[below[k]]) if found[below[k]] else math.inf
            p = float(fdtrc(df[k], df[below[k]], f))
        many = levels[k] if k < len(levels) else int(df[k]) + 1
        result.append(Component(float(value), share, many, f, p))
    return tuple(result)


def _shares(variances: Floats) -> Floats:
    positive = np.maximum(variances, 0.0)
    total = positive.sum(axis=-1, keepdims=True)
    return positive / np.where(total > 0, total, 1.0)
