"""Typos, misreadings and look-alikes."""

from __future__ import annotations

import pytest

from harness.errors import UserError
from harness.perturb import character
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.text import distance, example
from tests.perturb.applied import outcomes

TEXT = "We noticed several remarkable improvements throughout the modern building"


def changed(operator: Operator, draws: int = 30, **options: object) -> list[tuple[str, str]]:
    """Pairs of a word and what became of it."""
    pairs = []
    for draw in range(draws):
        variant = perturb(example("a", TEXT), operator, 5, seed=1, draw=draw, options=options)
        pairs += [(a, b) for a, b in zip(TEXT.split(), variant.example.text.split(), strict=True) if a != b]
    assert pairs
    return pairs


@pytest.mark.parametrize(
    ("layout", "key", "near"),
    [
        ("qwerty", "a", "qwsz"),
        ("qwertz", "a", "qwsy"),
        ("azerty", "q", "azsw"),
        ("dvorak", "a", "o"),
        ("dvorak", "e", "oupqj"),
        ("qwerty-es", "ñ", "lp"),
        ("jcuken", "а", "кевпмс"),
    ],
)
def test_keys_have_the_neighbours_of_their_layout(layout: str, key: str, near: str) -> None:
    """A key's neighbours are those that touch it on the keyboard."""
    assert set(character.neighbours(layout)[key]) == set(near)


@pytest.mark.parametrize("layout", character.ROWS)
def test_neighbours_are_letters_and_mutual(layout: str) -> None:
    """If one key lies beside another, the other lies beside the one; keys of marks are left out."""
    near = character.neighbours(layout)
    assert all(key in near[other] for key, others in near.items() for other in others)
    assert "".join(near).isalpha()


def test_cyrillic_words_are_mistyped_on_a_cyrillic_keyboard() -> None:
    """A layout knows the letters that it has; those of other scripts stay."""
    near = character.neighbours("jcuken")
    for text in outcomes(character.keyboard, "Книга", layout="jcuken"):
        ((a, b),) = [(a, b) for a, b in zip("книга", text.lower(), strict=True) if a != b]
        assert b in near[a]
    assert outcomes(character.keyboard, "book", layout="jcuken") == set()


def test_an_unknown_layout_is_the_users_error() -> None:
    """The fault names the layout and the nearest known one."""
    with pytest.raises(UserError, match="qwerty"):
        character.neighbours("qwety")


def test_keyboard_typos_replace_one_letter_by_a_neighbour() -> None:
    """One letter of a word changes, to one that lies beside it."""
    near = character.neighbours("qwerty")
    for before, after in changed(character.keyboard):
        ((a, b),) = [(a, b) for a, b in zip(before.lower(), after.lower(), strict=True) if a != b]
        assert b in near[a]


def test_case_is_kept_by_keyboard_typos() -> None:
    """A capital letter is mistyped as a capital letter."""
    variants = [perturb(example("a", "QUESTION"), character.keyboard, 5, seed=0, draw=d) for d in range(20)]
    assert all(variant.example.text.isupper() for variant in variants)


@pytest.mark.parametrize(
    ("operator", "longer"),
    [
        (character.insert, 1),
        (character.repeat, 1),
        (character.delete, -1),
        (character.substitute, 0),
        (character.swap, 0),
    ],
)
def test_a_typo_is_a_single_slip(operator: Operator, longer: int) -> None:
    """A word gains or loses exactly one letter, or keeps its length."""
    for before, after in changed(operator):
        assert len(after) - len(before) == longer
        assert distance(before, after) == (2 if operator is character.swap else 1)


def test_swapping_keeps_the_letters() -> None:
    """Two neighbours trade places and nothing else happens."""
    assert all(sorted(before) == sorted(after) for before, after in changed(character.swap))


def test_inserted_letters_are_inside_of_a_word() -> None:
    """The first and last letter stay, so that an insertion is never outside of a name."""
    assert all((b[0], b[-1]) == (a[0], a[-1]) for b, a in changed(character.insert))


@pytest.mark.parametrize(("shape", "read"), [("rn", "m"), ("0", "O"), ("l", "1")])
def test_shapes_are_misread_as_their_likes(shape: str, read: str) -> None:
    """Confusions known from scanned pages are in the table."""
    assert read in character.OCR[shape].split()


def test_no_digit_is_misread_as_another() -> None:
    """A number never becomes another number."""
    assert not any(c.isdigit() for d in "0123456789" for c in character.OCR.get(d, ""))


def test_homoglyphs_are_of_another_script() -> None:
    """Every double is a letter outside of ASCII, with the case of the original."""
    for latin, other in character.HOMOGLYPHS.items():
        assert not other.isascii()
        assert other.isupper() == latin.isupper()


def test_accents_are_added_or_stripped() -> None:
    """A bare word gets an accent; a word with accents loses them."""
    stripped = perturb(example("a", "Crème brûlée déjà naïve façade"), character.diacritics, 5, seed=0)
    assert {e.text for e in stripped.edits} <= {"e", "u", "i", "c", "ulee", "eja", "a", "ule"}
    assert all(not b.isascii() for _, b in changed(character.diacritics))


def test_leetspeak_replaces_all_letters_that_look_like_digits() -> None:
    """The whole word is written with digits."""
    variants = [perturb(example("a", "elite"), character.leetspeak, 5, seed=0, draw=d) for d in range(20)]
    assert {v.example.text for v in variants if not v.noop} == {"3l173"}


@pytest.mark.parametrize("operator", [character.keyboard, character.delete, character.swap])
def test_negations_and_short_words_are_left_alone(operator: Operator) -> None:
    """A wrong letter could turn them into other words."""
    source = example("a", "I do not go, never, as it is no use. Don't!")
    for draw in range(20):
        after = perturb(source, operator, 5, seed=0, draw=draw).example.text
        assert after.startswith("I do not go, never, as it is no ")
        assert after.endswith(" Don't!")


def test_letters_are_repeated_as_often_as_said() -> None:
    """The option says how often, and at least twice."""
    assert all(len(after) - len(before) == 3 for before, after in changed(character.repeat, times=4))
    with pytest.raises(UserError, match="at least 2"):
        perturb(example("a", TEXT), character.repeat, 5, seed=0, options={"times": 1})


def test_inner_letters_are_shuffled() -> None:
    """The first and last letter stay, the same letters are there, and something has moved."""
    for before, after in changed(character.inner_shuffle):
        assert (before[0], before[-1]) == (after[0], after[-1])
        assert sorted(before) == sorted(after)
    assert outcomes(character.inner_shuffle, "book does seem") <= {"book deos seem"}


def test_marks_intrude_between_all_letters() -> None:
    """One kind of mark for each word, and nothing at its edges."""
    assert outcomes(character.intrude, "(movie)") == {
        "(m.o.v.i.e)",
        "(m-o-v-i-e)",
        "(m_o_v_i_e)",
        "(m*o*v*i*e)",
    }
    assert outcomes(character.intrude, "movie", marks=" ") == {"m o v i e"}


@pytest.mark.parametrize("marks", ["", "x"])
def test_what_intrudes_is_a_mark(marks: str) -> None:
    """Letters would make another word, and nothing no change."""
    with pytest.raises(UserError, match="intrude: marks should be"):
        perturb(example("a", TEXT), character.intrude, 5, seed=0, options={"marks": marks})
