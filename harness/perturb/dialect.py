"""British and American English: the same words spelt, and the same things called, in two ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from harness.errors import Fault, UserError, nearest
from harness.perturb.lexical import agrees, any_of, capital, english, listed, spoken
from harness.perturb.sites import lines, pick, shuffled
from harness.rng import Random
from harness.text import Edit, Example

TO = ("british", "american")
SIDE = re.compile(r" ([=<>]) ")


@english("dialect")
def dialect(example: Example, rng: Random, *, to: str = "") -> Iterator[Edit]:
    """Write as on the other side of the Atlantic: ``colour``, ``organize``, ``elevator`` for ``lift``.

    Names stay as they are, so a word with a capital is left alone unless a sentence begins with it.

    Args:
        to: ``british`` or ``american``; if empty, each word goes to the side that it is not from.

    Raises:
        UserError: If it is neither.
    """
    if to and to not in TO:
        raise UserError(Fault(f"unknown dialect {to!r}", hint=nearest(to, TO)))
    known, pattern = _words(to), _pattern(to)
    for phrase in shuffled(example, rng, pattern):
        new = pick(rng, known[listed(phrase.text)])
        if not capital(phrase, example) and agrees(phrase, new, example):
            yield from phrase.becomes(spoken(new, phrase.text, begins=True))


@cache
def _pattern(to: str) -> re.Pattern[str]:
    return any_of(_words(to), r"\b(?!-)")


@cache
def _words(to: str) -> Mapping[str, tuple[str, ...]]:
    """What each word of one side, or of both, is on the other."""
    found: dict[str, list[str]] = {}
    for line in lines("dialect"):
        pair, _, written = line.partition(" : ")
        british, way, american = SIDE.split(pair)
        for end in written.split() or ("-",):
            uk, us = (word + end.removeprefix("-") for word in (british, american))
            if way != "<" and to != "british":
                found.setdefault(uk, []).append(us)
            if way != ">" and to != "american":
                found.setdefault(us, []).append(uk)
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}
