"""Conversations become examples of replies to the turns before them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.dialogue import dialogue
from harness.errors import Fault, UserError
from harness.tasks.dialogue import TASK
from harness.text import Example

Write = Callable[..., str]
Faults = Callable[..., tuple[Fault, ...]]
TALK = [("ann", "Hi"), ("bob", "Hello"), ("ann", "Tea?"), ("bob", "Yes"), ("ann", "Here")]
TURNS = [{"speaker": who, "text": text} for who, text in TALK]
LINES = "\n".join(f"#{who}#: {text}" for who, text in TALK)


def line(**record: Any) -> str:
    return json.dumps(record) + "\n"


def read(write: Write, *records: str, **options: Any) -> list[Example]:
    return list(dialogue.function(write("".join(records), "d.jsonl"), **dialogue.bind(options)))


@pytest.mark.parametrize("turns", [TURNS, LINES], ids=["objects", "lines"])
def test_each_turn_is_a_reply_to_those_before_it(write: Write, turns: object) -> None:
    """Turns are fields in order, named by number and speaker; a conversation is one group."""
    found = read(write, line(id="t", turns=turns))
    assert [e.id for e in found] == ["t:2", "t:3", "t:4", "t:5"]
    assert found[1] == Example(
        "t:3", {"01 ann": "Hi", "02 bob": "Hello"}, ("Tea?",), "t", {"speaker": "ann", "turn": "3"}
    )
    assert all(TASK.validate(e) == "" for e in found)


@pytest.mark.parametrize(
    ("options", "replies"),
    [
        ({"last": True}, ["Here"]),
        ({"every": 2}, ["Hello", "Yes"]),
        ({"by": "bob"}, ["Hello", "Yes"]),
        ({"by": "bob", "last": True}, ["Yes"]),
        ({"before": 3}, ["Yes", "Here"]),
    ],
)
def test_which_turns_count_as_replies_can_be_said(
    write: Write, options: dict[str, Any], replies: list[str]
) -> None:
    """By place, by speaker, by what came before."""
    assert [e.references[0] for e in read(write, line(turns=TURNS), **options)] == replies


def test_the_turns_before_can_be_limited(write: Write) -> None:
    """The nearest ones stay, and are counted from 1."""
    *_, last = read(write, line(turns=TURNS), most=2)
    assert last.fields == {"01 ann": "Tea?", "02 bob": "Yes"}


@pytest.mark.parametrize(
    ("record", "speaker", "references"),
    [
        ({"reply": "Bye"}, "bob", ("Bye",)),
        ({"reply": ["Bye", "So long"]}, "bob", ("Bye", "So long")),
        ({"reply": "Bye", "speaker": "#cat#"}, "cat", ("Bye",)),
        ({"reply": {"speaker": "ann", "text": "Bye"}}, "ann", ("Bye",)),
    ],
)
def test_a_reply_of_its_own_makes_one_example(
    write: Write, record: dict[str, Any], speaker: str, references
) -> None:
    """Its speaker is the one that is named, or who spoke before the last one did."""
    (found,) = read(write, line(turns=TURNS, **record))
    assert len(found.fields) == 5
    assert (found.meta["speaker"], found.target, found.id) == (speaker, references, "d.jsonl:1:6")


@pytest.mark.parametrize(
    ("record", "field", "message"),
    [
        ({}, "turns", "is missing, should be a list of turns"),
        ({"turns": []}, "turns", "has no turns"),
        ({"turns": "\n"}, "turns", "has no turns"),
        ({"turns": [3]}, "turns.0", "should be an object with speaker and text, found 3"),
        ({"turns": [{"text": "a"}]}, "turns.0.speaker", "is missing"),
        ({"turns": [{"speaker": "##", "text": "a"}]}, "turns.0.speaker", "is empty"),
        ({"turns": [TURNS[0], {"speaker": "a", "text": " "}]}, "turns.1.text", "is empty"),
        ({"turns": "ann: a\nand more"}, "turns.1", "should be 'speaker: text', found 'and more'"),
        ({"turns": "ann: a\n: b"}, "turns.1", "should be 'speaker: text'"),
        ({"turns": "ann: a\nbob:"}, "turns.1", "should be 'speaker: text'"),
        ({"turns": TURNS, "reply": ""}, "reply", "is empty"),
        ({"turns": TURNS, "reply": []}, "reply", "at least one text"),
        ({"turns": TURNS, "reply": ["a", " "]}, "reply.1", "is empty"),
        ({"turns": TURNS, "reply": {"text": "a"}}, "reply.speaker", "is missing"),
        ({"turns": TURNS, "reply": "a", "speaker": 3}, "speaker", "should be a string, found 3"),
        ({"turns": TURNS[:1], "reply": "a"}, "speaker", "who replies?"),
        ({"turns": TURNS, "reply": "a", "speaker": "#"}, "speaker", "is empty"),
    ],
)
def test_faults_name_line_and_field(faults: Faults, record: dict[str, Any], field: str, message: str) -> None:
    """A turn without a speaker, a reply without a text."""
    (fault,) = faults(dialogue, line(turns=TURNS) + line(**record))
    assert (fault.line, fault.field) == (2, field)
    assert message in fault.message


@pytest.mark.parametrize("options", [{"before": 0}, {"every": 0}, {"most": -1}])
def test_options_have_limits(write: Write, options: dict[str, int]) -> None:
    """There is no reply to nothing."""
    ((name, value),) = options.items()
    with pytest.raises(UserError, match=f"{name} should be at least .*found {value}"):
        read(write, line(turns=TURNS), **options)


VALUES = st.sampled_from(
    [None, 3, "", "a", "a: b", "#a#: b\nc: d", [], ["a"], TURNS, TURNS[:1], [{}], TURNS[0]]
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["turns", "reply", "speaker", "id"]), VALUES), min_size=1, max_size=3
    )
)
def test_any_record_is_read_or_refused(write: Write, records: list[dict[str, Any]]) -> None:
    """What is read suits the task; nothing fails in another way than by naming faults."""
    try:
        found = read(write, *(line(**record) for record in records))
    except UserError as error:
        assert error.faults
    else:
        assert all(TASK.validate(example) == "" for example in found)


@pytest.mark.real
def test_real_dialogues_are_read(real) -> None:
    """DialogSum: a line a turn, speakers in number signs."""
    options = dialogue.bind({"turns": "dialogue", "id": "fname", "last": True})
    found = list(dialogue.function(str(real / "dialogue-dialogsum/dev.jsonl"), **options))
    assert len(found) == len({e.group for e in found}) == 500
    assert {e.meta["speaker"] for e in found} <= {f"Person{n}" for n in range(1, 9)}
