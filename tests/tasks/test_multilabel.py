"""Texts with any number of labels, and what may be said of them."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import BrokenPromise
from harness.tasks.multilabel import TASK
from harness.text import Example, Span

LABELS = ("price", "service", "taste")
EXAMPLES = [
    Example("1", {"text": "cheap and tasty"}, ("price", "taste")),
    Example("2", {"text": "they smiled"}, ("service",)),
    Example("3", {"text": "we went there"}, ()),
]


def test_labels_are_all_that_occur_and_gold_says_which_are_right():
    """An example without labels is one like others: none is right."""
    assert TASK.function(EXAMPLES) == LABELS
    nothing = np.zeros((0, 2), np.int32)
    assert [TASK.gold(one, nothing, LABELS) for one in EXAMPLES] == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_only_tuples_of_different_labels_are_targets():
    """One label alone, spans, nothing at all or a label twice is refused in words."""
    assert [TASK.validate(one) for one in EXAMPLES] == ["", "", ""]
    for target, why in (("price", "labels were"), (None, "labels were"), (("a", "a"), "twice")):
        assert why in TASK.validate(Example("x", {"text": "x"}, target))
    assert "labels were" in TASK.validate(Example("x", {"text": "x"}, (Span(0, 1, "PER"),)))


def test_a_callable_says_labels_or_probabilities():
    """A list of labels is certain of them; probabilities need not sum to anything."""
    assert TASK.answer(EXAMPLES[0], ["taste", "price"], LABELS).chosen == ("price", "taste")
    assert TASK.answer(EXAMPLES[0], [], LABELS).chosen == ()
    said = TASK.answer(EXAMPLES[0], {"taste": 0.9, "price": 0.8}, LABELS)
    assert said.probabilities.tolist() == pytest.approx([0.8, 0.0, 0.9])
    assert said.said == "price + taste"


@pytest.mark.parametrize("said", ["taste", 3, ["smell"], {"taste": 1.5}, {"taste": float("nan")}])
def test_anything_else_is_an_error_that_says_what_is_wrong(said):
    """A bare string would be taken for its letters."""
    with pytest.raises(BrokenPromise, match="callable"):
        TASK.answer(EXAMPLES[0], said, LABELS)
