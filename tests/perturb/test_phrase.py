"""Phrases contracted, abbreviated and said in other words."""

from __future__ import annotations

import re

import pytest

from harness.perturb import phrase
from harness.perturb.sites import negates, protected
from tests.perturb.applied import everywhere, outcomes


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("They don't know", "They do not know"),
        ("I am here", "I'm here"),
        ("IT IS LATE", "IT'S LATE"),
        ("we\u2019re late", "we are late"),
        ("We cannot stay", "We can't stay"),
        ("it's been long", "it's been long"),
        ("I know what it is.", "I know what it is."),
    ],
)
def test_contractions_are_made_and_undone_where_only_one_reading_fits(text: str, after: str) -> None:
    """Negation survives, ambiguous forms and ends of clauses are left alone."""
    assert outcomes(phrase.contraction, text) == {after} - {text}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("I want to go home", {"I would like to go home", "I wish to go home"}),
        ("So I cannot stay", {"So I am unable to stay", "So I am not able to stay"}),
        ("I think that it rains", {"I believe that it rains", "It seems to me that it rains"}),
        ("now I think that it rains", {"now I believe that it rains", "now it seems to me that it rains"}),
        ("how do i look", {"how can i look", "what do i have to do to look"}),
        ("AT ONCE", {"IMMEDIATELY", "RIGHT AWAY", "STRAIGHT AWAY"}),
        ("the need to attempt to", set()),
        ("How many  times?", {"How often?"}),
        ("How often?", set()),
        ("next week\u2019s bill", set()),
        ("They want tolls", set()),
    ],
)
def test_a_phrase_is_said_in_other_words(text: str, after: set[str]) -> None:
    """In its casing; where another phrase has a second meaning, not back again; whole words only."""
    assert outcomes(phrase.paraphrase, text) == after


def test_a_paraphrase_never_turns_what_is_said() -> None:
    """Where one phrase denies something the other does too, but for some that deny in form alone."""
    in_form = re.compile("(cannot|do not) remember|cannot wait|at no cost|without delay")

    def denies(said: str) -> bool:
        said = in_form.sub("", said).replace("unable", "not able").replace("cannot", "can not")
        return any(map(negates, said.split()))

    for said, others in phrase._paraphrases().items():
        assert said not in others
        assert {denies(other) for other in others} == {denies(said)}, said


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Doctor Lee", {"Dr. Lee", "Dr Lee"}),
        ("the doctor said", set()),
        ("Mr. Lee is in", {"Mister Lee is in", "Mr Lee is in"}),
        ("in Dec. he left", {"in December he left"}),
        ("He left in Dec. She stayed.", set()),
        ("He left in December.", {"He left in Dec."}),
        ("for example, tea", {"e.g., tea", "for instance, tea"}),
        ("tea (e.g. black)", {"tea (for example black)", "tea (for instance black)"}),
        ("For example here", {"E.g. here", "For instance here"}),
        ("tea, milk, etc.", set()),
        ("5 km away", {"5 kilometers away", "5 kilometres away"}),
        ("1 km away", set()),
        ("12 feet away", {"12 ft away"}),
        ("on my feet", set()),
        ("my PIN", {"my personal identification number"}),
        ("pin it", set()),
        ("the department", {"the dept."}),
        ("the Department of State", set()),
        ("an appointment", {"an appt."}),
        ("a television", {"a TV"}),
        ("tell us, he did", set()),
    ],
)
def test_what_is_often_abbreviated_is_shortened_or_expanded(text: str, after: set[str]) -> None:
    """Titles before names and measures after numbers only; a full stop that ends a sentence stays."""
    assert outcomes(phrase.abbreviation, text) == after


def test_an_abbreviation_never_stands_for_what_carries_the_truth() -> None:
    """No form holds a number, a negation or another protected word."""
    forms = " ".join(phrase._shortforms()).split()
    assert {form for form in forms if protected(form)} == {"as", "so"}, "as soon as possible, and so on"


def test_all_places_of_a_text_are_found() -> None:
    """An abbreviation is found wherever it stands, in any white space."""
    assert everywhere(phrase.abbreviation, "as  soon\nas possible by Jan. 5") == "asap by January 5"
