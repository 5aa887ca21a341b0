"""SQuAD's JSON, versions 1 and 2, and what is written like it, such as XQuAD."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.data.answers import CONTEXT, QUESTION, located
from harness.data.check import Found, gather
from harness.data.lines import read_json, shown
from harness.data.reader import reader
from harness.data.records import Wrong, typed
from harness.errors import Fault
from harness.text import Example, Span


@reader("squad")
def squad(path: str) -> list[Example]:
    """SQuAD's JSON: questions about paragraphs with one or several answers, or none.

    A paragraph is the group of its questions, so that shuffled parts share none. An answer that does
    not stand at its offset is repaired if the paragraph holds it exactly once, and is a fault
    otherwise. Questions without an answer say so: ``"is_impossible": true``.

    Args:
        path: The file.

    Raises:
        UserError: If the file is not like that; with the place in it.
    """
    return gather(path, _questions(path, read_json(path)), alternatives=True)


def _questions(path: str, found: Any) -> Iterator[Found]:
    try:
        for at, article in _each(found, "", "data"):
            for paragraph_at, paragraph in _each(article, at, "paragraphs"):
                yield from _paragraph(path, paragraph_at, paragraph)
    except Wrong as wrong:  # without articles and paragraphs there is nothing to go on with
        yield Fault(wrong.message, path, field=wrong.key, hint=wrong.hint)


def _paragraph(path: str, place: str, paragraph: Any) -> Iterator[Found]:
    try:
        context: str = _value(paragraph, place, "context", str, "a string")
        rows = list(_each(paragraph, place, "qas"))
    except Wrong as wrong:
        yield Fault(wrong.message, path, field=wrong.key, hint=wrong.hint)
        return
    for at, row in rows:
        try:
            yield 0, _question(at, row, context, place)
        except Wrong as wrong:
            yield Fault(wrong.message, path, field=wrong.key, hint=wrong.hint)


def _each(row: Any, place: str, key: str) -> Iterator[tuple[str, Any]]:
    """The items of a list, each with its place."""
    inside = f"{place}.{key}" if place else key
    for at, value in enumerate(_value(row, place, key, list, "a list")):
        yield f"{inside}.{at}", value


def _value(row: Any, place: str, key: str, kind: type, should: str) -> Any:
    """A value of an object in the file; faults name its place."""
    if not isinstance(row, dict):
        raise Wrong(place, f"should be an object, found {shown(row)}")
    try:
        return typed(row, key, kind, should)
    except Wrong as wrong:
        raise Wrong(f"{place}.{wrong.key}" if place else wrong.key, wrong.message, wrong.hint) from None


def _question(place: str, row: Any, context: str, group: str) -> Example:
    asked = _value(row, place, "question", str, "a string")
    name: str = _value(row, place, "id", str, "a string")
    impossible = row.get("is_impossible", False)
    if not isinstance(impossible, bool):
        raise Wrong(f"{place}.is_impossible", f"should be true or false, found {shown(impossible)}")
    rows = [] if impossible else list(_each(row, place, "answers"))
    if not (impossible or rows):
        raise Wrong(
            f"{place}.answers",
            f"question {shown(name)} has no answer",
            "write is_impossible: true if there is none to be found",
        )
    spans = [_answer(at, answer, context, name) for at, answer in rows]
    return Example(name, {QUESTION: asked, CONTEXT: context}, tuple(dict.fromkeys(spans)), group)


def _answer(place: str, row: Any, context: str, name: str) -> Span:
    text = _value(row, place, "text", str, "a string")
    start = _value(row, place, "answer_start", int, "an integer")
    if not text.strip():
        raise Wrong(f"{place}.text", f"the answer to {shown(name)} is empty")
    try:
        return located(text, start, context)
    except ValueError as error:
        message = f"the answer {shown(text.strip())} to {shown(name)} {error}"
        raise Wrong(f"{place}.answer_start", message) from None
