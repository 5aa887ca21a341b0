"""Other names of the same type in the place of gold entities and of the arguments of relations.

The type is what the label says, or for arguments that of the list of names in which they stand. Answers
to questions stay, for a question asks for what they are. Whether a relation stays true depends on the
data: it may be known rather than said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from harness.attack.moves.move import Moves
from harness.perturb.names import dressed, key, kind, local, locales
from harness.perturb.sites import Word, table
from harness.rng import Random
from harness.text import Edit, Example, Span


def _places(example: Example) -> list[Word]:
    return [
        Word(span.start, span.end, example.fields[span.field][span.start : span.end], span.field)
        for span in sorted(set(example.anchors), key=lambda span: (span.field, span.start))
    ]


def renamings(place: Word, example: Example, rng: np.random.Generator) -> Sequence[Edit]:
    """All names of the type in the packaged lists, and one from each part of the world, in random order.

    Those of as many words come first.
    """
    draw = Random(int(rng.integers(2**62)))
    found = [
        name
        for span in example.anchors
        if (span.field, span.start, span.end) == (place.field, place.start, place.end)
        for name in _names(span, place.text, span in example.marks, draw)
        if name and name.lower() != place.text.lower()
    ]
    names = list(dict.fromkeys(dressed(name, place.text) for name in found))
    size = len(place.text.split())
    order = sorted(rng.permutation(len(names)).tolist(), key=lambda at: len(names[at].split()) != size)
    return [place.edit(0, len(place.text), names[at]) for at in order]


MOVES = Moves(_places, renamings)


def _names(span: Span, surface: str, argument: bool, rng: Random) -> Iterator[str]:
    listed = _bank().get(key(span.label), ())
    yield from listed or (_beside(surface) if argument else ())
    if sort := kind(span):
        for locale in locales():
            yield local(rng, locale, sort, len(surface.split()))


def _beside(surface: str) -> tuple[str, ...]:
    """The names of the first list in which a name stands."""
    return next((names for names in table("names").values() if surface in names), ())


@cache
def _bank() -> dict[str, tuple[str, ...]]:
    return {label: names for labels, names in table("names").items() for label in labels.split()}
