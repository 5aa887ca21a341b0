"""Relation extraction: how two marked stretches of a text are related."""

from __future__ import annotations

from collections.abc import Sequence

from harness.data.arguments import HEAD, TAIL
from harness.tasks.classification import answer, decode, gold
from harness.tasks.reading import Reading, marked
from harness.tasks.scoring.relations import SCORING
from harness.tasks.task import Form, Task
from harness.text import Example

MARKERS = (("@ ", " @"), ("# ", " #"))
"""What stands around head and tail: punctuation, which every tokenizer knows and no vocabulary has to
be enlarged for (Zhou & Chen 2021, An Improved Baseline for Sentence-level Relation Extraction)."""


def labels(examples: Sequence[Example]) -> tuple[str, ...]:
    """Relation extraction: one directed label for two marked arguments of a text."""
    return tuple(sorted({str(e.target) for e in examples}))


def validate(example: Example) -> str:
    """A target is a label, and the marks are a head and a tail in one field."""
    if not (isinstance(example.target, str) and example.target):
        return f"a label was expected, found {example.target!r}"
    if [mark.label for mark in example.marks] != [HEAD, TAIL]:
        found = " and ".join(repr(mark.label) for mark in example.marks) or "none"
        return f"two arguments were expected, marked 'head' and 'tail' in this order, found {found}"
    if len({mark.field for mark in example.marks}) > 1:
        return "both arguments should lie in one field"
    return ""


def inputs(example: Example) -> list[Reading]:
    """The text with markers around its arguments."""
    return [(marked(example, MARKERS),)]


TASK = Task(
    name="relation",
    function=labels,
    form=Form.LABEL,
    scoring=SCORING,
    validate=validate,
    inputs=inputs,
    gold=gold,
    decode=decode,
    answer=answer,
)
