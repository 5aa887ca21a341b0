"""How familiar an input looks: the worked example, and one test for each shape of an answer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from harness.prediction import Classes, Spans, Text
from harness.tasks.scoring.familiarity import familiarity
from harness.text import Span

TAGS = ("O", "B-X")


def test_the_probability_of_the_worked_example():
    """Logits (2, 0, -1): .8437948 (methods, section 3.8)."""
    said = Classes(("a", "b", "c"), softmax(np.array([2.0, 0.0, -1.0])), energy=2.1698460)
    assert familiarity(said).probability == pytest.approx(0.8437948, abs=1e-7)
    assert familiarity(said).energy == 2.1698460


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6))
def test_more_is_more_familiar(logits):
    """A distribution that is sharpened looks more familiar by probability and by entropy."""
    flat, sharp = (familiarity(Classes(("x",), softmax(np.array(logits) * by))) for by in (1, 2))
    assert sharp.probability >= flat.probability - 1e-9
    assert sharp.entropy >= flat.entropy - 1e-9
    assert -math.log(len(logits)) - 1e-9 <= flat.entropy <= 0


def test_certainty_has_no_entropy():
    """Nought times the logarithm of nought is nought."""
    assert familiarity(Classes(("a", "b"), np.array([1.0, 0.0], np.float32))).entropy == 0


def test_several_labels_are_asked_one_by_one():
    """A label that surely does not hold is as sure as one that does."""
    said = Classes(("a", "b"), np.array([0.0, 1.0], np.float32), exclusive=False)
    doubtful = Classes(("a", "b"), np.array([0.5, 0.5], np.float32), exclusive=False)
    assert familiarity(said).entropy == 0
    assert familiarity(doubtful).entropy == pytest.approx(-math.log(2))


def test_of_a_tagger_it_is_the_mean_over_words():
    """And nothing where there is no word."""
    words = np.array([[0, 1], [2, 3]], np.int32)
    said = Spans(TAGS, (), words, np.array([[1, 0], [0.6, 0.4]], np.float32), energy=3.0)
    found = familiarity(said)
    assert found.probability == pytest.approx(0.8)
    assert found.entropy == pytest.approx((0.6 * math.log(0.6) + 0.4 * math.log(0.4)) / 2, abs=1e-6)
    assert (found.energy, math.isnan(found.margin)) == (3.0, True)
    nothing = Spans(TAGS, (), words[:0], np.zeros((0, 2), np.float32))
    assert all(map(math.isnan, familiarity(nothing)))


def test_of_an_answer_it_is_how_far_the_best_one_is_ahead_of_none():
    """In nats, negative where no answer is more probable."""
    p = np.array([[0.1, 0.2], [0.8, 0.1], [0.1, 0.7]], np.float32)
    words = np.array([[0, 0], [0, 3], [4, 6]], np.int32)
    best = Span(0, 6, "the ox", "context")
    found = familiarity(Spans(("start", "end"), (best,), words, p, ((best, 0.56),)))
    assert found.margin == pytest.approx(math.log(0.56 / 0.02), abs=1e-6)
    assert (found.probability, math.isnan(found.energy)) == (0.56, True)


def test_of_a_text_it_is_the_probability_of_a_token():
    """The geometric mean; a model that does not tell it has none."""
    assert familiarity(Text("so", logprob=-3.0, tokens=2)).probability == pytest.approx(math.exp(-1.5))
    assert math.isnan(familiarity(Text("so")).probability)
