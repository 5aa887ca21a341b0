"""Tables with a header: CSV, where quotes hide commas and line breaks, and TSV, where they do not."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from harness.data.arguments import tagged, untagged
from harness.data.check import Found, gather
from harness.data.lines import read_lines, shown
from harness.data.reader import reader
from harness.errors import Fault, UserError, nearest
from harness.text import SOURCE, TEXT, Example, Span, Target

Row = Fault | tuple[int, list[str]]
"""A fault, or the first line of a row and its fields."""


class Wanted(NamedTuple):
    """Which columns to read.

    Args:
        texts: Columns of texts, and the fields that they become.
        label: The column of the label; empty for none.
        id: The column of the id; empty for none.
        separator: What stands between several labels; empty if a row has one.
        references: Columns of reference texts, which take the place of a label.
        marked: Whether a text may hold the tags of two arguments.
        kept: Further columns to keep as they are.
    """

    texts: Mapping[str, str]
    label: str
    id: str
    separator: str
    references: tuple[str, ...] = ()
    marked: bool = True
    kept: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        text: str,
        fields: tuple[str, ...],
        label: str,
        id: str,
        separator: str,
        source: str,
        target: tuple[str, ...],
        marked: bool,
        kept: tuple[str, ...],
    ) -> Wanted:
        """What a reader's options ask for."""
        if target:
            return cls({source: SOURCE}, "", id, separator, target, kept=kept)
        texts = {name: name for name in fields} or {text: TEXT}
        return cls(texts, label, id, separator, marked=marked, kept=kept)

    @property
    def columns(self) -> list[str]:
        """All of them."""
        return [
            name
            for name in dict.fromkeys((*self.texts, self.label, *self.references, self.id, *self.kept))
            if name
        ]

    def example(self, row: Mapping[str, str], name: str) -> Example:
        """The example that a row stands for; ``name`` is its id if the row has none."""
        texts = {field: row[column] for column, field in self.texts.items()}
        marks: tuple[Span, ...] = ()
        if self.marked and tagged(texts.get(TEXT, "")):
            texts[TEXT], marks = untagged(texts[TEXT])
        meta = {column: row[column] for column in self.kept}
        return Example(row[self.id] if self.id else name, texts, self._target(row), meta=meta, marks=marks)

    def _target(self, row: Mapping[str, str]) -> Target:
        if self.references:  # of several, those that are blank are not there
            several = tuple(row[name] for name in self.references)
            return tuple(one for one in several if one.strip()) or several[:1]
        if not self.label:
            return None
        if not self.separator:
            return row[self.label]
        parts = (part.strip() for part in row[self.label].split(self.separator))
        return tuple(sorted(part for part in parts if part))


@reader("csv")
def comma(
    path: str,
    *,
    text: str = "text",
    label: str = "label",
    id: str = "",
    fields: tuple[str, ...] = (),
    separator: str = "",
    source: str = "source",
    target: tuple[str, ...] = (),
    marked: bool = True,
    columns: tuple[str, ...] = (),
) -> list[Example]:
    """Comma-separated values with a header; quoted fields may hold commas, quotes and line breaks.

    Args:
        path: The file. Blank lines are skipped.
        text: The column of the text.
        label: The column of the label. Empty: there is none to be read.
        id: The column of the id. Empty: a row is named ``<file>:<line>``, after its first line.
        fields: The columns of several texts, such as ``[premise, hypothesis]``, instead of one text.
        separator: What stands between several labels of a row, such as ``;``. Empty: each has one.
        source: The column of what a text is to be made from.
        target: The columns of its references, such as ``english`` or ``[summary1, summary2]``; then
            there is no label. Empty: there are no references.
        marked: Whether a text may mark the arguments of a relation:
            ``the <e1>cat</e1> ate the <e2>fish</e2>``.
        columns: Further columns to keep with each example, to cut slices by.

    Raises:
        UserError: If a column is missing or a row does not fit the header; with its lines.
    """
    wanted = Wanted.of(text, fields, label, id, separator, source, target, marked, columns)
    with _long_fields():
        return gather(path, _examples(path, _quoted(path), wanted))


@reader("tsv")
def tab(
    path: str,
    *,
    text: str = "text",
    label: str = "label",
    id: str = "",
    fields: tuple[str, ...] = (),
    separator: str = "",
    source: str = "source",
    target: tuple[str, ...] = (),
    marked: bool = True,
    columns: tuple[str, ...] = (),
) -> list[Example]:
    """Tab-separated values with a header; quotes are ordinary characters and a row is a line.

    Args:
        path: The file. Blank lines are skipped.
        text: The column of the text.
        label: The column of the label. Empty: there is none to be read.
        id: The column of the id. Empty: a row is named ``<file>:<line>``.
        fields: The columns of several texts, such as ``[premise, hypothesis]``, instead of one text.
        separator: What stands between several labels of a row, such as ``;``. Empty: each has one.
        source: The column of what a text is to be made from.
        target: The columns of its references, such as ``english`` or ``[summary1, summary2]``; then
            there is no label. Empty: there are no references.
        marked: Whether a text may mark the arguments of a relation:
            ``the <e1>cat</e1> ate the <e2>fish</e2>``.
        columns: Further columns to keep with each example, to cut slices by.

    Raises:
        UserError: If a column is missing or a row does not fit the header; with its lines.
    """
    wanted = Wanted.of(text, fields, label, id, separator, source, target, marked, columns)
    return gather(path, _examples(path, _split(path), wanted))


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


def _split(path: str) -> Iterator[Row]:
    return ((number, line.split("\t")) for number, line in enumerate(read_lines(path), 1) if line)


def records(path: str, wanted: Sequence[str]) -> list[Fault | tuple[int, Mapping[str, str]]]:
    """The rows of a table by column, each with its first line, and what is wrong in between.

    Args:
        path: The file; its name ends in ``.tsv`` if tabs separate its columns.
        wanted: The columns that have to be there.

    Raises:
        UserError: If one of them is missing.
    """
    with _long_fields():
        return list(_named(path, _split(path) if path.endswith(".tsv") else _quoted(path), wanted))


def _examples(path: str, rows: Iterable[Row], wanted: Wanted) -> Iterator[Found]:
    for row in _named(path, rows, wanted.columns):
        if isinstance(row, Fault):
            yield row
        else:
            line, named = row
            try:
                yield line, wanted.example(named, f"{Path(path).name}:{line}")
            except ValueError as error:
                hint = "write each tag once, or read none (marked: false)"
                yield Fault(str(error), path, line, field=next(iter(wanted.texts)), hint=hint)


def _named(
    path: str, rows: Iterable[Row], wanted: Sequence[str]
) -> Iterator[Fault | tuple[int, Mapping[str, str]]]:
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
            _check(path, line, header, wanted)
        elif len(values) != len(header):
            message = f"found {len(values)} fields, the header has {len(header)}: {shown(values)}"
            yield Fault(message, path, line)
        else:
            yield line, dict(zip(header, values, strict=True))


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
