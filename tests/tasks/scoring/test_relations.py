"""Scores of relations against SemEval-2010's official scorer and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from harness.prediction import Classes
from harness.tasks.scoring.relations import SCORING, negative, relation
from harness.text import example

NAMES = (
    "Cause-Effect",
    "Component-Whole",
    "Content-Container",
    "Entity-Destination",
    "Entity-Origin",
    "Instrument-Agency",
    "Member-Collection",
    "Message-Topic",
    "Product-Producer",
)
LABELS = (*(f"{name}({pair})" for name in NAMES for pair in ("e1,e2", "e2,e1")), "Other")
# Printed by semeval2010_task8_scorer-v1.2.pl for a published system: gold in rows, said in columns, Other
# last; then how often the relation was right but its direction wrong.
CONFUSION = """
300    0    0    0    4    1    0    2    2   12
  1  235    5    1    1   11   11    6    3   29
  0    5  160    7    2    0    1    1    1   11
  0    2    7  264    0    0    0    1    1   16
  3    1    1    4  226    1    0    1    3   16
  0    4    1    1    1  118    0    4    5   21
  0    4    0    0    2    0  206    1    0   19
  1    5    0    1    2    0    2  229    1   19
  5    1    2    0    4    9    0    3  177   27
 16   25   18   23   27   24   29   33   26  231
"""
REVERSED = (3, 8, 4, 1, 1, 0, 0, 1, 2)

pairs = st.lists(
    st.tuples(st.sampled_from(LABELS[-5:]), st.sampled_from(LABELS[-5:])), min_size=1, max_size=40
)


def said(label: str, labels: tuple[str, ...] = LABELS) -> Classes:
    """A prediction of that label."""
    return Classes(labels, np.array([name == label for name in labels], np.float32))


def row(gold: str, label: str, labels: tuple[str, ...] = LABELS) -> np.ndarray:
    """The statistics of one prediction."""
    return SCORING.stats(example("x", "t", gold), said(label, labels), labels)


def published() -> np.ndarray:
    """The sums for the system of :data:`CONFUSION`."""
    counts = [[int(n) for n in line.split()] for line in CONFUSION.split("\n") if line]
    forward = [*(f"{name}(e1,e2)" for name in NAMES), "Other"]
    sums = sum(n * row(forward[g], forward[s]) for g, line in enumerate(counts) for s, n in enumerate(line))
    return sums + sum(
        n * row(f"{name}(e1,e2)", f"{name}(e2,e1)") for name, n in zip(NAMES, REVERSED, strict=True)
    )


def test_scores_are_those_that_the_official_scorer_printed() -> None:
    """Its official macro-F1, its micro-averages without Other, and its accuracy."""
    found, details = published(), SCORING.details(LABELS)
    assert f"{details['macro_f1'](found):.4f}" == "0.8325"
    assert f"{SCORING.score(found):.4f}" == "0.8401"
    assert details["precision"](found) == pytest.approx(1915 / 2305)
    assert details["recall"](found) == pytest.approx(1915 / 2254)
    assert details["accuracy"](found) == pytest.approx(2146 / 2706)
    assert f"{details['f1:Other'](found):.4f}" == "0.5416"


def test_a_wrong_direction_is_an_error_of_the_relation() -> None:
    """By hand: of three, one right, one reversed, one taken for Other: P 1/2, R 1/3, F1 2/5."""
    one, other = "Cause-Effect(e1,e2)", "Cause-Effect(e2,e1)"
    sums = row(one, one) + row(one, other) + row(other, "Other") + row("Other", "Other")
    details = SCORING.details(LABELS)
    assert details["macro_f1"](sums) == pytest.approx(0.4)
    assert SCORING.score(sums) == pytest.approx(0.4)
    assert details[f"f1:{one}"](sums) == pytest.approx(2 / 3)
    assert details["accuracy"](sums) == 0.5


@given(pairs)
def test_micro_f1_is_that_of_scikit_learn_without_the_negative_class(found) -> None:
    """For any answers, so are precision, recall, accuracy and the F1 of each label."""
    sums, details = sum(row(gold, label) for gold, label in found), SCORING.details(LABELS)
    gold, predicted = zip(*found, strict=True)
    wanted = precision_recall_fscore_support(
        gold, predicted, labels=LABELS[:-1], average="micro", zero_division=0
    )
    assert (details["precision"](sums), details["recall"](sums), SCORING.score(sums)) == pytest.approx(
        wanted[:3]
    )
    assert details["accuracy"](sums) == pytest.approx(accuracy_score(gold, predicted))
    each = precision_recall_fscore_support(gold, predicted, labels=LABELS, average=None, zero_division=0)[2]
    assert [details[f"f1:{label}"](sums) for label in LABELS] == pytest.approx(list(each))


@given(pairs)
def test_chance_is_the_best_constant_answer(found) -> None:
    """No relation that is always said would score more, and one scores as much."""
    golds = [gold for gold, _ in found]
    constant = [float(SCORING.score(sum(row(gold, label) for gold in golds))) for label in LABELS]
    sums = sum(row(gold, label) for gold, label in found)
    assert SCORING.chance(sums) == pytest.approx(max(constant))


@pytest.mark.parametrize("label", ["no_relation", "Other", "NA", "no relation", "No-Relation", "none"])
def test_the_class_that_stands_for_no_relation_is_known_by_its_name(label: str) -> None:
    """Whatever the data set; to find it is no merit, and to say it is no false alarm."""
    labels = ("causes", label)
    assert negative(label)
    assert not negative("causes")
    assert SCORING.score(row(label, label, labels)) == 0
    sums = row("causes", label, labels) + row("causes", "causes", labels)
    assert SCORING.details(labels)["precision"](sums) == 1
    assert SCORING.score(sums) == pytest.approx(2 / 3)


def test_a_relation_that_the_model_does_not_know_is_missed() -> None:
    """It lowers recall, though there is no column of its own."""
    labels = ("causes", "Other")
    sums = row("eats", "Other", labels) + row("causes", "causes", labels)
    assert SCORING.details(labels)["recall"](sums) == 0.5
    assert len(sums) == len(SCORING.columns(labels))


def test_many_sums_are_scored_at_once() -> None:
    """Leading axes are kept, as resampling needs it."""
    stacked = np.stack([np.stack([published(), 0 * published()])] * 3)
    for score in (SCORING.score, SCORING.chance, *SCORING.details(LABELS).values()):
        assert score(stacked).shape == (3, 2)
        assert (score(stacked)[:, 1] == 0).all()


def test_labels_without_a_direction_are_relations_of_their_own() -> None:
    """FewRel's are like that."""
    assert relation("Cause-Effect(e2,e1)") == "Cause-Effect"
    assert relation("P177") == "P177"
    assert relation("f(x)") == "f(x)"
