"""Tables become examples with a label."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.delimited import comma, tab
from harness.data.reader import Reader
from harness.errors import Fault, UserError
from harness.text import Example, Span

Write = Callable[..., str]
Faults = Callable[..., tuple[Fault, ...]]


def test_quotes_hide_commas_line_breaks_and_quotes_in_csv(write: Write) -> None:
    """A row is named after the line on which it begins; CRLF inside of quotes is a line break."""
    path = write('text,label\r\n"a, ""b""\r\nc",x\r\n\r\nd,y\r\n', "t.csv")
    assert comma.function(path) == [
        Example("t.csv:2", {"text": 'a, "b"\nc'}, "x"),
        Example("t.csv:5", {"text": "d"}, "y"),
    ]


def test_quotes_are_characters_in_tsv(write: Write) -> None:
    """A quote that nobody closes is common in reviews, and is nothing special."""
    path = write('\ufeffsentence\tlabel\n"so bad \t0\n\nit \'s "fine"\t1\n', "t.tsv")
    assert tab.function(path, text="sentence") == [
        Example("t.tsv:2", {"text": '"so bad '}, "0"),
        Example("t.tsv:4", {"text": 'it \'s "fine"'}, "1"),
    ]


@pytest.mark.parametrize(("reader", "mark"), [(comma, ","), (tab, "\t")])
def test_columns_can_be_named_and_left_out(write: Write, reader: Reader, mark: str) -> None:
    """Other columns are ignored, ids may come from one, and labels may be absent."""
    path = write("n,q,a,x\n1,why,because,?\n".replace(",", mark))
    assert reader.function(path, text="q", label="a", id="n") == [Example("1", {"text": "why"}, "because")]
    assert reader.function(path, text="q", label="")[0].target is None


@pytest.mark.parametrize(("reader", "mark"), [(comma, ","), (tab, "\t")])
@pytest.mark.parametrize(
    ("content", "options", "line", "field", "message"),
    [
        ("", {}, 0, "", "no examples"),
        ("text,label\n", {}, 0, "", "no examples"),
        ("txt,label\na,x\n", {}, 1, "text", "no column 'text'"),
        ("text,label,text\na,x,b\n", {}, 1, "text", "2 columns 'text'; there should be one"),
        ("text,label\na,x\n", {"id": "key"}, 1, "key", "no column 'key'"),
        ("text,label\na,x\nb\n", {}, 3, "", "found 1 fields, the header has 2"),
        ("text,label\na,x,y\n", {}, 2, "", "found 3 fields, the header has 2"),
        ("text,label\n,x\n", {}, 2, "text", "is empty"),
        ("text,label\na,\n", {}, 2, "label", "is empty"),
        ("text,label\na,x\nb,x\na,y\n", {"id": "text"}, 4, "id", "id 'a' is that of line 2"),
        (b"text,label\na,\xff\n", {}, 2, "", "is not UTF-8"),
        (b"text,label\na,\0\n", {}, 2, "", "NUL"),
    ],
)
def test_faults_name_line_and_column(
    faults: Faults,
    reader: Reader,
    mark: str,
    content: str | bytes,
    options: dict[str, Any],
    line: int,
    field: str,
    message: str,
) -> None:
    """Each way in which a table can be wrong is told apart, with its place."""
    data = content.encode() if isinstance(content, str) else content
    (fault,) = faults(reader, data.replace(b",", mark.encode()), **options)
    assert (fault.line, fault.field) == (line, field)
    assert message in fault.message


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ('text,label\na,x\n"b,y\nc,z\n', 3, "unexpected end of data"),
        ('text,label\n"a" b,x\n', 2, "',' expected after '\"'"),
        ("text,label\na\rb,x\n", 2, "new-line character"),
        ('"text" ,label\na,x\n', 1, "',' expected after '\"'"),
    ],
)
def test_what_is_not_csv_is_refused_instead_of_guessed(
    faults: Faults, content: str, line: int, message: str
) -> None:
    """A quote that is never closed would swallow the rest of the file."""
    (fault,) = faults(comma, content)
    assert fault.line == line
    assert message in fault.message


def test_a_misspelt_column_is_recognised(faults: Faults) -> None:
    """All missing columns are named at once, each with the nearest that is there."""
    found = faults(comma, "txt,labels\na,x\n")
    assert [(f.field, f.hint) for f in found] == [
        ("text", "did you mean 'txt'?"),
        ("label", "did you mean 'labels'?"),
    ]


@pytest.mark.parametrize("reader", [comma, tab])
def test_a_field_of_a_megabyte_is_read(write: Write, reader: Reader) -> None:
    """The csv module's limit is lifted for the time of reading only."""
    before = csv.field_size_limit()
    mark = "," if reader is comma else "\t"
    (one,) = reader.function(write(f"text{mark}label\n{'x' * 1_000_000}{mark}y\n"))
    assert len(one.text) == 1_000_000
    assert csv.field_size_limit() == before


FIELD = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"])).filter(str.strip)


@given(st.lists(st.tuples(FIELD, FIELD), min_size=1))
def test_what_the_csv_module_writes_is_read(write: Write, rows: list[tuple[str, str]]) -> None:
    """Texts and labels come back as they were, whatever they hold."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("text", "label"), *rows])
    assert [(e.text, e.target) for e in comma.function(write(buffer.getvalue()))] == rows


@given(st.sampled_from([comma, tab]), st.one_of(st.binary(), st.text('ab"\t\n\r, \u2028').map(str.encode)))
def test_any_bytes_are_read_or_refused(write: Write, reader: Reader, content: bytes) -> None:
    """No file makes a reader fail in another way than by naming faults."""
    path = write(b"text,label\n".replace(b",", b"," if reader is comma else b"\t") + content)
    try:
        examples = reader.function(path)
    except UserError as error:
        assert all(fault.file == path for fault in error.faults)
    else:
        assert examples


def test_banking77_is_read_whole(real: Path) -> None:
    """As many queries as published, of 77 intents, although some hold line breaks."""
    splits = [
        comma.function(str(real / "intent-banking77" / name), label="category")
        for name in ("train.csv", "test.csv")
    ]
    assert [len(split) for split in splits] == [10_003, 3_080]
    assert [len({e.target for e in split}) for split in splits] == [77, 77]
    assert any("\n" in e.text for e in splits[0])


def test_sst2_is_read_whole(real: Path) -> None:
    """As many phrases as published, with both labels."""
    train, dev = (
        tab.function(str(real / "sentiment-sst2" / f"sst2_{name}.tsv"), text="sentence")
        for name in ("train", "dev")
    )
    assert Counter(e.target for e in dev) == {"1": 444, "0": 428}
    assert (len(train), {e.target for e in train}) == (67_349, {"0", "1"})


@pytest.mark.parametrize(("reader", "mark"), [(comma, ","), (tab, "\t")])
def test_several_labels_and_several_texts_are_read_from_columns(
    write: Write, reader: Reader, mark: str
) -> None:
    """Labels stand between separators, in any order or not at all; texts keep the names of their columns."""
    path = write("q,a,label\nwhy,so,b; a\nwhat,this,\n".replace(",", mark), "t")
    assert reader.function(path, fields=("q", "a"), separator=";") == [
        Example("t:2", {"q": "why", "a": "so"}, ("a", "b")),
        Example("t:3", {"q": "what", "a": "this"}, ()),
    ]


def test_a_text_in_a_table_may_mark_the_arguments_of_a_relation(write: Write, faults: Faults) -> None:
    """The tags are taken out, unless they are asked to be left; half a pair of them is a fault."""
    content = "text,label\nthe <e2>cat</e2> ate <e1>fish</e1>,eats\n"
    path = write(content, "r.csv")
    marks = (Span(12, 16, "head"), Span(4, 7, "tail"))
    assert comma.function(path) == [Example("r.csv:2", {"text": "the cat ate fish"}, "eats", marks=marks)]
    assert comma.function(path, marked=False)[0].text == "the <e2>cat</e2> ate <e1>fish</e1>"
    (fault,) = faults(comma, content.replace("</e1>", ""))
    assert (fault.line, fault.field) == (2, "text")
    assert "marked: false" in fault.hint


def test_columns_that_are_named_are_kept(write: Write) -> None:
    """They may be the label's as well."""
    path = write("text,label,channel\ngood,pos,mail\nbad,neg,\n", "data.csv")
    kept = [dict(e.meta) for e in comma.function(path, columns=("channel", "label"))]
    assert kept == [{"channel": "mail", "label": "pos"}, {"channel": "", "label": "neg"}]
