"""Names that a model has hardly seen, or seen as something else, in the place of entities.

Only the types are known whose names can be made: persons, places, organisations and universities, under
the labels that data sets have for them. Entities with any other label stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial

from harness.errors import Fault, UserError, nearest
from harness.perturb.operator import operator
from harness.perturb.sites import in_any_order, pick, table
from harness.rng import Random
from harness.text import Edit, Example, Span

renamed = partial(operator, level="entity", graded=False, swaps=True, only_for=frozenset({"ner"}))

PERSON, PLACE, ORGANISATION, UNIVERSITY = "person", "place", "organisation", "university"
KINDS: Mapping[str, str] = {
    label: kind
    for kind, labels in (
        (
            PERSON,
            "per person people human politician scientist researcher writer author artist musicalartist",
        ),
        (PLACE, "loc location gpe place geo-loc geoloc city"),
        (ORGANISATION, "org organization organisation company corporation corp"),
        (UNIVERSITY, "university"),
    )
    for label in labels.split()
}
"""What kind of name a label stands for."""

Namer = Callable[[str, int], str]
"""Makes a name of a kind, of so many words if there are any; empty if it knows none."""


def kind(span: Span) -> str:
    """What kind of name an entity has, by its label; empty if that is not known."""
    return KINDS.get(key(span.label), "")


def key(label: str) -> str:
    """A label as the lists spell it."""
    return label.lower().replace("_", "-").replace(" ", "-")


def dressed(name: str, like: str) -> str:
    """A name in capitals or in lower case, if the one that it stands for is; abbreviations are capitals anyway."""
    if len(like) > 3 and like.isupper():
        return name.upper()
    return name.lower() if like.islower() else name


@renamed("unseen-names", reference="Lin et al. 2021, RockNER")
def unseen_names(example: Example, rng: Random, *, locale: str = "") -> Iterator[Edit]:
    """Put a name that is common somewhere in the world in the place of every person, place and organisation.

    An entity that is named twice gets the same name twice.

    Args:
        locale: Where names come from: en, de, fr, es, it, pl, pt, se, ru, gr, tr, ar, in, cn, jp, kr, vn,
            ng or ke; empty for one at random for each name.

    Raises:
        UserError: If no names are known from there.
    """
    if locale and locale not in locales():
        raise UserError(Fault(f"unknown locale {locale!r}", hint=nearest(locale, locales())))

    def named(sort: str, size: int) -> str:
        return local(rng, locale or pick(rng, locales()), sort, size)

    return _renamed(example, rng, named)


@renamed("entity-ambiguous", reference="Wang et al. 2021, TextFlint")
def entity_ambiguous(example: Example, rng: Random) -> Iterator[Edit]:
    """Put names in the place of entities that are known as another type: a person called Paris Jordan."""
    bank = table("ambiguous")

    def named(sort: str, size: int) -> str:
        if sort == PERSON:
            return _person(rng, bank["first"], bank["last"], size)
        return _sized(rng, bank.get(sort, ()), size)

    return _renamed(example, rng, named)


def _renamed(example: Example, rng: Random, named: Namer) -> Iterator[Edit]:
    """Replace every entity of a known kind; the same surface by the same name."""
    given: dict[tuple[str, str], str] = {}
    for span in in_any_order([s for s in example.anchors if kind(s)], rng):
        surface, sort = example.fields[span.field][span.start : span.end], kind(span)
        name = given.get((sort, surface)) or named(sort, len(surface.split()))
        given[sort, surface] = name
        if name and name.lower() != surface.lower():
            yield Edit(span.start, span.end, dressed(name, surface), span.field)


# -- names of a place in the world ---------------------------------------------------------------


@cache
def locales() -> tuple[str, ...]:
    """Where names are known from."""
    return tuple(dict.fromkeys(line.partition(" ")[0] for line in table("locales")))


def local(rng: Random, locale: str, sort: str, size: int) -> str:
    """A name of a kind as they are somewhere, of so many words if there are any."""
    bank = table("locales")
    if sort == PERSON:
        family_first = f"{locale} order" in bank
        return _person(rng, bank[f"{locale} first"], bank[f"{locale} last"], size, family_first)
    place = _sized(rng, bank[f"{locale} place"], size if sort == PLACE else 1)
    if sort == PLACE:
        return place
    if sort == UNIVERSITY:
        return f"{place} University" if size == 2 else f"University of {place}"
    pattern = _sized(rng, bank[f"{locale} org"], size)
    return pattern.format(last=pick(rng, bank[f"{locale} last"]), place=place)


def _person(
    rng: Random, first: Sequence[str], last: Sequence[str], size: int, family_first: bool = False
) -> str:
    """One word is a first or a family name; from the third on, the others are further first names."""
    if size < 2:
        return pick(rng, pick(rng, (first, last)))
    given = [pick(rng, first) for _ in range(min(size, 3) - 1)]
    parts = [pick(rng, last), *given] if family_first else [*given, pick(rng, last)]
    return " ".join(dict.fromkeys(parts))


def _sized(rng: Random, names: Sequence[str], size: int) -> str:
    """One of so many words, or any if there is none; empty if there are no names."""
    suited = [name for name in names if len(name.split()) == size] or names
    return pick(rng, suited) if suited else ""
