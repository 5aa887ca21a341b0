"""Where the sentences of a text begin and end."""

from __future__ import annotations

import time

import pytest

from harness.perturb.splitting import free, sentences
from harness.text import Example, Span


def split(text: str) -> list[str]:
    return [one.text for one in sentences(text, "text")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They left. She stayed!  Why? Fine…", ["They left.", "She stayed!", "Why?", "Fine…"]),
        ("Dr. J. Smith met Mr. Jones. They left.", ["Dr. J. Smith met Mr. Jones.", "They left."]),
        ("In Washington, D.C. at 5 p.m. he left. So?", ["In Washington, D.C. at 5 p.m. he left.", "So?"]),
        ("It cost 3.50 and no. 5 was out. Pity.", ["It cost 3.50 and no. 5 was out.", "Pity."]),
        ('"Really?" she asked. "Yes." He left.', ['"Really?" she asked.', '"Yes."', "He left."]),
        ("You and I. He stayed.", ["You and I.", "He stayed."]),
        ("it was good . it was short .", ["it was good .", "it was short ."]),
        ("A heading\n\nA text\nover two lines.", ["A heading", "A text\nover two lines."]),
        ("東京は首都です。そうですか？「はい。」", ["東京は首都です。", "そうですか？", "「はい。」"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_a_reader_sees_an_end(text: str, found: list[str]) -> None:
    """Abbreviations, initials, numbers and quoted questions end nothing; blank lines end headings."""
    assert split(text) == found


def test_sentences_know_their_places() -> None:
    """Offsets are those of the text without the white space around it."""
    text = "  One.  Two "
    assert [(s.start, s.end, s.finished) for s in sentences(text, "text")] == [(2, 6, True), (8, 11, False)]
    assert all(text[s.start : s.end] == s.text for s in sentences(text, "text"))


def test_free_sentences_hold_no_gold_span() -> None:
    """A span that runs over an end touches both of its sentences."""
    source = Example("a", {"text": "One. Two. Three. Four."}, (Span(5, 16, "X"),))
    assert [one.text for one in free(source, "text")] == ["One.", "Four."]


@pytest.mark.parametrize("unit", ["a. ", ".", ".'", "\n", "\n ", "! ", "x", "A.B."])
def test_long_texts_cost_what_is_in_them(unit: str) -> None:
    """A megabyte of anything takes a moment, also where nothing is a sentence."""
    start = time.perf_counter()
    sentences(unit * (10**6 // len(unit)) + "x", "text")
    assert time.perf_counter() - start < 10
