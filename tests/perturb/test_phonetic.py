"""Words spelt as they sound."""

from __future__ import annotations

import pytest

from harness.perturb.phonetic import GROUPS, SOUND, phonetic
from harness.perturb.sites import lines, protected, wordlist
from harness.text import Span, example
from tests.perturb.applied import drawn, outcomes


@pytest.mark.parametrize(
    ("word", "after"),
    [
        ("phone", {"fone"}),
        ("Quick", {"Kwick", "Quik"}),
        ("QUICK", {"KWICK", "QUIK"}),
        ("box,", {"boks,"}),
        ("attacks", {"attax", "attaks"}),
        ("nation", {"nashun"}),
        ("mission", {"mishun"}),
        ("science", {"sience", "sciense"}),
        ("special", {"speshal"}),
        ("bridge", {"brij"}),
        ("future", {"phuture", "fucher"}),
        ("enough", {"enuff"}),
        ("through", {"throo", "thru"}),
        ("weight", {"wayt"}),
        ("amazing", {"amasing", "amazin"}),
        ("which", {"wich"}),
        ("(happy)", {"(happee)", "(happie)"}),
        ("chair", {"chayr"}),
    ],
)
def test_a_group_of_letters_is_spelt_as_it_sounds(word: str, after: set[str]) -> None:
    """One slip for each word, in its casing, and the marks around it stay."""
    assert outcomes(phonetic, word) == after


@pytest.mark.parametrize(
    "word", ["knots", "write", "wrap", "whine", "price", "thing", "room", "advice", "few", "angle"]
)
def test_no_word_becomes_another(word: str) -> None:
    """Without what is not heard these would be words of another meaning."""
    assert all("".join(after) not in wordlist("phonetic") for after in outcomes(phonetic, word))
    assert "not" not in outcomes(phonetic, "knot")


@pytest.mark.parametrize("word", ["never", "not", "don't", "ox", "12", "東京", "", "x" * 50 + "ph"])
def test_what_says_no_is_short_or_is_no_english_is_left_alone(word: str) -> None:
    """There is nothing to hear in it, or too much to lose."""
    assert outcomes(phonetic, word, draws=20) == set()


def test_names_keep_their_labels() -> None:
    """A misspelt name is still that name, and a slip never crosses its border."""
    source = example("a", "Phil Quick (Mexico)", (Span(0, 10, "PER"), Span(12, 18, "LOC")))
    for variant in drawn(phonetic, source):
        assert variant.refusal == ""
        assert len(variant.example.spans) == 2


def test_every_group_has_a_place_of_its_own_in_the_pattern() -> None:
    """The pattern says which group it has found, so no group may bring parentheses that count."""
    assert SOUND.groups == len(GROUPS)


def test_the_list_of_words_that_slips_would_make_is_made_of_words() -> None:
    """Lower case, once each, and none that is guarded anyway."""
    words = " ".join(lines("phonetic")).split()
    assert all(word.isalpha() and word.islower() for word in words)
    assert len(words) == len(set(words))
    assert not any(map(protected, words)), [word for word in words if protected(word)]
