"""Translation: a text into the language of its references."""

from __future__ import annotations

from collections.abc import Sequence

from harness.tasks.scoring.texts import TRANSLATION
from harness.tasks.task import Form, Task
from harness.tasks.writing import answer, decode, gold, inputs, validate
from harness.text import Example


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Translation: a text into the language of its references."""
    return ()


TASK = Task(
    name="translation",
    function=labels,
    form=Form.TEXT,
    scoring=TRANSLATION,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
    instruction="Translate the text.",
)
