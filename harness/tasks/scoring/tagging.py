"""What moves when the answer of a tagger moves: tags, bounds or types (methods, section 2.15).

Sums over variants of what the clean answer, carried through the edits, has in common with that on the edited
text. The measure that reads them is ``harness.measure.tagged``.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.data.tags import OUTSIDE, to_tags
from harness.prediction import Spans
from harness.tasks.task import Array
from harness.text import Edit, Span, carry

COUNTS = ("words", "same", "spans", "bounds", "overlaps", "types")
"""Words that both texts have, and those with the same tag; predicted spans of both texts, and those that have
the same bounds in the other, whatever their types; clean spans that overlap one there, and those of its type."""
NONE = ""
"""The type of a word that is in no entity."""


class Compared(NamedTuple):
    """What two answers have in common.

    Args:
        counts: The :data:`COUNTS`, then how many words have each tag before, then after; shape
            ``(6 + 2 * tags,)``, whole numbers.
        flips: How many words of each type, :data:`NONE` for none, became which; those that stayed included.
    """

    counts: Array
    flips: Counter[tuple[str, str]]


def compare(clean: Spans, edited: Spans, edits: Sequence[Edit], tags: Sequence[str]) -> Compared:
    """Compare what was said of a text before and after it was edited.

    Args:
        clean: What was said of the clean text.
        edited: What was said of the edited one.
        edits: The script from one to the other.
        tags: All BIO tags there are.
    """
    before, after = _tagged(clean, edited, edits)
    carried, said = _carried(clean, edits), set(edited.spans)
    places = [{(s.start, s.end, s.field) for s in spans} for spans in (carried, said)]
    types: dict[Span, bool] = {}
    for one, other in itertools.product(carried, said):
        if _overlap(one, other):
            types[one] = types.get(one, False) or one.label == other.label
    found = [
        len(before),
        sum(a == b for a, b in zip(before, after, strict=True)),
        len(clean.spans) + len(said),
        2 * len(places[0] & places[1]),
        len(types),
        sum(types.values()),
    ]
    many = [Counter(before), Counter(after)]
    return Compared(
        np.array([*found, *(count[tag] for count in many for tag in tags)], float),
        Counter((_type(a), _type(b)) for a, b in zip(before, after, strict=True)),
    )


def _type(tag: str) -> str:
    return NONE if tag == OUTSIDE else tag.partition("-")[2]


def _tagged(clean: Spans, edited: Spans, edits: Sequence[Edit]) -> tuple[list[str], list[str]]:
    """The tags, before and after, of the words that both texts have."""
    here, there = aligned(clean, edited, edits)
    tags = []
    for said, at in ((clean, here), (edited, there)):
        words = [(int(a), int(b)) for a, b in said.words]
        own = to_tags(words, said.spans) if said.spans else [OUTSIDE] * len(words)
        tags.append([own[k] for k in at.tolist()])
    return tags[0], tags[1]


def _carried(clean: Spans, edits: Sequence[Edit]) -> set[Span]:
    """The clean spans in the edited text; without those whose bounds an edit crosses."""
    return {span for one in clean.spans if (span := carry(one, edits)[0]) is not None}


def _overlap(one: Span, other: Span) -> bool:
    return one.field == other.field and one.start < other.end and other.start < one.end


def aligned(
    clean: Spans, edited: Spans, edits: Sequence[Edit]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which word of the clean text is which of the edited one: indices ``(k,)`` into their words."""
    if not edits and clean.words.shape == edited.words.shape and (clean.words == edited.words).all():
        return np.arange(len(clean.words)), np.arange(len(clean.words))
    where = {(int(a), int(b)): at for at, (a, b) in enumerate(edited.words)}
    pairs = []
    for at, (a, b) in enumerate(clean.words):
        span, _ = carry(Span(int(a), int(b), ""), edits)
        if span is not None and (span.start, span.end) in where:
            pairs.append((at, where[span.start, span.end]))
    here, there = np.array(pairs, np.int64).reshape(-1, 2).T
    return here, there
