"""How fast texts are scored and compared beside sacreBLEU, as ratios in one run."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import pytest
import sacrebleu
from pytest_benchmark.fixture import BenchmarkFixture

from harness.measure.statistics import bootstrap, weights
from harness.rng import rng
from harness.tasks.scoring import bleu, chrf

EXAMPLES, RESAMPLES, PAIRS = 1000, 2000, 20_000
WORDS = [
    "a",
    "man",
    "in",
    "the",
    "blue",
    "shirt",
    "is",
    "riding",
    "his",
    "bicycle",
    "along",
    "an",
    "empty",
    "street",
    "while",
    "two",
    "dogs",
    "run",
    "after",
    "him",
]


def texts(name: str, size: int = EXAMPLES) -> list[str]:
    """Sentences of 8 to 16 words."""
    random = rng("benchmark", name)
    return [" ".join(random.choice(WORDS, random.integers(8, 17))) + "." for _ in range(size)]


def seconds(function: Callable[[], object]) -> float:
    """How long it takes."""
    start = perf_counter()
    function()
    return perf_counter() - start


@pytest.mark.parametrize(
    ("counts", "score", "metric"),
    [
        (chrf.best, chrf.fscore, sacrebleu.CHRF(word_order=2)),
        (bleu.counts, bleu.bleu, sacrebleu.BLEU()),
    ],
    ids=["chrf", "bleu"],
)
def test_the_interval_of_a_corpus_score_is_faster_than_sacrebleus(
    benchmark: BenchmarkFixture, counts: Any, score: Any, metric: Any
) -> None:
    """Score and interval of 1,000 texts from 2,000 resamples, from the texts on: the same, and sooner."""
    said, gold = texts("said"), texts("gold")

    def ours() -> tuple[float, float]:
        chrf._remembered.cache_clear()
        rows = np.stack([counts(one, [other]) for one, other in zip(said, gold, strict=True)])
        found = bootstrap(rows, score, weights(EXAMPLES, RESAMPLES, rng("draw")))
        return found.value, found.high - found.low

    value, width = benchmark.pedantic(ours, rounds=3)
    theirs: list[Any] = []
    peer = seconds(lambda: theirs.append(metric.corpus_score(said, [gold], n_bootstrap=RESAMPLES)))
    assert value == pytest.approx(theirs[0].score / 100)
    assert width == pytest.approx(2 * theirs[0]._ci / 100, rel=0.15)
    benchmark.extra_info["sacrebleu / ours"] = round(peer / benchmark.stats.stats.min, 1)
    assert peer > benchmark.stats.stats.min


def test_the_distance_of_many_pairs_is_faster_than_sacrebleus(benchmark: BenchmarkFixture) -> None:
    """20,000 pairs of 400 texts, as the agreement of two runs asks for."""
    known = texts("said", 400)
    pairs = [(known[a], known[b]) for a, b in rng("pairs").integers(0, len(known), (PAIRS, 2))]
    benchmark.pedantic(lambda: [chrf.distance(a, b) for a, b in pairs], rounds=3)
    metric = sacrebleu.CHRF(beta=1)
    some = pairs[: PAIRS // 10]
    peer = 10 * seconds(lambda: [metric.sentence_score(a, [b]) for a, b in some])
    benchmark.extra_info["sacrebleu / ours"] = round(peer / benchmark.stats.stats.min, 1)
    assert peer > 3 * benchmark.stats.stats.min
