"""Summarization: what a text says, in fewer words."""

from __future__ import annotations

from collections.abc import Sequence

from harness.tasks.scoring.texts import SUMMARIZATION
from harness.tasks.task import Form, Task
from harness.tasks.writing import answer, decode, gold, inputs, validate
from harness.text import Example


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Summarization: what a text says, in fewer words."""
    return ()


TASK = Task(
    name="summarization",
    function=labels,
    form=Form.TEXT,
    scoring=SUMMARIZATION,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
    instruction="Summarize the text in one or two sentences.",
)
