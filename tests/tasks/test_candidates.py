"""Replies and items to choose from: what is read of them, and that their place says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BrokenPromise
from harness.inference import predict
from harness.models.bag import Bag
from harness.tasks.candidates import SLOTS
from harness.tasks.recommendation import TASK as RECOMMENDATION
from harness.tasks.response import TASK as RESPONSE
from harness.text import Example, Span

REPLIES = ("it opens at nine", "two coffees please", "no , the red one")
DIALOGUE = Example(
    "d",
    {"01 guest": "hello", "02 desk": "hi , how can I help ?", "03 guest": "when does it open ?"}
    | {f"candidate {slot}": text for slot, text in zip(SLOTS, REPLIES, strict=False)},
    ("1",),
)
SLATE = Example(
    "s",
    {"history": "a film about bees", "candidate 1": "a film about ants", "candidate 2": "a kettle"},
    ("1",),
)
WEIGHTS = np.random.default_rng(0).normal(size=(512, 1)).astype(np.float32)


def test_each_candidate_is_read_beside_the_turns():
    """Turns stand below each other after their speakers; the candidate is the pair."""
    found = RESPONSE.inputs(DIALOGUE)
    asked = "guest: hello\ndesk: hi , how can I help ?\nguest: when does it open ?"
    assert [tuple(part.text for part in reading) for reading in found] == [(asked, one) for one in REPLIES]


def test_a_history_is_read_as_it_is_and_more_is_named():
    """With a second field beside it, each says what it is."""
    (asked, _), _ = RECOMMENDATION.inputs(SLATE)
    assert asked.text == "a film about bees"
    more = Example(
        "s", {"history": "a film", "age": "30"} | dict(SLATE.fields) | {"history": "a film"}, ("1",)
    )
    (asked, _), _ = RECOMMENDATION.inputs(more)
    assert asked.text == "history: a film\nage: 30"


@pytest.mark.parametrize("task", [RESPONSE, RECOMMENDATION], ids=lambda task: task.name)
def test_what_is_wrong_with_candidates_is_said(task):
    """Slots with gaps, too many or too few candidates, no query, and targets that are no slots."""
    fields = {"history": "x", "candidate 1": "a", "candidate 2": "b"}
    wrong = [
        ({**fields, "candidate 4": "c"}, ("1",), "from 1 on"),
        ({**fields, "candidate 11": "c"}, ("1",), "in no slot"),
        ({"history": "x", "candidate 1": "a"}, ("1",), "at least two"),
        ({"candidate 1": "a", "candidate 2": "b"}, ("1",), "nothing but candidates"),
        (fields, (), "slots that are right were expected"),
        (fields, "1", "slots that are right were expected"),
        (fields, (Span(0, 1, "x"),), "slots that are right were expected"),
        (fields, ("3",), "holds no candidate"),
    ]
    assert task.validate(Example("x", fields, ("2",))) == ""
    for given_fields, target, why in wrong:
        assert why in task.validate(Example("x", given_fields, target))


def test_one_reply_is_right_but_several_items_may_be_clicked():
    """What differs between the two tasks."""
    both = Example("s", SLATE.fields, ("1", "2"))
    assert RECOMMENDATION.validate(both) == ""
    assert "one reply" in RESPONSE.validate(both)
    assert RECOMMENDATION.gold(both, np.zeros((0, 2), np.int32), SLOTS) == [1, 1]


@pytest.mark.parametrize(("task", "example"), [(RESPONSE, DIALOGUE), (RECOMMENDATION, SLATE)])
def test_log_odds_become_probabilities_and_empty_slots_have_none(task, example):
    """Of replies one is right; clicks are independent of each other."""
    odds = np.array([2.0, 0.0, -2.0], np.float32)[: len(task.inputs(example))]
    said = task.decode(example, np.zeros((0, 2), np.int32), odds, SLOTS)
    alone = np.exp(odds) / (1 + np.exp(odds))
    wanted = np.exp(odds) / np.exp(odds).sum() if task is RESPONSE else alone
    assert said.probabilities[: len(odds)] == pytest.approx(wanted)
    assert not said.probabilities[len(odds) :].any()
    assert said.labels == SLOTS


@given(st.permutations(range(3)), st.sampled_from((RESPONSE, RECOMMENDATION)))
def test_permuting_slots_permutes_predictions(places, task):
    """The position of a candidate does not inform."""
    model = Bag(WEIGHTS, SLOTS, task)
    turns = {name: text for name, text in DIALOGUE.fields.items() if not name.startswith("candidate")}
    moved = Example(
        "m", turns | {f"candidate {SLOTS[to]}": REPLIES[at] for to, at in enumerate(places)}, ("1",)
    )
    one, other = predict(model, [DIALOGUE, moved])
    assert other.probabilities[:3] == pytest.approx(one.probabilities[list(places)], rel=1e-5)


def test_equal_candidates_are_read_once():
    """Slates share items and histories; what is asked twice is answered once."""
    asked = []

    class Counting(Bag):
        def forward(self, pieces):
            asked.extend(pieces)
            return super().forward(pieces)

    model = Counting(WEIGHTS, SLOTS, RECOMMENDATION)
    swapped = {
        "history": SLATE.fields["history"],
        "candidate 1": "a kettle",
        "candidate 2": "a film about ants",
    }
    said = predict(model, [SLATE, Example("t", swapped, ("2",)), Example("u", SLATE.fields, ("2",))])
    assert len(asked) == 2
    assert said[0].probabilities[0] == said[1].probabilities[1]


def test_a_callable_says_a_slot_or_numbers():
    """Numbers may be given by slot; of replies they are made to sum to 1."""
    assert RESPONSE.answer(DIALOGUE, "2", SLOTS).label == "2"
    assert RESPONSE.answer(DIALOGUE, 2, SLOTS).label == "2"
    said = RESPONSE.answer(DIALOGUE, {"1": 0.5, "3": 1.0}, SLOTS)
    assert said.probabilities[:3].tolist() == pytest.approx([1 / 3, 0, 2 / 3])
    said = RECOMMENDATION.answer(SLATE, {"1": 0.75, "2": 0.5}, SLOTS)
    assert said.probabilities[:2].tolist() == [0.75, 0.5]


@pytest.mark.parametrize("said", ["4", {"1": 2.0}, {"1": float("nan")}, {"1": 0.0}])
def test_a_callable_that_says_something_else_is_told(said):
    """It names a slot that is empty, something that is no probability, or nothing at all."""
    with pytest.raises(BrokenPromise, match="callable"):
        RESPONSE.answer(DIALOGUE, said, SLOTS)
