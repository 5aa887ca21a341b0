"""Men for women, all through a text."""

from __future__ import annotations

import pytest

from harness.perturb import gender
from harness.perturb.sites import protected
from harness.text import Example, Span, example
from tests.perturb.applied import drawn, everywhere


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("He visited his sister with a book of hers.", "She visited her brother with a book of his."),
        ("Is the book his?", "Is the book hers?"),
        ("I met him and his son's friend.", "I met her and her daughter's friend."),
        ("The actor said: he'll go himself.", "The actress said: she'll go herself."),
        ("Mr. Lee is a policeman", "Ms. Lee is a policewoman"),
        ("HIS WIFE", "HER HUSBAND"),
        ("his own films, by him", "her own films, by her"),
        ("he/she", "she/he"),
    ],
)
def test_all_change_together(one: str, other: str) -> None:
    """Pronouns by their case, nouns and titles, there and back again."""
    assert everywhere(gender.gendered, one) == other
    assert everywhere(gender.gendered, other) == one


@pytest.mark.parametrize(
    "text",
    [
        "He gave her money.",
        "She hit her back.",
        "They saw her dance.",
        "He met her secretly.",
        "Queens and men saw her work.",
    ],
)
def test_a_text_that_can_be_read_in_two_ways_stays(text: str) -> None:
    """Where ``her`` may be ``him`` or ``his``, nothing at all changes, for a text has to agree with itself."""
    assert everywhere(gender.gendered, text) == text


@pytest.mark.parametrize(
    "text", ["we saw Iron Man and Spider-Man", "s/he or (s)he", "a man-made lake", "Lady Gaga sang"]
)
def test_names_and_compounds_stay(text: str) -> None:
    """What has a capital in the middle of a sentence, and what is only part of a word."""
    assert everywhere(gender.gendered, text).replace("Gentleman Gaga", "Lady Gaga") == text


def test_gold_spans_stay() -> None:
    """A queen that is part of a name is left alone, the others are not."""
    source = example("a", "the queen met queen Anne", (Span(14, 24, "PER"),))
    assert {variant.example.text for variant in drawn(gender.gendered, source)} == {"the king met queen Anne"}


def test_all_fields_change_together() -> None:
    """One that can be read in two ways keeps the others as they are."""
    source = Example("a", {"text": "He left.", "more": "They saw her dance."}, "x")
    assert all(variant.noop for variant in drawn(gender.gendered, source))


def test_no_gendered_word_is_protected_and_swaps_come_in_pairs() -> None:
    """A swap back leads to where it came from, but for one-way entries."""
    known = gender._swaps()
    assert not {word for word in known if protected(word)}
    one_way = {"groom", "mrs", "mrs.", "mr", "mr."}
    assert all(known[known[word][0]][0] == word for word in set(known) - one_way - {"bridegroom", "bride"})


def test_it_is_for_labels_and_entities_only() -> None:
    """Answers, translations and relations may name people or say how they are related."""
    tasks = ("classification", "ner", "qa", "relation", "translation", "summarization", "dialogue")
    assert [task for task in tasks if gender.gendered.suits(task)] == ["classification", "ner"]
