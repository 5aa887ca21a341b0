"""Casing, spacing, marks and encodings."""

from __future__ import annotations

import html
import unicodedata

import pytest

from harness.perturb import format as formats
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.rng import rng
from harness.text import Edit, Span, apply, example


def everywhere(operator: Operator, text: str, **options: object) -> str:
    """The text after all the edits that the operator can make."""
    return apply(text, operator.function(example("a", text), rng(0), **options))


def test_casing_changes_all_words_if_all_are_asked_for() -> None:
    """Lower, upper and title case agree with what Python calls so, letters that grow included."""
    text = "The Straße in İzmir, USA."
    assert everywhere(formats.lower, text) == text.lower()
    assert everywhere(formats.upper, text) == text.upper()
    assert everywhere(formats.title, "a (small) step") == "A (Small) Step"


def test_lower_casing_a_name_edits_its_capital_only() -> None:
    """The comma after a name is not part of the edit, so the name keeps its label."""
    assert list(formats.lower.function(example("a", "Paris,"), rng(0))) == [Edit(0, 1, "p")]


def test_random_case_changes_nothing_but_case() -> None:
    """The words stay the same when case is ignored, and each of them has changed."""
    text = "Some ordinary words"
    after = everywhere(formats.random_case, text)
    assert after.lower() == text.lower()
    assert all(a != b for a, b in zip(text.split(), after.split(), strict=True))


def test_whitespace_keeps_the_words() -> None:
    """Gaps grow or change their kind; no gap appears or vanishes."""
    text = "one two three four five six"
    after = everywhere(formats.whitespace, text)
    assert after.split() == text.split()
    assert after != text


def test_whitespace_counts_characters() -> None:
    """At severity 1, one in twenty characters is edited."""
    text = "ab " * 100
    assert perturb(example("a", text), formats.whitespace, 1, seed=0).rate == pytest.approx(0.05, abs=0.005)


def test_question_and_exclamation_marks_stay() -> None:
    """Marks that carry meaning are neither dropped nor followed by others."""
    assert everywhere(formats.punctuation, "Really? No! What?!") == "Really? No! What?!"


def test_marks_are_dropped_and_added() -> None:
    """Either can be turned off."""
    assert everywhere(formats.punctuation, "Well, it is done.", add=False) == "Well it is done"
    assert everywhere(formats.punctuation, "Well, it is done.", drop=False).startswith("Well, it")
    assert (
        len(everywhere(formats.punctuation, "Well, it is done.", drop=False)) == len("Well, it is done.") + 2
    )


def test_decimal_points_stay() -> None:
    """A mark inside a number is no punctuation."""
    assert everywhere(formats.punctuation, "3.5", add=False) == "3.5"


def test_quotes_open_and_close() -> None:
    """The first mark opens, the last closes, an apostrophe bends to the left."""
    assert everywhere(formats.quotes, "\"I don't\" ('so')") == "“I don’t” (‘so’)"


@pytest.mark.parametrize(
    ("text", "after"), [("café", "cafÃ©"), ("don't", "donâ€™t"), ("plain", "plain"), ("à", "Ã\u00a0")]
)
def test_utf8_is_read_as_windows_1252(text: str, after: str) -> None:
    """The well-known garbage appears, and plain text stays plain."""
    assert everywhere(formats.mojibake, text) == after


def test_zero_width_characters_are_invisible_and_inside_of_words() -> None:
    """Without format characters the text is as before, and no word begins or ends with one."""
    text = "some words to read"
    after = everywhere(formats.zero_width, text)
    assert "".join(c for c in after if unicodedata.category(c) != "Cf") == text
    assert all(word[0].isalpha() and word[-1].isalpha() for word in after.split(" "))


def test_html_escapes_can_be_undone() -> None:
    """A browser would show the text as it was."""
    text = "Fish & chips don't cost 5 € <here>"
    after = everywhere(formats.html, text)
    assert after != text
    assert html.unescape(after) == text


@pytest.mark.parametrize("operator", [formats.lower, formats.upper, formats.punctuation, formats.html])
def test_names_with_marks_around_them_keep_their_labels(operator: Operator) -> None:
    """Edits next to a name or within it never include its border."""
    source = example(
        "a", 'In "Paris", (UN) and Oslo.', (Span(4, 9, "LOC"), Span(13, 15, "ORG"), Span(21, 25, "LOC"))
    )
    for draw in range(30):
        variant = perturb(source, operator, 5, seed=0, draw=draw)
        assert variant.refusal == ""
        assert len(variant.example.spans) == 3
