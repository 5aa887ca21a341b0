"""Quantiles over examples: what a mean hides of the few that move far (methods, section 2.2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from harness.measure.attacked import quantile
from harness.measure.common import ANY, Study, interval
from harness.measure.statistics import MINIMUM_RUNS, Interval, quantile_interval
from harness.measure.tables import TEST, Array
from harness.rows import Status

BEYOND = 5
"""Examples that should lie beyond a quantile for it to be firm."""

Part = tuple[NDArray[np.int64], Array]
"""The example that each value stems from, and the values, of one run."""


def of_examples(
    study: Study, parts: Sequence[Part], q: float, bounds: tuple[float, float]
) -> tuple[Interval, Status]:
    """The mean over runs of a quantile over examples, with its interval and what is known of it.

    Independent examples have exact intervals by their order statistics. Of several runs the means of these ends
    and the spread of runs add up as distances from the value (MOVER, Zou and Donner 2008), as if the runs erred
    alike; where several values stem from examples that belong together, all is resampled.

    Args:
        study: Whose examples they are.
        parts: Of each run.
        q: In (0, 1).
        bounds: The range of the values.
    """
    n = max(len(np.unique(index)) for index, _ in parts)
    alone = all(len(np.unique(index)) == len(index) for index, _ in parts)
    if alone and study.draws.independent(TEST):
        found = _added(
            [quantile_interval(values, q, study.tables.level, bounds) for _, values in parts], study
        )
    else:
        series = np.stack([_series(study, index, values, q) for index, values in parts])
        found = interval(series, study.draws, study.tables.level, ANY, study.draws.behind(n))
    found = replace(found, low=max(found.low, bounds[0]), high=min(found.high, bounds[1]))
    few = n * min(q, 1 - q) < BEYOND or found.status == "not_applicable"
    return found, Status.UNDERPOWERED if few and math.isfinite(found.value) else Status.OK


def _added(each: Sequence[Interval], study: Study) -> Interval:
    """The interval of the mean over runs, from that of each."""
    if len(each) == 1:
        return each[0]
    values = np.array([one.value for one in each])
    value, runs = float(values.mean()), len(values)
    half = (
        float(stdtrit(runs - 1, (1 + study.tables.level) / 2)) * float(values.std(ddof=1)) / math.sqrt(runs)
    )
    low, high = (float(np.mean([getattr(one, end) for one in each])) for end in ("low", "high"))
    worst = max((one.status for one in each), key=("ok", "underpowered", "not_applicable").index)
    status = "underpowered" if worst == "ok" and runs < MINIMUM_RUNS else worst
    ends = value - math.hypot(value - low, half), value + math.hypot(high - value, half)
    return Interval(value, *ends, "order-statistics-by-run", status)


def _series(study: Study, index: NDArray[np.int64], values: Array, q: float) -> Array:
    """The quantile in one run, as a series ``(length,)``."""
    return np.concatenate([quantile(values, w[:, index], q) for w in study.draws.weights(TEST)])
