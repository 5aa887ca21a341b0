"""How often intervals cover the truth and tests raise a false alarm: ``make coverage``, in about a minute.

Simulates data whose truth is known, as often as ``TRIALS`` says, and writes the tables of
docs/statistics.md. Everything is keyed, so that the same code gives the same tables.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import binom

from harness.measure import statistics as st
from harness.measure.common import over_runs
from harness.measure.outliers import Sides
from harness.measure.tables import level_of
from harness.measure.tagged import kappa
from harness.plan import doubling
from harness.rng import rng

Array = NDArray[np.float64]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "statistics.md"
PART = re.compile(r"(<!-- measured: (?P<name>[\w-]+) -->\n).*?(<!-- /measured -->)", re.DOTALL)
TRIALS, RESAMPLES, BATCH = 2000, 2000, 100
SIZES = (50, 200, 1000)
ALPHA = 0.05


# -- data whose truth is known ---------------------------------------------------------------------


def distances(trial: int, n: int) -> Array:
    """Continuity scores: nine in ten are 1, the others anything below; their mean is .95."""
    random = rng("distances", n, trial)
    return 1 - random.binomial(1, 0.1, n) * random.random(n)


def entities(trial: int, n: int, *losses: float) -> Array:
    """Entities that models find, invent and miss, ``(n, models, 3)``: the same sentences are hard for all.

    Args:
        losses: Of each model, the share that it misses of those that could be found.
    """
    random = rng("entities", n, trial)
    gold, share = random.poisson(2.0, n), random.beta(6, 2, n)
    models = []
    for loss in losses:
        found = random.binomial(gold, share * (1 - loss))
        models.append(np.stack([found, random.poisson(0.3, n), gold - found], axis=-1))
    return np.stack(models, axis=1).astype(np.float64)


def pair(trial: int, n: int, loss: float) -> Array:
    """A model that misses more and one that does not, column beside column: ``(n, 6)``."""
    return entities(trial, n, loss, 0.0).reshape(n, 6)


def f1_of(loss: float = 0.0) -> float:
    """F1 of the first model as n grows: expectations are known, and F1 is a ratio of them."""
    found = 2.0 * 0.75 * (1 - loss)
    return 2 * found / (2 * found + 0.3 + 2.0 - found)


def runs(trial: int, seeds: int, n: int) -> Array:
    """Right or wrong answers of seeds to examples, ``(seeds, n)``: accuracies of .8 with an SD of .02."""
    random = rng("runs", seeds, n, trial)
    # a right answer needs an easy example or luck, and seeds differ in how lucky they are
    easy = random.random(n) < 0.6
    lucky = random.normal(0.5, 0.05, (seeds, 1))
    return np.where(easy, 1.0, (random.random((seeds, n)) < lucky).astype(float))


def disturbed(trial: int, n: int) -> Array:
    """Right under noise, right without it, and 1: accuracies of .8 and .9, right in both .78; half is chance."""
    kind = rng("disturbed", n, trial).choice(4, n, p=[0.78, 0.02, 0.12, 0.08])
    return np.column_stack([kind < 2, (kind == 0) | (kind == 2), np.ones(n)]).astype(float)


def retained(sums: Array) -> Array:
    """Accuracy above chance that noise leaves, of .4."""
    after, before = (sums[..., at] / sums[..., 2] - 0.5 for at in (0, 1))
    return np.asarray(after / np.where(before > 0, before, np.nan))


def retagged(trial: int, n: int) -> Array:
    """Ten words of each text, tagged before and after: kept by 9 of 10 texts' words, else drawn anew.

    Columns as of ``harness.measure.tagged``; agreement beyond chance is the share that is kept, .9.
    """
    random = rng("retagged", n, trial)
    before = random.random((n, 10)) < 0.15
    kept = random.random((n, 10)) < random.beta(18, 2, (n, 1))
    after = np.where(kept, before, random.random((n, 10)) < 0.15)
    counts = [np.full(n, 10), (before == after).sum(1), *[np.zeros(n)] * 4]
    tags = [(tags == one).sum(1) for tags in (before, after) for one in (False, True)]
    return np.column_stack([*counts, *tags]).astype(float)


def f1(sums: Array) -> Array:
    """Micro F1 of the columns true positives, false positives, false negatives."""
    scores: Array = 2 * sums[..., 0] / np.maximum(2 * sums[..., 0] + sums[..., 1] + sums[..., 2], 1)
    return scores


def as_mean(x: Array) -> Array:
    """A table whose ratio of sums is the mean."""
    return np.column_stack([x, np.ones(len(x))])


# -- coverage --------------------------------------------------------------------------------------


def covered(intervals: Sequence[st.Interval], truth: float) -> str:
    """The share of the intervals that hold the truth, as a percentage."""
    return f"{np.mean([one.low <= truth <= one.high for one in intervals]):.1%}"


def resampled(
    make: Callable[[int, int], Array], statistic: st.Statistic, n: int, method: Literal["bca", "percentile"]
) -> list[st.Interval]:
    """The interval of each trial; those of a batch share their resamples, which does not change the share."""
    found = []
    for start in range(0, TRIALS, BATCH):
        tables = np.stack([make(trial, n) for trial in range(start, start + BATCH)])
        found += st.bootstraps(tables, statistic, RESAMPLES, rng("coverage", n, start), method=method)
    return found


def multibootstrap(scores: Array, trial: int) -> st.Interval:
    """Percentiles over resampled seeds and examples."""
    tables = np.stack([scores, np.ones_like(scores)], axis=-1)[:, np.newaxis]
    found = st.multibootstraps(tables, st.ratio, 500, rng("multibootstrap", trial))[:, 0]
    low, high = np.quantile(found, [ALPHA / 2, 1 - ALPHA / 2])
    return st.Interval(float(scores.mean()), float(low), float(high), "multibootstrap")


def as_measures_do(trial: int, seeds: int, n: int) -> st.Interval:
    """Of the mean F1 of seeds that differ in what they miss, 10 % with an SD of 2 points."""
    losses = (0.1 + 0.02 * rng("losses", seeds, n, trial).normal(size=seeds)).tolist()
    table = entities(trial, n, *losses)
    drawn = np.concatenate([f1(block) for block in st.sums(table, 500, rng("measures", trial))])
    return over_runs(f1(table.sum(axis=0)), drawn.T, n, 1 - ALPHA, (0.0, 1.0))


def line(*cells: str | Sequence[str]) -> str:
    """A row of a table."""
    flat = [one for cell in cells for one in ([cell] if isinstance(cell, str) else cell)]
    return f"| {' | '.join(flat)} |"


def coverage() -> str:
    """The table of coverage: 95 % is nominal."""
    rows = [f"| interval | {' | '.join(f'n = {n:,}' for n in SIZES)} |", "| --- |" + " --- |" * len(SIZES)]
    for share in (0.5, 0.1, 0.02):
        for name, way in (("Wilson", st.wilson), ("Clopper-Pearson", st.clopper_pearson)):
            rows.append(line(f"rate of {share:g}, {name}", [rate(n, share, way) for n in SIZES]))
    cases: list[tuple[str, Callable[[int, int], Array], st.Statistic, float]] = [
        ("skewed mean", lambda trial, n: as_mean(distances(trial, n)), st.ratio, 0.95),
        ("micro-F1", lambda trial, n: entities(trial, n, 0.0)[:, 0], f1, f1_of()),
        (
            "paired difference of micro-F1",
            lambda trial, n: pair(trial, n, 0.1),
            st.difference(f1),
            f1_of(0.1) - f1_of(),
        ),
        ("retention of accuracy", disturbed, retained, 0.75),
        ("kappa of tags", retagged, kappa, 0.9),
    ]
    for name, make, statistic, truth in cases:
        for method in ("bca", "percentile"):
            shares = [covered(resampled(make, statistic, n, method), truth) for n in SIZES]
            rows.append(line(f"{name}, {'BCa' if method == 'bca' else method}", shares))
    rows.append(
        line(
            "AUROC of n texts and half as many outliers, BCa", [covered(outliers(n), DISTINCT) for n in SIZES]
        )
    )
    rows.append(line("paired difference of accuracies, Tango", [tango(n) for n in SIZES]))
    for seeds in (3, 5, 10):
        ways: dict[str, list[str]] = {"two-way t": [], "multi-bootstrap": [], "examples alone": []}
        for n in SIZES:
            drawn = [runs(trial, seeds, n) for trial in range(TRIALS // 2)]
            ways["two-way t"].append(covered([st.two_way_t(x) for x in drawn], 0.8))
            both = [multibootstrap(x, trial) for trial, x in enumerate(drawn)]
            ways["multi-bootstrap"].append(covered(both, 0.8))
            ways["examples alone"].append(covered([st.t_interval(x.mean(axis=0)) for x in drawn], 0.8))
        rows += [line(f"{seeds} seeds x n, {way}", shares) for way, shares in ways.items()]
    truth = float(np.mean([f1_of(0.1 + 0.02 * z) for z in rng("truth").normal(size=100_000)]))
    for seeds in (3, 5, 10):
        shares = [
            covered([as_measures_do(trial, seeds, n) for trial in range(TRIALS // 2)], truth) for n in SIZES
        ]
        rows.append(line(f"micro-F1 of {seeds} seeds x n, as measures do it", shares))
    return "\n".join(rows) + "\n"


DISTINCT = float(ndtr(1 / math.sqrt(2)))
"""AUROC of two normal distributions that lie one standard deviation apart."""


def outliers(n: int) -> list[st.Interval]:
    """Of scores of texts and of half as many outliers, each kind resampled by itself, as measures do it."""
    found = []
    for trial in range(TRIALS // 4):
        random = rng("outliers", n, trial)
        sizes = n, n // 2
        known, strange = random.normal(1, 1, sizes[0]), random.normal(0, 1, sizes[1])
        weights = []
        for at, size in enumerate(sizes):
            drawn = st.weights(size, 500, random)
            without = [
                np.ones((other, size)) if k != at else 1 - np.eye(size) for k, other in enumerate(sizes)
            ]
            weights.append(np.vstack([np.ones((1, size)), drawn, *without]))
        series = Sides.of(known, strange, *weights).auroc()
        found.append(st.interval_of(float(series[0]), series[1:501], series[501:], 1 - ALPHA))
    return found


def rate(n: int, share: float, way: Callable[[int, int], st.Interval]) -> str:
    """Coverage of a share, exactly: every count that there can be, with its probability."""
    found = [way(k, n) for k in range(n + 1)]
    inside = np.array([one.low <= share <= one.high for one in found])
    return f"{(inside * binom.pmf(np.arange(n + 1), n, share)).sum():.1%}"


def tango(n: int) -> str:
    """Coverage of a true difference of -.02 with 6 % discordant examples."""
    draws = rng("tango", n).multinomial(n, [0.02, 0.04, 0.94], size=10 * TRIALS)
    outcomes, repeats = np.unique(draws, axis=0, return_counts=True)
    inside = np.zeros(len(outcomes))
    for k, (b, c, _) in enumerate(outcomes.tolist()):
        low, high = st.tango(b, c, n)
        inside[k] = low <= -0.02 <= high
    return f"{(inside * repeats).sum() / repeats.sum():.1%}"


# -- error rates -----------------------------------------------------------------------------------


def discordant(trial: int, n: int, gains: float, losses: float) -> Array:
    """Differences of correctness."""
    drawn = rng("discordant", n, trial).random(n)
    return np.where(drawn < gains, 1.0, np.where(drawn < gains + losses, -1.0, 0.0))


def rejected(test: Callable[[int], float]) -> str:
    """The share of trials in which a p-value is at most 5 %."""
    return f"{np.mean([test(trial) <= ALPHA for trial in range(TRIALS)]):.1%}"


def paired_counts(trial: int, gains: float, losses: float, n: int) -> tuple[int, int]:
    """Discordant examples of a trial."""
    b, c, _ = rng("counts", n, trial).multinomial(n, [gains, losses, 1 - gains - losses]).tolist()
    return b, c


def looked_at() -> tuple[str, str]:
    """False alarms of a McNemar test and of evidence, both looked at after every 50 of 2,000 examples."""
    alarms, lasting = 0, 0
    for trial in range(TRIALS):
        x = discordant(trial, 2000, 0.02, 0.02)
        counts = [(int((x[:at] > 0).sum()), int((x[:at] < 0).sum())) for at in range(50, 2001, 50)]
        alarms += any(st.mcnemar(b, c) <= ALPHA for b, c in counts)
        lasting += any(st.discordant(b, c) >= 1 / ALPHA for b, c in counts)
    return f"{alarms / TRIALS:.1%}", f"{lasting / TRIALS:.1%}"


def errors() -> str:
    """The table of error rates: 5 % is nominal, and the power that was planned 80 %."""
    margin, statistic = -(f1_of(0.03) - f1_of()), st.difference(f1)
    W = st.weights(500, RESAMPLES, rng("errors"))

    def of_f1(trial: int) -> float:
        table = pair(trial, 500, 0.03)
        value, drawn = float(statistic(table.sum(axis=0))), st.replicates(table, statistic, W)
        return st.above(-margin, value, drawn, statistic(st.left_out(table)))

    def of_swaps(trial: int) -> float:
        table = pair(trial, 200, 0.0)[np.newaxis]
        return float(st.swap_tests(table[..., :3], table[..., 3:], f1, 499, rng("swaps", trial))[0])

    n = st.needed(math.sqrt(0.04), 0.02)
    spread = st.Spread(0.0002, 0.09, 0.06)
    seeds = st.needed_runs(spread, 500, 0.05)

    def two_way(trial: int) -> bool:
        random = rng("two-way", trial)
        scores = math.sqrt(spread.run) * random.normal(size=(seeds, 1))
        scores = scores + math.sqrt(spread.example) * random.normal(size=500)
        scores += math.sqrt(spread.rest) * random.normal(size=(seeds, 500))
        return st.two_way_t(scores, 1 - 2 * ALPHA).low > -0.05

    planned = f"{st.two_way_power(spread, seeds, 500, 0.05):.1%} planned"
    peeking, evidence = looked_at()
    streams = np.stack([discordant(trial, 3000, 0.02, 0.04) for trial in range(TRIALS)])
    passed = f"{(st.noninferior_evidence(streams, 0.02) >= 1 / ALPHA).any(axis=1).mean():.1%}"
    rows = [
        ("McNemar, exact, n = 500, no difference", rejected(lambda t: st.mcnemar(*paired_counts(t, 0.05, 0.05, 500)))),
        ("McNemar, mid-p", rejected(lambda t: st.mcnemar(*paired_counts(t, 0.05, 0.05, 500), mid=True))),
        ("approximate randomisation of micro-F1, n = 200, no difference", rejected(of_swaps)),
        ("non-inferiority, Tango, n = 500, worse by the margin of .02", rejected(lambda t: st.noninferior(*paired_counts(t, 0.01, 0.03, 500), 500, 0.02))),
        ("equivalence, Tango, n = 2,000, apart by the margin of .02", rejected(lambda t: st.equivalent(*paired_counts(t, 0.03, 0.01, 2000), 2000, 0.02))),
        ("non-inferiority of micro-F1, BCa, n = 500, worse by the margin", rejected(of_f1)),
        ("McNemar, looked at 40 times", peeking),
        ("evidence of discordant pairs, looked at 40 times", evidence),
        ("evidence of non-inferiority, looked at 3,000 times, worse by the margin", passed),
        (f"power: non-inferiority, Tango, the planned n = {n} (80.0% planned)", rejected(lambda t: st.noninferior(*paired_counts(t, 0.02, 0.02, n), n, 0.02))),
        (f"power: two-way t, the planned {seeds} seeds x 500 ({planned})", f"{np.mean([two_way(trial) for trial in range(TRIALS)]):.1%}"),
    ]  # fmt: skip
    return (
        "| test | rejects |\n| --- | --- |\n"
        + "\n".join(f"| {name} | {found} |" for name, found in rows)
        + "\n"
    )


# -- adaptive budgets ------------------------------------------------------------------------------

TEXTS, FIRST = 1200, 64


def stopped(right: Array, limit: float) -> tuple[st.Interval, int]:
    """A rate at the look at which it is known on which side of the limit it lies, or at the last one."""
    parts = doubling(len(right), FIRST)
    level = level_of("robustness", 0.95, len(parts))
    for _, end in parts:
        found = st.clopper_pearson(int(right[:end].sum()), end, level)
        if found.low >= limit or found.high < limit:
            break
    return found, end


def adaptive() -> str:
    """The table of what an adaptive budget asks and how often it is wrong."""
    rows = []
    for rate in (0.9, 0.8, 0.6):
        for room in (0.0, 0.025, 0.05, 0.1, 0.2):
            draws = rng("adaptive", str(rate)).uniform(0, 1, (TRIALS, TEXTS)) < rate
            found = [stopped(right, rate - room) for right in draws]
            asked = np.mean([end for _, end in found]) / TEXTS
            passed = np.mean([one.low >= rate - room for one, _ in found])
            whole = np.mean([st.clopper_pearson(int(k), TEXTS).low >= rate - room for k in draws.sum(axis=1)])
            covers = np.mean([one.low <= rate <= one.high for one, _ in found])
            rows.append(
                (f"{rate:g}", f"{room:g}", f"{asked:.0%}", f"{passed:.1%}", f"{whole:.1%}", f"{covers:.1%}")
            )
    head = ("true rate", "room above the limit", "texts asked", "passes", "passes, all asked", "covers")
    return "\n".join([line(*head), line(*["---"] * len(head)), *(line(*row) for row in rows)]) + "\n"


if __name__ == "__main__":
    made = {"adaptive": adaptive(), "coverage": coverage(), "error-rates": errors()}
    written = PART.sub(lambda part: part[1] + made[part["name"]] + part[3], PAGE.read_text("utf-8"))
    PAGE.write_text(written, "utf-8")
