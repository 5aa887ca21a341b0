"""Tables with a header: CSV, where quotes hide commas and line breaks, and TSV, where they do not."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.data.check import Found, gather
from harness.data.lines import read_lines, shown
from harness.data.reader import reader
from harness.errors import Fault, UserError, nearest
from harness.text import TEXT, Example

Row = Fault | tuple[int, list[str]]
"""A fault, or the first line of a row and its fields."""


@reader("csv")
def comma(path: str, *, text: str = "text", label: str = "label", id: str = "") -> list[Example]:
    """Comma-separated values with a header; quoted fields may hold commas, quotes and line breaks.

    Args:
        path: The file. Blank lines are skipped.
        text: The column of the text.
        label: The column of the label. Empty: there is none to be read.
        id: The column of the id. Empty: a row is named ``<file>:<line>``, after its first line.

    Raises:
        UserError: If a column is missing or a row does not fit the header; with its lines.
    """
    with _long_fields():
        return gather(path, _examples(path, _quoted(path), text, label, id))


@reader("tsv")
def tab(path: str, *, text: str = "text", label: str = "label", id: str = "") -> list[Example]:
    """Tab-separated values with a header; quotes are ordinary characters and a row is a line.

    Args:
        path: The file. Blank lines are skipped.
        text: The column of the text.
        label: The column of the label. Empty: there is none to be read.
        id: The column of the id. Empty: a row is named ``<file>:<line>``.

    Raises:
        UserError: If a column is missing or a row does not fit the header; with its lines.
    """
    rows = ((number, line.split("\t")) for number, line in enumerate(read_lines(path), 1) if line)
    return gather(path, _examples(path, rows, text, label, id))


@contextmanager
def _long_fields() -> Iterator[None]:
    """Lift the limit of 128 KiB that the csv module puts on a field, then put it back."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _quoted(path: str) -> Iterator[Row]:
    rows = csv.reader((f"{line}\n" for line in read_lines(path)), strict=True)
    while True:
        first = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(f"not CSV: {error}", path, first, hint="write a quote inside of quotes twice")
            continue
        if row:
            yield first, row


def _examples(path: str, rows: Iterable[Row], text: str, label: str, id: str) -> Iterator[Found]:
    header: list[str] = []
    for row in rows:
        if isinstance(row, Fault):
            yield row
            if header:
                continue
            return  # without a header, no other row can be told right from wrong
        line, values = row
        if not header:
            header = values
            _check(path, line, header, [name for name in (text, label, id) if name])
        elif len(values) != len(header):
            message = f"found {len(values)} fields, the header has {len(header)}: {shown(values)}"
            yield Fault(message, path, line)
        else:
            named = dict(zip(header, values, strict=True))
            name = named[id] if id else f"{Path(path).name}:{line}"
            yield line, Example(name, {TEXT: named[text]}, named[label] if label else None)


def _check(path: str, line: int, header: Sequence[str], wanted: Sequence[str]) -> None:
    faults = [
        Fault(f"no column {shown(name)}", path, line, field=name, hint=nearest(name, header))
        if name not in header
        else Fault(f"{header.count(name)} columns {shown(name)}; there should be one", path, line, field=name)
        for name in wanted
        if header.count(name) != 1
    ]
    if faults:
        raise UserError(faults)
