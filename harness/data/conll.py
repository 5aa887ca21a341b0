"""Files in CoNLL format: a token and its tags on each line, sentences apart by blank lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.data.check import Found, gather
from harness.data.lines import read_lines, shown
from harness.data.reader import reader
from harness.data.tags import SCHEMES, from_tags, join, tag_problems
from harness.errors import Fault, UserError, nearest
from harness.text import TEXT, Example

DOCUMENT = "-DOCSTART-"


@reader("conll")
def conll(
    path: str,
    *,
    token: int = 0,
    tag: int = -1,
    delimiter: str = "",
    scheme: str = "auto",
    comments: str = "",
) -> list[Example]:
    """CoNLL files with BIO, IOB1 or BIOES tags.

    The text of a sentence is its tokens with one space between them; spans are character offsets
    in it. A line of nothing but white space ends a sentence. ``-DOCSTART-`` starts a document, whose
    sentences form a group.

    Args:
        path: The file.
        token: The column of the token, from 0; negative numbers count from the end.
        tag: The column of the tag.
        delimiter: What separates columns. Empty: a TAB on lines that have one, else runs of spaces.
        scheme: ``bio`` (IOB2) and ``bioes`` hold the file to that scheme. ``auto`` and ``iob1``
            read leniently, as ``conlleval`` does: an entity may start with I-, unless it follows
            one of the same type; ``auto`` also understands E- and S-.
        comments: Lines that start with this are skipped. Empty: none are, since ``#`` is a token.

    Raises:
        UserError: If the file is not like that; with its lines.
    """
    if scheme not in SCHEMES:
        raise UserError(
            Fault(f"unknown scheme {scheme!r}", field="scheme", hint=nearest(scheme, tuple(SCHEMES)))
        )
    return gather(path, _sentences(path, (token, tag), delimiter, scheme, comments))


@dataclass
class _Sentence:
    """The lines of one sentence as they come in."""

    numbers: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    broken: bool = False

    def close(self, path: str, scheme: str, group: str) -> Iterator[Found]:
        """The sentence as an example, unless one of its lines has a fault."""
        for at, problem in tag_problems(self.tags, scheme):
            yield Fault(problem, path, self.numbers[at], field="tag")
            self.broken = True
        if self.tokens and not self.broken:
            text, offsets = join(self.tokens)
            name = f"{Path(path).name}:{self.numbers[0]}"
            yield self.numbers[0], Example(name, {TEXT: text}, from_tags(offsets, self.tags), group)


def _sentences(
    path: str, wanted: tuple[int, int], delimiter: str, scheme: str, comments: str
) -> Iterator[Found]:
    sentence, group, width = _Sentence(), "", 0
    for number, line in enumerate(read_lines(path), 1):
        if comments and line.startswith(comments):
            continue
        document = line.startswith(DOCUMENT)
        if document or not line.strip():
            yield from sentence.close(path, scheme, group)
            sentence = _Sentence()
            group = f"{Path(path).name}:{number}" if document else group
            continue
        columns = _columns(line, delimiter)
        width = width or len(columns)
        if problem := _misfit(columns, width, wanted):
            yield Fault(*problem[1:], path, number, field=problem[0])
            sentence.broken = True
            continue
        sentence.numbers.append(number)
        sentence.tokens.append(columns[wanted[0]])
        sentence.tags.append(columns[wanted[1]])
    yield from sentence.close(path, scheme, group)


def _columns(line: str, delimiter: str) -> list[str]:
    if delimiter:
        return line.split(delimiter)
    return line.split("\t") if "\t" in line else re.split(" +", line.strip(" "))


def _misfit(columns: list[str], width: int, wanted: tuple[int, int]) -> tuple[str, str] | None:
    """The field that cannot be read from a line, and why."""
    for name, column in zip(("token", "tag"), wanted, strict=True):
        if not -len(columns) <= column < len(columns):
            return name, f"no column {column}: found {len(columns)} in {shown(' '.join(columns))}"
    if len(columns) != width:
        return "tag", f"found {len(columns)} columns, the first line has {width}: {shown(' '.join(columns))}"
    if wanted[0] % width == wanted[1] % width:
        return "tag", f"column {wanted[1]} of {width} is that of the token, so that there is no tag"
    if not columns[wanted[0]].strip():
        return "token", "is empty"
    return None
