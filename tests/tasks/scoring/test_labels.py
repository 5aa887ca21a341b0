"""Scores of sets of labels against scikit-learn, and distances between such sets."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from harness.prediction import Classes
from harness.tasks.scoring.labels import SCORING
from harness.text import Example

LABELS = ("a", "b", "c", "d")
label_sets = st.frozensets(st.sampled_from(LABELS))
pairs = st.lists(st.tuples(label_sets, label_sets), min_size=1, max_size=12)
probabilities = st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4).map(
    lambda row: np.array(row, np.float32)
)


def example(gold):
    """An example with these labels."""
    return Example("e", {"text": "x"}, tuple(sorted(gold)))


def given_labels(chosen):
    """A prediction that gives these labels."""
    return Classes(LABELS, np.array([label in chosen for label in LABELS], np.float32), exclusive=False)


def sums(found, labels=LABELS):
    """Our statistics of pairs of gold and given labels, summed."""
    return sum(SCORING.stats(example(gold), given_labels(said), labels) for gold, said in found)


def table(sets):
    """Sets of labels as scikit-learn wants them."""
    return np.array([[label in one for label in LABELS] for one in sets], int)


@given(pairs)
def test_scores_are_those_of_scikit_learn(found):
    """Micro-F1, precision, recall, macro-F1 and subset accuracy, with empty sets among them."""
    gold, said = table([g for g, _ in found]), table([s for _, s in found])
    total, details = sums(found), SCORING.details(LABELS)
    micro = {"average": "micro", "zero_division": 0}
    assert SCORING.score(total) == pytest.approx(metrics.f1_score(gold, said, **micro))
    assert details["precision"](total) == pytest.approx(metrics.precision_score(gold, said, **micro))
    assert details["recall"](total) == pytest.approx(metrics.recall_score(gold, said, **micro))
    assert details["subset_accuracy"](total) == pytest.approx(metrics.accuracy_score(gold, said))
    if gold.any() or said.any():
        macro = metrics.f1_score(gold, said, average="macro", zero_division=np.nan)
        assert details["macro_f1"](total) == pytest.approx(macro)


@given(pairs)
def test_chance_is_the_best_score_of_any_constant_set(found):
    """Trying all sets of labels finds none that scores better, and one that scores as well."""
    every = chain.from_iterable(combinations(LABELS, size) for size in range(len(LABELS) + 1))
    best = max(SCORING.score(sums([(gold, frozenset(said)) for gold, _ in found])) for said in every)
    assert SCORING.chance(sums(found)) == pytest.approx(best)


def test_the_worked_example_of_chance_holds():
    """Label a three times in four, b twice: saying both scores 10 / 13."""
    found = [({"a", "b"}, ()), ({"a", "b"}, ()), ({"a"}, ()), ((), ())]
    assert SCORING.chance(sums(found)) == pytest.approx(10 / 13)


def test_a_label_that_the_model_does_not_know_counts_as_missed():
    """It lowers recall and leaves the set wrong."""
    total = SCORING.stats(example({"a", "new"}), given_labels({"a"}), LABELS)
    assert SCORING.score(total) == pytest.approx(2 / 3)
    assert SCORING.details(LABELS)["subset_accuracy"](total) == 0
    assert SCORING.harm(example({"new"}), given_labels({"a"})) == 1


@given(label_sets, label_sets)
def test_two_sets_are_as_far_apart_as_their_f1_says(one, other):
    """The hard distance is symmetric, 0 for equal sets, and 1 less F1 otherwise."""
    there, back = (
        SCORING.moved(given_labels(a), given_labels(b), (), example(()))
        for a, b in ((one, other), (other, one))
    )
    assert there == back
    assert there.flip == (one != other)
    assert there.hard == len(one ^ other)
    assert there.hard_of == len(one) + len(other)
    assert there.soft == pytest.approx(len(one ^ other) / 4)


@given(label_sets, probabilities)
def test_harm_is_above_one_half_exactly_if_the_set_is_wrong(gold, row):
    """An attack that raises harm comes closer to its goal."""
    said = Classes(LABELS, row, exclusive=False)
    harm = SCORING.harm(example(gold), said)
    assert 0 <= harm <= 1
    assert harm == 0.5 or (harm > 0.5) == SCORING.broken(example(gold), said)
