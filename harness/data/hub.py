"""Data sets of the Hugging Face hub, or in a local folder laid out like one."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

from harness.data.check import Found, gather
from harness.data.reader import reader
from harness.data.records import Keys, Wrong, read_record
from harness.errors import Fault, UserError
from harness.text import Example


@reader("hub", local=False)
def hub(
    path: str,
    *,
    split: str = "train",
    text: str = "text",
    label: str = "label",
    id: str = "",
    spans: str = "spans",
    tokens: str = "tokens",
    tags: str = "ner_tags",
    fields: tuple[str, ...] = (),
    source: str = "source",
    target: tuple[str, ...] = (),
    head: str = "head",
    tail: str = "tail",
    answers: str = "",
    columns: tuple[str, ...] = (),
    config: str = "",
    revision: str = "",
) -> list[Example]:
    """A data set of the hub, with a label, spans, tokens and tags, reference texts, or answers.

    Numbers that stand for classes are read as the names that the data set gives them. Code that a
    data set brings along is never run.

    Args:
        path: ``owner/name`` on the hub, or a folder.
        split: Which split, or part of one, such as ``train[:1000]``.
        text: The column of the text.
        label: The column of the label, or of lists of labels. Empty: rows may be without any target.
        id: The column of the id. Empty: a row is named ``<path>/<split>:<row>``, counted from 1.
        spans: The column of lists of ``start``, ``end`` and ``label``, in characters of the text.
        tokens: The column of lists of words, which make up the text together with ``tags``.
        tags: The column of their tags (BIO, IOB1 or BIOES, read leniently).
        fields: The columns of several texts, such as ``[premise, hypothesis]``, instead of one text.
        source: The column of what a text is to be made from.
        target: The columns of its references; then there is no label. Empty: there are none. Parts
            of columns are named with a point: ``translation.en``.
        head: The column of the first argument of a relation, with ``start`` and ``end``. Without it
            and ``tail``, the text may mark them: ``the <e1>cat</e1> ate the <e2>fish</e2>``.
        tail: The column of the second argument.
        answers: The column of the answers to a question, as SQuAD has it, with ``text`` and
            ``answer_start``; question and context are in the columns of these names, or in those of
            ``fields``. Empty: there are none.
        columns: Further columns to keep with each example, to cut slices by.
        config: Which configuration of a data set that has several.
        revision: The commit or tag on the hub; give it, so that the data cannot change.

    Raises:
        UserError: If the library ``datasets`` is missing, the data cannot be had or has faulty rows.
    """
    try:
        datasets: Any = importlib.import_module("datasets")
    except ImportError as error:
        hint = "pip install datasets, or read a local file with conll, jsonl, csv or tsv"
        raise UserError(
            Fault(f"cannot import the library datasets: {error}", file=path, hint=hint)
        ) from error
    try:
        table = datasets.load_dataset(path, config or None, split=split, revision=revision or None)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        # it is offline, unknown, gated, damaged, or nothing but a script
        hint = "check path, config and split; offline, only what has been downloaded before can be read"
        raise UserError(Fault(f"cannot be loaded: {_gist(error)}", file=path, hint=hint)) from error
    place = f"{path}/{split}"
    keys = Keys(text, label, id, spans, tokens, tags, fields, source, target, head, tail, answers, columns)
    return gather(place, _examples(place, table, keys), alternatives=bool(answers))


def _gist(error: BaseException) -> str:
    """The first line of what went wrong in the first place."""
    cause = error.__cause__ or error
    return f"{type(cause).__name__}: {str(cause).strip().partition(chr(10))[0]}"


def _examples(place: str, table: Any, keys: Keys) -> Iterator[Found]:
    readers = {column: _named(feature) for column, feature in table.features.items()}
    for row, record in enumerate(table, 1):
        values = {column: readers[column](value) for column, value in record.items()}
        present = {column: value for column, value in values.items() if value is not None}
        try:
            yield row, read_record(present, keys, f"{place}:{row}")
        except Wrong as wrong:
            yield Fault(wrong.message, place, row, field=wrong.key, hint=wrong.hint)


def _named(feature: Any) -> Callable[[Any], Any]:
    """How to read a value of that feature: classes by their names, and -1 for no class as None."""
    names: list[str] | None = getattr(feature, "names", None)
    if names is not None:
        return lambda value: None if value is None or value == -1 else names[value]
    if (inner := getattr(feature, "feature", None)) is not None:
        one = _named(inner)
        return lambda values: [one(value) for value in values] if isinstance(values, list) else values
    return lambda value: value
