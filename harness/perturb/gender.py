"""Men for women and women for men, all through a text: what is said of people stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from harness.perturb.lexical import any_of, capital, english, listed
from harness.perturb.sites import Word, cased, following, in_any_order, lines, pick, preceding, wordlist
from harness.rng import Random
from harness.text import Edit, Example


@english(
    "gendered",
    graded=False,
    reference="Zhao et al. 2018, gender swapping",
    invalid_for=frozenset(
        {"relation", "qa", "translation", "summarization", "dialogue", "response", "recommendation"}
    ),
)
def gendered(example: Example, rng: Random) -> Iterator[Edit]:
    """Swap the gender of all people in a text: ``she`` for ``he``, ``actress`` for ``actor``.

    A model that is fair answers as before (where labels are about gender, leave this out). All words
    change together or none does: a text is left alone where ``her`` may stand for ``him`` as well as for
    ``his``. Names stay, first names too, and so does what has a capital in the middle of a sentence.
    Not for tasks whose answers name people, or say how they are related.
    """
    known = _swaps()
    found: list[Edit] = []
    for name, text in example.fields.items():
        for match in _pattern().finditer(text):
            word = Word(*match.span(), match.group(), name)
            plain = listed(word.text)
            if plain not in TITLES and not word.text.isupper() and capital(word, example):
                continue
            new = CASES[plain](word, example) if plain in CASES else pick(rng, known[plain])
            if not new:
                return
            found += word.becomes(cased(new, word.text))
    yield from in_any_order(found, rng)


TITLES = ("mr", "mr.", "ms", "ms.", "mrs", "mrs.")


@cache
def _swaps() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in lines("gendered"):
        one, way, other = line.split() if ">" in line else (line.split()[0], "", line.split()[1])
        found.setdefault(one, []).append(other)
        if not way:
            found.setdefault(other, []).append(one)
    return {word: tuple(others) for word, others in found.items()}


@cache
def _pattern() -> re.Pattern[str]:
    # Neither "Spider-Man" nor "s/he" nor "(s)he".
    return re.compile(r"(?<![-\w])(?<!\bs/)(?<!\(s\))" + any_of((*_swaps(), *CASES), r"(?![-\w])").pattern)


# -- pronouns, whose other gender depends on the case --------------------------------------------

NEXT = re.compile(r"\s+[\"'(\u201c\u2018]?([^\W_]+)")
BOTH = frozenset({
    "back", "past", "will", "need", "might", "inside", "outside", "still", "well", "like", "home", "right",
    "up", "down", "all", "both", "even", "just", "only", "then", "so", "most", "more", "less", "better",
    "best", "first", "last", "again", "once", "twice", "too", "very"
})  # fmt: skip
"""Words that begin something of hers as well as what is said of her: ``hit her back``, ``hurt her back``."""
OWN = frozenset({"own", "other", "same", "such", "one", "ones", "former"})
"""Words that follow a possessive though they tell little."""


def _next(word: Word, example: Example) -> str:
    """The word that follows without a mark between; empty if none does."""
    found = NEXT.match(following(word, example))
    return found.group(1).lower() if found else ""


def _her(word: Word, example: Example) -> str:
    after = _next(word, example)
    if after in BOTH or (after.endswith("ly") and after != "family"):
        return ""
    if not after or (after in wordlist("function-words") and after not in OWN):
        return "him"
    before = preceding(word, example).split()[-1:]
    return "" if before and before[0].lower() in wordlist("giving") else "his"


def _his(word: Word, example: Example) -> str:
    after = _next(word, example)
    owned = after and (after in OWN | BOTH or after not in wordlist("function-words"))
    return "her" if owned else "hers"


CASES: Mapping[str, Callable[[Word, Example], str]] = {
    "him": lambda word, example: "her",
    "hers": lambda word, example: "his",
    "her": _her,
    "his": _his,
}
"""What a pronoun becomes where it stands; empty if that depends on how the sentence is read."""
