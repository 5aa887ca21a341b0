"""Stability: the same recipe, trained again, gives the same model (methods, section 4)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from harness.measure import causes, course, cross, curve, options
from harness.measure.basis import Measured
from harness.measure.common import DIFFERENCE, SHARE, Exact, Study, counted, guarded, joined, studies
from harness.measure.statistics import (
    MINIMUM_RUNS,
    ROUNDING,
    Interval,
    Spread,
    agreement,
    chance_disagreement,
    clopper_pearson,
    crossed,
    expected_best,
    halving,
    prediction_interval,
    run_variance,
    sd_interval,
    t_interval,
    wilson,
    without_runs,
)
from harness.measure.tables import TEST, Agreement, Array, Condition, Measure, RunTable, Tables
from harness.rng import rng
from harness.rows import Direction, Row, Status

VERSION = 1
RECOMMENDED_RUNS = 5
BUDGETS = 500
"""Resamples of the trials of a search."""


# -- formulas ------------------------------------------------------------------------------------


def pseudo_values(values: Array, left_out: Array) -> Array:
    """What each example contributes to the score of each run, so that the mean is about the score.

    For a mean these are exactly the scores of the examples; for F1 and its like they are the
    jackknife's linearisation, which lets section 4.2 serve every metric.

    Args:
        values: Score of each run, ``(R,)``.
        left_out: The same without each example or cluster, ``(R, n)``.
    """
    n = left_out.shape[1]
    contributions: Array = n * values[:, np.newaxis] - (n - 1) * left_out
    return contributions


def distribution_sd(scores: Array, level: float) -> Interval:
    """Spread between runs that the finite test set does not explain (methods, section 4.2).

    Args:
        scores: Score of each run on each example, ``(R, n)``.
        level: Two-sided coverage.

    Returns:
        The standard deviation in units of the score, 0 if runs differ no more than by chance. The
        interval is the jackknife's over runs, made for the variance; there is none below 3 runs.
    """
    variance, runs = run_variance(scores), len(scores)
    value, method = math.sqrt(max(0.0, variance)), "jackknife-runs"
    if runs < MINIMUM_RUNS:
        return Interval(value, math.nan, math.nan, method, "not_applicable")
    others = np.array([run_variance(np.delete(scores, out, axis=0)) for out in range(runs)])
    half = float(stdtrit(runs - 1, (1 + level) / 2)) * math.sqrt((runs - 1) * float(others.var()))
    low, high = (math.sqrt(max(0.0, bound)) for bound in (variance - half, variance + half))
    return Interval(value, low, high, method)


# -- rows ----------------------------------------------------------------------------------------


def measure(tables: Tables) -> Iterable[Row]:
    """Agreement of runs beyond chance, what spreads their scores, churn, failed runs, data and options."""
    for study in studies(tables, "stability", (TEST,), VERSION):
        yield from _rows(study)
        for further in (causes.rows, curve.rows, course.rows, options.rows, _search_rows):
            yield from further(study)
    yield from cross.spread(tables, VERSION)


STABILITY = Measure(
    name="stability",
    function=measure,
    version=VERSION,
    formula="St = max(0, 1 - disagreement between runs / disagreement expected by chance)",
)


def _rows(study: Study) -> Iterator[Row]:
    trained = [] if study.model.given else list(study.model.runs)
    if len(trained) < 2 or len(study.runs) < 2:
        yield study.absent("score", joined("needs at least two training runs (seeds)", study.remark))
    else:
        yield _headline(study)
        yield from _spread_rows(study)
        if study.model.agreement is not None:
            yield from _churn_rows(study, study.model.agreement)
    if len(trained) > 1:
        yield _failures(study, trained)


def _search_rows(study: Study) -> Iterator[Row]:
    """What a search for hyperparameters would have found with fewer trials (methods, section 4.9)."""
    values = np.array(study.model.trials, float)
    budgets = [2**power for power in range(10) if 2**power <= max(1, len(values) // 2)]
    for k in budgets if len(values) else ():
        found = _expected(study, values, k, "trials")
        note = f"expected best validation score of {k} of the {len(values)} complete trials"
        yield study.row("expected_validation", found, {"trials": k}, n=len(values), runs=k, note=note)


def _expected(study: Study, values: Array, k: int, what: str) -> Interval:
    """The best to be expected of k of these values, which are drawn anew for its interval."""
    drawn = rng(study.tables.seed, what).integers(0, len(values), (BUDGETS, len(values)))
    resampled = [expected_best(values[row], k) for row in drawn]
    low, high = np.quantile(resampled, [(1 - study.tables.level) / 2, (1 + study.tables.level) / 2])
    return Interval(expected_best(values, k), float(low), float(high), f"bootstrap-{what}")


def _headline(study: Study) -> Row:
    table, n = study.model.agreement, study.tables.sizes[TEST]
    if table is None:
        return study.absent("score", "the runs' answers could not be compared")
    W, level, observed = study.draws.splits[TEST].W, study.tables.level, table.observed
    found = agreement(observed, np.ones_like(observed), table.pairs, table.expected, W, level)
    few = f"{RECOMMENDED_RUNS} runs or more are recommended" if len(study.runs) < RECOMMENDED_RUNS else ""
    if math.isnan(found.low):
        absent = study.absent("score", "nearly all answers are the same", Status.DEGENERATE)
        return replace(absent, n=n)
    if found.status == "degenerate":  # the runs never disagree: as sure as the examples are many
        found = clopper_pearson(study.draws.units, study.draws.units, level)
    low, alpha, high = (max(0.0, bound) for bound in (found.low, found.value, found.high))
    found = Interval(alpha, low, high, found.method, found.status)
    status = Status.OK if len(study.runs) >= MINIMUM_RUNS else Status.UNDERPOWERED
    row = study.row(
        "score", Exact(found, _alphas(study, table)), n=n, status=status, distance="hard",
        note=joined(few, study.remark),
    )  # fmt: skip
    return guarded(_over_runs(row, table, n), study.unskilled(all))


def _alphas(study: Study, table: Agreement) -> Array:
    """Agreement as a series ``(1, length)`` over examples, the disagreement that chance would bring held fixed."""
    n = study.tables.sizes[TEST]
    columns = np.column_stack([table.observed.mean(axis=0), np.ones(n)])
    sums = study.draws.sums(TEST, [(np.arange(n), columns)])[0]
    found: Array = 1 - sums[:, 0] / sums[:, 1] / chance_disagreement(table.expected, n)
    return found[np.newaxis]


def _over_runs(row: Measured, table: Agreement, n: int) -> Measured:
    """The row resting on the choice of runs as well: what each adds to the agreement, by leaving it out."""
    runs = len(table.expected)
    if row.basis is None or runs < MINIMUM_RUNS:
        return replace(row, basis=None)
    values = -(runs - 1) * without_runs(table.observed.mean(axis=1), table.pairs, table.expected, n)
    return replace(row, basis=replace(row.basis, runs=tuple(values - values.mean() + row.basis.value)))


def _spread_rows(study: Study) -> Iterator[Row]:
    tables, n = study.tables, study.tables.sizes[TEST]
    series = tables.score(study.clean(TEST))
    scores, level = series[:, 0], tables.level
    alone = "spread of runs alone, on this test set"
    yield study.row("score_mean", _possible(t_interval(scores, level)), n=n, note=alone)
    yield study.row("score_sd", _possible(sd_interval(scores, level)), n=n, direction="lower")
    yield study.row("next_run", _possible(prediction_interval(scores, level)), n=n)
    worst = int(scores.argmin())
    yield study.row("worst_run", float(scores[worst]), {"seed": _seed(study.runs[worst])}, n=n)
    for k in [k for k in range(2, len(scores) // 2 + 1) if k & (k - 1) == 0]:
        best = _expected(study, -scores, k, "runs")
        found = replace(best, value=-best.value, low=-best.high, high=-best.low)
        note = f"the least of {k} runs on average, of the {len(scores)} there are; its interval is that of few runs"
        yield study.row("expected_worst", found, {"of": k}, n=n, note=note)
    values = pseudo_values(scores, series[:, 1 + tables.resamples :])
    if values.shape[1] > 1:
        spread = _possible(distribution_sd(values, level))
        note = "" if spread.value else "runs differ no more than the finite test set explains"
        status = Status.OK if len(study.runs) >= MINIMUM_RUNS else Status.UNDERPOWERED
        yield study.row("distribution_sd", spread, n=n, direction="lower", status=status, note=note)
        yield from _needed(study, values, n)
    yield from _sound_rows(study, scores, n)


def _needed(study: Study, values: Array, n: int) -> Iterator[Row]:
    """What would make the interval of the mean score half as wide (methods, section 7.5)."""
    variances = [max(0.0, one.variance) for one in crossed(values, rng(study.tables.seed, "needed"))]
    if not any(variances):
        return
    runs, examples = halving(Spread(*variances), len(values), values.shape[1], study.tables.level)
    units = "examples" if study.draws.independent(TEST) else "groups of examples"
    ways = (
        f"{runs} runs in place of {len(values)}" if runs else "no number of runs",
        f"{examples:,} {units} in place of {values.shape[1]:,}" if examples else f"no number of {units}",
    )
    note = f"for an interval of the score half as wide: {ways[0]}, or else {ways[1]}"
    yield study.row("needed_runs", math.nan if runs is None else runs, n=n, direction="none", note=note)


def _sound_rows(study: Study, scores: Array, n: int) -> Iterator[Row]:
    """Mean and spread without the runs that failed, if any did (methods, section 4.8)."""
    sound = np.array([not _failure(study, run) for run in study.runs])
    if sound.all() or not sound.any():
        return
    note, kept = f"without {len(sound) - sound.sum()} failed run(s)", scores[sound]
    for name, found in (("sound_mean", t_interval), ("sound_sd", sd_interval)):
        spread = _possible(found(kept, study.tables.level))
        direction: Direction = "higher" if name == "sound_mean" else "lower"
        yield study.row(name, spread, n=n, runs=len(kept), direction=direction, note=note)


def _possible(found: Interval) -> Interval:
    """The interval without what no score, and no spread of scores, can be; NaN stays NaN."""
    low, high = (float(np.clip(end, *SHARE)) for end in (found.low, found.high))
    return replace(found, low=low, high=high)


def _churn_rows(study: Study, table: Agreement) -> Iterator[Row]:
    n, everyone = study.tables.sizes[TEST], np.arange(study.tables.sizes[TEST])
    columns = np.column_stack([table.observed.mean(axis=0), table.observed.max(axis=0) > 0, np.ones(n)])
    sums = np.stack(study.draws.sums(TEST, [(everyone, columns)]))
    churn, volatile = sums[..., 0] / sums[..., 2], sums[..., 1] / sums[..., 2]
    pairs = f"mean over {len(table.pairs)} pairs of these runs"
    yield study.row("churn", churn, n=n, direction="lower", distance="hard", note=pairs)
    exact = counted(study, TEST, volatile, wilson, hits=int(sums[0, 0, 1]), trials=n, sources=n)
    yield study.row("volatile_share", exact, n=n, direction="lower", note="examples on which any runs differ")
    chance = chance_disagreement(table.expected, n)
    yield study.row("expected_disagreement", chance, n=n, direction="none", distance="hard")
    if table.outputs is not None:
        note = "over examples alone; beside the headline, for comparison with what others report"
        yield study.row("fleiss_kappa", _kappa(study, table.outputs)[None], n=n, bounds=DIFFERENCE, note=note)


def _kappa(study: Study, outputs: NDArray[np.int64]) -> Array:
    """Fleiss' kappa of labels (methods, section 4.4) as a series."""
    counts = (outputs[..., np.newaxis] == np.unique(outputs)).sum(axis=0)  # examples x labels
    agreed = (counts * (counts - 1)).sum(axis=1) / (len(outputs) * (len(outputs) - 1))
    columns = np.column_stack([np.ones(len(counts)), agreed, counts / len(outputs)])
    (sums,) = study.draws.sums(TEST, [(np.arange(len(counts)), columns)])
    by_chance = ((sums[:, 2:] / sums[:, :1]) ** 2).sum(axis=1)
    above, room = sums[:, 1] / sums[:, 0] - by_chance, 1 - by_chance
    result: Array = np.divide(above, room, out=np.full(len(sums), np.nan), where=room > ROUNDING)
    return result


def _failures(study: Study, trained: list[RunTable]) -> Row:
    failed = [why for run in trained if (why := _failure(study, run))]
    found = clopper_pearson(len(failed), len(trained), study.tables.level)
    return study.row(
        "failure_rate",
        found,
        n=study.tables.sizes[TEST],
        runs=len(trained),
        direction="lower",
        note=joined(*failed),
    )


def _failure(study: Study, run: RunTable) -> str:
    """Why a training run counts as failed (methods, section 4.8), or nothing."""
    name = f"seed {_seed(run)}"
    clean = run.cells.get(Condition(TEST))
    if clean is None:
        return f"{name} diverged" if run.status == "diverged" else ""
    sums = clean.stats.sum(axis=0)
    if run.one_class:
        return f"{name} always gives the same answer"
    if float(study.tables.score(sums)) <= float(study.tables.chance(sums)):
        return f"{name} is not above chance"
    return ""


def _seed(run: RunTable) -> int | str:
    return "" if run.seed is None else run.seed
