"""Casing, spacing and marks."""

from __future__ import annotations

import pytest

from harness.perturb import encoding
from harness.perturb import format as formats
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.rng import rng
from harness.text import Edit, Span, example
from tests.perturb.applied import everywhere


def test_casing_changes_all_words_if_all_are_asked_for() -> None:
    """Lower, upper and title case agree with what Python calls so, letters that grow included."""
    text = "The Straße in İzmir, USA."
    assert everywhere(formats.lower, text) == text.lower()
    assert everywhere(formats.upper, text) == text.upper()
    assert everywhere(formats.title, "a (small) step") == "A (Small) Step"


def test_lower_casing_a_name_edits_its_capital_only() -> None:
    """The comma after a name is not part of the edit, so the name keeps its label."""
    assert list(formats.lower.function(example("a", "Paris,"), rng(0))) == [Edit(0, 1, "p")]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("The New York Times.", "The new york times."),
        ("IT WORKS! so Does he", "It works! So does he"),
        ('He said "Why? Because."', 'He said "why? Because."'),
        ("So I think I'm Late", "So I think I'm late"),
    ],
)
def test_sentence_case_leaves_capitals_where_sentences_begin(text: str, after: str) -> None:
    """Names and titles lose theirs; English keeps its ``I``."""
    assert everywhere(formats.sentence_case, text) == after


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


@pytest.mark.parametrize("operator", [formats.lower, formats.upper, formats.punctuation, encoding.html])
def test_names_with_marks_around_them_keep_their_labels(operator: Operator) -> None:
    """Edits next to a name or within it never include its border."""
    source = example(
        "a", 'In "Paris", (UN) and Oslo.', (Span(4, 9, "LOC"), Span(13, 15, "ORG"), Span(21, 25, "LOC"))
    )
    for draw in range(30):
        variant = perturb(source, operator, 5, seed=0, draw=draw)
        assert variant.refusal == ""
        assert len(variant.example.spans) == 3
