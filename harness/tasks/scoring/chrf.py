"""chrF and chrF++ as sums: counts of character and word n-grams (Popović 2015, 2017).

Equal to sacreBLEU's on the same texts, but fast enough to be asked tens of thousands of times: the
n-grams of a text are counted once and remembered, and those that two texts share are an intersection
of sets, in which the second *th* of a text is another element than the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np

from harness.tasks.scoring.ratio import ratio
from harness.tasks.task import Array

CHARACTERS, WORDS = 6, 2
ORDERS = CHARACTERS + WORDS
BETA = 2
"""How much more recall counts than precision."""
SIGNATURE = f"chrF2++|nrefs:best|case:mixed|eff:yes|nc:{CHARACTERS}|nw:{WORDS}|space:no|version:{version('sacrebleu')}"
"""As sacreBLEU writes it; with several references the best one of each example counts."""
NAMES = tuple(
    f"{kind}{order}:{what}"
    for kind, most in (("char", CHARACTERS), ("word", WORDS))
    for order in range(1, most + 1)
    for what in ("said", "gold", "both")
)
Grams = frozenset[str | tuple[str, int]]


SHORT = 300
"""Texts of up to so many characters are remembered: 512 of them take 70 MB at most, sentences 15."""


def grams(text: str) -> tuple[Grams, ...]:
    """The n-grams of a text without its white space: characters of each order, then words of each."""
    return _remembered(text) if len(text) <= SHORT else _grams(text)


def _grams(text: str) -> tuple[Grams, ...]:
    letters, words = "".join(text.split()), _splitter()._remove_punctuation(text)
    found = [[letters[at : at + n] for at in range(len(letters) - n + 1)] for n in range(1, CHARACTERS + 1)]
    found += [[" ".join(words[at : at + n]) for at in range(len(words) - n + 1)] for n in range(1, WORDS + 1)]
    return tuple(_distinct(some) for some in found)


_remembered = lru_cache(maxsize=512)(_grams)


@cache
def _splitter() -> Any:
    """Who splits words from the marks around them: it is not to be told apart from sacreBLEU."""
    from sacrebleu.metrics.chrf import CHRF

    return CHRF(word_order=WORDS)


def _distinct(found: list[str]) -> Grams:
    counts = Counter(found)
    if len(counts) == len(found):
        return frozenset(counts)
    return frozenset([*counts, *((gram, k) for gram, n in counts.items() for k in range(1, n))])


def counts(said: str, gold: str, orders: int = ORDERS) -> Array:
    """N-grams of what was said, of the reference, and of both; shape ``(3 * orders,)``.

    As in sacreBLEU, those of what was said do not count in orders that the reference is too short for.
    """
    pairs = zip(grams(said)[:orders], grams(gold), strict=False)
    return np.array([n for s, g in pairs for n in (len(s) if g else 0, len(g), len(s & g))], float)


def best(said: str, references: Sequence[str]) -> Array:
    """The counts against the reference with the highest chrF++, the first of them if there are several."""
    found = [counts(said, gold) for gold in references]
    return found[0] if len(found) == 1 else found[int(np.argmax(fscore(np.stack(found))))]


def fscore(sums: Array, beta: float = BETA) -> Array:
    """The F-score of mean precision and mean recall over the orders that both texts are long enough for.

    Args:
        sums: Sums of :func:`counts`, shape ``(..., 3 * orders)``.
        beta: Weight of recall; with 1 it is symmetric.

    Returns:
        Shape ``(...)``, in [0, 1]: a hundredth of sacreBLEU's score.
    """
    said, gold, both = np.moveaxis(sums.reshape(*sums.shape[:-1], -1, 3), -1, 0)
    known = (said > 0) & (gold > 0)
    orders = known.sum(-1).astype(float)
    precision, recall = (ratio(_share(both, whole, known).sum(-1), orders) for whole in (said, gold))
    return ratio((1 + beta**2) * precision * recall, beta**2 * precision + recall)


def _share(both: Array, whole: Array, known: Array) -> Array:
    found: Array = np.divide(both, whole, out=np.zeros(np.shape(whole)), where=known.astype(bool))
    return found


def sentence(said: str, references: Sequence[str]) -> float:
    """chrF++ of one text against the best of its references, in [0, 1]."""
    return float(fscore(best(said, references)))


def distance(one: str, other: str) -> float:
    """``1 - chrF1`` of two texts without word n-grams (methods, section 1.5).

    Symmetric, in [0, 1]. Two empty texts are at distance 0, an empty one is at distance 1 from all
    others. Texts that differ in white space only are at distance 0.
    """
    if one == other:
        return 0.0
    empty = not one.strip(), not other.strip()
    if any(empty):
        return 0.0 if all(empty) else 1.0
    return 1.0 - _symmetric(one, other)


def _symmetric(one: str, other: str) -> float:
    """:func:`fscore` with beta 1 of characters, without arrays: it is asked about many pairs."""
    precision = recall = 0.0
    orders = 0
    for here, there in _pairs(one, other):
        both = len(here & there)
        precision, recall, orders = precision + both / len(here), recall + both / len(there), orders + 1
    return 2 * precision * recall / (precision + recall) / orders if precision else 0.0


def _pairs(one: str, other: str) -> Iterator[tuple[Grams, Grams]]:
    for here, there in zip(grams(one)[:CHARACTERS], grams(other), strict=False):
        if here and there:
            yield here, there
