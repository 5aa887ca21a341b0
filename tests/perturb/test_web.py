"""What people put into texts on the web."""

from __future__ import annotations

import re

import pytest

from harness.errors import UserError
from harness.perturb import web
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.perturb.sites import lines
from harness.text import Example, Span, example
from tests.perturb.applied import drawn, everywhere, outcomes

EVERY = [web.markup, web.hashtag, web.emoji, web.mention, web.url]
NAMED = example("a", "So Noor El Amin, of Oslo. It rains. Yes.", (Span(3, 15, "PER"), Span(20, 24, "LOC")))


@pytest.mark.parametrize(
    ("style", "after"),
    [
        ("markdown", {"(**don't**)", "(*don't*)", "(__don't__)", "(_don't_)"}),
        (
            "html",
            {f"(<{tag}>don't</{tag}>)" for tag in ("b", "i", "em", "strong", "u")},
        ),
    ],
)
def test_words_are_emphasised_between_their_marks(style: str, after: set[str]) -> None:
    """What opens is closed, and the marks around a word stay outside."""
    assert outcomes(web.markup, "(don't)", draws=100, style=style) == after


def test_hashtags_are_made_of_words() -> None:
    """Not of short ones, of figures or of what has an apostrophe, which would end the tag."""
    assert (
        everywhere(web.hashtag, "Good movie, isn't it? 12 (bad) stars!")
        == "#Good #movie, isn't it? 12 (bad) #stars!"
    )


def test_emoji_follow_words() -> None:
    """Each stands on its own, so that words stay as they are."""
    parts = everywhere(web.emoji, "good, bad").split(" ")
    assert parts[::2] == ["good,", "bad"]
    assert set(parts[1::2]) <= set(lines("emoji"))


def test_a_handle_is_put_before_the_text_or_after_a_sentence() -> None:
    """One handle, between sentences or at an end."""
    found = {re.sub(r"@\w+", "@x", text) for text in outcomes(web.mention, "It rains. He stays", draws=80)}
    assert found == {"@x It rains. He stays", "It rains. @x He stays", "It rains. He stays @x"}


def test_an_address_is_put_after_a_sentence() -> None:
    """One address, and never the first thing that a text says."""
    found = outcomes(web.url, "It rains. He stays", draws=80)
    assert {re.sub(r"\S*example\.\S*", "URL", text) for text in found} == {
        "It rains. URL He stays",
        "It rains. He stays URL",
    }


def test_only_the_longest_field_gets_one() -> None:
    """The context of a question, for instance; blank texts get none."""
    for variant in drawn(web.url, Example("a", {"question": "Who?", "context": "It rained. He stayed."})):
        assert {edit.field for edit in variant.edits} == {"context"}
    assert outcomes(web.mention, " \n", draws=5) == set()


@pytest.mark.parametrize("operator", EVERY)
def test_names_stay_bare(operator: Operator) -> None:
    """Nothing is put into a name, around it or right before it."""
    variants = drawn(operator, NAMED)
    assert not all(variant.noop for variant in variants)
    for variant in variants:
        assert variant.refusal == ""
        named = [variant.example.text[span.start : span.end] for span in variant.example.spans]
        assert named == ["Noor El Amin", "Oslo"]
        assert all(variant.example.text[span.start - 1] == " " for span in variant.example.spans)


def test_a_span_over_all_places_leaves_none() -> None:
    """Where a gold span holds the end of every sentence, nothing is inserted there."""
    source = example("a", "It rains. He stays.", (Span(3, 12, "X"),))
    for variant in drawn(web.url, source):
        assert variant.example.text.startswith("It rains. He stays. ")


@pytest.mark.parametrize("operator", EVERY)
def test_translations_would_have_to_bring_it_along(operator: Operator) -> None:
    """The references do not have it."""
    assert not operator.suits("translation")
    assert operator.suits("ner")


def test_addresses_and_handles_lead_nowhere() -> None:
    """Addresses lie under the names that are reserved for examples; handles are common nouns."""
    assert all(re.search(r"\bexample\.(com|org|net)\b", url) for url in lines("urls"))
    assert all(re.fullmatch(r"@[a-z]+", handle) for handle in lines("handles"))
    assert all(not one.isascii() and " " not in one for one in lines("emoji"))
    for bank in ("urls", "handles", "emoji"):
        assert len(set(lines(bank))) == len(lines(bank)) >= 12


def test_an_unknown_style_is_the_users_error() -> None:
    """The fault names the nearest one."""
    with pytest.raises(UserError, match="markdown"):
        perturb(example("a", "text"), web.markup, 5, seed=0, options={"style": "mardown"})
