"""Characters encoded otherwise, wrongly or once too often."""

from __future__ import annotations

import html
import json
import unicodedata
from urllib.parse import unquote

import pytest

from harness.errors import UserError
from harness.perturb import encoding
from harness.perturb.severity import perturb
from harness.text import Span, example
from tests.perturb.applied import drawn, everywhere


@pytest.mark.parametrize(
    ("text", "after"), [("café", "cafÃ©"), ("don't", "donâ€™t"), ("plain", "plain"), ("à", "Ã\u00a0")]
)
def test_utf8_is_read_as_windows_1252(text: str, after: str) -> None:
    """The well-known garbage appears, and plain text stays plain."""
    assert everywhere(encoding.mojibake, text) == after


def test_zero_width_characters_are_invisible_and_inside_of_words() -> None:
    """Without format characters the text is as before, and no word begins or ends with one."""
    text = "some words to read"
    after = everywhere(encoding.zero_width, text)
    assert "".join(c for c in after if unicodedata.category(c) != "Cf") == text
    assert all(word[0].isalpha() and word[-1].isalpha() for word in after.split(" "))


def test_html_escapes_can_be_undone() -> None:
    """A browser would show the text as it was."""
    text = "Fish & chips don't cost 5 € <here>"
    after = everywhere(encoding.html, text)
    assert after != text
    assert html.unescape(after) == text


TEXT = "Fish & chips don't cost 5 € in C:\\here \U0001f41f"


def test_backslashes_can_be_undone() -> None:
    """A reader of JSON, in which an apostrophe needs no backslash, gets the text as it was."""
    after = everywhere(encoding.escape, TEXT)
    assert after != TEXT
    assert json.loads('"' + after.replace("\\'", "'").replace("C:\\here", "C:\\\\here") + '"') == TEXT


def test_percent_escapes_can_be_undone() -> None:
    """A browser's address bar would show the text as it was."""
    after = everywhere(encoding.escape, TEXT, style="percent")
    assert after != TEXT
    assert unquote(after) == TEXT


def test_entities_that_are_escaped_twice_take_two_readings() -> None:
    """The first reading gives entities, the second the text."""
    after = everywhere(encoding.escape, TEXT, style="double")
    assert html.unescape(after) not in (after, TEXT)
    assert html.unescape(html.unescape(after)) == TEXT


@pytest.mark.parametrize(
    ("style", "after"),
    [
        ("backslash", "caf\\u00e9"),
        ("percent", "caf%C3%A9"),
        ("double", "caf&amp;eacute;"),
    ],
)
def test_what_is_not_ascii_is_escaped_first(style: str, after: str) -> None:
    """The letters of a word are left alone if it has anything more likely to be escaped."""
    assert everywhere(encoding.escape, "café", style=style) == after


@pytest.mark.parametrize(
    ("form", "text", "after"),
    [
        ("NFD", "café", "cafe\u0301"),
        ("NFC", "cafe\u0301", "café"),
        ("NFKC", "ﬁne ½", "fine 1⁄2"),
        ("NFKD", "ﬁancé…", "fiance\u0301..."),
        ("NFKD", "plain", "plain"),
    ],
)
def test_words_take_the_normal_form_that_is_asked_for(form: str, text: str, after: str) -> None:
    """What Unicode calls by that name, word by word."""
    assert everywhere(encoding.unicode_form, text, form=form) == after
    assert unicodedata.is_normalized(form, after)  # type: ignore[arg-type]


def test_full_width_words_are_the_same_to_compatibility() -> None:
    """Letters, figures and marks alike; spaces stay."""
    after = everywhere(encoding.fullwidth, "It cost 5, no?")
    assert after == "Ｉｔ ｃｏｓｔ ５， ｎｏ？"
    assert unicodedata.normalize("NFKC", after) == "It cost 5, no?"


def test_a_full_width_name_keeps_its_label_whatever_mark_follows() -> None:
    """The comma after a name is no part of the edit."""
    source = example("a", "Paris, of course", (Span(0, 5, "LOC"),))
    named = [v.example.text for v in drawn(encoding.fullwidth, source) if v.example.text.startswith("Ｐ")]
    assert named
    assert all(text.startswith("Ｐａｒｉｓ, ") for text in named)


@pytest.mark.parametrize(
    ("operator", "option", "known"),
    [(encoding.escape, "style", "backslash"), (encoding.unicode_form, "form", "NFKC")],
)
def test_an_unknown_choice_is_the_users_error(operator: object, option: str, known: str) -> None:
    """The fault names what there is."""
    with pytest.raises(UserError, match=known):
        perturb(example("a", "text"), operator, 5, seed=0, options={option: "none"})  # type: ignore[arg-type]
