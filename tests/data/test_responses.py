"""Conversations become replies to choose from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.data.reader import Reader
from harness.data.responses import responses
from harness.errors import Fault
from harness.tasks.response import TASK

Write = Callable[..., str]
Faults = Callable[..., tuple[Fault, ...]]


def talk(at: int, **more: Any) -> str:
    """A conversation of two turns with a reply."""
    turns = [{"speaker": "guest", "text": f"question {at}"}, {"speaker": "desk", "text": f"answer {at}"}]
    return json.dumps({"id": f"t{at}", "turns": turns, "reply": f"Thanks {at % 12}", **more}) + "\n"


FILE = "".join(talk(at) for at in range(24))


def test_the_reply_stands_among_others_that_are_different(write: Write) -> None:
    """Ten candidates; none has the text of another; turns come first; all suit the task."""
    found = responses.function(write(FILE, "talks.jsonl"))
    assert [TASK.validate(one) for one in found] == [""] * 24
    for at, one in enumerate(found):
        assert list(one.fields)[:2] == ["01 guest", "02 desk"]
        offered = [one.fields[f"candidate {slot}"] for slot in range(1, 11)]
        assert len(set(offered)) == 10
        assert one.fields[f"candidate {one.target[0]}"] == f"Thanks {at % 12}"
        assert one.meta["speaker"] == "guest"


def test_draws_depend_on_the_key_alone_and_slots_are_spread(write: Write) -> None:
    """Read again they are the same, with another seed they are not; no slot is preferred."""
    path = write(FILE, "talks.jsonl")
    found, again, other = (responses.function(path, seed=seed) for seed in (0, 0, 1))
    assert found == again != other
    assert max(Counter(one.target for one in found).values()) < 8


def test_own_distractors_come_first_and_wrong_ones_are_named(write: Write, faults: Faults) -> None:
    """The reply itself is none, however it is written; blanks and numbers are faults."""
    own = ["No .", "thanks  0", "Never !"]
    path = write(talk(0, distractors=own) + talk(1), "talks.jsonl")
    first, _ = responses.function(path, candidates=3)
    assert {first.fields[f"candidate {slot}"] for slot in (1, 2, 3)} == {"Thanks 0", "No .", "Never !"}
    bad = talk(0, distractors=["x", " "]) + talk(1, distractors=["x", 3])
    assert [(one.line, one.field) for one in faults(responses, bad)] == [
        (1, "distractors.1"),
        (2, "distractors.1"),
    ]


def test_replies_of_the_same_conversation_are_no_distractors(write: Write) -> None:
    """They might do as well."""
    rows = [
        {"id": name, "turns": "\n".join(f"{who}: {name} {at}" for at, who in enumerate("abab"))}
        for name in ("x", "y")
    ]
    found = responses.function(write("".join(json.dumps(row) + "\n" for row in rows), "talks.jsonl"))
    assert len(found) == 6
    for one in found:
        offered = [one.fields[name] for name in one.fields if name.startswith("candidate")]
        assert [text for text in offered if text.startswith(one.group)] == [
            one.fields[f"candidate {one.target[0]}"]
        ]


def test_without_other_replies_there_is_nothing_to_choose_from(faults: Faults) -> None:
    """One conversation alone."""
    (fault,) = faults(responses, talk(0))
    assert "no other reply to choose from for t0" in fault.message
    (fault,) = faults(responses, FILE, candidates=11)
    assert fault.field == "candidates"


@pytest.mark.real
def test_dialogsum_can_be_ranked(real: Path) -> None:
    """The last turn of each conversation among nine others."""
    reader: Reader = responses
    path = str(real / "dialogue-dialogsum" / "dev.jsonl")
    found = reader.function(path, turns="dialogue", id="fname", last=True)
    assert len(found) == 500
    assert {TASK.validate(one) for one in found} == {""}
    assert all(sum(name.startswith("candidate") for name in one.fields) == 10 for one in found)
