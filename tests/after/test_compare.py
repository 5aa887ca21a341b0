"""Two models on the same examples: verdicts, churn and what was lost."""

from __future__ import annotations

import numpy as np
import pytest

from harness.after.compare import Change, compare, judge, widened
from harness.measure.statistics import Interval, tango
from harness.prediction import Classes, Spans
from harness.tasks.classification import TASK
from harness.text import Example, Span

LABELS = ("no", "yes")


def said(answers: str) -> dict[str, Classes]:
    """Answers ``y`` and ``n`` to examples 0, 1, …"""
    return {
        str(at): Classes(LABELS, np.array([answer == "n", answer == "y"], np.float32))
        for at, answer in enumerate(answers)
    }


def compared(gold: str, old: list[str], new: list[str], margin: float = 0.02):
    examples = [
        Example(str(at), {"text": f"t{at}"}, "yes" if g == "y" else "no") for at, g in enumerate(gold)
    ]
    return compare(
        TASK, examples, [said(o) for o in old], [said(n) for n in new], LABELS, margin=margin, resamples=500, seed=0
    )  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "change"),
    [
        (0.01, 0.05, Change.BETTER),
        (-0.019, 0.03, Change.NOT_WORSE),
        (-0.019, -0.001, Change.NOT_WORSE),
        (-0.05, 0.03, Change.INCONCLUSIVE),
        (-0.05, -0.01, Change.INCONCLUSIVE),
        (-0.08, -0.021, Change.WORSE),
    ],
)
def test_a_verdict_is_of_the_whole_interval(low: float, high: float, change: Change) -> None:
    """A loss within the margin is tolerated; what cannot be told is not called equal."""
    assert judge(Interval((low + high) / 2, low, high, "test"), 0.02) is change


def test_churn_and_flips_are_those_of_the_worked_example() -> None:
    """Predictions (0,0,1,1,0,1) and (0,1,1,1,0,1), gold (0,0,1,1,1,1): churn 1/6 (methods, section 4.3)."""
    found = compared("nnyyyy", ["nnyyny"], ["nyyyny"])
    assert found.churn.value == pytest.approx(1 / 6)
    assert (found.lost.value, found.won.value) == (pytest.approx(1 / 6), 0)
    (flip,) = found.flips
    assert (flip.example.id, flip.old, flip.new, flip.seeds) == ("1", "no", "yes", 1)
    assert found.difference.value == pytest.approx(-1 / 6)
    assert abs(found.new - found.old) <= found.churn.value + 1e-9
    assert (found.churn.low, found.lost.low) == (0, 0)


def test_what_most_seeds_have_lost_comes_first() -> None:
    """And the difference is the mean over seeds."""
    found = compared("yyyy", ["yyyy", "yyyy"], ["nyyn", "yyyn"])
    assert [(f.example.id, f.seeds) for f in found.flips] == [("3", 2), ("0", 1)]
    assert found.by_seed == (-0.5, -0.25)
    assert found.difference.value == -0.375


def test_few_equal_answers_do_not_show_that_nothing_got_worse() -> None:
    """Twelve examples without any change are inconclusive, two hundred are not (Tango's bound)."""
    few, many = compared("y" * 12, ["y" * 12], ["y" * 12]), compared("y" * 200, ["y" * 200], ["y" * 200])
    assert few.change is Change.INCONCLUSIVE
    assert (few.difference.low, few.difference.high) == tango(0, 0, 12, 0.90)
    assert many.change is Change.NOT_WORSE


def test_a_model_that_knows_more_labels_is_compared_with_one_that_does_not() -> None:
    """The old one's predictions are read as giving the new label never."""
    wide = widened(said("y")["0"], ("maybe", "no", "yes"))
    assert isinstance(wide, Classes)
    assert (wide.label, wide.probabilities.tolist()) == ("yes", [0, 0, 1])
    words = np.array([[0, 2]], np.int32)
    tagged = Spans(("O", "B-A", "I-A"), (Span(0, 2, "A"),), words, np.array([[0, 1, 0]], np.float32))
    wider = widened(tagged, ("O", "B-A", "I-A", "B-B", "I-B"))
    assert wider.probabilities.tolist() == [[0, 1, 0, 0, 0]]
    assert wider.spans == tagged.spans
    assert widened(wide, LABELS) is wide
