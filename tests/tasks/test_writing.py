"""The tasks that ask for a text: what suits them, what models read, and what callables may answer."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import BrokenPromise
from harness.prediction import Text
from harness.tasks.dialogue import TASK as DIALOGUE
from harness.tasks.summarization import TASK as SUMMARIZATION
from harness.tasks.task import Form
from harness.tasks.translation import TASK as TRANSLATION
from harness.text import Example, Span

TURNS = {"01 customer": "It is broken.", "02 agent": "Which one?", "03 customer": "The lamp."}
TALK = Example("d", TURNS, ("I see.", "Oh."), meta={"speaker": "agent"})
NOWHERE = np.zeros((0, 2), np.int32)


def source(target, **fields: str) -> Example:
    return Example("x", fields or {"source": "Guten Tag"}, target)


@pytest.mark.parametrize("task", [TRANSLATION, SUMMARIZATION])
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (source("a label"), "reference texts were expected, found 'a label'"),
        (source(()), "reference texts were expected, found ()"),
        (source((Span(0, 1, "PER"),)), "reference texts were expected"),
        (source(("one", " \n")), "reference 2 of 2 is empty"),
        (source(("one",), text="Guten Tag"), "the only field should be 'source', found text"),
    ],
)
def test_what_does_not_suit_is_told(task, wrong, why):
    """A source and one or more references, none of them empty."""
    assert why in task.validate(wrong)
    assert task.validate(source(("one", "two"))) == ""


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (Example("d", {"customer": "Hello"}, ("Hi",), meta={"speaker": "agent"}), "turn 'customer' should be named"),
        (Example("d", {"01": "Hello"}, ("Hi",), meta={"speaker": "agent"}), "turn '01' should be named"),
        (Example("d", TURNS, ("Hi",)), "it is not said who replies"),
        (Example("d", TURNS, ("",), meta={"speaker": "agent"}), "reference 1 of 1 is empty"),
        (Example("d", {}, ("Hi",), meta={"speaker": "agent"}), "no turn"),
    ],
)  # fmt: skip
def test_a_dialogue_needs_speakers_and_a_reply(wrong, why):
    """Of each turn, and of the reply."""
    assert why in DIALOGUE.validate(wrong)
    assert DIALOGUE.validate(TALK) == ""


def test_a_source_is_read_as_it_is():
    """Nothing is added that could not be traced back."""
    ((segment,),) = TRANSLATION.inputs(source(("x",)))
    assert segment.text == "Guten Tag"
    assert segment.place(0, 9) == ("source", 0, 9)


def test_a_dialogue_is_read_up_to_the_name_of_who_replies():
    """Turns keep their places, so that edits and attributions find them."""
    ((segment,),) = DIALOGUE.inputs(TALK)
    assert segment.text == "customer: It is broken.\nagent: Which one?\ncustomer: The lamp.\nagent:"
    at = segment.text.index("lamp")
    assert segment.place(at, at + 4) == ("03 customer", 4, 8)
    assert segment.place(len(segment.text) - 6, len(segment.text)) is None


@pytest.mark.parametrize(
    ("speakers", "end"), [("ann bob", "\nann:"), ("ann", "hello"), ("ann bob cat", "hello")], ids=str
)
def test_a_dialogue_without_a_speaker_for_the_reply_is_read_all_the_same(speakers, end):
    """Outside of data sets nobody may have said who replies: of two it is the other one."""
    fields = {f"{at:02} {who}": "hello" for at, who in enumerate(speakers.split(), 1)}
    ((segment,),) = DIALOGUE.inputs(Example("d", fields))
    assert segment.text.endswith(end)


@pytest.mark.parametrize("task", [TRANSLATION, SUMMARIZATION, DIALOGUE])
def test_the_first_reference_is_learned_and_texts_come_back_as_they_are(task):
    """There are no labels, and nothing to decode."""
    said = Text("I see.", -1.0, 3)
    assert task.form is Form.TEXT
    assert task.function([TALK]) == ()
    assert task.gold(TALK, NOWHERE, ()) == "I see."
    assert task.decode(TALK, NOWHERE, said, ()) is said
    assert task.instruction


def test_a_callable_says_a_text_or_several():
    """The first of an n-best list counts; a Text may tell how likely it is."""
    assert TRANSLATION.answer(TALK, "good day", ()) == TRANSLATION.answer(TALK, ["good day", "hello"], ())
    assert TRANSLATION.answer(TALK, Text("a", -2.0, 4), ()) == Text("a", -2.0, 4)
    for wrong in (None, 3, [], [3], {"text": "a"}):
        with pytest.raises(BrokenPromise, match="a text or a list of texts was expected"):
            TRANSLATION.answer(TALK, wrong, ())
