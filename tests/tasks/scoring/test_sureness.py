"""How sure a prediction is of itself: labels, answers, and those that do not say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.models.function import Function
from harness.prediction import Classes, Text
from harness.tasks.qa import TASK as QA
from harness.tasks.scoring.sureness import sureness
from harness.text import Example, Span, example

LABELS = ("a", "b", "c")


def said(*chances: float) -> Classes:
    """A distribution over three labels."""
    return Classes(LABELS, np.array(chances, np.float32))


def test_the_worked_example_of_proper_scores() -> None:
    """Probabilities (.7, .2, .1) and (.1, .6, .3), right are a and c: Brier .5, log loss .7803239 (3.9)."""
    first = sureness(example("x", "…", "a"), said(0.7, 0.2, 0.1), True)
    second = sureness(example("y", "…", "c"), said(0.1, 0.6, 0.3), False)
    assert (first.brier + second.brier) / 2 == pytest.approx(0.5, abs=1e-6)
    assert (first.loss + second.loss) / 2 == pytest.approx(0.7803239, abs=1e-6)
    assert (first.confidence, second.confidence) == (pytest.approx(0.7), pytest.approx(0.6))


def test_a_right_label_that_the_model_does_not_have_costs_most() -> None:
    """Its probability is nought."""
    found = sureness(example("x", "…", "other"), said(1.0, 0.0, 0.0), False)
    assert found.brier == pytest.approx(2.0)
    assert found.loss > 27


QUESTION = Example(
    "q", {"question": "Who left?", "context": "Anna left early ."}, (Span(0, 4, "Anna", "context"),)
)


@pytest.mark.parametrize(("answer", "right"), [("Anna", True), ("early", False), (None, False)])
def test_an_answer_is_as_sure_as_its_probability(answer, right) -> None:
    """Also that there is none; the log loss needs labels."""
    model = Function(lambda inputs: [answer for _ in inputs], ("start", "end"), QA)
    (pieces,) = model.encode([QUESTION])
    found = sureness(QUESTION, model.decode(QUESTION, pieces, model.forward(pieces)), right)
    assert 0 <= found.confidence <= 1
    assert found.brier == pytest.approx((found.confidence - right) ** 2)
    assert math.isnan(found.loss)


def test_texts_and_independent_labels_have_no_confidence_of_the_whole() -> None:
    """NaN, not a number that looks like one."""
    several = Classes(LABELS, np.array([0.9, 0.8, 0.1], np.float32), exclusive=False)
    for one in (Text("so it goes"), several):
        assert all(map(math.isnan, sureness(example("x", "…", "a"), one, True)))
