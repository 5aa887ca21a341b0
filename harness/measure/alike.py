"""How alike the attributions of one output are by two runs of a model (methods, section 6.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.explain.stability import FEWEST, by_chance, spearman, top, unrelated
from harness.measure.tables import Array, ExplainTable

Part = tuple[NDArray[np.int64], Array]
"""Examples of the split, and a number for each; NaN where there is none."""
Pair = tuple[ExplainTable, ExplainTable]
Comparison = Callable[[ExplainTable, ExplainTable], Part]


def ranks(first: ExplainTable, second: ExplainTable) -> Part:
    """``max(0, rho)`` for each text of which both runs say the same."""
    return _same_output(first, second, lambda rho, x, y: max(0.0, rho))


def magnitudes(first: ExplainTable, second: ExplainTable) -> Part:
    """Likewise ``|rho|`` beyond chance."""
    return _same_output(first, second, lambda rho, x, y: beyond_chance(rho, len(x)))


def beyond_chance(rho: float, words: int) -> float:
    """``|rho|`` less what random orders of as many words have, at most 1; NaN with too few of them."""
    chance = by_chance(words) if words >= FEWEST else np.nan
    return (abs(rho) - chance) / (1 - chance)


def top_words(first: ExplainTable, second: ExplainTable) -> Part:
    """Likewise the overlap of the most important fifth of the words, beyond chance."""
    return _same_output(first, second, lambda rho, x, y: top(x, y))


def other_texts(first: ExplainTable, second: ExplainTable) -> Part:
    """The control: what :func:`ranks` is between different texts of as many words."""
    both = _shared(first, second)
    x, y = [first.weights[row] for row, _ in both], [second.weights[row] for _, row in both]
    return first.index[[row for row, _ in both]], unrelated(x, y)


def _same_output(
    first: ExplainTable, second: ExplainTable, number: Callable[[float, Array, Array], float]
) -> Part:
    values = np.full(len(first.index), np.nan)
    for row, other in _shared(first, second):
        x, y = first.weights[row], second.weights[other]
        if first.targets[row] == second.targets[other] and len(x) == len(y) >= FEWEST:
            rho = spearman(x, y)
            values[row] = np.nan if rho is None else number(rho, x, y)
    return first.index, values


def _shared(first: ExplainTable, second: ExplainTable) -> list[tuple[int, int]]:
    """Where both have explained the same text, as rows of each."""
    place = {int(at): row for row, at in enumerate(second.index)}
    return [(row, place[int(at)]) for row, at in enumerate(first.index) if int(at) in place]


def over_pairs(pairs: Sequence[Pair], compare: Comparison, n: int) -> Part:
    """The mean over pairs of runs, for each of the n examples of the split."""
    total, many = np.zeros((2, n))
    for first, second in pairs:
        index, values = compare(first, second)
        known = np.isfinite(values)
        total[index[known]] += values[known]
        many[index[known]] += 1
    return np.arange(n), np.divide(total, many, out=np.full(n, np.nan), where=many > 0)
