"""Classification scores against scikit-learn, and distances between distributions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from harness.prediction import Classes
from harness.tasks.scoring.classes import SCORING
from harness.text import example

LABELS = ("a", "b", "c")
pairs = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=30)


def said(label: str, sure: float = 1.0) -> Classes:
    """A prediction of that label."""
    rest = (1 - sure) / (len(LABELS) - 1)
    return Classes(LABELS, np.array([sure if name == label else rest for name in LABELS], np.float32))


@given(pairs)
def test_accuracy_and_macro_f1_are_those_of_scikit_learn(found):
    """From sums of per-example statistics alone."""
    total = sum(SCORING.stats(example("x", "t", gold), said(label), LABELS) for gold, label in found)
    gold, predicted = zip(*found, strict=True)
    assert SCORING.score(total) == pytest.approx(accuracy_score(gold, predicted))
    macro = SCORING.details(LABELS)["macro_f1"](total)
    assert macro == pytest.approx(f1_score(gold, predicted, average="macro", zero_division=0))


@given(pairs)
def test_chance_is_the_share_of_the_most_frequent_label(found):
    """Whatever was predicted."""
    total = sum(SCORING.stats(example("x", "t", gold), said(label), LABELS) for gold, label in found)
    gold = [g for g, _ in found]
    assert SCORING.chance(total) == pytest.approx(max(map(gold.count, LABELS)) / len(gold))


def test_many_sums_are_scored_at_once():
    """Leading axes are kept, and sums over nothing score 0."""
    one = SCORING.stats(example("x", "t", "a"), said("a"), LABELS)
    stacked = np.stack([np.stack([one, 0 * one])] * 3)
    assert SCORING.score(stacked).tolist() == [[1.0, 0.0]] * 3


def test_a_label_the_model_does_not_know_is_a_miss():
    """It counts against the accuracy and as a false alarm of what was said."""
    row = SCORING.stats(example("x", "t", "new"), said("b"), LABELS)
    assert dict(zip(SCORING.columns(LABELS), row, strict=True)) == {
        **dict.fromkeys(SCORING.columns(LABELS), 0.0),
        "n": 1.0,
        "fp:b": 1.0,
    }


def test_movement_is_total_variation_and_flip():
    """0 for the same, 1 for disjoint certainty, and half the summed difference between."""
    assert SCORING.moved(said("a"), said("a"), (), None) == (0.0, 1.0, 0.0, 1.0, 0.0)
    assert SCORING.moved(said("a"), said("b"), (), None) == (1.0, 1.0, 1.0, 1.0, 1.0)
    assert SCORING.moved(said("a", 0.8), said("a", 0.6), (), None).soft == pytest.approx(0.2)


def test_harm_is_the_doubt_about_the_gold_label():
    """And the goal of an attack is another label."""
    gold = example("x", "t", "a")
    assert SCORING.harm(gold, said("a", 0.7)) == pytest.approx(0.3)
    assert SCORING.harm(example("x", "t", "new"), said("a")) == 1.0
    assert not SCORING.broken(gold, said("a", 0.4))
    assert SCORING.broken(gold, said("b"))
