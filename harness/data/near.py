"""Evaluation texts that training has nearly word for word (methods, section 5.0)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from harness.data.features import words
from harness.text import Example

ALIKE = 0.8
"""Jaccard index of two sets of word pairs from which texts are near-duplicates."""
RUN = 13
"""Words in a row that two texts do not share by chance."""


def nearly_known(
    train: Iterable[Example], evaluation: Sequence[Example], alike: float = ALIKE, run: int = RUN
) -> list[bool]:
    """Which evaluation examples have a near-duplicate in the training data.

    That is a text with a Jaccard index of ``alike`` or more, of the sets of pairs of words in a row (the
    ends of the text count as words); or one that shares ``run`` words in a row. Cases and punctuation
    are left aside. Exact, where MinHash would estimate: two sets that are so much alike share one of
    their first few pairs in any fixed order (prefix filter; Chaudhuri et al. 2006), so only texts that
    do are compared. What is kept in memory grows with the evaluation data alone.

    Args:
        train: The training data, gone through once.
        evaluation: What to look for in them.
        alike: In (0, 1].
        run: At least 1.
    """
    tokens = [words(e) for e in evaluation]
    shingles = [_pairs(found) for found in tokens]
    counts = Counter(pair for found in shingles for pair in found)
    index: dict[str, list[int]] = defaultdict(list)
    for at, found in enumerate(shingles):
        for pair in _prefix(found, counts, alike):
            index[pair].append(at)
    runs: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(tokens):
        for gram in _runs(one, run):
            runs[gram].append(at)
    known = [False] * len(evaluation)
    for example in train:
        theirs = words(example)
        for gram in _runs(theirs, run) if runs else ():
            for at in runs.get(gram, ()):
                known[at] = True
        pairs = _pairs(theirs)
        for at in {at for pair in _prefix(pairs, counts, alike) for at in index.get(pair, ())}:
            if not known[at]:
                known[at] = _jaccard(pairs, shingles[at]) >= alike
    return known


def _pairs(tokens: Sequence[str]) -> set[str]:
    return {f"{a} {b}" for a, b in zip(["", *tokens], [*tokens, ""], strict=True)}


def _prefix(pairs: set[str], counts: Counter[str], alike: float) -> list[str]:
    """So many of the rarest that a set that is alike has one of its own among them."""
    size = len(pairs) - math.ceil(alike * len(pairs) - 1e-9) + 1
    return sorted(pairs, key=lambda pair: (counts[pair], pair))[:size]


def _runs(tokens: Sequence[str], length: int) -> Iterable[str]:
    return (" ".join(tokens[at : at + length]) for at in range(len(tokens) - length + 1))


def _jaccard(a: set[str], b: set[str]) -> float:
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)
