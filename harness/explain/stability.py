"""Whether attributions survive an edit that keeps the meaning: pure functions (methods, 6.5)."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.explain.goal import Word, place
from harness.text import Edit

Array = NDArray[np.float64]
Words = Sequence[Word]

FEWEST = 5
"""With fewer shared words a rank correlation says nothing."""
TOP = 0.2
"""The share of the words that counts as the most important."""


class Likeness(NamedTuple):
    """How alike two attributions of the same words are.

    Args:
        spearman: Rank correlation in [-1, 1], ties averaged.
        kendall: Kendall's tau-b in [-1, 1].
        top: Overlap of the most important words beyond chance, at most 1; see :func:`beyond_chance`.
    """

    spearman: float
    kendall: float
    top: float


def stability(
    before: Words, weights: Array, after: Words, moved: Array, edits: Sequence[Edit]
) -> Likeness | None:
    """How alike the attributions are of the words that an edited text shares with the clean one.

    Args:
        before: The words of the clean text.
        weights: Shape ``(len(before),)``: their attributions.
        after: The words of the edited text.
        moved: Shape ``(len(after),)``: their attributions.
        edits: The script from the clean to the edited text.

    Returns:
        None with fewer than :data:`FEWEST` shared words, or if all attributions of one text are equal.
    """
    pairs = shared(before, after, edits)
    if len(pairs) < FEWEST:
        return None
    old, new = np.array(pairs).T
    return likeness(weights[old], moved[new])


def likeness(x: Array, y: Array) -> Likeness | None:
    """How alike two attributions ``(words,)`` are; None if all of ``x`` or all of ``y`` are equal."""
    from scipy.stats import kendalltau

    rho = spearman(x, y)
    if rho is None:
        return None
    return Likeness(rho, float(kendalltau(x, y).statistic), top(x, y))


def top(x: Array, y: Array) -> float:
    """The overlap of the most important fifth of the words, beyond chance."""
    k = max(1, round(TOP * len(x)))
    return beyond_chance(overlap(x, y, k), k, len(x))


def overlap(x: Array, y: Array, k: int) -> float:
    """The share of the k greatest of ``x`` that are among the k greatest of ``y``; ties in order.

    With o for it, the Jaccard index of the two sets is ``o / (2 - o)``.
    """
    first, second = (set(np.argsort(-one, kind="stable")[:k].tolist()) for one in (x, y))
    return len(first & second) / k


def beyond_chance(found: float, k: int, n: int) -> float:
    """An overlap of k of n less what random orders have, ``(found - k/n) / (1 - k/n)``; k < n."""
    return (found - k / n) / (1 - k / n)


def shared(before: Words, after: Words, edits: Sequence[Edit]) -> list[tuple[int, int]]:
    """Which word became which, as pairs of indices.

    A word put in another's place takes it over. Words that were split, joined, inserted or deleted
    are not shared.
    """
    pairs = []
    for old, word in enumerate(before):
        left, right, name = place(word, edits)
        pairs += [(old, new) for new, (a, b, at) in enumerate(after) if at == name and a < right and b > left]
    from_old, to_new = Counter(old for old, _ in pairs), Counter(new for _, new in pairs)
    return [(old, new) for old, new in pairs if from_old[old] == to_new[new] == 1]


def spearman(x: Array, y: Array) -> float | None:
    """Correlation of ranks, ties averaged; None if all of ``x`` or all of ``y`` are equal."""
    from scipy.stats import rankdata

    a, b = rankdata(x) - (len(x) + 1) / 2, rankdata(y) - (len(y) + 1) / 2
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / scale, -1, 1)) if scale else None


def unrelated(first: Sequence[Array], second: Sequence[Array]) -> Array:
    """The control of attributions that are said to be alike: how alike those of other texts are.

    Long and short texts have habits: a title at the front, a full stop at the end. Two attributions of one
    text are alike for a reason only if they are more so than those of different texts of as many words.

    Args:
        first: Attributions ``(words,)`` of k texts, by one model or before an edit.
        second: Attributions of the same texts, in the same order, by another model; or again the first.

    Returns:
        Shape ``(k,)``: the mean of ``max(0, rho)`` of the first attribution of a text with the second ones of
        all other texts of as many words; NaN with fewer than :data:`FEWEST` words, or where there are none.
    """
    found = np.full(len(first), np.nan)
    lengths = np.array([len(one) for one in first])
    for length in np.unique(lengths[lengths >= FEWEST]).tolist():
        same = [at for at in np.flatnonzero(lengths == length).tolist() if len(second[at]) == length]
        if len(same) > 1:
            alike = _correlations([first[at] for at in same], [second[at] for at in same])
            np.fill_diagonal(alike, np.nan)
            known = np.isfinite(alike)
            total = np.where(known, np.maximum(alike, 0), 0.0).sum(axis=1)
            found[same] = np.divide(total, known.sum(1), out=np.full(len(same), np.nan), where=known.any(1))
    return found


def _correlations(first: Sequence[Array], second: Sequence[Array]) -> Array:
    """Spearman's rho of each of the first with each of the second; NaN where one is constant."""
    from scipy.stats import rankdata

    a, b = (rankdata(one, axis=1) - (len(one[0]) + 1) / 2 for one in (first, second))
    scale = np.sqrt(np.outer((a * a).sum(1), (b * b).sum(1)))
    found: Array = np.divide(a @ b.T, scale, out=np.full_like(scale, np.nan), where=scale > 0)
    return found


EXACT = 7
"""Up to so many words all orders are looked at."""


@cache
def by_chance(words: int) -> float:
    """The mean of ``|rho|`` over random orders of so many words, at least 2.

    Exact up to :data:`EXACT` words, and beyond ``sqrt(2 / (pi (n - 1)))``, which is that of a normal
    distribution with rho's variance and less than .01 too low.
    """
    if words > EXACT:
        return math.sqrt(2 / (math.pi * (words - 1)))
    ranks = np.arange(words) - (words - 1) / 2
    orders = np.array(list(itertools.permutations(ranks)))
    return float(np.abs(orders @ ranks).mean() / (ranks @ ranks))
