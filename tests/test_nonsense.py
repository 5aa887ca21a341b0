"""Texts without sense, made of texts that have some."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.nonsense import KINDS, nonsense
from harness.text import Example, Span, example, words

TEXTS = [
    example("a", "Anna went  to the market.", "yes"),
    example("b", "nobody saw her there, not once", "no"),
    example("c", "why", "yes"),
]


def by_id(kind, texts=TEXTS, seed=0):
    """The texts that became others."""
    return {one.id: one for one in nonsense(kind, texts, seed)}


def test_letters_are_drawn_from_all_that_occur():
    """Words keep their length and the white space between them; nothing knows of an alphabet."""
    made = by_id("random-characters", [example("a", "жаба  да"), example("b", "еж")])
    assert [len(word) for word in made["a"].text.split(" ")] == [4, 0, 2]
    assert set(made["a"].text + made["b"].text) <= set("жабдае ")


def test_words_are_shuffled_or_drawn():
    """A shuffled text has the same words; a drawn one has words of any text, as often as they occur."""
    shuffled, drawn = by_id("shuffled-words"), by_id("random-words")
    assert sorted(shuffled["a"].text.split()) == sorted(TEXTS[0].text.split())
    assert shuffled["a"].text != TEXTS[0].text
    everything = {word for one in TEXTS for word in one.text.split()}
    assert set(drawn["a"].text.split()) <= everything
    assert len(words(drawn["b"].text)) == 6


def test_what_stays_as_it_is_is_left_out():
    """One word cannot be shuffled."""
    assert by_id("shuffled-words").keys() == {"a", "b"}


def test_nothing_of_the_answer_is_left():
    """A text without sense has no right answer."""
    assert {one.target for kind in KINDS for one in nonsense(kind, TEXTS, 0)} == {None}


@pytest.mark.parametrize("kind", KINDS)
def test_the_arguments_of_a_relation_stay(kind):
    """What the question is about is kept, and where it now lies."""
    marks = (Span(0, 4, "head"), Span(18, 24, "tail"))
    source = Example("a", {"text": "Anna went  to the market today and yesterday"}, "visits", marks=marks)
    (made,) = nonsense(kind, [source], 1)
    assert [made.text[mark.start : mark.end] for mark in made.marks] == ["Anna", "market"]


@given(st.sampled_from(sorted(KINDS)), st.permutations(TEXTS), st.integers(0, 3))
def test_what_becomes_of_a_text_depends_on_the_texts_and_the_seed_alone(kind, order, seed):
    """Not on the order in which they stand, where nothing but letters is drawn or words are moved."""
    if kind != "random-words":
        assert by_id(kind, order, seed) == by_id(kind, TEXTS, seed)
    assert by_id(kind, order, seed) == by_id(kind, order, seed)
