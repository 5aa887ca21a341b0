"""The learning curve: the score by share of the training data (methods, section 4.11)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

from harness.measure.common import DIFFERENCE, SHARE, Study, interval, joined, redrawn
from harness.measure.continuity import monotonicity_violation
from harness.measure.statistics import MINIMUM_RUNS, Interval, sd_interval
from harness.measure.tables import TEST, Array, RunTable
from harness.rng import rng
from harness.rows import Row, Status

ENOUGH = 0.95
"""Of the last score: a curve that has come so far has little left to gain."""


def area(sizes: Array, scores: Array) -> Array:
    """Area under a learning curve over the logarithm of the size: the mean score over all doublings.

    Args:
        sizes: Training sizes, or shares, ``(m,)``, rising, at least 2.
        scores: Of shape ``(m, ...)``.
    """
    steps = np.diff(np.log2(sizes)).reshape(-1, *(1 for _ in scores.shape[1:]))
    result: Array = (steps * (scores[1:] + scores[:-1]) / 2).sum(axis=0) / math.log2(sizes[-1] / sizes[0])
    return result


def slope(sizes: Array, scores: Array) -> Array:
    """What the score gains by the last doubling of the data; shapes as in :func:`area`."""
    result: Array = (scores[-1] - scores[-2]) / math.log2(sizes[-1] / sizes[-2])
    return result


def reached(sizes: Array, scores: Array, share: float = ENOUGH) -> Array:
    """The least size at which a curve has come to a share of its last score, between sizes by their logarithm.

    Args:
        sizes: Training sizes, or shares, ``(m,)``, rising.
        scores: Of shape ``(m, ...)``, not negative.
        share: In (0, 1].

    Returns:
        Of shape ``(...)``: the first size, if the curve is there already, which then is no more than a bound.
    """
    x, goal = np.log2(sizes), share * scores[-1]
    found = np.full(scores.shape[1:], x[0])
    open_ = scores[0] < goal
    for left, right, low, high in zip(x, x[1:], scores, scores[1:], strict=False):
        here = open_ & (high >= goal)
        way = np.divide(goal - low, high - low, out=np.zeros_like(found), where=here & (high > low))
        found = np.where(here, left + way * (right - left), found)
        open_ = open_ & ~here
    result: Array = 2.0**found
    return result


def combined(weights: Array, groups: Sequence[Array], study: Study, bounds: tuple[float, float]) -> Interval:
    """Interval of a weighted sum of mean scores, each over runs of its own (Welch 1947).

    The variance between runs is that of each mean by itself, as runs on other parts of the data are other
    runs; that of resampled examples is added. Degrees of freedom are Satterthwaite's, at least those of the
    fewest runs.

    Args:
        weights: Of each mean, ``(m,)``.
        groups: Scores of the runs behind each mean as series, ``(R_i, length)``.
        study: Whose examples were resampled.
        bounds: The range of the sum.
    """
    level, resamples, counts = study.tables.level, study.draws.resamples, [len(one) for one in groups]
    series = np.tensordot(weights, [one.mean(axis=0) for one in groups], axes=1)
    if min(counts) == 1:
        return interval(series[np.newaxis], study.draws, level, bounds)
    value, examples = float(series[0]), float(series[1 : 1 + resamples].var(ddof=1))
    between = np.array([w**2 * g[:, 0].var(ddof=1) / len(g) for w, g in zip(weights, groups, strict=True)])
    variance = examples + float(between.sum())
    if not variance:
        return Interval(value, value, value, "t-by-size", "degenerate")
    free = np.array(counts) - 1
    noise = float((between**2 / free).sum()) + examples**2 / max(1, study.draws.units - 1)
    half = float(stdtrit(max(int(free.min()), variance**2 / noise), (1 + level) / 2)) * math.sqrt(variance)
    status = "ok" if min(counts) >= MINIMUM_RUNS else "underpowered"
    return Interval(value, max(value - half, bounds[0]), min(value + half, bounds[1]), "t-by-size", status)


class _Point(NamedTuple):
    """A share of the data: the runs on it, and their scores as series, one for each draw if there are several."""

    fraction: float
    runs: int
    draws: int
    scores: Array


def rows(study: Study) -> Iterator[Row]:
    """The score by share of the training data, and what the curve comes to as a whole."""
    points = list(_points(study))
    if len(points) < 2:
        return
    n, level = study.tables.sizes[TEST], study.tables.level
    for point in points:
        place: dict[str, str | int | float] = {"fraction": point.fraction}
        draws = f"over {point.draws} draws of the data" if point.draws > 1 else ""
        yield study.row("learning_curve", point.scores, place, n=n, runs=point.runs, note=draws)
        if point.draws > 1:
            spread = sd_interval(point.scores[:, 0], level)
            yield study.row("subset_sd", spread, place, n=n, runs=point.runs, direction="lower", note=draws)
    sizes = np.array([point.fraction for point in points])
    groups, runs = [point.scores for point in points], sum(point.runs for point in points)
    alone = min(map(len, groups)) == 1
    status, note = (
        (Status.UNDERPOWERED, "one run at some share: over examples alone") if alone else (Status.OK, "")
    )
    for name, made, bounds in (("learning_area", area, SHARE), ("learning_slope", slope, DIFFERENCE)):
        found = combined(made(sizes, np.eye(len(sizes))), groups, study, bounds)
        yield study.row(name, found, n=n, runs=runs, status=status, note=note)
    again = redrawn(groups, study.draws, rng(study.tables.seed, "curve"))
    series = reached(sizes, np.stack([one.mean(axis=0) for one in again]))
    censored = "at the least share there is, or below" if series[0] == sizes[0] else ""
    few = status if min(map(len, groups)) >= MINIMUM_RUNS else Status.UNDERPOWERED
    about: dict[str, Any] = {"n": n, "runs": runs, "status": few, "direction": "none"}
    yield study.row("learning_needed", series[np.newaxis], note=joined(censored, note), **about)
    means = np.array([one[:, 0].mean() for one in groups])
    down = float(monotonicity_violation(means)) if np.ptp(means) else 0.0
    yield study.row("learning_violation", down, n=n, runs=runs, direction="lower")


def _points(study: Study) -> Iterator[_Point]:
    by_share: dict[float, list[Sequence[RunTable]]] = {1.0: [study.runs]}
    for variation, runs in study.model.parts.items():
        if variation.fraction < 1:
            by_share.setdefault(variation.fraction, []).append(runs)
    for fraction, draws in sorted(by_share.items()):
        finished = [one for runs in draws if (one := study.of(runs)).runs]
        scores = [study.tables.score(one.clean(TEST)) for one in finished]
        if scores:
            many = scores[0] if len(scores) == 1 else np.stack([one.mean(axis=0) for one in scores])
            yield _Point(fraction, sum(map(len, scores)), len(scores), many)
