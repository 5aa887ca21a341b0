"""Files of JSON objects, one on each line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.data.check import Found, gather
from harness.data.lines import read_lines, shown
from harness.data.reader import reader
from harness.data.records import Keys, Wrong, read_record
from harness.errors import Fault
from harness.text import Example


@reader("jsonl")
def jsonl(
    path: str,
    *,
    text: str = "text",
    label: str = "label",
    id: str = "id",
    spans: str = "spans",
    tokens: str = "tokens",
    tags: str = "tags",
    fields: tuple[str, ...] = (),
    source: str = "source",
    target: tuple[str, ...] = (),
    head: str = "head",
    tail: str = "tail",
    answers: str = "",
    columns: tuple[str, ...] = (),
) -> list[Example]:
    """JSON objects, one a line, with a label, spans, tokens and tags, reference texts, or answers.

    Args:
        path: The file. Blank lines are skipped.
        text: The key of the text.
        label: The key of a label, a string or an integer, or of a list of several labels. Empty:
            there is none to be read, and lines may be without any target.
        id: The key of the id; lines without it are named ``<file>:<line>``.
        spans: The key of a list of ``{"start": …, "end": …, "label": …}``, in characters of the text.
        tokens: The key of a list of words, which make up the text together with ``tags``.
        tags: The key of their tags (BIO, IOB1 or BIOES, read leniently), as many as tokens.
        fields: The keys of several texts, such as ``[premise, hypothesis]``, instead of one text.
        source: The key of what a text is to be made from: a string, or a list of sentences.
        target: The keys of its references, each a string or a list of them, such as ``target`` or
            ``[summary1, summary2]``; then there is no label. Empty: there are no references. What
            lies in another object is named with a point: ``translation.en``.
        head: The key of the first argument of a relation, ``{"start": …, "end": …}``. Where it and
            ``tail`` are missing, the text may mark them: ``the <e1>cat</e1> ate the <e2>fish</e2>``.
            Empty: there are no arguments to be read.
        tail: The key of the second argument.
        answers: The key of the answers to a question: a list, which may be empty, of
            ``{"text": …, "answer_start": …}``, or SQuAD's ``{"text": [], "answer_start": []}``. The
            question and its context are ``question`` and ``context``, or what ``fields`` says.
            Empty: there are none.
        columns: Further keys to keep with each example, to cut slices by.

    Raises:
        UserError: If the file is not like that; with its lines.
    """
    keys = Keys(text, label, id, spans, tokens, tags, fields, source, target, head, tail, answers, columns)
    found = each(path, lambda row, name: [read_record(row, keys, name)])
    return gather(path, found, alternatives=bool(answers))


def each(path: str, read: Callable[[Mapping[str, Any], str], Iterable[Example]]) -> Iterator[Found]:
    """What is found in a file of JSON objects.

    Args:
        path: The file.
        read: Examples of an object and the name ``<file>:<line>``; raises :class:`Wrong`.
    """
    name = Path(path).name
    for found in objects(path):
        if isinstance(found, Fault):
            yield found
            continue
        number, row = found
        try:
            for one in read(row, f"{name}:{number}"):
                yield number, one
        except Wrong as wrong:
            yield Fault(wrong.message, path, number, field=wrong.key, hint=wrong.hint)


def objects(path: str) -> Iterator[Fault | tuple[int, Mapping[str, Any]]]:
    """The objects of a file, each with its line, and lines that hold none as faults."""
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        try:
            yield number, _object(line)
        except json.JSONDecodeError as error:
            yield Fault(f"not JSON: {error.msg}", path, number, error.colno)
        except Wrong as wrong:
            yield Fault(wrong.message, path, number, field=wrong.key, hint=wrong.hint)


def _object(line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError:
        raise
    except (RecursionError, ValueError) as error:  # thousands of brackets, or of digits
        raise Wrong("", f"not readable JSON: {error}") from error
    if not isinstance(value, dict):
        raise Wrong("", f"should be an object in braces, found {shown(value)}")
    return value
