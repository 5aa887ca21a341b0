"""How fast the statistics core is beside the ways people usually do it, as ratios in one run.

Everything is bootstrapped with 10,000 resamples; goals are those of the project's plan.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy import stats
from seqeval.metrics import f1_score

from harness.measure.statistics import (
    Floats,
    Interval,
    bootstraps,
    holm,
    multibootstraps,
    swap_tests,
)
from harness.rng import rng

EXAMPLES, CONDITIONS, RUNS, RESAMPLES, GATES = 3000, 60, 5, 10_000, 200
FASTER = 20
"""Than SciPy, at least."""
SECONDS, GIGABYTES = 15, 1.0
"""What the two-way bootstrap of a suite may take."""
GATE_SECONDS = 5


def micro_f1(sums: Floats) -> Floats:
    """Micro F1 from sums of true positives, false positives and false negatives."""
    scores: Floats = 2 * sums[..., 0] / (2 * sums[..., 0] + sums[..., 1] + sums[..., 2])
    return scores


def tables(*shape: int) -> Floats:
    """Counts of the entities of 3,000 sentences, found, invented and missed, ``(..., 3000, 3)``."""
    return rng("benchmark", *shape).poisson([2.0, 0.3, 0.4], (*shape, EXAMPLES, 3)).astype(np.float64)


def ours(counts: Floats) -> list[Interval]:
    """BCa intervals of all conditions; the time includes drawing."""
    return bootstraps(counts, micro_f1, RESAMPLES, rng("draw"))


def scipy_bca(counts: Floats) -> tuple[float, float]:
    """One condition by scipy.stats.bootstrap, vectorised and paired, in batches that fit into memory."""

    def score(*columns: Floats, axis: int = -1) -> Floats:
        return micro_f1(np.stack([column.sum(axis=axis) for column in columns], axis=-1))

    found = stats.bootstrap(
        tuple(counts.T),
        score,
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=200,
        rng=rng("draw"),
    ).confidence_interval
    return float(found.low), float(found.high)


def tagged(counts: Floats) -> tuple[list[list[str]], list[list[str]]]:
    """Sentences with such counts as tags, gold and predicted, padded to 20 tokens or more."""
    gold, said = [], []
    for found, invented, missed in counts.astype(int).tolist():
        rest = ["O"] * max(0, 20 - found - invented - missed)
        gold.append(["B-PER"] * found + ["O"] * invented + ["B-PER"] * missed + rest)
        said.append(["B-PER"] * (found + invented) + ["O"] * missed + rest)
    return gold, said


def seconds(function: Callable[[], object], times: int = 1) -> float:
    """The shortest of a few runs."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        function()
        taken.append(perf_counter() - start)
    return min(taken)


def test_the_bootstrap_of_all_conditions_is_faster_than_its_peers(benchmark: BenchmarkFixture) -> None:
    """60 BCa intervals at once; SciPy is timed on two of the conditions, seqeval on single scores."""
    counts = tables(CONDITIONS)
    found = benchmark.pedantic(ours, (counts,), rounds=3)
    once = float(benchmark.stats.stats.min)
    scipy = CONDITIONS / 2 * seconds(lambda: [scipy_bca(one) for one in counts[:2]])
    np.testing.assert_allclose((found[0].low, found[0].high), scipy_bca(counts[0]), atol=5e-4)
    gold, said = tagged(counts[0])
    assert f1_score(gold, said) == pytest.approx(found[0].value)
    seqeval = CONDITIONS * RESAMPLES * seconds(lambda: f1_score(gold, said), 3)
    benchmark.extra_info["scipy / ours"] = round(scipy / once, 1)
    benchmark.extra_info["seqeval / ours"] = round(seqeval / once)
    assert scipy > FASTER * once


def test_a_loop_over_resamples_is_slower_even_with_sums_at_hand(benchmark: BenchmarkFixture) -> None:
    """One condition, its rows gathered and added up time after time."""
    counts = tables(1)

    def loop() -> tuple[float, float]:
        random = rng("draw")
        scores = [
            micro_f1(counts[0][random.integers(EXAMPLES, size=EXAMPLES)].sum(axis=0))
            for _ in range(RESAMPLES)
        ]
        low, high = np.quantile(scores, [0.025, 0.975])
        return float(low), float(high)

    found = benchmark.pedantic(ours, (counts,), rounds=3)[0]
    np.testing.assert_allclose((found.low, found.high), loop(), atol=1e-3)
    benchmark.extra_info["loop / ours"] = round(seconds(loop) / float(benchmark.stats.stats.min), 1)


def two_way() -> None:
    """What a process of its own is asked to do, to see what memory it takes."""
    import resource

    counts = tables(RUNS, CONDITIONS)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, perf_counter()
    found = multibootstraps(counts, micro_f1, RESAMPLES, rng("draw"))
    took, peak = perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert found.shape == (RESAMPLES, CONDITIONS)
    unit = 2**30 if sys.platform == "darwin" else 2**20
    print(took, peak / unit, (peak - before) / unit)


def test_seeds_and_examples_of_a_whole_suite_are_bootstrapped_in_seconds(benchmark: BenchmarkFixture) -> None:
    """5 seeds x 60 conditions x 3,000 examples; all of the process counts as memory, imports included."""
    command = [sys.executable, "-c", "from benchmarks.test_statistics import two_way; two_way()"]
    told = benchmark.pedantic(
        lambda: subprocess.run(command, capture_output=True, text=True, check=True).stdout, rounds=1
    )
    took, peak, more = map(float, told.split())
    benchmark.extra_info["seconds"] = round(took, 2)
    benchmark.extra_info["GB at most"] = round(peak, 2)
    benchmark.extra_info["GB above the data"] = round(more, 2)
    assert took < SECONDS
    assert peak < GIGABYTES


def test_many_gates_are_tested_in_seconds(benchmark: BenchmarkFixture) -> None:
    """200 gates by approximate randomisation with 9,999 draws, adjusted by Holm; SciPy on one of them."""
    old, new = tables(GATES), tables(GATES)
    new = np.where(rng("changed").random((GATES, EXAMPLES, 1)) < 0.1, tables(GATES, 1)[:, 0], old)

    def gates() -> Floats:
        return holm(swap_tests(new, old, micro_f1, 9999, rng("draw")))

    found = benchmark.pedantic(gates, rounds=2)
    once = float(benchmark.stats.stats.min)
    assert found.shape == (GATES,)

    def one_by_scipy() -> float:
        def apart(a: Floats, b: Floats, axis: int = -1) -> Floats:
            return a.mean(axis=axis) - b.mean(axis=axis)  # of accuracy: SciPy has no scores of sums

        found = stats.permutation_test(
            (new[0, :, 0], old[0, :, 0]),
            apart,
            permutation_type="samples",
            vectorized=True,
            n_resamples=9999,
            batch=200,
            rng=rng("draw"),
        )
        return float(found.pvalue)

    benchmark.extra_info["scipy / ours"] = round(GATES * seconds(one_by_scipy) / once, 1)
    assert once < GATE_SECONDS
