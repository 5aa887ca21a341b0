"""Phrases said in another way, or in fewer letters: what is said stays the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from harness.perturb.lexical import MARK, agrees, any_of, begins, capital, english, listed, spoken
from harness.perturb.sites import following, lines, pick, preceding, shuffled, table
from harness.rng import Random
from harness.text import Edit, Example


@english("contraction")
def contraction(example: Example, rng: Random) -> Iterator[Edit]:
    """Contract two words (``it is``) or expand a contraction (``don't``)."""
    for phrase in shuffled(example, rng, _contractible()):
        new = _contractions()[listed(phrase.text)]
        yield from phrase.becomes(spoken(new, phrase.text, begins=True))


@cache
def _contractions() -> Mapping[str, str]:
    pairs = {short: long[0] for short, long in table("contractions").items()}
    # "it's" is not expanded: it may stand for "it has".
    expanded = {short: long for short, long in pairs.items() if not short.endswith("'s")}
    return expanded | {long: short for short, long in pairs.items()}


@cache
def _contractible() -> re.Pattern[str]:
    # A word must follow, for English does not contract at the end of a clause: "I know what it is."
    return any_of(_contractions(), r"\b(?=\s+\w)")


@english("paraphrase")
def paraphrase(example: Example, rng: Random) -> Iterator[Edit]:
    """Say a phrase in other words: ``I would like to`` for ``I want to``, ``for instance``.

    From a list of phrases that mean the same. Sentences keep their build: this is the mild end of what
    paraphrases are, and the one where labels surely stay true.
    """
    for phrase in shuffled(example, rng, _sayable()):
        before = preceding(phrase, example).rstrip()
        new = pick(rng, _paraphrases()[listed(phrase.text)])
        yield from phrase.becomes(spoken(new, phrase.text, not before or before[-1] in ".?!"))


@cache
def _paraphrases() -> Mapping[str, tuple[str, ...]]:
    return alternatives("paraphrases")


def alternatives(name: str) -> Mapping[str, tuple[str, ...]]:
    """What each entry of a list may become: one of its line, or what stands behind ``>``."""
    found: dict[str, list[str]] = {}
    for line in lines(name):
        said, _, instead = (side.split(" | ") for side in line.partition(" > "))
        for entry in said:
            found.setdefault(entry, []).extend(instead if instead[0] else [s for s in said if s != entry])
    return {entry: tuple(dict.fromkeys(others)) for entry, others in found.items()}


@cache
def _sayable() -> re.Pattern[str]:
    return any_of(_paraphrases(), rf"(?!\w|-|{MARK})")


@english("abbreviation")
def abbreviation(example: Example, rng: Random) -> Iterator[Edit]:
    """Shorten or expand what is often abbreviated: ``Dr. Lee``, ``Dec.``, ``e.g.``, ``5 km``."""
    for phrase in shuffled(example, rng, _abbreviable()):
        form = listed(phrase.text)
        if form not in _proper() and capital(phrase, example) and not phrase.text.isupper():
            continue  # of a name: the University of Oslo
        new = pick(rng, _shortforms()[form])
        if following(phrase, example).startswith("."):
            new = new.removesuffix(".")  # one full stop is enough
        if agrees(phrase, new, example):
            initial = phrase.text[0].isupper() and begins(phrase, example)
            yield from phrase.becomes(new[0].upper() + new[1:] if initial else new)


class Place(NamedTuple):
    """What an abbreviation has to stand behind and before, as patterns."""

    behind: str = ""
    before: str = ""


def _placed(entry: str) -> tuple[str, Place]:
    """A short or long form of the list, and where it has to stand."""
    form = entry.removesuffix(" _").removesuffix(" 0").removeprefix("0 ")
    if entry.startswith("0 "):
        return form, Place(behind=r"(?<=\d\s)(?<!\b1\s)", before=r"(?![\w-])")
    if entry.endswith(" _"):
        return form, Place(before=r"(?=\s+[A-Z])")
    if entry.endswith(" 0"):
        return form, Place(before=r"(?=\s+\d)")
    if form.endswith("."):  # which is left where it is if it may end the sentence as well
        return form, Place(behind="(?<!-)", before=r"(?=[,;)]|\s+[a-z\d(])")
    return form, Place(behind="(?<!-)", before=rf"(?!\w|-|\.\w|{MARK})")


@cache
def _shortforms() -> Mapping[str, tuple[str, ...]]:
    """What each form may become."""
    pairs = alternatives("shortforms").items()
    return {
        listed(_placed(entry)[0]): tuple(_placed(other)[0] for other in others) for entry, others in pairs
    }


@cache
def _proper() -> frozenset[str]:
    """The forms that have capitals wherever they stand."""
    return frozenset(
        listed(form) for form, _ in map(_placed, alternatives("shortforms")) if not form.islower()
    )


@cache
def _abbreviable() -> re.Pattern[str]:
    forms: dict[Place, list[str]] = {}
    for form, place in map(_placed, alternatives("shortforms")):
        forms.setdefault(place, []).append(form)
    return re.compile("|".join(p.behind + any_of(own, p.before).pattern for p, own in forms.items()))
