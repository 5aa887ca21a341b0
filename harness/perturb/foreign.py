"""Other people's perturbations: what went wrong inside of them is counted, not lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from harness.errors import Fault, UserError, nearest
from harness.text import Edit, Example

_HEARD: ContextVar[Counter[str] | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[Counter[str]]:
    """Count what libraries raise within: ``{"nlpaug: IndexError: …": 3}``."""
    heard: Counter[str] = Counter()
    before = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(before)


def stumbled(library: str, error: Exception) -> None:
    """Tell whoever listens that a library could not cope with a text, which is left as it was."""
    heard = _HEARD.get()
    if heard is not None:
        heard[f"{library}: {brief(error)}"] += 1


def brief(error: Exception) -> str:
    """The kind of an error and the beginning of what it says; some libraries list all that they know."""
    return f"{type(error).__name__}: {str(error)[:80]}".rstrip(": ")


def anchored(edit: Edit, example: Example) -> Edit:
    """A letter put before the first or behind the last one of a gold span is part of it.

    What compares two strings cannot know that ``xBerlin`` is a misspelt name: it sees an insertion
    next to the name.
    """
    name, at, new = edit.field, edit.start, edit.text
    if edit.end > at or not new:
        return edit
    text = example.fields[name]
    if any(span.start == at for span in example.touched(name, at, at + 1)) and (new[-1] + text[at]).isalnum():
        return edit._replace(end=at + 1, text=new + text[at])
    if (
        any(span.end == at for span in example.touched(name, at - 1, at))
        and (text[at - 1] + new[0]).isalnum()
    ):
        return edit._replace(start=at - 1, text=text[at - 1] + new)
    return edit


def offered(
    found: str,
    operator: str,
    operators: Mapping[str, Sequence[str]],
    unavailable: Mapping[str, str] | None = None,
) -> None:
    """Check that an operator has what it is asked for by name, such as an augmenter.

    Args:
        found: The name.
        operator: Who is asked.
        operators: What it and its siblings have.
        unavailable: Why none of them can have some others.

    Raises:
        UserError: If it has not: with the sibling that has, or why nobody has, or the nearest name.
    """
    if found in operators[operator]:
        return
    if unavailable and found in unavailable:
        raise UserError(Fault(f"{found!r} cannot be used: {unavailable[found]}"))
    owner = next((other for other, own in operators.items() if found in own), None)
    hint = f"it belongs to {owner}" if owner else nearest(found, operators[operator])
    raise UserError(Fault(f"{operator} has no {found!r}", hint=hint))
