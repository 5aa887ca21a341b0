"""CoNLL files become sentences with character spans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.conll import conll
from harness.data.tags import join, to_tags
from harness.errors import Fault, UserError
from harness.text import Example, Span

Write = Callable[..., str]
Faults = Callable[..., tuple[Fault, ...]]


def test_a_sentence_becomes_text_and_spans(write: Write) -> None:
    """Tokens are joined by a space, tags are character spans, the id is where it stands."""
    path = write("Angela\tB-PER\nMerkel\tI-PER\nin\tO\nParis\tB-LOC\n\nHi\tO\n", "news.conll")
    assert conll.function(path) == [
        Example(
            "news.conll:1", {"text": "Angela Merkel in Paris"}, (Span(0, 13, "PER"), Span(17, 22, "LOC"))
        ),
        Example("news.conll:6", {"text": "Hi"}, ()),
    ]


@pytest.mark.parametrize("blank", ["", "\t", " ", " \t ", "\r", "\u00a0"])
def test_any_white_space_ends_a_sentence(write: Write, blank: str) -> None:
    """Real files part sentences by a lone TAB as well as by nothing."""
    assert [e.text for e in conll.function(write(f"a\tO\n{blank}\n{blank}\nb\tO\n{blank}"))] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("EU NNP B-NP B-ORG\nsays VBZ B-VP O\n", {}),
        ("EU   B-ORG\nsays O \n", {}),
        ("EU\tB-ORG\textra\nsays\tO\textra\n", {"tag": 1}),
        ("1|EU|B-ORG\n2|says|O\n", {"token": 1, "delimiter": "|"}),
        ("# id 1\nEU\tB-ORG\nsays\tO\n", {"comments": "# "}),
        ("\ufeffEU\tB-ORG\r\nsays\tO\r\n", {}),
        ("-DOCSTART- O\n\nEU I-ORG\nsays O\n", {}),
    ],
)
def test_dialects_say_the_same(write: Write, content: str, options: dict[str, Any]) -> None:
    """Columns, separators, comments, line ends and marks differ from file to file."""
    (one,) = conll.function(write(content), **options)
    assert (one.text, one.target) == ("EU says", (Span(0, 2, "ORG"),))


def test_a_hash_is_a_token_unless_comments_are_declared(write: Write) -> None:
    """Tweets are full of tokens that look like comments."""
    (one,) = conll.function(write("#\tO\n#1\tO\n"))
    assert one.text == "# #1"


def test_documents_group_their_sentences(write: Write) -> None:
    """What stands in one document is resampled together."""
    path = write("-DOCSTART- O\n\na O\n\nb O\n\n-DOCSTART- O\nc O\n", "x")
    assert [(e.text, e.group) for e in conll.function(path)] == [("a", "x:1"), ("b", "x:1"), ("c", "x:7")]


def test_what_is_not_white_space_to_a_file_stays_in_its_token(write: Write) -> None:
    """Line separators, joiners and emoji are data, and offsets count code points."""
    (one,) = conll.function(write("a\u2028b\tO\n👩\u200d🚀\tB-PER\n"))
    assert (one.text, one.spans) == ("a\u2028b 👩\u200d🚀", (Span(4, 7, "PER"),))


@pytest.mark.parametrize(
    ("content", "options", "line", "field", "message"),
    [
        ("", {}, 0, "", "no examples"),
        ("\n\t\n\n", {}, 0, "", "no examples"),
        ("a\tO\nb\n", {}, 2, "tag", "found 1 columns, the first line has 2: 'b'"),
        ("a\tO\nb\tO\tO\n", {}, 2, "tag", "found 3 columns"),
        ("a\n", {}, 1, "tag", "column -1 of 1 is that of the token"),
        ("a\tO\n", {"tag": 3}, 1, "tag", "no column 3: found 2"),
        ("a\tO\n", {"token": -3}, 1, "token", "no column -3"),
        ("a\tO\n\tO\n", {}, 2, "token", "is empty"),
        ("a\tO\nb\t\n", {}, 2, "tag", "tag '' should be O"),
        ("a\tO\nb\tX-PER\n", {}, 2, "tag", "tag 'X-PER' should be O"),
        ("a\tO\n\nb\tO\nc\tI-PER\n", {"scheme": "bio"}, 4, "tag", "should follow B-PER"),
        ("a\tB-PER\n\nb\tO\n", {"scheme": "bioes"}, 1, "tag", "ends inside an entity"),
        ("a\tO\n", {"scheme": "boi"}, 0, "scheme", "unknown scheme 'boi'"),
        (b"a\tO\n\xff\tO\n", {}, 2, "", "is not UTF-8"),
        (b"a\tO\nb\0\tO\n", {}, 2, "", "NUL"),
    ],
)
def test_faults_name_their_line(
    faults: Faults, content: str | bytes, options: dict[str, Any], line: int, field: str, message: str
) -> None:
    """Each way in which a file can be wrong is told apart, with its place."""
    (fault,) = faults(conll, content, **options)
    assert (fault.line, fault.field) == (line, field)
    assert message in fault.message


def test_all_faults_come_at_once(faults: Faults) -> None:
    """The user mends a file in one go: five places are shown and the others counted."""
    found = faults(conll, "a\tO\n" + "b\n" * 30 + "c\tQ\n")
    assert [f.line for f in found] == [2, 3, 4, 5, 6, 0]
    assert found[-1].message == "and 26 more like these"


def test_a_line_of_a_megabyte_is_read(write: Write) -> None:
    """Length is no fault."""
    (one,) = conll.function(write("x" * 1_000_000 + "\tO\n"))
    assert len(one.text) == 1_000_000


TOKEN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=6)


@given(st.lists(st.tuples(TOKEN, st.sampled_from(["O", "B-A", "I-A", "B-B"])), min_size=1))
def test_what_is_written_is_read(write: Write, rows: list[tuple[str, str]]) -> None:
    """Tokens and the entities of their tags come back from any file that can be written."""
    (one,) = conll.function(write("".join(f"{token}\t{tag}\n" for token, tag in rows)))
    text, offsets = join([token for token, _ in rows])
    again = write(
        "".join(
            f"{text[a:b]}\t{tag}\n" for (a, b), tag in zip(offsets, to_tags(offsets, one.spans), strict=True)
        )
    )
    assert one.text == text
    assert conll.function(again, scheme="bio")[0].target == one.target


@given(st.one_of(st.binary(), st.text("ab\t\n\r -#BIOES\ufeff\u2028").map(str.encode)))
def test_any_bytes_are_read_or_refused(write: Write, content: bytes) -> None:
    """No file makes the reader fail in another way than by naming faults."""
    path = write(content)
    try:
        examples = conll.function(path)
    except UserError as error:
        assert all(fault.file == path for fault in error.faults)
    else:
        assert examples


@pytest.mark.parametrize(
    ("name", "sentences", "entities"),
    [
        ("ner-wnut17/train.conll", 3394, 1975),
        ("ner-wnut17/dev.conll", 1009, 836),
        ("ner-wnut17/test.conll", 1287, 1079),
        ("ner-crossner/politics/train.conll", 200, 1304),
        ("ner-crossner/science/test.conll", 543, 3089),
    ],
)
def test_real_corpora_are_read_whole(real: Path, name: str, sentences: int, entities: int) -> None:
    """Sentences are as many as published, and entities as many as there are B- tags."""
    examples = conll.function(str(real / name), scheme="bio")
    assert (len(examples), sum(len(e.spans) for e in examples)) == (sentences, entities)
