"""Parallel files become sources with references, line by line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import pytest

from harness.data.delimited import comma, tab
from harness.data.jsonl import jsonl
from harness.data.parallel import parallel
from harness.errors import UserError
from harness.text import Example

Write = Callable[..., str]
GERMAN, ENGLISH = "Guten Tag\nAuf Wiedersehen\n", "Good day\nGoodbye\n"


def pair(name: str, source: str, *target: str) -> Example:
    return Example(name, {"source": source}, target)


def found(reader, path: str, **options):
    """As a suite calls it."""
    return list(reader.function(path, **reader.bind(options)))


def test_lines_are_paired_by_their_numbers(write: Write) -> None:
    """A text and what it is to become, in files of their own, compressed or not."""
    german, english = write(GERMAN, "a.de"), write(gzip.compress(ENGLISH.encode()), "a.en.gz")
    expected = [pair("a.de:1", "Guten Tag", "Good day"), pair("a.de:2", "Auf Wiedersehen", "Goodbye")]
    assert found(parallel, german, target=english) == expected


def test_several_references_may_lack_some(write: Write) -> None:
    """A blank line says that this file has none, as sacreBLEU reads it."""
    german, one, other = write(GERMAN, "a.de"), write(ENGLISH, "a.en"), write("Hello\n\n", "b.en")
    assert [e.target for e in found(parallel, german, target=[one, other])] == [
        ("Good day", "Hello"),
        ("Goodbye",),
    ]


def test_files_of_different_length_are_refused(write: Write) -> None:
    """Both files and both counts are named, and where the shorter one ends."""
    german, english = write(GERMAN, "a.de"), write("Good day\n", "a.en")
    with pytest.raises(UserError) as caught:
        found(parallel, german, target=english)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == (english, 2)
    assert fault.message == f"has 1 lines, but {german} has 2"


def test_blank_lines_are_faults_unless_they_are_to_be_skipped(write: Write) -> None:
    """The fault names the file that is blank, whichever it is."""
    german, english = write("Guten Tag\n \nAch\n", "a.de"), write("Good day\nGoodbye\n\n", "a.en")
    with pytest.raises(UserError) as caught:
        found(parallel, german, target=english)
    assert [(f.file, f.line, f.message) for f in caught.value.faults] == [
        (german, 2, "the line is blank"),
        (english, 3, "the line is blank"),
    ]
    assert found(parallel, german, target=english, skip_blank=True) == [
        pair("a.de:1", "Guten Tag", "Good day")
    ]


def test_a_target_has_to_be_named(write: Write) -> None:
    """The message shows how."""
    with pytest.raises(UserError, match="the option target is missing") as caught:
        found(parallel, write(GERMAN))
    assert "{parallel: train.de, target: train.en}" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"Guten Tag\n", gzip.compress(b"Guten Tag\n", mtime=0)[:-9], b"\x1f\x8b\x08\0" + b"\xff" * 20],
    ids=["no archive", "torn", "nonsense"],
)
def test_a_damaged_archive_is_a_fault(write: Write, content: bytes) -> None:
    """Not compressed, cut short, or damaged inside."""
    with pytest.raises(UserError, match="cannot be decompressed"):
        found(parallel, write(content, "a.de.gz"), target=write(ENGLISH))


# -- records ---------------------------------------------------------------------------------------


def test_json_objects_have_sources_and_references(write: Write) -> None:
    """Strings or lists of them, under one key or several."""
    path = write(
        json.dumps({"source": ["One.", "Two."], "target": ["a", "b"], "id": 7, "label": "x"})
        + "\n"
        + json.dumps({"source": "Three.", "target": "c"}),
        "d.jsonl",
    )
    assert found(jsonl, path, target="target") == [
        pair("7", "One. Two.", "a", "b"),
        pair("d.jsonl:2", "Three.", "c"),
    ]
    path = write(json.dumps({"dialogue": "Hi", "summary1": "a", "summary2": "b"}), "d.jsonl")
    several = found(jsonl, path, source="dialogue", target=["summary1", "summary2"])
    assert several == [pair("d.jsonl:1", "Hi", "a", "b")]
    path = write(json.dumps({"translation": {"de": "Ja", "en": "Yes"}}), "d.jsonl")
    assert found(jsonl, path, source="translation.de", target="translation.en") == [
        pair("d.jsonl:1", "Ja", "Yes")
    ]


@pytest.mark.parametrize(
    ("record", "field", "message"),
    [
        ({"target": "a"}, "source", "is missing, should be a string or a list of strings"),
        ({"source": "s"}, "target", "is missing, should be a string or a list of strings"),
        ({"source": 3, "target": "a"}, "source", "found 3"),
        ({"source": ["a", 3], "target": "a"}, "source.1", "should be a string, found 3"),
        ({"source": " ", "target": "a"}, "source", "is nothing but white space"),
        ({"source": "s", "target": ""}, "target", "is empty"),
        ({"source": "s", "target": ["a", " "]}, "target.1", "is empty"),
        ({"source": "s", "target": []}, "target", "at least one text"),
        ({"source": "s", "target": [["a"]]}, "target.0", "should be a string"),
    ],
)
def test_faults_of_records_name_line_and_field(write: Write, record, field: str, message: str) -> None:
    """An empty reference is a fault as any other."""
    with pytest.raises(UserError) as caught:
        found(
            jsonl,
            write(json.dumps({"source": "s", "target": "t"}) + "\n" + json.dumps(record)),
            target="target",
        )
    (fault,) = caught.value.faults
    assert (fault.line, fault.field) == (2, field)
    assert message in fault.message


@pytest.mark.parametrize(("reader", "mark"), [(comma, ","), (tab, "\t")])
def test_tables_have_columns_of_references(write: Write, reader, mark: str) -> None:
    """Of several columns, blank ones are not there; if all are blank, it is a fault."""
    rows = [("german", "a", "b"), ("Guten Tag", "Good day", "Hello"), ("Ach", "", "Oh")]
    path = write("".join(mark.join(row) + "\n" for row in rows), "t")
    expected = [pair("t:2", "Guten Tag", "Good day", "Hello"), pair("t:3", "Ach", "Oh")]
    assert found(reader, path, source="german", target=["a", "b"]) == expected
    with pytest.raises(UserError) as caught:
        found(reader, path, source="german", target="a")
    assert [(f.line, f.message) for f in caught.value.faults] == [(3, "is empty")]


@pytest.mark.real
def test_real_translations_and_summaries_are_read(real) -> None:
    """Multi30k in compressed files, SciTLDR with several references, DialogSum with three."""
    german, english = (str(real / f"translation-multi30k/val.{name}.gz") for name in ("de", "en"))
    assert len(found(parallel, german, target=english)) == 1014
    tldr = found(jsonl, str(real / "summarization-scitldr/test.jsonl"), target="target", id="paper_id")
    assert (len(tldr), max(len(e.references) for e in tldr)) == (618, 4)
    keys = {"source": "dialogue", "target": ["summary1", "summary2", "summary3"], "id": "fname"}
    talks = found(jsonl, str(real / "dialogue-dialogsum/test.jsonl"), **keys)
    assert {len(e.references) for e in talks} == {3}
