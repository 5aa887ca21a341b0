"""Words misspelt, replaced, dropped or doubled."""

from __future__ import annotations

import pytest

from harness.perturb import word
from harness.perturb.severity import perturb
from harness.perturb.sites import lines, protected, table, wordlist
from harness.text import Edit, Span, example
from tests.perturb.applied import drawn, everywhere, outcomes


def test_common_words_are_misspelt_as_people_do() -> None:
    """Wrong forms come from the list, in the case of the right one."""
    assert outcomes(word.misspell, "Believe") == {"Beleive", "Belive"}


def test_words_off_the_list_are_misspelt_by_ear() -> None:
    """Rules of sound reach words that no list has, unless they are turned off."""
    assert "foto" in outcomes(word.misspell, "photo")
    assert outcomes(word.misspell, "photo", rules=False) == set()


def test_no_listed_misspelling_is_right() -> None:
    """Wrong forms differ from the right one, and no word is listed twice."""
    keys = [line.partition(":")[0] for line in lines("misspellings")]
    assert len(keys) >= 150
    assert len(keys) == len(set(keys))
    assert all(right not in wrong for right, wrong in table("misspellings").items())


def test_slang_keeps_the_case() -> None:
    """A capital letter stays one."""
    assert outcomes(word.slang, "People") == {"Ppl", "Peeps"}


def test_words_are_doubled_outside_of_names() -> None:
    """A word of a gold span is never written twice, not even next to it."""
    source = example("a", "visit New York now", (Span(6, 14, "LOC"),))
    found = {e for d in range(40) for e in perturb(source, word.duplicate_word, 5, seed=0, draw=d).edits}
    assert found == {Edit(5, 5, " visit"), Edit(18, 18, " now")}


def test_a_dropped_word_leaves_single_gaps() -> None:
    """The white space after the word goes with it, or that before it at the end of the text."""
    edits = {
        e
        for d in range(60)
        for e in perturb(example("a", "go to bed then sit at"), word.drop_stopword, 5, seed=0, draw=d).edits
    }
    assert edits == {Edit(3, 6, ""), Edit(18, 21, "")}


def test_only_function_words_are_dropped() -> None:
    """What may be dropped carries no truth of its own."""
    assert not {entry for entry in wordlist("stopwords") if protected(entry)}


def test_fillers_follow_words_without_a_mark() -> None:
    """A hesitation never splits a word from its comma and never enters a name."""
    source = example("a", "So, Ada Lovelace wrote it.", (Span(4, 16, "PER"),))
    for draw in range(40):
        for edit in perturb(source, word.filler, 5, seed=0, draw=draw).edits:
            assert edit.start in (16, 22)
            assert edit.text.strip() in word.FILLERS


def test_content_words_are_dropped_but_for_names_and_what_carries_the_truth() -> None:
    """Function words, numbers, negations and words with a capital stay, and no double gap is left."""
    assert everywhere(word.drop_word, "Ada did not see seven tall trees, nor any small ones") == (
        "Ada did not seven trees, nor any ones"
    )


def test_a_dropped_word_decides_no_label() -> None:
    """Leaving out what a text is about keeps entities and summaries true, and no other answer for certain."""
    assert word.drop_word.only_for == {"ner", "summarization"}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("green trees", {"trees green"}),
        ("tall green trees.", {"green tall trees.", "tall trees green."}),
        ("see  trees, often", {"trees  see, often"}),
        ("New York", set()),
        ("it is", set()),
        ("from home", set()),
        ("seven trees", set()),
        ("not good films", set()),
        ("you ca n't", set()),
        ("the the", set()),
        ("e-mail sent", set()),
    ],
)
def test_only_words_that_may_move_change_places(text: str, after: set[str]) -> None:
    """Marks stay where they are; names, verbs that ask, numbers and what is denied keep their places."""
    assert outcomes(word.swap_words, text) == after


def test_no_word_moves_into_a_name() -> None:
    """A word of a gold span changes places with none, and neither do the words on both sides of it."""
    source = example("a", "near old york there", (Span(5, 13, "LOC"),))
    assert all(variant.noop for variant in drawn(word.swap_words, source))


def test_an_exchange_is_one_edit_of_two_words() -> None:
    """So that severity counts both words, and takes both or none."""
    variants = drawn(word.swap_words, example("a", "see trees"), draws=60)
    assert {edit for variant in variants for edit in variant.edits} == {Edit(0, 9, "trees see")}
    assert {variant.rate for variant in variants} == {0.0, 1.0}
