"""Dialogue: the next reply in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.tasks.reading import Reading, speaker, turns
from harness.tasks.scoring.texts import DIALOGUE
from harness.tasks.task import Form, Task
from harness.tasks.writing import answer, decode, gold, no_reference
from harness.text import SPEAKER, TURN, Example


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Dialogue: the next reply in a conversation."""
    return ()


def validate(example: Example) -> str:
    """Every turn has a speaker, and so has the reply, of which there is at least one reference."""
    if not example.fields:
        return "there is no turn to reply to"
    for name in example.fields:
        if not TURN.fullmatch(name):
            return f"the turn {name!r} should be named by its number and its speaker, such as '01 customer'"
    if not example.meta.get(SPEAKER, "").strip():
        return f"it is not said who replies: meta {SPEAKER!r} is missing"
    return no_reference(example)


def inputs(example: Example) -> list[Reading]:
    """All turns in order, and the name of the speaker whose turn it is."""
    history, who = turns(example, list(example.fields)), replier(example)
    return [(replace(history, text=f"{history.text}\n{who}:") if who else history,)]


def replier(example: Example) -> str:
    """Who replies: as it is said or, in a conversation of two, the other one; empty if it cannot be told."""
    speakers = [speaker(name) for name in example.fields]
    others = list(dict.fromkeys(one for one in speakers if one != speakers[-1]))
    return example.meta.get(SPEAKER, "") or (others[0] if len(others) == 1 else "")


TASK = Task(
    name="dialogue",
    function=labels,
    form=Form.TEXT,
    scoring=DIALOGUE,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
    instruction="Write the next turn of the conversation.",
)
