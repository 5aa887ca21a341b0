"""Records, such as JSON objects, to examples: wherever they come from, they are read alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from types import UnionType
from typing import Any

from harness.data.answers import CONTEXT, QUESTION, located
from harness.data.arguments import HEAD, TAIL, tagged, untagged
from harness.data.lines import shown
from harness.data.tags import from_tags, join, tag_problems
from harness.errors import nearest
from harness.text import SOURCE, TEXT, Example, Span, Target

ANSWER = ("text", "answer_start")
"""The keys of an answer, as SQuAD calls them."""


@dataclass(frozen=True)
class Keys:
    """Under which key of a record to find what; empty for what is not to be read.

    A record has a text and a label, a text and spans, or tokens and tags. Without a key for the
    label, it may be without any target. Several ``fields`` take the place of the one text. Where
    there is a ``target``, a record has a source and, under each of these keys, reference texts. Where
    there are ``answers``, it has a question and a context, which ``fields`` may name in this order. The
    only text may have the two arguments of a relation: by their offsets, or by tags in it, see
    :mod:`harness.data.arguments`. Further ``columns`` are kept as they are.
    """

    text: str
    label: str
    id: str
    spans: str
    tokens: str
    tags: str
    fields: tuple[str, ...] = ()
    source: str = ""
    target: tuple[str, ...] = ()
    head: str = ""
    tail: str = ""
    answers: str = ""
    columns: tuple[str, ...] = ()


class Wrong(Exception):
    """A value that is not what it should be: the key, what was found, and a hint."""

    def __init__(self, key: str, message: str, hint: str = "") -> None:
        self.key, self.message, self.hint = key, message, hint


def read_record(row: Mapping[str, Any], keys: Keys, name: str) -> Example:
    """The example that a record stands for.

    Args:
        row: The record.
        keys: Where to find what.
        name: The id, for records without one of their own.

    Raises:
        Wrong: At the first value that is missing or not what it should be.
    """
    found = _read(row, keys, name)
    return replace(found, meta=_kept(row, keys.columns)) if keys.columns else found


def _kept(row: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, str]:
    """Further columns as text; what a record does not have is left out."""
    found = {}
    for name in columns:
        value = row.get(name)
        if isinstance(value, list | dict):
            raise Wrong(name, f"should be a text, a number, true or false, found {shown(value)}")
        if value is not None:
            found[name] = value if isinstance(value, str) else json.dumps(value)
    return found


def _read(row: Mapping[str, Any], keys: Keys, name: str) -> Example:
    if keys.id and keys.id in row:
        name = scalar(row, keys.id)
    if keys.target:
        row = _flat(row)
        found = tuple(one for key in keys.target for one in references(row, key))
        return Example(name, {SOURCE: " ".join(several(row, keys.source))}, found)
    if keys.answers:
        return _asked(row, keys, name)
    offered = [key for key in (keys.label, keys.spans, keys.tags) if key and key in row]
    if len(offered) > 1:
        raise Wrong(offered[0], f"has more than one target: {' and '.join(offered)}", "name one of them ''")
    if not offered and keys.label:
        raise Wrong(keys.label, "is missing, and so are spans and tags", _nearest(keys.label, row))
    if offered == [keys.tags]:
        text, target = _tagged(row, keys)
        return Example(name, {TEXT: text}, target)
    texts, marks = _marked(row, keys)
    if offered == [keys.label]:
        return Example(name, texts, _label(row, keys.label), marks=marks)
    return Example(name, texts, _spans(row, keys.spans) if offered else None, marks=marks)


def _asked(row: Mapping[str, Any], keys: Keys, name: str) -> Example:
    """A question with its answers: a list of objects, or lists under each of their keys; may be empty.

    Questions about the same context belong together.
    """
    if keys.fields and len(keys.fields) != 2:
        raise Wrong(keys.answers, f"needs two fields, question and context, found {len(keys.fields)}")
    question, context = (typed(row, k, str, "a string") for k in keys.fields or (QUESTION, CONTEXT))
    spans = []
    for at, (text, start) in enumerate(_answers(row, keys.answers)):
        try:
            spans.append(located(text, start, context))
        except ValueError as error:
            raise Wrong(f"{keys.answers}.{at}", f"the answer {shown(text)} {error}") from None
    about = blake2b(context.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return Example(name, {QUESTION: question, CONTEXT: context}, tuple(dict.fromkeys(spans)), about)


def _answers(row: Mapping[str, Any], key: str) -> Iterator[tuple[str, int]]:
    """Text and offset of each answer, as SQuAD's rows have them on the hub, or as objects in a list."""
    found = typed(row, key, list | dict, "a list, or lists of text and answer_start")
    if isinstance(found, dict):
        texts, starts = (_within(key, found, part, list, "a list") for part in ANSWER)
        if len(texts) != len(starts):
            raise Wrong(key, f"found {len(starts)} offsets for {len(texts)} texts; there should be as many")
        found = [dict(zip(ANSWER, both, strict=True)) for both in zip(texts, starts, strict=True)]
    for at, value in enumerate(found):
        place = f"{key}.{at}"
        if not isinstance(value, dict):
            raise Wrong(place, f"should be an object with text and answer_start, found {shown(value)}")
        text = _within(place, value, "text", str, "a string")
        if not text.strip():
            raise Wrong(f"{place}.text", "is empty")
        yield text, _within(place, value, "answer_start", int, "an integer")


def _texts(row: Mapping[str, Any], keys: Keys) -> dict[str, str]:
    """The text, or the fields by their keys."""
    if not keys.fields:
        return {TEXT: typed(row, keys.text, str, "a string")}
    return {name: typed(row, name, str, "a string") for name in keys.fields}


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record with the values of nested objects under ``outer.inner`` too."""
    inner = {
        f"{key}.{name}": value
        for key, nested in row.items()
        if isinstance(nested, Mapping)
        for name, value in nested.items()
    }
    return {**inner, **row}


def several(row: Mapping[str, Any], key: str) -> list[str]:
    """A text, or a list of them, or :class:`Wrong`."""
    if isinstance(row.get(key), list):
        return strings(row, key)
    return [typed(row, key, str, "a string or a list of strings")]


def references(row: Mapping[str, Any], key: str) -> list[str]:
    """Reference texts, at least one and none of them empty, or :class:`Wrong`."""
    found = several(row, key)
    if not found:
        raise Wrong(key, "is an empty list; there should be at least one text")
    for at, one in enumerate(found):
        if not one.strip():
            raise Wrong(f"{key}.{at}" if isinstance(row[key], list) else key, "is empty")
    return found


def _label(row: Mapping[str, Any], key: str) -> Target:
    """A label, or several of them in order."""
    if not isinstance(row[key], list):
        return scalar(row, key)
    several = {f"{key}.{at}": value for at, value in enumerate(row[key])}
    return tuple(sorted(scalar(several, place) for place in several))


def _marked(row: Mapping[str, Any], keys: Keys) -> tuple[dict[str, str], tuple[Span, ...]]:
    """The texts, and the arguments if the only text has any."""
    texts = _texts(row, keys)
    if keys.fields or not (keys.head and keys.tail):
        return texts, ()
    if keys.head in row or keys.tail in row:
        return texts, (_mark(row, keys.head, HEAD), _mark(row, keys.tail, TAIL))
    text = texts[TEXT]
    if not tagged(text):
        return texts, ()
    try:
        plain, marks = untagged(text)
    except ValueError as error:
        hint = f"write each tag once, or read no arguments (head: '') if these are none: {shown(text)}"
        raise Wrong(keys.text, str(error), hint) from None
    return {TEXT: plain}, marks


def _mark(row: Mapping[str, Any], key: str, label: str) -> Span:
    value = typed(row, key, dict, "an object with start and end")
    return Span(*_ends(value, key), label)


def _tagged(row: Mapping[str, Any], keys: Keys) -> tuple[str, Target]:
    words, tags = (strings(row, key) for key in (keys.tokens, keys.tags))
    if len(words) != len(tags):
        raise Wrong(keys.tags, f"found {len(tags)} for {len(words)} tokens; there should be as many")
    for at, word in enumerate(words):
        if not word.strip():
            raise Wrong(f"{keys.tokens}.{at}", "is empty")
    for at, problem in tag_problems(tags):
        raise Wrong(f"{keys.tags}.{at}", problem)
    text, offsets = join(words)
    return text, from_tags(offsets, tags)


def _spans(row: Mapping[str, Any], key: str) -> tuple[Span, ...]:
    found = []
    for at, value in enumerate(typed(row, key, list, "a list")):
        place = f"{key}.{at}"
        if not isinstance(value, dict):
            raise Wrong(place, f"should be an object with start, end and label, found {shown(value)}")
        found.append(Span(*_ends(value, place), _within(place, value, "label", str, "a string")))
    return tuple(sorted(found))


def _ends(value: Mapping[str, Any], place: str) -> tuple[int, int]:
    start, end = (_within(place, value, name, int, "an integer") for name in ("start", "end"))
    return start, end


def _within(place: str, row: Mapping[str, Any], key: str, kind: type, should: str) -> Any:
    """A value of a record inside the record, at that place."""
    try:
        return typed(row, key, kind, should)
    except Wrong as wrong:
        raise Wrong(f"{place}.{wrong.key}", wrong.message, wrong.hint) from None


def typed(row: Mapping[str, Any], key: str, kind: type | UnionType, should: str) -> Any:
    """The value of a key, which is of that type.

    Raises:
        Wrong: If it is not; ``should`` says what it should be.
    """
    if key not in row:
        raise Wrong(key, f"is missing, should be {should}", _nearest(key, row))
    value = row[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Wrong(key, f"should be {should}, found {shown(value)}")
    return value


def strings(row: Mapping[str, Any], key: str) -> list[str]:
    """A list of strings, or :class:`Wrong`."""
    values: list[str] = typed(row, key, list, "a list of strings")
    for at, value in enumerate(values):
        if not isinstance(value, str):
            raise Wrong(f"{key}.{at}", f"should be a string, found {shown(value)}")
    return values


def scalar(row: Mapping[str, Any], key: str) -> str:
    """A string, or a whole number as one, or :class:`Wrong`."""
    value = row[key]
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise Wrong(key, f"should be a string or an integer, found {shown(value)}")


def _nearest(key: str, row: Mapping[str, Any]) -> str:
    return nearest(key, [known for known in row if len(known) <= 40][:20])
