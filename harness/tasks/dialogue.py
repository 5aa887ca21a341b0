"""Dialogue: the next reply in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.tasks.reading import Reading, turns
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
    history = turns(example, list(example.fields))
    return [(replace(history, text=f"{history.text}\n{example.meta[SPEAKER]}:"),)]


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
