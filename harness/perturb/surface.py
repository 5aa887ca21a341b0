"""Shorter and longer forms of the names that entities have: the same thing, said otherwise.

Whole names are replaced, so that what is added belongs to the entity: ``Acme Works`` in ``Acme Works Ltd``.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from harness.errors import Fault, UserError, nearest
from harness.perturb.names import ORGANISATION, PERSON, PLACE, UNIVERSITY, key, kind, renamed
from harness.perturb.sites import in_any_order, lines, pick
from harness.rng import Random
from harness.text import Edit, Example

FIRM = ("Ltd", "Inc", "PLC", "Corporation", "Holdings", "Group")
FORMS = frozenset(
    [*FIRM, "Corp", "Co", "LLC", "Limited", "Incorporated", "GmbH", "AG", "SA", "AB", "SpA", "NV"]
)
"""What firms are called after their name."""
ADDED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(["company", "corporation", "corp"], FIRM),
    **dict.fromkeys(["org", "organisation", "organization"], ("Group", "International")),
}
"""What can be put after a name, by its label."""
INSTITUTION = re.compile(
    r"\b(?:Universit|Minist|Department|Part(?:y|ei)|Union|Council|Bank|Court|Parliament|Senate|Congress|House"
    r"|Agency|Commission|Committee|Church|School|College|Club|Army|Force|Police|International|Association)"
)
"""What is in the names of organisations that are no firms."""
PREFIXES: Mapping[str, str] = {
    "Saint": "St.", "Mount": "Mt.", "Fort": "Ft.", "North": "N.", "South": "S.", "East": "E.", "West": "W."
}  # fmt: skip
"""How places are abbreviated by their first word."""
NAME = re.compile(r"[^\W\d_a-z][^\W\d_A-Z]*[a-z][\w'’-]*")
"""A word with a capital that is more than an abbreviation."""
PARTICLES = frozenset(
    ["of", "the", "and", "for", "in", "de", "du", "des", "la", "del", "von", "van", "der", "&"]
)
"""Words of names that acronyms leave out."""


@renamed("entity-abbreviate")
def entity_abbreviate(example: Example, rng: Random) -> Iterator[Edit]:
    """Abbreviate names: J. Smith, UNESCO, Mt. Kenya, a firm without its legal form."""

    def short(surface: str, sort: str, label: str) -> str:
        if brief := _short().get(surface):
            return pick(rng, brief)
        if sort in (ORGANISATION, UNIVERSITY):
            return _bare(surface) or _acronym(surface)
        return _initials(surface) if sort == PERSON else _prefixed(surface) if sort == PLACE else ""

    return _reformed(example, rng, short)


@renamed("entity-expand")
def entity_expand(example: Example, rng: Random) -> Iterator[Edit]:
    """Write names at greater length: a middle initial, a legal form, what an abbreviation stands for."""

    def long(surface: str, sort: str, label: str) -> str:
        if surface in _long():
            return _long()[surface]
        words = surface.split()
        if sort == PERSON and len(words) == 2 and all(map(NAME.fullmatch, words)):
            return f"{words[0]} {pick(rng, string.ascii_uppercase)}. {words[1]}"
        return f"{surface} {pick(rng, ADDED[label])}" if label in ADDED and _extensible(surface) else ""

    return _reformed(example, rng, long)


KEPT = ("first", "last")


@renamed("entity-one-name")
def entity_one_name(example: Example, rng: Random, *, keep: str = "last") -> Iterator[Edit]:
    """Call persons by one of their names.

    Args:
        keep: Which name stays: first or last. Particles such as ``van`` stay with the last name.

    Raises:
        UserError: If it is neither.
    """
    if keep not in KEPT:
        message = f"entity-one-name: keep should be first or last, found {keep!r}"
        raise UserError(Fault(message, hint=nearest(keep, KEPT)))

    def one(surface: str, sort: str, label: str) -> str:
        words = surface.split()
        if sort != PERSON or len(words) < 2 or not all(map(NAME.fullmatch, (words[0], words[-1]))):
            return ""
        last = len(words) - 1
        while last > 1 and words[last - 1].islower():
            last -= 1
        return words[0] if keep == "first" else " ".join(words[last:])

    return _reformed(example, rng, one)


def _reformed(example: Example, rng: Random, form: Callable[[str, str, str], str]) -> Iterator[Edit]:
    """Replace the names that ``form(surface, kind, label)`` knows another form of."""
    for span in in_any_order(list(example.anchors), rng):
        text = example.fields[span.field]
        name = form(text[span.start : span.end], kind(span), key(span.label))
        if name.endswith(".") and text[span.end : span.end + 1] == ".":  # one full stop is enough for both
            name = name[:-1]
        if name:
            yield Edit(span.start, span.end, name, span.field)


# -- shorter -------------------------------------------------------------------------------------


def _initials(surface: str) -> str:
    """First names by their initials; the last name stays, and so do particles."""
    words = surface.split()
    if len(words) < 2 or not NAME.fullmatch(words[0]) or not NAME.fullmatch(words[-1]):
        return ""
    given = [f"{word[0]}." if NAME.fullmatch(word) else word for word in words[:-1]]
    return " ".join([*given, words[-1]])


def _bare(surface: str) -> str:
    """A firm without its legal form."""
    before, _, last = surface.rpartition(" ")
    return before.rstrip(", ") if last.strip(".") in FORMS else ""


def _acronym(surface: str) -> str:
    """The initials of two to six words."""
    words = [word for word in surface.split() if word.lower() not in PARTICLES]
    known = 2 <= len(words) <= 6 and all(map(NAME.fullmatch, words))
    return "".join(word[0] for word in words) if known else ""


def _prefixed(surface: str) -> str:
    """A place with its first word abbreviated."""
    first, _, rest = surface.partition(" ")
    return f"{PREFIXES[first]} {rest}" if rest and first in PREFIXES else ""


# -- longer --------------------------------------------------------------------------------------


def _extensible(surface: str) -> bool:
    """Whether more can be put after an organisation's name: it is neither an abbreviation nor an institution's."""
    words = surface.split()
    return all(map(NAME.fullmatch, words)) and words[-1] not in FORMS and not INSTITUTION.search(surface)


# -- known abbreviations -------------------------------------------------------------------------


@cache
def _pairs() -> tuple[tuple[str, str], ...]:
    pairs = (line.partition(": ") for line in lines("shortnames"))
    return tuple((short, long) for short, _, long in pairs)


@cache
def _short() -> Mapping[str, tuple[str, ...]]:
    """What a name is abbreviated to."""
    found: dict[str, tuple[str, ...]] = {}
    for short, long in _pairs():
        found[long] = (*found.get(long, ()), short)
    return found


@cache
def _long() -> Mapping[str, str]:
    """What an abbreviation stands for."""
    return dict(_pairs())
