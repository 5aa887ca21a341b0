"""Where words, lines and sentences begin."""

from __future__ import annotations

import pytest

from harness.errors import UserError
from harness.perturb import layout
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.rng import Random
from harness.text import Example, Span, apply, example
from tests.perturb.applied import drawn, everywhere, outcomes


def test_a_space_splits_a_word_between_two_letters() -> None:
    """Anywhere in the word, but not at its edges or its marks."""
    assert outcomes(layout.split_word, "(plain)", draws=100) == {
        "(p lain)",
        "(pl ain)",
        "(pla in)",
        "(plai n)",
    }


@pytest.mark.parametrize("operator", [layout.split_word, layout.hyphenation])
def test_no_part_of_a_word_says_no_or_counts(operator: Operator) -> None:
    """``notable`` never comes apart as ``not able``, nor ``sixteen`` as ``six teen``."""
    for text in ("notable", "nothing", "Sixteen", "overall"):
        parts = {
            part for after in outcomes(operator, text, draws=100) for part in after.replace("-", " ").split()
        }
        assert not parts & {"not", "Six", "all"}


def test_a_hyphen_stays_from_the_end_of_a_line() -> None:
    """Two letters at least stand on either side, as where words are hyphenated; the break may be gone."""
    found = outcomes(layout.hyphenation, "plain", draws=200)
    assert found == {
        f"{a}{mark}{b}" for a, b in (("pl", "ain"), ("pla", "in")) for mark in ("-", "- ", "-\n")
    }


def test_at_most_two_words_are_joined() -> None:
    """The space between them goes, and their neighbours stay apart."""
    text = "one may well like films that take long"
    for variant in drawn(layout.merge_words, example("a", text)):
        assert variant.example.text.replace(" ", "") == text.replace(" ", "")
        assert all(
            any(word == a + b for a, b in zip(text.split(), text.split()[1:], strict=False))
            or word in text.split()
            for word in variant.example.text.split()
        )
    after = everywhere(layout.merge_words, text)
    assert after.count(" ") >= 3


@pytest.mark.parametrize("text", ["12 3", "a, b", "not able", "was never", "don't go", "a  b"])
def test_what_would_mean_something_else_is_not_joined(text: str) -> None:
    """Figures, words that say no, and words with a mark or more than a space between them."""
    assert everywhere(layout.merge_words, text) == text


@pytest.mark.parametrize("operator", [layout.split_word, layout.hyphenation, layout.merge_words])
def test_names_are_neither_split_nor_glued_to_their_neighbours(operator: Operator) -> None:
    """A name has its words and its borders afterwards, and stands apart."""
    source = example(
        "a", "When Noor Amin visited Bergen everybody waited", (Span(5, 14, "PER"), Span(23, 29, "LOC"))
    )
    variants = drawn(operator, source)
    assert not all(variant.noop for variant in variants)
    for variant in variants:
        assert " Noor Amin " in variant.example.text
        assert " Bergen " in variant.example.text


def test_no_line_is_longer_than_the_width() -> None:
    """Lines are filled as far as they go; the first is as long as the place it begins at leaves it."""
    text = "word " * 40 + "end"
    for variant in drawn(layout.line_breaks, example("a", text), width=24):
        first, *others = variant.example.text.split("\n")
        assert variant.example.text.split() == text.split()
        assert len(first) <= 24
        assert all(len(line) == 24 for line in others[:-1])
    assert len(outcomes(layout.line_breaks, text, width=24)) > 1


def test_lines_that_are_there_count() -> None:
    """After a line break a line begins, and one long word is not broken."""
    assert set(outcomes(layout.line_breaks, f"ab\ncd {'x' * 50}", width=20)) == {f"ab\ncd\n{'x' * 50}"}


def test_a_width_of_nothing_is_the_users_error() -> None:
    """The fault says what was found."""
    with pytest.raises(UserError, match="at least 1, found 0"):
        perturb(example("a", "text"), layout.line_breaks, 0, seed=0, options={"width": 0})


def test_edges_get_white_space_or_lose_it() -> None:
    """The text in between stays as it is."""
    for after in outcomes(layout.indent, "some text"):
        assert after.strip() == "some text"
        assert after[0].isspace()
        assert after[-1].isspace()
    assert outcomes(layout.indent, "  some text\n") == {"some text"}
    assert outcomes(layout.indent, " \n ") == set()


def test_sentences_and_lines_become_a_list() -> None:
    """Each of them stands behind the same bullet; an abbreviation ends no sentence."""
    text = "It rained. Dr. Who stayed!\nA line\nAnother one"
    listed = "- It rained.\n- Dr. Who stayed!\n- A line\n- Another one"
    assert everywhere(layout.bullets, text, mark="-") == listed
    assert outcomes(layout.bullets, "One thing") == {"- One thing", "* One thing", "• One thing"}


@pytest.mark.parametrize(
    ("style", "after"),
    [
        ("pipes", "| Well, | it rained. |\n| He stayed. |"),
        ("wiki", "|| Well, || it rained. ||\n|| He stayed. ||"),
        ("tabs", "\tWell,\tit rained.\n\tHe stayed."),
    ],
)
def test_sentences_become_rows_and_clauses_cells(style: str, after: str) -> None:
    """A comma ends a cell, a sentence a row."""
    assert everywhere(layout.table_layout, "Well, it rained. He stayed.", style=style) == after
    assert after in outcomes(layout.table_layout, "Well, it rained. He stayed.")


def test_an_unknown_table_is_the_users_error() -> None:
    """The fault names the nearest style."""
    with pytest.raises(UserError, match="pipes"):
        perturb(example("a", "text"), layout.table_layout, 0, seed=0, options={"style": "pipe"})


@pytest.mark.parametrize("operator", [layout.bullets, layout.table_layout])
def test_names_lie_in_one_row_and_one_cell(operator: Operator) -> None:
    """A comma or a stop within a name begins nothing, and what stands before it is no part of it."""
    source = example(
        "a", "Paris, Texas met St. Paul. Yes, it did.", (Span(0, 12, "LOC"), Span(17, 25, "LOC"))
    )
    for variant in drawn(operator, source):
        named = [variant.example.text[span.start : span.end] for span in variant.example.spans]
        assert named == ["Paris, Texas", "St. Paul"]
        assert variant.refusal == ""


def test_all_fields_are_laid_out() -> None:
    """A question is a list of one."""
    source = Example("a", {"question": "Who?", "context": "It rained. He stayed."})
    edits = list(layout.bullets.function(source, Random(0), mark="*"))
    after = {name: apply(text, [e for e in edits if e.field == name]) for name, text in source.fields.items()}
    assert after == {"question": "* Who?", "context": "* It rained.\n* He stayed."}


def test_lists_and_tables_are_not_for_translation() -> None:
    """The references are laid out otherwise; line breaks would not be copied."""
    assert not layout.bullets.suits("translation")
    assert not layout.table_layout.suits("translation")
    assert layout.line_breaks.suits("translation")
