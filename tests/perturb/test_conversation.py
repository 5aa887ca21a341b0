"""Turns that got lost, came in another order, or begin with pleasantries."""

from __future__ import annotations

import pytest

from harness.errors import UserError
from harness.perturb import conversation
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.perturb.sites import lines
from harness.tasks.dialogue import TASK
from harness.tasks.reading import plain
from harness.text import Example, Variant

TURNS = {
    "01 customer": "My parcel is late.",
    "02 agent": "What is its number?",
    "03 customer": "It is on the bill.",
    "04 agent": "Let me look.",
    "05 customer": "Thank you.",
}
SOURCE = Example("a", TURNS, ("It arrives today.",), meta={"speaker": "agent"})
RANKED = Example("b", {**TURNS, "candidate 1": "It arrives today.", "candidate 2": "No."}, ("1",))


def vary(source: Example, operator: Operator, draw: int = 0, **options: object) -> Variant:
    return perturb(source, operator, 5 if operator.graded else 0, seed=0, draw=draw, options=options)


def test_early_turns_are_lost_and_the_last_ones_stay() -> None:
    """A lost turn is empty; candidates are no turns."""
    lost = {edit.field for draw in range(30) for edit in vary(RANKED, conversation.drop_turn, draw).edits}
    assert lost == {"01 customer", "02 agent", "03 customer"}
    more = {e.field for draw in range(30) for e in vary(RANKED, conversation.drop_turn, draw, keep=4).edits}
    assert more == {"01 customer"}


def test_a_model_reads_that_somebody_said_nothing() -> None:
    """What is left is in order, the speaker of the lost turn is there, and the example is still valid."""
    lost = Example("a", {**TURNS, "02 agent": ""}, SOURCE.target, meta=SOURCE.meta)
    assert TASK.validate(lost) == ""
    read = plain(TASK.inputs(lost)).splitlines()
    assert read[:3] == ["customer: My parcel is late.", "agent: ", "customer: It is on the bill."]
    assert read[-1] == "agent:"


def test_early_turns_of_a_speaker_change_places() -> None:
    """Nobody says what another one said, and the last two turns stay."""
    after = vary(RANKED, conversation.shuffle_turns).example.fields
    assert after["01 customer"] == TURNS["03 customer"]
    assert after["03 customer"] == TURNS["01 customer"]
    assert {name: after[name] for name in ("02 agent", "04 agent", "05 customer")} == {
        name: TURNS[name] for name in ("02 agent", "04 agent", "05 customer")
    }


@pytest.mark.parametrize("operator", [conversation.drop_turn, conversation.shuffle_turns])
def test_the_last_turn_always_stays(operator: Operator) -> None:
    """Asking for less is the user's error; short conversations are left alone."""
    with pytest.raises(UserError, match="at least 1, found 0"):
        vary(SOURCE, operator, keep=0)
    assert vary(Example("a", {"01 customer": "Hello."}, ("Hi.",)), operator).noop


def test_a_pleasantry_stands_before_a_turn() -> None:
    """What was said follows as it was, in any turn but in no candidate."""
    edits = [edit for draw in range(30) for edit in vary(RANKED, conversation.small_talk, draw).edits]
    assert {edit.field for edit in edits} == set(TURNS)
    assert all(edit.start == edit.end == 0 and edit.text.strip() in lines("smalltalk") for edit in edits)


def test_the_order_of_turns_matters_for_what_is_said_not_for_what_is_chosen() -> None:
    """So a reply that is written has no references after a shuffle."""
    assert conversation.shuffle_turns.suits("response")
    assert not conversation.shuffle_turns.suits("dialogue")
    assert conversation.drop_turn.suits("dialogue")
    assert not conversation.drop_turn.suits("classification")
