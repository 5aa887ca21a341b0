"""What operators on words share."""

from __future__ import annotations

import re

import pytest

from harness.perturb.lexical import agrees, any_of, begins, capital, content, reworded, sites, spoken
from harness.perturb.sites import Word, lines, protected, wordlist
from harness.rng import Random
from harness.text import Edit, Example, example


def word(text: str, said: str) -> tuple[Word, Example]:
    """The first occurrence of something in a text, and the example."""
    at = text.index(said)
    return Word(at, at + len(said), said, "text"), example("a", text)


def test_only_words_with_an_answer_are_sites() -> None:
    """In random order, with the answer, over all fields."""
    source = Example("a", {"one": "aa b aa", "two": "c aa"})
    known = {"aa": (1, 2), "b": ()}
    orders = [
        [(w.field, w.start, known) for w, known in sites(source, Random(seed), known.get)]
        for seed in range(30)
    ]
    assert {tuple(sorted(order)) for order in orders} == {
        (("one", 0, (1, 2)), ("one", 5, (1, 2)), ("two", 2, (1, 2)))
    }
    assert len({tuple(order) for order in orders}) == 6


def test_a_change_is_of_the_letters_in_the_casing_of_the_word() -> None:
    """Smallest edits from the start of the word; marks stay, and so do protected words."""
    assert reworded('"Cats,"', {"cats": ("dogs", "cat")}.get) == (Edit(1, 4, "Dog", ""), Edit(4, 5, "", ""))
    assert reworded("Most", {"most": ("least",)}.get) == ()
    assert reworded("Most", {"most": ("least",)}.get, guarded=False) == (Edit(0, 2, "Lea", ""),)
    assert reworded("...", {}.get) == ()


@pytest.mark.parametrize(
    ("text", "said", "after"),
    [
        ("we met Banks", "Banks", True),
        ("we met banks", "banks", False),
        ("Banks fell", "Banks", False),
        ('It fell. "Banks" did not.', '"Banks"', False),
        ("see US there", "US", True),
        ("see THERE now", "THERE", False),
        ("see iPhone", "iPhone", False),
        ("we 12 met", "12", False),
    ],
)
def test_a_capital_may_be_a_name(text: str, said: str, after: bool) -> None:
    """Unless a sentence begins with it or somebody shouts."""
    assert capital(*word(text, said)) is after


@pytest.mark.parametrize(
    ("text", "said", "after"),
    [
        ("So it is. Now", "Now", True),
        ("So it is", "So", True),
        ("So (it is", "it", False),
        ("So: it is", "it", True),
    ],
)
def test_a_sentence_begins_after_a_stop(text: str, said: str, after: bool) -> None:
    """Or at the beginning of the text."""
    assert begins(*word(text, said)) is after


@pytest.mark.parametrize(
    ("text", "new", "after"),
    [
        ("an old", "big", False),
        ("an old", "'odd", True),
        ("A old", "big", True),
        ("bran old", "big", True),
        ("an old", "?", False),
    ],
)
def test_articles_fit_what_a_word_becomes(text: str, new: str, after: bool) -> None:
    """Only those right before the word, in either case."""
    one, source = word(text, "old")
    assert agrees(one, new, source) is after


def test_the_longest_phrase_is_found_in_any_white_space() -> None:
    """Small letters stand for both cases, capitals for themselves; nothing begins within a word."""
    pattern = any_of(["as well", "as well as", "as if", "it's", "US"], r"\b")
    text = "As  well\nas it’s, as well! whereas if us US"
    assert pattern.findall(text) == ["As  well\nas", "it’s", "as well", "US"]


def test_a_pattern_of_phrases_finds_what_alternatives_would() -> None:
    """Sharing beginnings changes the speed, not what is found."""
    phrases = [phrase for line in lines("paraphrases") for phrase in re.split(r" [|>] ", line)]
    plain = re.compile(
        r"\b(?:" + "|".join(sorted(map(re.escape, phrases), key=len, reverse=True)) + r")(?!\w)"
    )
    text = " x ".join(phrases) + " " + " ".join(phrases)
    assert any_of(phrases, r"(?!\w)").findall(text) == plain.findall(text)


@pytest.mark.parametrize(
    ("new", "old", "start", "after"),
    [
        ("at once", "Right away", True, "At once"),
        ("i think", "It seems", False, "I think"),
        ("it seems", "I think", False, "it seems"),
        ("it seems", "I think", True, "It seems"),
        ("at once", "RIGHT AWAY", False, "AT ONCE"),
    ],
)
def test_a_phrase_is_cased_as_the_one_it_replaces(new: str, old: str, start: bool, after: str) -> None:
    """A capital where a sentence begins; *I* has one of its own."""
    assert spoken(new, old, start) == after


def test_content_words_say_what_a_text_is_about() -> None:
    """No function words, protected words, numbers, marks or short words."""
    said = [
        "The",
        "12",
        "very",
        "old",
        "trees",
        "in",
        "most",
        "gardens",
        "were",
        "not",
        "cut,",
        "it",
        "is",
        "said",
    ]
    assert [w for w in said if content(w)] == ["old", "trees", "gardens", "said"]
    assert not {w for w in wordlist("function-words") if content(w)}
    assert not content("always-on")
    assert protected("most")
