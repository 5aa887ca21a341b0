"""Texts in pieces: what was edited, and what is marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness.report import safe
from harness.rows import Passage

if TYPE_CHECKING:
    from rich.text import Text

Change = Literal["same", "deleted", "inserted"]
Mark = tuple[int, int, str, float]

FIELD = re.compile(r"[^:\n]{1,40}: ")
"""How a field begins where several stand one below the other."""

FEW = 15
"""Stretches of a text in the line for the terminal: about five changes."""
_FRAMES: Mapping[Change, str] = {"same": "{}", "deleted": "[-{}-]", "inserted": "{{+{}+}}"}


class Piece(NamedTuple):
    """A stretch of a text before or after edits, or of both."""

    change: Change
    text: str


def pieces(text: str, edits: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """The text and its edits in reading order, what is deleted before what replaces it.

    Leaving out what is inserted gives ``text``; leaving out what is deleted gives the edited one.

    Args:
        text: The text before the edits.
        edits: ``(start, end, replacement)`` in code points, not overlapping, in any order.
    """
    found: list[Piece] = []
    at = 0
    for start, end, new in sorted(edits):
        found += [
            Piece("same", text[at:start]),
            Piece("deleted", text[start:end]),
            Piece("inserted", new),
        ]
        at = end
    return [piece for piece in (*found, Piece("same", text[at:])) if piece.text]


def rewritten(before: str, after: str) -> list[Piece]:
    """Two texts in one, word by word: what only the first has is deleted, what only the second has inserted."""
    old, new = (re.findall(r"\S+\s*|\s+", text) for text in (before, after))
    found: list[Piece] = []
    for change, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            found.append(Piece("same", "".join(new[c:d])))
        else:
            found += [Piece("deleted", "".join(old[a:b])), Piece("inserted", "".join(new[c:d]))]
    return [piece for piece in found if piece.text]


def plain(parts: Iterable[Piece]) -> str:
    """The pieces in one line of plain text: ``[-deleted-]`` and ``{+inserted+}``."""
    return "".join(_FRAMES[change].format(text) for change, text in parts)


def inline(text: str, edits: Iterable[tuple[int, int, str]], context: int | None = None) -> Text:
    """A text and its edits in one line for the terminal: signs, and colour where there is colour.

    Args:
        text: The text before the edits.
        edits: As for :func:`pieces`.
        context: How many characters to show around each change; None shows the whole text.
    """
    from rich.text import Text

    styles = {"same": "", "deleted": "red", "inserted": "green"}
    parts = pieces(text, edits)
    line = Text()
    shown = parts if context is None else excerpt(parts, context)[:FEW]
    for piece in shown:
        line.append(safe.line(_FRAMES[piece.change].format(piece.text)), style=styles[piece.change])
    if len(shown) < len(parts):
        line.append("…")
    return line


def excerpt(parts: Sequence[Piece], context: int = 30, longest: int = 200) -> list[Piece]:
    """The pieces with unchanged stretches cut to ``context`` characters next to a change.

    A text without any change, and changes themselves, are cut after ``longest`` characters.
    """
    last = len(parts) - 1
    cut: list[Piece] = []
    for index, (change, text) in enumerate(parts):
        head = context if index > 0 else 0
        tail = context if index < last else 0
        if change == "same" and last > 0 and len(text) > head + tail + 1:
            text = _cut(text, head, tail)
        elif (change != "same" or last == 0) and len(text) > longest + 1:
            text = f"{text[:longest]}…"
        cut.append(Piece(change, text))
    return cut


def _cut(text: str, head: int, tail: int) -> str:
    """Only so many characters of both ends, in whole words, and the name of the field that the end is in."""
    before, after = text[:head], text[len(text) - tail :]
    before = before[: before.rfind(" ") + 1] or before
    after = after[after.find(" ") :] if " " in after.rstrip() else after
    at = len(text) - len(after)
    line = text.rfind("\n", 0, at) + 1
    name = FIELD.match(text, line) if tail and len(before) <= line else None
    if name is None:
        return f"{before}…{after}"
    gap = "…\n" if line and head else ""
    return f"{before}{gap}{name.group()}…{after}" if name.end() <= at else f"{before}{gap}{text[line:]}"


class Segment(NamedTuple):
    """A stretch of a passage, the marks that cover it and those that end with it."""

    text: str
    marks: tuple[Mark, ...] = ()
    ending: tuple[Mark, ...] = ()


def segments(passage: Passage) -> list[Segment]:
    """The passage cut wherever a mark starts or ends; together the segments are the text.

    Marks may overlap or nest; what lies outside the text is cut off.
    """
    size = len(passage.text)
    marks = [
        (max(0, start), min(size, end), label, weight)
        for start, end, label, weight in passage.marks
        if max(0, start) < min(size, end)
    ]
    bounds = sorted({0, size, *(m[0] for m in marks), *(m[1] for m in marks)})
    found = []
    for start, end in pairwise(bounds):
        covering = tuple(m for m in marks if m[0] <= start and end <= m[1])
        found.append(Segment(passage.text[start:end], covering, tuple(m for m in covering if m[1] == end)))
    return found


def near(parts: Sequence[Segment], context: int) -> list[Segment]:
    """The segments with stretches without a mark cut to ``context`` characters next to one.

    Where every word has a mark, as in attributions, nothing is cut.
    """
    texts = excerpt(
        [Piece("inserted" if part.marks else "same", part.text) for part in parts], context, 2**31
    )
    return [part._replace(text=cut.text) for part, cut in zip(parts, texts, strict=True)]


def step(weight: float, steps: int = 4) -> int:
    """The strength of an attribution in [-1, 1] as a whole number from ``-steps`` to ``steps``.

    Zero only below half a step, so that a rounding error is not coloured.
    """
    bounded = max(-1.0, min(1.0, weight))
    return round(bounded * steps)
