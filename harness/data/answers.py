"""Answers that stand in a text: where they are said to, or where they have slipped to."""

from __future__ import annotations

from harness.data.lines import shown
from harness.text import Span

QUESTION, CONTEXT = "question", "context"
"""The fields of a question about a text, and of the text."""


def located(text: str, start: int, context: str) -> Span:
    """The place of an answer in its context, without white space around it.

    An answer that does not stand at its offset is looked for; SQuAD has such.

    Args:
        text: The answer, not blank.
        start: Its offset in the context, in characters.
        context: What it is taken from.

    Raises:
        ValueError: If it does not stand there, and not at exactly one other place either.
    """
    start += len(text) - len(text.lstrip())
    text = text.strip()
    if not (start >= 0 and context.startswith(text, start)):
        start = _found(text, start, context)
    return Span(start, start + len(text), text, CONTEXT)


def _found(text: str, start: int, context: str) -> int:
    places = [at for at in range(len(context) - len(text) + 1) if context.startswith(text, at)]
    if len(places) == 1:
        return places[0]
    inside = context[start : start + len(text)] if start >= 0 else ""
    where = f"it is at {', '.join(map(str, places[:9]))}" if places else "it is nowhere in the paragraph"
    raise ValueError(f"is not at {start}, where {shown(inside)} stands; {where}")
