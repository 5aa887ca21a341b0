"""Other names, other numbers and wrong answers, of the form of the right ones."""

from __future__ import annotations

import re

from harness.perturb.sites import pick, table
from harness.rng import Random

CAPITALISED = r"[A-Z][\w.&-]*(?:['’](?!s\b)\w+)*"
NAME = re.compile(
    rf"(?<=\s)(?P<the>the\s+)?(?P<name>{CAPITALISED}(?:\s+(?:(?:of|de|van|von|the|and)\s+)?{CAPITALISED})*)"
)
"""A name in a question; the first word of it is none."""
PEOPLE = re.compile(r"[A-Z][a-z]+(?:ish|ese|ian|an|ch|ic)")
PLACED = frozenset(["in", "at", "from", "near", "to", "across", "into"])
"""Words before a place."""
DIGITS = re.compile(r"(?<!\d)\d+(?!\d|st|nd|rd|th)")
"""A number, but for ordinals, whose ending would have to change."""
NEARBY = 20
"""How far before a name it is looked for a preposition."""
SORTS = {"who": "person", "whose": "person", "where": "place"}
"""What is asked for, by the question word."""
SIZES = ("one", "two", "three")


def altered(question: str, rng: Random) -> str:
    """A question about something else: all of its names and numbers are others; as it is if it has none."""

    def other(found: re.Match[str]) -> str:
        before = question[max(0, found.start() - NEARBY) : found.start()].split()
        place = bool(before) and before[-1].lower() in PLACED
        return (found["the"] or "") + name(
            found["name"], "place" if place else "group" if found["the"] else "person", rng
        )

    return numbers(NAME.sub(other, question), rng)


def name(like: str, sort: str, rng: Random) -> str:
    """Another name of the form of one: a nationality, capitals, or about as many words."""
    if PEOPLE.fullmatch(like):
        form = "people"
    elif len(like) > 1 and like.isupper() and " " not in like:
        form = "capitals"
    else:
        form = f"{sort} {SIZES[min(len(like.split()), 3 if sort != 'place' else 2) - 1]}"
    return _another(like, table("decoys")[form], rng)


def _another(like: str, names: tuple[str, ...], rng: Random) -> str:
    other = pick(rng, names)
    return other if other.lower() != like.lower() else names[(names.index(other) + 1) % len(names)]


def numbers(text: str, rng: Random) -> str:
    """The text with another number for each; of the same length, and years of the same century."""
    return DIGITS.sub(lambda found: _number(found.group(), rng), text)


def _number(digits: str, rng: Random) -> str:
    """Another number of as many digits; of a year, the century stays, and in this one the decade."""
    kept = digits[: 3 if digits[:2] == "20" else 2] if len(digits) == 4 else ""
    rest = digits[len(kept) :]
    return kept + "".join(_digit(digit, at == 0 and not kept, rng) for at, digit in enumerate(rest))


def _digit(digit: str, leads: bool, rng: Random) -> str:
    """Another digit, and no zero in front."""
    return pick(rng, [other for other in "0123456789"[int(leads) :] if other != digit])


def answer(right: str, asked: str, rng: Random) -> str:
    """A wrong answer of the form of a right one.

    Args:
        right: The right one.
        asked: The question word.
        rng: What to draw from.
    """
    if DIGITS.search(right):
        return numbers(right, rng)
    known = table("decoys")
    if right.lower() in known["number"] or asked in ("how many", "how much"):
        return _another(right, known["number"], rng)
    words = right.split()
    if words and all(word[:1].isupper() for word in words):
        return name(right, SORTS.get(asked, "group"), rng)
    form = {"who": "person two", "whose": "person two", "where": "place one"}.get(asked, "phrase")
    return _another(right, known[form], rng)
