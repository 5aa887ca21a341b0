"""How much of a written text is borne out by what it was written about (methods, section 2.14).

A text is taken apart into the words that carry its meaning, a crude but language-free notion: those of four
letters or more, and those with a digit. A word is borne out if it stands in one of the texts that a task rests
upon, as it is but for capitals. The measure that reads these counts is ``harness.measure.grounded``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

LONG = 4
"""Letters from which a word carries meaning: it leaves out most of what any two texts have in common."""
WORD = re.compile(r"\w+")


class Grounding(NamedTuple):
    """Counts of different words that carry meaning.

    Args:
        words: In the text that was written about the clean text.
        borne: Of these, those that are borne out.
        words_after: In the text that was written about the edited text.
        borne_after: Of these, those that are borne out.
    """

    words: int
    borne: int
    words_after: int
    borne_after: int


def telling(text: str) -> frozenset[str]:
    """The different words of a text that carry meaning, without regard to case."""
    found = (word.casefold() for word in WORD.findall(text))
    return frozenset(word for word in found if len(word) >= LONG or any(map(str.isdigit, word)))


def grounding(before: str, after: str, bases: Iterable[str]) -> Grounding:
    """How much of two written texts is borne out.

    Args:
        before: Written about the clean text.
        after: Written about the edited text.
        bases: What both may rest upon.
    """
    known = frozenset[str]().union(*map(telling, bases))
    first, then = telling(before), telling(after)
    return Grounding(len(first), len(first & known), len(then), len(then & known))
