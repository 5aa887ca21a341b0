"""What causes the spread of scores: initialisation, order of the data, draw of a part (methods, section 4.6)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from harness.measure.common import Study, joined
from harness.measure.statistics import MINIMUM_RUNS, Component, crossed, nested
from harness.measure.tables import TEST, Array, Condition, RunTable
from harness.rng import rng
from harness.rows import Row
from harness.variation import Variation

CROSSED, NESTED = ("initialisation", "order", "rest"), ("subset", "seed")

Place = Mapping[str, str | int | float]


def rows(study: Study) -> Iterator[Row]:
    """The share of each cause in the variance of a run's score on this test set.

    Examples are no cause here: all runs are scored on the same ones. What a finite test set adds to the
    differences between runs is part of the rest.
    """
    parts = study.model.parts
    orders = sorted(v.order for v in parts if v.order is not None)
    seeds = [run.seed for run in study.model.runs]
    if orders and min(len(orders), len(seeds)) > 1:
        design = [[_ordered(study, order, seed) for order in orders] for seed in seeds]
        yield from _shares(study, design, CROSSED, {})
    for fraction in sorted({v.fraction for v in parts if v.subset}):
        subsets = [runs for v, runs in parts.items() if v.fraction == fraction]
        if min(len(subsets), *map(len, subsets)) > 1:
            yield from _shares(study, subsets, NESTED, {"fraction": fraction})


def _ordered(study: Study, order: int, seed: int | None) -> RunTable | None:
    """The run with this seed and this order: the main one where both are the same."""
    runs = study.model.runs if order == seed else study.model.parts.get(Variation(order=order), ())
    return next((run for run in runs if run.seed == seed), None)


def _shares(
    study: Study, design: Sequence[Sequence[RunTable | None]], causes: Sequence[str], place: Place
) -> Iterator[Row]:
    runs = [run for line in design for run in line if run is not None and Condition(TEST) in run.cells]
    if len(runs) < sum(map(len, design)) or len({len(line) for line in design}) > 1:
        out = sum(map(len, design)) - len(runs)
        why = f"needs every run of {' x '.join(causes[:2])}: {out} did not finish"
        yield study.absent("variance_share", why)
        return
    sums = study.of(runs).clean(TEST)[:, 0]
    scores = study.tables.score(sums).reshape(len(design), -1)
    random = rng(study.tables.seed, "causes", *causes)
    split = crossed if causes is CROSSED else nested
    found = split(scores, random, study.tables.level)
    total = math.sqrt(sum(max(0.0, one.variance) for one in found))
    for cause, one in zip(causes, found, strict=True):
        yield study.row(
            "variance_share",
            one.share,
            {"cause": cause, **place},
            n=study.tables.sizes[TEST],
            runs=scores.size,
            direction="none",
            note=_note(one, total, scores),
        )


def _note(one: Component, total: float, scores: Array) -> str:
    if not np.ptp(scores):
        return "all runs have the same score"
    tested = f"F = {one.f:.4g}, p = {one.p:.2g}" if math.isfinite(one.p) else ""
    return joined(
        f"a standard deviation of {math.sqrt(max(0.0, one.variance)):.4f} of {total:.4f} in all",
        tested,
        f"estimated at {one.variance:.2g}, which counts as 0" if one.variance < 0 else "",
        f"fewer than {MINIMUM_RUNS} levels of a cause" if min(scores.shape) < MINIMUM_RUNS else "",
    )
