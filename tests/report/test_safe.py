"""Hostile text is made harmless and stays readable, per kind of output."""

from __future__ import annotations

import re
import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report import safe

from . import hostile

ANY_TEXT = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(hostile.ALL)


@given(ANY_TEXT)
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    """Only newline and tab remain of all control, bidirectional and separator characters."""
    left = {c for c in safe.terminal(text) if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    assert left <= {"\n", "\t"}
    assert not {
        c for c in safe.terminal(text) if unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE", "PDF")
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x9bb\x7f", "a\\x9bb\\x7f"),
        ("user\u202enimda", "user\\u202enimda"),
        ("\ud800", "\\ud800"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Zürich 日本 👩\u200d👧", "Zürich 日本 👩\u200d👧"),
    ],
)
def test_an_escape_tells_what_was_there(text: str, shown: str) -> None:
    """Each removed character is written as its code, and ordinary text is left alone."""
    assert safe.terminal(text) == shown


@given(ANY_TEXT)
def test_a_line_is_one_line(text: str) -> None:
    """No reader of lines sees more than one, by any of Python's line separators."""
    assert len(safe.line(text).splitlines()) <= 1


@given(ANY_TEXT)
def test_xml_parses_whatever_the_text_was(text: str) -> None:
    """An XML parser accepts the text, and finds what was legal in it."""
    element = ElementTree.Element("x")
    element.text = safe.xml(text)
    assert (ElementTree.fromstring(ElementTree.tostring(element)).text or "").replace("\n", "") == safe.xml(
        text
    ).replace("\r", "").replace("\n", "")


@given(ANY_TEXT)
def test_markdown_holds_no_ascii_punctuation_but_references(text: str) -> None:
    """After removing character references, nothing that Markdown gives a meaning is left."""
    bare = re.sub(r"&#\d+;", "", safe.markdown(text))
    assert not re.search(r"[!-/:-@\[-`{-~]", bare)


@given(ANY_TEXT)
def test_glyphs_account_for_every_character(text: str) -> None:
    """Visible stretches and codes together are the text, in order."""
    again = "".join(glyph.text or chr(int(glyph.code[2:], 16)) for glyph in safe.glyphs(text))
    assert again == text


def test_glyphs_name_what_cannot_be_seen() -> None:
    """A zero-width space is shown by its code point and name."""
    assert list(safe.glyphs("a\u200bb")) == [
        safe.Glyph("a"),
        safe.Glyph("", "U+200B", "ZERO WIDTH SPACE"),
        safe.Glyph("b"),
    ]
