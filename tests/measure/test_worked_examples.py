"""Worked examples of the methods, and what they prove, that no other module's tests hold.

Most are tests of the module whose formula they are about; here are those that cross modules.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from scipy.special import ndtri

from harness.explain.faithfulness import aopc, limits
from harness.measure import statistics as st
from harness.measure.calibration import equal_width
from harness.measure.robustness import measure
from harness.prediction import Classes, Spans
from harness.rng import rng
from harness.tasks.scoring import classes, spans
from harness.tasks.scoring.sureness import sureness
from harness.text import Example, Span, distance, example
from tests.measure.build import cell, model, noise, pick, right, run, tables

LABELS = ("a", "b", "c")


def said(*chances: float) -> Classes:
    """A distribution over labels."""
    return Classes(LABELS[: len(chances)], np.array(chances, np.float32))


# -- chance, and what counts as an observation (0.2, 0.4) ------------------------------------------


def test_chance_is_the_share_of_the_larger_class():
    """Labels A 60, B 40: an accuracy of .60 needs no look at the input (0.4)."""
    rows = sum(
        classes.SCORING.stats(example("x", "t", gold), said(0.5, 0.3, 0.2), LABELS)
        for gold in "a" * 60 + "b" * 40
    )
    assert classes.SCORING.chance(rows) == pytest.approx(0.60)


def test_rows_are_not_observations_but_examples_are():
    """200 examples with 10 variants each, correlation .4: rows cover 60 % of the time, examples 95 % (0.2.1)."""
    n, variants, rate, rho = 200, 10, 0.15, 0.4
    groups, trials = np.repeat(np.arange(n), variants), 400
    covered = {"rows": 0, "examples": 0}
    for trial in range(trials):
        random = rng("flips", trial)
        # each variant follows its example with such a probability that any two agree with correlation rho
        own, follows = random.random((n, 1)) < rate, random.random((n, variants)) < math.sqrt(rho)
        flips = np.where(follows, own, random.random((n, variants)) < rate).astype(float).ravel()
        for unit, error in (
            ("rows", float(flips.std(ddof=1)) / math.sqrt(flips.size)),
            ("examples", st.cluster_se(flips, groups)),
        ):
            covered[unit] += abs(float(flips.mean()) - rate) <= 1.96 * error
    assert covered["rows"] / trials == pytest.approx(0.60, abs=0.08)
    assert covered["examples"] / trials == pytest.approx(0.955, abs=0.03)
    assert 1 + (variants - 1) * rho == pytest.approx(4.6)  # the design effect


# -- distances (section 1) -------------------------------------------------------------------------


@pytest.mark.parametrize(("other", "apart", "flip"), [((0.5, 0.3, 0.2), 0.2, 0), ((0.1, 0.2, 0.7), 0.6, 1)])
def test_total_variation_is_that_of_the_worked_example(other, apart, flip):
    """(.7, .2, .1) to (.5, .3, .2) is .2, within the margin of .25; to (.1, .2, .7) is .6, and flips (1.1)."""
    found = classes.SCORING.moved(said(0.7, 0.2, 0.1), said(*other), (), None)
    assert (found.soft, found.flip) == (pytest.approx(apart, abs=1e-6), flip)


CHANCES = arrays(float, 3, elements=some.floats(0.01, 1)).map(lambda x: x / x.sum())


@given(CHANCES, CHANCES)
def test_no_answer_flips_that_moves_less_than_half_its_margin(p, q):
    """If TV(p, q) < (p1 - p2) / 2 the largest stays the largest (1.1)."""
    found = classes.SCORING.moved(said(*p), said(*q), (), None)
    second, first = np.sort(p)[-2:]
    if found.soft < (first - second) / 2 - 1e-6:
        assert not found.flip


@given(
    arrays(float, 3, elements=some.floats(-5, 5)),
    arrays(float, 3, elements=some.floats(-1, 1)),
    some.floats(0, 4),
)
def test_logits_that_move_by_no_more_than_e_move_chances_by_no_more_than_tanh(z, direction, e):
    """TV <= tanh(e / 2), .2449187 for half a logit: any bound on logits is one on continuity (1.1)."""

    def softmax(logits):
        weights = np.exp(logits - logits.max())
        return weights / weights.sum()

    found = classes.SCORING.moved(said(*softmax(z)), said(*softmax(z + e * direction)), (), None)
    assert found.soft <= math.tanh(e / 2) + 1e-6
    assert math.tanh(0.25) == pytest.approx(0.2449187, abs=5e-8)


def test_that_bound_is_reached():
    """By two labels of which one falls and the other rises by half a logit, from either side of even odds (1.1)."""
    up, down = 1 / (1 + math.exp(-0.5)), 1 / (1 + math.exp(0.5))
    found = classes.SCORING.moved(said(up, 1 - up), said(down, 1 - down), (), None)
    assert found.soft == pytest.approx(math.tanh(0.25), abs=1e-6)


def test_the_distance_of_span_sets_is_that_of_the_worked_example():
    """One of three and of two agree: F1 .4, distance .6 (1.3)."""
    empty = np.zeros((0, 2), np.int32), np.zeros((0, 1), np.float32)
    one = Spans(("O",), (Span(0, 13, "PER"), Span(22, 27, "LOC"), Span(31, 34, "DATE")), *empty)
    other = Spans(("O",), (Span(0, 13, "PER"), Span(22, 27, "ORG")), *empty)
    found = spans.SCORING.moved(one, other, (), Example("x", {"text": ""}))
    assert found.hard / found.hard_of == pytest.approx(0.6)


def test_edit_distances_of_texts_are_those_of_the_worked_example():
    """6 of 22 characters, 2 of 6 words (1.5)."""
    one, other = "the cat sat on the mat", "the cat is on a mat"
    assert distance(one, other) / max(len(one), len(other)) == pytest.approx(0.2727273, abs=5e-8)
    words = one.split(), other.split()
    assert distance(*words) / max(map(len, words)) == pytest.approx(0.3333333, abs=5e-8)


# -- robustness and calibration (section 3) --------------------------------------------------------


def test_means_of_the_worked_example_of_retention():
    """Operators .8583333 and .6666667, so R = .7625; mean absolute score .805, mean relative drop .1055556 (3.1)."""
    scores, n = {"a": (0.88, 0.85, 0.80), "b": (0.86, 0.78, 0.66)}, 1000
    cells = {
        noise(name, severity): cell(right(round(value * n), n), rate=severity / 10)
        for name, found in scores.items()
        for severity, value in enumerate(found, 1)
    }
    rows = list(measure(tables(model(run(right(900, n), cells)), n=n)))

    def mean(row, name):
        return np.mean([pick(rows, row, operator=name, severity=s).value for s in (1, 2, 3)])

    assert mean("retention", "a") == pytest.approx(0.8583333, abs=5e-8)
    assert mean("retention", "b") == pytest.approx(0.6666667, abs=5e-8)
    assert pick(rows, "score").value == pytest.approx(0.7625)
    kept = [pick(rows, "retained_score", operator=o, severity=s).value for o in "ab" for s in (1, 2, 3)]
    assert np.mean(kept) == pytest.approx(0.805)
    assert 1 - np.mean(kept) / 0.9 == pytest.approx(0.1055556, abs=5e-8)


def test_the_brier_score_of_an_answer_is_that_of_the_worked_example():
    """Eight answers of which the probability is known: .2164 (3.9)."""
    sure = np.array([0.95, 0.92, 0.88, 0.85, 0.70, 0.65, 0.55, 0.52])
    correct = np.array([1, 1, 1, 0, 1, 0, 1, 0], bool)
    words = np.array([[0, 4]], np.int32)
    question = Example("q", {"question": "Who?", "context": "Anna"}, (Span(0, 4, "Anna", "context"),))
    place = Span(0, 4, "Anna", "context")
    found = [
        sureness(
            question,
            Spans(("start", "end"), (place,), words, np.ones((2, 2), np.float32), ((place, p),)),
            bool(fine),
        ).brier
        for p, fine in zip(sure, correct, strict=True)
    ]
    assert np.mean(found) == pytest.approx(0.2164, abs=5e-5)


def test_a_calibrated_model_shows_an_error_all_the_same():
    """Confidences of Beta(8, 1.5), 15 bins: about .054 from 200 examples and .025 from 1,000 (3.9)."""
    from harness.measure.calibration import calibrated

    for n, expected in ((200, 0.054), (1000, 0.025)):
        drawn = [rng("beta", n, trial).beta(8, 1.5, n) for trial in range(20)]
        found = np.mean([calibrated(x, equal_width(x), rng("floor", at)) for at, x in enumerate(drawn)])
        assert found == pytest.approx(expected, abs=0.003)


# -- interpretability (section 6) ------------------------------------------------------------------


def test_both_halves_of_faithfulness_are_those_of_the_worked_example():
    """Order bac: normalised comprehensiveness .7142857, sufficiency .2142857, so I = .5 (6.3)."""
    values = np.array([0.9, 0.5, 0.7, 0.4, 0.85, 0.6, 0.75, 0.5])  # without a, b, ab, c, ac, bc, abc
    low, high = limits(values)
    told = [(aopc(values, order) - low) / (high - low) for order in ((1, 0, 2), (2, 0, 1))]
    assert told == pytest.approx([0.7142857, 0.2142857], abs=5e-8)
    assert [aopc(values, order) for order in ((0, 1, 2), (1, 0, 2))] == pytest.approx(
        [0.4333333, 0.3666667], abs=5e-8
    )


# -- statistics (sections 4 and 7) -----------------------------------------------------------------


def test_runs_and_examples_alone_have_half_of_the_variance_of_the_worked_example():
    """Correctness [[1, 0], [1, 1]]: resampling runs alone, or examples alone, has a variance of .03125 (4.7)."""
    tables = np.stack([np.column_stack([run, np.ones(2)]) for run in ([1.0, 0.0], [1.0, 1.0])])
    every = np.array([[2.0, 0], [1, 1], [1, 1], [0, 2]])
    once = np.ones((4, 2))
    runs = st.multibootstrap(tables, st.ratio, every, once)
    examples = st.multibootstrap(tables, st.ratio, once, every)
    assert (runs.var(), examples.var()) == (pytest.approx(0.03125), pytest.approx(0.03125))


def test_the_score_statistic_of_the_worked_example():
    """b = 30, c = 40 of 1,000 at a margin of .02: Z = 1.1771215, p = .1195735 (7.4)."""
    p = st.noninferior(30, 40, 1000, 0.02)
    assert p == pytest.approx(0.1195735, abs=5e-8)
    assert -ndtri(p) == pytest.approx(1.1771215, abs=5e-7)
