"""Text as corpora of other kinds have it."""

from __future__ import annotations

import pytest

from harness.perturb import convention
from harness.text import Span, example
from tests.perturb.applied import drawn, everywhere


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Well, it works.", "Well , it works ."),
        ("Don't! I can't. He’s", "Do n't ! I ca n't . He ’s"),
        ("they're Ann's, we'll", "they 're Ann 's , we 'll"),
        ("(see below)", "-LRB- see below -RRB-"),
        ("a [few] {of}", "a -LSB- few -RSB- -LCB- of -RCB-"),
        ("it ( often ) rains", "it -LRB- often -RRB- rains"),
        ('He said "why" twice', "He said `` why '' twice"),
        ("It cost $5, or 50%.", "It cost $ 5 , or 50 % ."),
        ("wait... really?!", "wait ... really ?!"),
        ("Mr. Smith met U.S. envoys at 10:30", "Mr. Smith met U.S. envoys at 10:30"),
        ("3,000 at www.example.com, yes", "3,000 at www.example.com , yes"),
        ("all fine :) it 's , done .", "all fine :) it 's , done ."),
        ("f(x) is ok", "f -LRB- x -RRB- is ok"),
        ('He said "no". "Why (not)."', "He said `` no '' . `` Why -LRB- not -RRB- . ''"),
        ("", ""),
    ],
)
def test_marks_become_tokens(text: str, after: str) -> None:
    """As in the Penn Treebank; numbers, times, addresses, abbreviations and smileys stay whole."""
    assert everywhere(convention.tokenised, text) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Well, it works.", "well it works"),
        ("“Don’t!” she (Ann) said: no", "don’t she ann said no"),
        ("It cost $3.50 (50%) at 10:30...", "it cost $3.50 50% at 10:30"),
        ("A well-known -- if odd -- man—here", "a well-known if odd man here"),
        ("it 's a journey , too .", "it 's a journey too"),
        ("-- . The end", "the end"),
        ("wait...what", "wait what"),
        ("STRASSE und Straße", "strasse und straße"),
        ("?! ...", "?! ..."),
        ("plain words", "plain words"),
    ],
)
def test_a_transcript_has_words_only(text: str, after: str) -> None:
    """No capitals, no marks but those inside of words and numbers; a text of nothing but marks stays."""
    assert everywhere(convention.transcript, text) == after


def test_names_survive_being_transcribed() -> None:
    """A name and the mark after it are edited apart, and each name is found in lower case."""
    source = example(
        "a", 'In "Paris", (UN) and Oslo.', (Span(4, 9, "LOC"), Span(13, 15, "ORG"), Span(21, 25, "LOC"))
    )
    (variant,) = drawn(convention.transcript, source, draws=1)
    assert variant.refusal == ""
    assert [variant.example.text[s.start : s.end].lower() for s in variant.example.spans] == [
        "paris",
        "un",
        "oslo",
    ]


def test_marks_around_names_are_set_apart_outside_of_them() -> None:
    """What a tokeniser adds at a border belongs to the text, what it adds within to the name."""
    source = example(
        "a", "(Macy's) of Rome, (Italy).", (Span(1, 7, "ORG"), Span(12, 16, "LOC"), Span(19, 24, "LOC"))
    )
    for variant in drawn(convention.tokenised, source):
        named = [variant.example.text[span.start : span.end] for span in variant.example.spans]
        assert named[0] in ("Macy's", "Macy 's")
        assert named[1:] == ["Rome", "Italy"]


def test_a_transcript_is_not_for_what_wants_a_reply() -> None:
    """A question without its mark may be a statement."""
    assert not convention.transcript.suits("dialogue")
    assert not convention.transcript.suits("response")
    assert convention.transcript.suits("ner")
