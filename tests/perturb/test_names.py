"""Names that a model has hardly seen, or seen as something else."""

from __future__ import annotations

import pytest

from harness.errors import UserError
from harness.perturb import names
from harness.perturb.names import PERSON, PLACE, locales
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.perturb.sites import table
from harness.text import Example, Span, Variant, example

TEXT = "Angela Merkel visited Paris and ACME WORKS; Angela Merkel left uppsala university."
SOURCE = example(
    "a",
    TEXT,
    (
        Span(0, 13, "PER"),
        Span(22, 27, "location"),
        Span(32, 42, "corporation"),
        Span(44, 57, "PER"),
        Span(63, 81, "university"),
    ),
)
RENAMERS = [names.unseen_names, names.entity_ambiguous]


def vary(source: Example, operator: Operator, draw: int = 0, **options: object) -> Variant:
    return perturb(source, operator, 0, seed=0, draw=draw, options=options)


def surfaces(variant: Variant) -> list[str]:
    return [variant.example.text[s.start : s.end] for s in variant.example.spans]


@pytest.mark.parametrize("operator", RENAMERS)
def test_entities_get_names_of_their_type_and_form(operator: Operator) -> None:
    """Labels and the text around stay; words, casing and repetition are those of the old names."""
    for draw in range(20):
        variant = vary(SOURCE, operator, draw)
        person, place, firm, again, university = surfaces(variant)
        assert [s.label for s in variant.example.spans] == [s.label for s in SOURCE.spans]
        assert variant.example.text == f"{person} visited {place} and {firm}; {again} left {university}."
        assert person == again != "Angela Merkel"
        assert len(place.split()) == 1
        assert place != "Paris"
        assert firm.isupper()
        assert university == university.lower()


def test_names_come_from_where_they_are_asked_from() -> None:
    """Persons are put together from the first and last names of a locale, in the order used there."""
    bank = table("locales")
    for locale, first, second in (("pl", "first", "last"), ("kr", "last", "first")):
        for draw in range(10):
            one, two = surfaces(vary(SOURCE, names.unseen_names, draw, locale=locale))[0].split()
            assert one in bank[f"{locale} {first}"]
            assert two in bank[f"{locale} {second}"]
    assert surfaces(vary(SOURCE, names.unseen_names, locale="ng"))[1] in bank["ng place"]


def test_every_locale_has_all_that_names_are_made_of() -> None:
    """First and last names, places and firms; each list says a name once and has some choice."""
    bank = table("locales")
    assert len(locales()) >= 18
    for locale in locales():
        for part in ("first", "last", "place", "org"):
            found = bank[f"{locale} {part}"]
            assert len(set(found)) == len(found) >= 7
            assert all(found)


def test_an_unknown_locale_is_the_users_error() -> None:
    """The fault names the nearest one."""
    with pytest.raises(UserError, match="unknown locale 'pll'"):
        vary(SOURCE, names.unseen_names, locale="pll")


@pytest.mark.parametrize("operator", RENAMERS)
def test_entities_whose_names_cannot_be_made_stay(operator: Operator) -> None:
    """An unknown type is left alone, and so are texts without entities; other tasks are told beforehand."""
    assert vary(example("a", TEXT, (Span(0, 13, "QUARK"),)), operator).noop
    assert vary(example("a", TEXT, ()), operator).noop
    assert not operator.suits("qa")
    assert not operator.suits("relation")


def test_labels_are_known_however_they_are_spelt() -> None:
    """As data sets spell them."""
    for label, sort in (("B PER", ""), ("Geo_Loc", PLACE), ("politician", PERSON), ("GPE", PLACE)):
        assert names.kind(Span(0, 1, label)) == sort


def test_ambiguous_persons_are_called_like_places() -> None:
    """Both parts come from the bank of such names."""
    bank = table("ambiguous")
    first, last = surfaces(vary(SOURCE, names.entity_ambiguous))[0].split()
    assert first in bank["first"]
    assert last in bank["last"]
