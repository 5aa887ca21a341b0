"""Examples from a stream, line by line: what cannot be read is said and does not stop the rest."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

from harness.data.check import problems
from harness.data.lines import shown
from harness.data.world import builtin
from harness.errors import Fault, UserError
from harness.text import TEXT, Example, Span

Format = Literal["jsonl", "text"]
LONGEST = 2**24
"""Most bytes of a line, so that a stream without line ends cannot fill the memory."""
STANDARD, EMBEDDED = "-", "world/"
_TURN, _CANDIDATE = re.compile(r"\d+ \S.*"), re.compile(r"candidate \d+")


@dataclass(frozen=True)
class Line:
    """One line of a stream.

    Args:
        number: One-based.
        id: As the line gives it; empty if it gives none.
        example: What it holds; None if that cannot be read.
        fault: Why not; empty otherwise.
    """

    number: int
    id: str = ""
    example: Example | None = None
    fault: str = ""

    @property
    def name(self) -> dict[str, Any]:
        """Number and, if there is one, id: what an answer begins with."""
        return {"line": self.number} | ({"id": self.id} if self.id else {})


@dataclass(frozen=True)
class Shape:
    """Which fields a task's examples have, as its data show.

    Args:
        fields: Those that all examples have, in order.
        turns: Whether there are turns of a conversation besides, ``"01 customer"`` and so on.
        candidates: Whether there are candidates besides, ``"candidate 1"`` and so on.
        marks: Labels of the marks, in order.
    """

    fields: tuple[str, ...]
    turns: bool = False
    candidates: bool = False
    marks: tuple[str, ...] = ()


def shape(examples: Sequence[Example]) -> Shape:
    """The shape that these examples have in common."""
    first = examples[0]
    names = [name for name in first.fields if all(name in e.fields for e in examples)]
    every = {name for e in examples for name in e.fields}
    return Shape(
        fields=tuple(n for n in names if not _TURN.fullmatch(n) and not _CANDIDATE.fullmatch(n)),
        turns=any(_TURN.fullmatch(name) for name in every),
        candidates=any(_CANDIDATE.fullmatch(name) for name in every),
        marks=tuple(mark.label for mark in first.marks),
    )


@contextmanager
def opened(source: str) -> Iterator[BinaryIO]:
    """The file of that name, standard input for ``-``, or a collection of the embedded world.

    The latter is named ``world/stream:jump``, collection and split, where there is no such file.

    Raises:
        UserError: If it cannot be read.
    """
    if source == STANDARD:
        yield sys.stdin.buffer
        return
    if source.startswith(EMBEDDED) and not Path(source).exists():
        yield _embedded(source)
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise UserError(Fault(f"cannot be read: {error.strerror}", source)) from None
    with file:
        yield file


def _embedded(source: str) -> BinaryIO:
    """What a user's stream with the same examples would be: without gold."""
    collection, _, split = source.partition(":")
    rows = []
    for e in builtin.function(collection, split=split or "test"):
        marks = [{"start": m.start, "end": m.end, "field": m.field} for m in e.marks]
        rows.append({"id": e.id, **e.meta, **e.fields} | ({"marks": marks} if marks else {}))
    return BytesIO("".join(json.dumps(row) + "\n" for row in rows).encode())


def lines(stream: BinaryIO, wanted: Shape, format: Format = "jsonl") -> Iterator[Line]:
    """The lines of a stream, as they come; blank ones are left out.

    Raises:
        UserError: If plain text is to be read for a task that takes more than one text.
    """
    if format == "text" and (len(wanted.fields) != 1 or wanted.turns or wanted.candidates or wanted.marks):
        raise UserError(Fault(f"plain text will not do: a line needs {', '.join(_parts(wanted))}"))
    for number, raw in enumerate(_raw(stream), 1):
        line = _line(number, raw, wanted, format)
        if line is not None:
            yield line


def batches(found: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """At most ``size`` lines at a time."""
    iterator = iter(found)
    while batch := list(islice(iterator, size)):
        yield batch


def _raw(stream: BinaryIO) -> Iterator[bytes]:
    """Lines of at most :data:`LONGEST` bytes; what is longer is cut to one byte more."""
    while raw := stream.readline(LONGEST + 1):
        rest = raw
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST + 1)
        yield raw


def _line(number: int, raw: bytes, wanted: Shape, format: Format) -> Line | None:
    if len(raw) > LONGEST:
        return Line(number, fault=f"is longer than {LONGEST:,} bytes")
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return Line(number, fault=f"is not UTF-8: found 0x{raw[error.start]:02x} at byte {error.start}")
    if not text.strip():
        return None
    if format == "text":
        return _checked(number, "", Example(str(number), {wanted.fields[0]: text}))
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Line(number, fault=f"is not JSON: {getattr(error, 'msg', error)}")
    if not isinstance(row, dict):
        return Line(number, fault=f"should be a JSON object, found {shown(row)}")
    id = str(row["id"]) if isinstance(row.get("id"), str | int) else ""
    try:
        return _checked(number, id, _example(id or str(number), row, wanted))
    except _Wrong as wrong:
        return Line(number, id, fault=str(wrong))


def _checked(number: int, id: str, example: Example) -> Line:
    flaws = [f"{part} {message}" for part, message in problems(example)]
    return Line(number, id, fault=flaws[0]) if flaws else Line(number, id, example)


class _Wrong(Exception):
    """What is wrong with a line."""


def _example(id: str, row: Mapping[str, Any], wanted: Shape) -> Example:
    """The example of a JSON object; what it does not need and is a scalar becomes ``meta``."""
    given = row.get("fields", row)
    if not isinstance(given, dict):
        raise _Wrong(f"fields should be an object, found {shown(given)}")
    fields = {name: _text(given, name) for name in wanted.fields}
    if wanted.turns:
        fields = {**_turns(given), **fields}
    if wanted.candidates:
        fields |= _candidates(given)
    marks = tuple(_mark(row, at, label, fields) for at, label in enumerate(wanted.marks))
    meta = {
        key: str(value)
        for key, value in row.items()
        if key not in fields and key != "id" and isinstance(value, str | int | float)
    }
    return Example(id, fields, None, "", meta, marks)


def _text(given: Mapping[str, Any], name: str) -> str:
    if name not in given:
        raise _Wrong(f"{name} is missing, should be a string")
    value = given[name]
    if not isinstance(value, str):
        raise _Wrong(f"{name} should be a string, found {shown(value)}")
    return value


def _turns(given: Mapping[str, Any]) -> dict[str, str]:
    """Turns as ``[{"speaker": …, "text": …}]``, or as fields named by number and speaker."""
    if "turns" not in given:
        found = {name: _text(given, name) for name in sorted(given) if _TURN.fullmatch(name)}
        if not found:
            raise _Wrong("turns is missing, should be a list of objects with speaker and text")
        return found
    turns = _list(given, "turns")
    fields = {}
    for at, turn in enumerate(turns):
        if not isinstance(turn, dict):
            raise _Wrong(f"turns.{at} should be an object with speaker and text, found {shown(turn)}")
        fields[f"{at + 1:02d} {_text(turn, 'speaker')}"] = _text(turn, "text")
    return fields


def _candidates(given: Mapping[str, Any]) -> dict[str, str]:
    """Candidates as a list of strings, or as fields named ``"candidate 1"`` and so on."""
    if "candidates" not in given:
        names = sorted((n for n in given if _CANDIDATE.fullmatch(n)), key=lambda n: int(n.split()[1]))
        if not names:
            raise _Wrong("candidates is missing, should be a list of strings")
        return {name: _text(given, name) for name in names}
    own = {f"candidate {at}": one for at, one in enumerate(_list(given, "candidates"), 1)}
    return {name: _text(own, name) for name in own}


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given[name]
    if not isinstance(value, list) or not value:
        raise _Wrong(f"{name} should be a list with something in it, found {shown(value)}")
    return value


def _mark(row: Mapping[str, Any], at: int, label: str, fields: Mapping[str, str]) -> Span:
    """The mark in the list ``marks``, or under its label: ``{"start": …, "end": …}``."""
    marks = row.get("marks", [])
    value = marks[at] if isinstance(marks, list) and at < len(marks) else row.get(label)
    start, end = (value.get(key) for key in ("start", "end")) if isinstance(value, dict) else (None, None)
    if not isinstance(value, dict) or type(start) is not int or type(end) is not int:
        raise _Wrong(f"marks.{at} ({label}) should be an object with start and end, found {shown(value)}")
    return Span(start, end, label, str(value.get("field", next(iter(fields), TEXT))))


def _parts(wanted: Shape) -> list[str]:
    names = list(wanted.fields)
    names += ["turns"] * wanted.turns + ["candidates"] * wanted.candidates
    return names + ["marks"] * bool(wanted.marks)
