"""Scores from sums beside seqeval and sacreBLEU, and resampling beside SciPy, on keyed inputs.

Properties with odd inputs of all kinds are in ``tests/tasks/scoring`` and ``tests/measure``.
"""

from __future__ import annotations

import numpy as np
import pytest
import sacrebleu
from scipy import stats
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from harness.data.tags import from_tags, join
from harness.measure import statistics as st
from harness.prediction import Spans, Text
from harness.rng import rng
from harness.tasks.scoring.spans import SCORING as SPANS
from harness.tasks.scoring.texts import TRANSLATION
from harness.text import Example

LABELS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
WORDS = ["the", "a", "cat", "dog", "sat", "ran", "on", "under", "mat", "tree", ",", ".", "and", "very"]
TRIALS = range(5)


def tagged(trial: int, strict: bool) -> tuple[list[list[str]], list[list[str]]]:
    """Gold tags and predicted ones; those that do not follow each other are mended if ``strict``."""
    random = rng("tags", trial)
    gold, said = [], []
    for _ in range(60):
        own = random.integers(0, 5, 10)
        other = np.where(random.random(10) < 0.3, random.integers(0, 5, 10), own)
        for found, ids in ((gold, own), (said, other)):
            tags = [LABELS[at] for at in ids]
            found.append(_mended(tags) if strict else tags)
    return gold, said


def _mended(tags: list[str]) -> list[str]:
    found: list[str] = []
    for tag in tags:
        follows = bool(found) and found[-1] != "O" and found[-1][2:] == tag[2:]
        found.append(f"B-{tag[2:]}" if tag.startswith("I-") and not follows else tag)
    return found


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "lenient"])
@pytest.mark.parametrize("trial", TRIALS)
def test_entity_f1_is_theirs(agree, trial, strict):
    """Strict on well-formed tags, lenient on any: ours read tags as conlleval does."""
    gold, said = tagged(trial, strict)
    total = np.zeros(len(SPANS.columns(LABELS)))
    for one, other in zip(gold, said, strict=True):
        text, words = join([f"w{k}" for k in range(10)])
        prediction = Spans(LABELS, from_tags(words, other), np.array(words, np.int32), np.zeros((10, 5)))
        total += SPANS.stats(Example("x", {"text": text}, from_tags(words, one)), prediction, LABELS)
    about = {"mode": "strict", "scheme": IOB2} if strict else {}
    how = "strict" if strict else "lenient"
    agree(
        f"entity F1, {how}",
        f"seqeval f1_score, {how}",
        SPANS.score(total),
        f1_score(gold, said, **about),
        1e-12,
    )


@pytest.mark.parametrize("trial", TRIALS)
def test_scores_of_texts_are_theirs(agree, trial):
    """chrF++ and BLEU of a corpus, from the sum of what was counted in each text."""
    random = rng("texts", trial)
    gold = [" ".join(random.choice(WORDS, random.integers(3, 15))) for _ in range(40)]
    said = [" ".join(w for w in one.split() if random.random() < 0.8) or "the" for one in gold]
    total = sum(
        TRANSLATION.row(Example("x", {"source": "Quelle"}, (one,)), Text(other), ())
        for one, other in zip(gold, said, strict=True)
    )
    chrf = sacrebleu.CHRF(word_order=2).corpus_score(said, [gold]).score / 100
    bleu = sacrebleu.BLEU(force=True).corpus_score(said, [gold]).score / 100
    agree("chrF++", "sacrebleu CHRF", TRANSLATION.score(total), chrf, 1e-12)
    agree("BLEU", "sacrebleu BLEU", TRANSLATION.details(())["bleu"](total), bleu, 1e-12)


@pytest.mark.parametrize("method", ["BCa", "percentile"])
@pytest.mark.parametrize("trial", TRIALS)
def test_the_interval_of_a_mean_is_theirs(agree, trial, method):
    """From the same seed both draw the same resamples."""
    x = rng("mean", trial).beta(8, 1, 60)
    ours = st.bootstrap(
        np.column_stack([x, np.ones(60)]),
        st.ratio,
        st.weights(60, 3000, np.random.default_rng(trial)),
        method="bca" if method == "BCa" else "percentile",
    )
    theirs = stats.bootstrap(
        (x,), np.mean, n_resamples=3000, method=method, rng=np.random.default_rng(trial)
    ).confidence_interval
    agree(f"bootstrap of a mean, {method}", "scipy.stats.bootstrap", (ours.low, ours.high), theirs, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_the_interval_of_a_paired_difference_of_ratios_is_theirs(agree, trial):
    """Micro-F1 of two models on the same sentences: theirs is given the columns, ours the sums of them."""
    random = rng("paired", trial)
    found = random.binomial(4, 0.7, (2, 80)).astype(float)
    table = [np.column_stack([one, random.poisson(0.4, 80), 4 - one]) for one in found]

    def f1(sums: np.ndarray) -> np.ndarray:
        return np.asarray(2 * sums[..., 0] / (2 * sums[..., 0] + sums[..., 1] + sums[..., 2]))

    W = st.weights(80, 2000, np.random.default_rng(trial))
    ours = st.paired_difference(table[0], table[1], f1, W)

    def between(*columns: np.ndarray, axis: int = -1) -> np.ndarray:
        sums = np.stack([one.sum(axis) for one in columns], -1)
        return np.asarray(f1(sums[..., :3]) - f1(sums[..., 3:]))

    columns = tuple(np.hstack(table).T)
    theirs = stats.bootstrap(
        columns, between, n_resamples=2000, paired=True, vectorized=True, rng=np.random.default_rng(trial)
    ).confidence_interval
    agree(
        "paired difference of F1, BCa",
        "scipy.stats.bootstrap, paired",
        (ours.low, ours.high),
        theirs,
        1e-12,
    )


@pytest.mark.parametrize("trial", TRIALS)
def test_approximate_randomisation_is_theirs(agree, trial):
    """All sign flips of ten differences, of which theirs counts the observed one and ours adds it."""
    differences = np.round(rng("signs", trial).normal(0.1, 0.3, 10), 2)
    every = ((np.arange(2**10)[:, None] >> np.arange(10)) & 1).astype(bool)[1:]
    zero = np.zeros((10, 2))
    one = np.column_stack([differences, np.zeros(10)])
    ours = st.swap_test(one, zero, lambda sums: sums[..., 0], every)
    theirs = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf)
    agree("approximate randomisation", "scipy.stats.permutation_test", ours, theirs.pvalue, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_agreement_of_rankings_is_theirs(agree, trial):
    """Kendall's W is Friedman's statistic over its largest value, ties included."""
    scores = np.round(rng("rankings", trial).normal(np.arange(6), 2.0, (5, 6)))
    theirs = stats.friedmanchisquare(*scores.T).statistic / (5 * (6 - 1))
    agree("Kendall's W", "scipy.stats.friedmanchisquare", st.kendall_w(scores), theirs, 1e-12)
