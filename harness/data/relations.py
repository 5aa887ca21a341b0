"""Files of relations between two marked arguments: SemEval-2010 Task 8 and FewRel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.data.arguments import HEAD, TAIL, untagged
from harness.data.check import Found, gather
from harness.data.lines import read_json, read_lines, shown
from harness.data.reader import reader
from harness.data.tags import join
from harness.errors import Fault, UserError
from harness.text import TEXT, Example, Span

FIRST = re.compile(r"\s*(\d+)\t\s*(\S.*?)\s*")
COMMENT = "Comment"


@reader("semeval")
def semeval(path: str) -> list[Example]:
    r"""Files as of SemEval-2010 Task 8: a numbered sentence, its label on the next line, a comment.

    A sentence is ``<number> TAB "…"``, with or without the quotation marks around all of it; its
    arguments stand in ``<e1>…</e1>`` (head) and ``<e2>…</e2>`` (tail). The number is the id. Blank
    lines, and lines from ``Comment`` to the next sentence, are skipped.

    Args:
        path: The file.

    Raises:
        UserError: If the file is not like that; with its lines.
    """
    return gather(path, _sentences(path))


def _sentences(path: str) -> Iterator[Found]:
    """One block after the other: from a numbered line to the next."""
    start, block = 0, list[str]()
    for number, line in enumerate(read_lines(path), 1):
        if FIRST.fullmatch(line):
            yield from _sentence(path, start, block)
            start, block = number, [line]
        elif line.strip():
            if not block:
                yield Fault(f"should be a number, a TAB and a sentence, found {shown(line)}", path, number)
            block.append(line)
    yield from _sentence(path, start, block)


def _sentence(path: str, number: int, block: Sequence[str]) -> Iterator[Found]:
    first = FIRST.fullmatch(block[0]) if block else None
    if first is None:
        return
    label = block[1].strip() if len(block) > 1 else COMMENT
    if label.startswith(COMMENT):
        yield Fault("has no label on the next line", path, number, field="label")
        return
    sentence = first[2]
    if len(sentence) > 1 and sentence[0] == sentence[-1] == '"':
        sentence = sentence[1:-1].strip()
    try:
        text, marks = untagged(sentence)
    except ValueError as error:
        yield Fault(str(error), path, number, field="text")
        return
    yield number, Example(first[1], {TEXT: text}, label, marks=marks)


@reader("fewrel")
def fewrel(path: str) -> list[Example]:
    """FewRel's JSON: for each relation a list of ``{"tokens": …, "h": …, "t": …}``.

    The text is the tokens with one space between them; tokens of nothing but white space, which
    FewRel has, are left out. Of several mentions of an argument the first is marked. Ids are
    ``<relation>:<number>``, counted from 1, and labels are FewRel's, such as ``P177``.

    Args:
        path: The file.

    Raises:
        UserError: If the file is not like that; with the place in it.
    """
    found = read_json(path)
    if not isinstance(found, dict):
        raise UserError(
            Fault(f"should be an object with a list for each relation, found {shown(found)}", path)
        )
    return gather(path, (one for label, rows in found.items() for one in _rows(path, label, rows)))


def _rows(path: str, label: str, rows: Any) -> Iterator[Found]:
    if not isinstance(rows, list):
        yield Fault(f"should be a list, found {shown(rows)}", path, field=label)
        return
    for at, row in enumerate(rows):
        try:
            text, marks = _instance(row)
        except ValueError as error:
            yield Fault(str(error), path, field=f"{label}.{at}")
        else:
            yield 0, Example(f"{label}:{at + 1}", {TEXT: text}, label, marks=marks)


def _instance(row: Any) -> tuple[str, tuple[Span, Span]]:
    """Text and arguments; a ValueError says what is wrong with the row."""
    if not isinstance(row, dict) or not {"tokens", "h", "t"} <= row.keys():
        raise ValueError(f"should be an object with tokens, h and t, found {shown(row)}")
    tokens = row["tokens"]
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise ValueError(f"tokens should be a list of strings, found {shown(tokens)}")
    said = [at for at, token in enumerate(tokens) if token.strip()]
    text, offsets = join([tokens[at].strip() for at in said])
    places = dict(zip(said, offsets, strict=True))
    return text, (_mention(row, "h", HEAD, tokens, places), _mention(row, "t", TAIL, tokens, places))


def _mention(
    row: Mapping[str, Any], key: str, label: str, tokens: Sequence[str], places: Mapping[int, tuple[int, int]]
) -> Span:
    """The first mention of an argument, ``[name, id, [[token, …], …]]``."""
    value = row[key]
    try:
        own = [int(at) for at in value[2][0]]
    except (TypeError, ValueError, LookupError):
        raise ValueError(f"{key} should be [name, id, [[token, …], …]], found {shown(value)}") from None
    if not own or min(own) < 0 or max(own) >= len(tokens):
        raise ValueError(f"{key} names the tokens {own}; there are {len(tokens)}, counted from 0")
    inside = [places[at] for at in range(min(own), max(own) + 1) if at in places]
    if not inside:
        raise ValueError(f"{key} names the tokens {own}, which are nothing but white space")
    return Span(inside[0][0], inside[-1][1], label)
