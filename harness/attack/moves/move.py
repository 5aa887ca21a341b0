"""What an attack may edit, and what it may put there: a move set says both, for any example.

A newcomer is two functions: which stretches of a text it looks at, and what one of them may become.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from harness.perturb.sites import Word
from harness.text import WORD, Edit, Example


class Moves(NamedTuple):
    """A move set.

    Args:
        places: ``places(example)``: the stretches that may be worth a look, in order of place.
        edits: ``edits(place, example, rng)``: what it may become, the most promising first, each an edit
            within it; nothing if it has to stay as it is.
    """

    places: Callable[[Example], Sequence[Word]]
    edits: Callable[[Word, Example, np.random.Generator], Sequence[Edit]]


class Site(NamedTuple):
    """A stretch of text and its edits, of which one is made at a time; sites do not overlap."""

    place: Word
    edits: tuple[Edit, ...]


def whole_words(example: Example) -> list[Word]:
    """All whitespace-separated words of all fields, in order of place."""
    return [
        Word(*match.span(), match.group(), name)
        for name, text in example.fields.items()
        for match in WORD.finditer(text)
    ]


def sites(example: Example, moves: Sequence[Moves], rng: np.random.Generator, most: int) -> list[Site]:
    """Where the move sets can edit, in order of place: all such places, or so many drawn at random.

    Places of several move sets that overlap, such as a name and the words in it, are one site.
    """
    shared = _shared([(place, one) for one in moves for place in one.places(example)])
    drawn = ((at, shared[at]) for at in rng.permutation(len(shared)).tolist())
    found = (
        (at, Site(_around([place for place, _ in own], example), edits))
        for at, own in drawn
        if (edits := _mixed([one.edits(place, example, rng) for place, one in own]))
    )
    return [site for _, site in sorted(islice(found, most))]


_Own = tuple[Word, Moves]


def _shared(own: list[_Own]) -> list[list[_Own]]:
    """Places in groups that do not overlap, in order."""
    groups: list[list[_Own]] = []
    name, end = "", 0
    for place, moves in sorted(own, key=lambda one: (one[0].field, one[0].start, one[0].end)):
        if groups and place.field == name and place.start < end:
            groups[-1].append((place, moves))
            end = max(end, place.end)
        else:
            groups.append([(place, moves)])
            name, end = place.field, place.end
    return groups


def _around(places: Sequence[Word], example: Example) -> Word:
    """The stretch from the first to the last of some overlapping places."""
    name = places[0].field
    start, end = min(place.start for place in places), max(place.end for place in places)
    return Word(start, end, example.fields[name][start:end], name)


def _mixed(choices: Sequence[Sequence[Edit]]) -> tuple[Edit, ...]:
    """The first of each, then the second of each, and so on, without repetition."""
    longest = max(map(len, choices), default=0)
    mixed = (own[at] for at in range(longest) for own in choices if at < len(own))
    return tuple(dict.fromkeys(mixed))
