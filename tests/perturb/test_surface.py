"""Shorter and longer forms of names."""

from __future__ import annotations

import re

import pytest

from harness.errors import UserError
from harness.perturb import surface
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.text import Span, example


def form(
    operator: Operator, name: str, label: str, draw: int = 0, after: str = " is here.", **options: object
) -> str:
    source = example("a", f"So {name}{after}", (Span(3, 3 + len(name), label),))
    variant = perturb(source, operator, 0, seed=0, draw=draw, options=options)
    (span,) = variant.example.spans
    assert variant.refusal == ""
    assert variant.example.text == f"So {variant.example.text[span.start : span.end]}{after}"
    assert span.label == label
    return variant.example.text[span.start : span.end]


@pytest.mark.parametrize(
    ("name", "label", "short"),
    [
        ("John Smith", "PER", "J. Smith"),
        ("Jan van Dijk", "person", "J. van Dijk"),
        ("Ana Maria Rossi", "politician", "A. M. Rossi"),
        ("Ada", "PER", "Ada"),
        ("World Trade Organization", "ORG", "WTO"),
        ("Association of Small Farmers", "ORG", "ASF"),
        ("Acme Works Ltd", "company", "Acme Works"),
        ("Acme, Inc.", "ORG", "Acme"),
        ("NASA", "ORG", "NASA"),
        ("Leiden University", "university", "LU"),
        ("Mount Kenya", "LOC", "Mt. Kenya"),
        ("New Delhi", "LOC", "New Delhi"),
        ("Moby Dick", "book", "Moby Dick"),
    ],
)
def test_names_are_abbreviated(name: str, label: str, short: str) -> None:
    """By rules for the type; what no rule fits stays as it is."""
    assert form(surface.entity_abbreviate, name, label) == short


def test_known_names_have_known_abbreviations() -> None:
    """Any of those that are in use; at the end of a sentence one full stop is enough."""
    found = {form(surface.entity_abbreviate, "United States", "LOC", draw) for draw in range(20)}
    assert found == {"U.S.", "US"}
    ends = {form(surface.entity_abbreviate, "United States", "LOC", draw, after=".") for draw in range(20)}
    assert ends == {"U.S", "US"}


@pytest.mark.parametrize(
    ("name", "label", "long"),
    [
        ("John Smith", "PER", r"John [A-Z]\. Smith"),
        ("Smith", "PER", "Smith"),
        ("Jan van Dijk", "PER", "Jan van Dijk"),
        ("UN", "ORG", "United Nations"),
        ("U.S.", "GPE", "United States"),
        ("Acme", "corporation", r"Acme (Ltd|Inc|PLC|Corporation|Holdings|Group)"),
        ("Acme Works", "ORG", r"Acme Works (Group|International)"),
        ("Acme Ltd", "company", "Acme Ltd"),
        ("Labour Party", "ORG", "Labour Party"),
        ("XQZ", "ORG", "XQZ"),
        ("Lyon", "LOC", "Lyon"),
    ],
)
def test_names_are_written_at_length(name: str, label: str, long: str) -> None:
    """All of the longer name is the entity."""
    for draw in range(10):
        assert re.fullmatch(long, form(surface.entity_expand, name, label, draw))


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("John Smith", "John", "Smith"),
        ("Jan van der Berg", "Jan", "van der Berg"),
        ("Ada", "Ada", "Ada"),
        ("Charles III", "Charles III", "Charles III"),
    ],
)
def test_one_name_is_left(name: str, first: str, last: str) -> None:
    """The first or the last, with its particles; numerals are no names."""
    assert form(surface.entity_one_name, name, "PER", keep="first") == first
    assert form(surface.entity_one_name, name, "PER") == last
    assert form(surface.entity_one_name, name, "ORG") == name


def test_another_name_than_first_and_last_is_the_users_error() -> None:
    """The fault says what would be right."""
    with pytest.raises(UserError, match="should be first or last, found 'middle'"):
        form(surface.entity_one_name, "John Smith", "PER", keep="middle")
