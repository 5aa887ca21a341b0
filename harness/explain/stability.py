"""Whether attributions survive an edit that keeps the meaning: pure functions (methods, 6.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.explain.goal import Word, place
from harness.text import Edit

Array = NDArray[np.float64]
Words = Sequence[Word]

FEWEST = 5
"""With fewer shared words a rank correlation says nothing."""


def stability(
    before: Words, weights: Array, after: Words, moved: Array, edits: Sequence[Edit]
) -> float | None:
    """Rank correlation of the attributions of the words that an edited text shares with the clean one.

    Args:
        before: The words of the clean text.
        weights: Shape ``(len(before),)``: their attributions.
        after: The words of the edited text.
        moved: Shape ``(len(after),)``: their attributions.
        edits: The script from the clean to the edited text.

    Returns:
        Spearman's rho in [-1, 1]; None with fewer than :data:`FEWEST` shared words, or if all
        attributions of one text are equal.
    """
    pairs = shared(before, after, edits)
    if len(pairs) < FEWEST:
        return None
    old, new = np.array(pairs).T
    return spearman(weights[old], moved[new])


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
