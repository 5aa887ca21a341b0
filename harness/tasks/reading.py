"""What a model reads of an example: one text or a pair, and where each stretch of it comes from.

A reading is what tokenizers know: a text, or a text and its pair. Most tasks read a field as it is.
Others add to it, such as markers around the arguments of a relation or the speaker of a turn; what
is added has no place in the example, all else can be traced back to its field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harness.text import TEXT, Example


class Part(NamedTuple):
    """A stretch ``[start, end)`` of a segment that stands word for word at ``at`` in a field."""

    start: int
    end: int
    field: str
    at: int


@dataclass(frozen=True)
class Segment:
    """A text as a model reads it, and the stretches of it that come from fields, in order."""

    text: str
    parts: tuple[Part, ...]

    def place(self, start: int, end: int) -> tuple[str, int, int] | None:
        """Field and offsets of ``[start, end)``; None if any of it has been added."""
        for part in self.parts:
            if part.start <= start and end <= part.end:
                shift = part.at - part.start
                return part.field, start + shift, end + shift
        return None

    def after(self, at: int) -> Segment:
        """The segment without what lies before an offset."""
        kept = [p for p in self.parts if p.end > at]
        moved = [Part(max(p.start - at, 0), p.end - at, p.field, p.at + max(at - p.start, 0)) for p in kept]
        return Segment(self.text[at:], tuple(moved))


Reading = tuple[Segment, ...]
"""One segment, or two that a tokenizer takes as a pair."""


def field(example: Example, name: str = TEXT) -> Segment:
    """A field as it is."""
    text = example.fields[name]
    return Segment(text, (Part(0, len(text), name, 0),))


def pieced(pieces: Iterable[tuple[str, str, int]]) -> Segment:
    """A segment of pieces ``(text, field, at)``, one after the other; those without a field are added."""
    text, parts = "", []
    for piece, name, at in pieces:
        if name and piece:
            parts.append(Part(len(text), len(text) + len(piece), name, at))
        text += piece
    return Segment(text, tuple(parts))


def marked(example: Example, around: Sequence[tuple[str, str]]) -> Segment:
    """The field of the marks with something before and after each of them.

    Args:
        example: Its marks lie in one field and do not overlap.
        around: For each mark what to put before and after it.
    """
    return pieced(_marked(example, around))


def _marked(example: Example, around: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, int]]:
    name, at = example.marks[0].field, 0
    text = example.fields[name]
    for mark, (before, after) in sorted(zip(example.marks, around, strict=True)):
        yield text[at : mark.start], name, at
        yield before, "", 0
        yield text[mark.start : mark.end], name, mark.start
        yield after, "", 0
        at = mark.end
    yield text[at:], name, at


def turns(example: Example, names: Sequence[str], separator: str = "\n") -> Segment:
    """Fields one below the other, each after its speaker.

    Args:
        example: A field of a turn is named ``"<number> <speaker>"``.
        names: The fields to put together, in this order.
        separator: What stands between them.
    """
    return pieced(
        piece
        for at, name in enumerate(names)
        for piece in (
            (f"{separator if at else ''}{speaker(name)}: ", "", 0),
            (example.fields[name], name, 0),
        )
    )


def speaker(name: str) -> str:
    """Who speaks in the turn that a field of that name holds."""
    return name.partition(" ")[2] or name


def plain(readings: Sequence[Reading]) -> str:
    """All that is read as one text, for models that do not look at its parts."""
    return "\n".join(segment.text for reading in readings for segment in reading)
