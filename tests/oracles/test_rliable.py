"""Our bootstrap of runs beside the stratified one of rliable (methods, section 4.13; Agarwal et al. 2021).

What can be compared: scores of runs on several tasks, runs resampled within each task. rliable knows runs
only, no examples, so it says less about the test set; and it draws from NumPy's global generator, which is
fenced here so that ours can be given the same draws.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from harness.measure import statistics as st
from harness.measure.selectivity import selectivity
from harness.rng import fenced, rng

pytest.importorskip("rliable", reason="rliable is an oracle of `make oracles` alone")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from rliable import library, metrics

RUNS, TASKS, DRAWS = 12, 4, 2000


def scores(trial: int, tasks: int = TASKS) -> np.ndarray:
    """Scores ``(runs, tasks)`` of tasks that are not equally hard."""
    random = rng("rliable", trial)
    return np.clip(random.normal(np.linspace(0.6, 0.9, tasks), 0.05, (RUNS, tasks)), 0, 1)


def their_draws(x: np.ndarray, key: str) -> np.ndarray:
    """How often each run of each task is in each of their resamples, ``(draws, runs, tasks)``."""
    counts = np.zeros((DRAWS, *x.shape))
    with fenced(key):
        resampler = library.StratifiedBootstrap(x)
        for at in range(DRAWS):
            chosen, tasks = resampler.update_indices()
            np.add.at(counts[at], (chosen, np.broadcast_to(tasks, chosen.shape)), 1)
    return counts


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize("trial", range(3))
def test_the_interval_of_runs_on_one_task_is_theirs(agree, trial, method):
    """The same resamples give the same bounds, bias and acceleration included."""
    x = scores(trial, tasks=1)
    weights = their_draws(x, "one task")[:, :, 0]
    table = np.column_stack([x[:, 0], np.ones(RUNS)])
    ours = st.bootstrap(table, st.ratio, weights, method=method)
    with fenced("one task"):
        resampler = library.StratifiedBootstrap(x)
        theirs = resampler.conf_int(metrics.aggregate_mean, reps=DRAWS, size=0.95, method=method)
    agree(f"mean of runs, {method}", "StratifiedBootstrap", (ours.low, ours.high), theirs.ravel(), 1e-12)


@pytest.mark.parametrize("trial", range(3))
def test_the_interval_over_tasks_is_theirs(agree, trial):
    """A composite of replicates: the mean over tasks, each with runs of its own."""
    x = scores(trial)
    weights = their_draws(x, "tasks")
    parts = [
        st.replicates(np.column_stack([x[:, task], np.ones(RUNS)]), st.ratio, weights[:, :, task])
        for task in range(TASKS)
    ]
    mean = np.mean(parts, axis=0)
    ours = st.interval_of(float(x.mean()), mean, np.zeros(0), method="percentile")
    with fenced("tasks"):
        point, theirs = library.get_interval_estimates(
            {"m": x}, lambda s: np.array([metrics.aggregate_mean(s)]), reps=DRAWS
        )
    agree("mean over tasks, percentile", "get_interval_estimates", ours.value, point["m"][0], 1e-12)
    agree(
        "mean over tasks, percentile",
        "get_interval_estimates",
        (ours.low, ours.high),
        theirs["m"].ravel(),
        1e-12,
    )


@pytest.mark.parametrize("trial", range(3))
def test_the_probability_of_improvement_is_theirs(agree, trial):
    """Mann and Whitney's statistic, which selectivity is made of; ties count half."""
    x, y = np.round(scores(trial), 2), np.round(scores(trial + 100), 2)
    ones = np.ones((1, RUNS))
    ours = np.mean([selectivity(x[:, task], y[:, task], ones, ones)[0] for task in range(TASKS)])
    theirs = metrics.probability_of_improvement(x, y)
    agree("probability of improvement", "probability_of_improvement", ours, theirs, 1e-12)
