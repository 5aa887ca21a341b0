"""Contrast sets: an example and edits of it that change what is right (methods, section 5.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from harness.measure.common import Draws, Resampled, Study
from harness.measure.statistics import ratio, weights
from harness.measure.tables import TEST, Array, Condition
from harness.rng import rng
from harness.rows import Row


def by_set(right: NDArray[np.bool_], sets: NDArray[np.str_]) -> Array:
    """Per contrast set: all right, 1, original right, 1, edits right, edits; ``(sets, 6)``.

    The first example of a set is the original. Examples without a set, and sets of one, are left out.

    Args:
        right: Whether each example is answered rightly, ``(n,)``.
        sets: Its set's name, empty for none, ``(n,)``.
    """
    table = []
    for name in dict.fromkeys(one for one in sets.tolist() if one):
        own = right[sets == name].astype(float)
        if len(own) > 1:
            table.append([own.min(), 1.0, own[0], 1.0, own[1:].sum(), len(own) - 1.0])
    return np.array(table, float).reshape(-1, 6)


def rows(study: Study) -> Iterator[Row]:
    """Consistency over contrast sets, and accuracy on originals and on edits."""
    profile = study.tables.profiles.get(TEST)
    if profile is None or profile.sets is None or not study.runs:
        return
    tables = []
    for cell in study.cells(Condition(TEST)):
        right = np.zeros(len(profile.sets), bool)
        right[cell.index] = cell.right if cell.right is not None else False
        tables.append(by_set(right, profile.sets))
    n = len(tables[0])
    if not n:
        yield study.absent("contrast_consistency", "no contrast set has two examples or more")
        return
    resamples = study.tables.resamples
    W = weights(n, resamples, rng(study.tables.seed, "contrast"))
    draws = Draws(
        {TEST: Resampled(W, None, slice(1 + resamples, 1 + resamples + n))}, resamples, 1 + resamples + n
    )
    local = replace(study, draws=draws)
    sums = np.stack(draws.sums(TEST, [(np.arange(n), table) for table in tables]))
    found = {
        "contrast_consistency": "share of contrast sets in which every example is answered rightly",
        "contrast_original": "accuracy on the first example of each set",
        "contrast_edited": "accuracy on the others",
    }
    for at, (name, note) in enumerate(found.items()):
        yield local.row(name, ratio(sums[..., 2 * at : 2 * at + 2]), n=n, note=note)
