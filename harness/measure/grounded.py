"""Whether what a model writes still has to do with what it was given (methods, section 2.14)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.measure.common import Study, named, share
from harness.measure.tables import Array, Cell, Condition, RunTable
from harness.rows import Row
from harness.tasks.scoring.ratio import ratio

FLOOR = 0.4
"""Share of its words that an output has to have borne out before it can lose them: unrelated texts have less."""
FALL = 3
"""An output hallucinates if less than one in so many of that share is left."""


# -- formulas ------------------------------------------------------------------------------------


def jumps(counts: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which outputs could come to hallucinate under an edit, and which did.

    An output could if at least :data:`FLOOR` of its words are borne out, and did if that share falls by more
    than the factor :data:`FALL`. One without words claims nothing: it is empty, not hallucinated.

    Args:
        counts: Shape ``(..., 4)``, see :class:`harness.tasks.scoring.grounding.Grounding`.

    Returns:
        Both of shape ``(...)``; the second only where the first.
    """
    words, borne, words_after, borne_after = np.moveaxis(counts, -1, 0)
    could = ratio(borne, words) >= FLOOR
    return could, could & (FALL * borne_after * words < borne * words_after)


# -- rows ----------------------------------------------------------------------------------------


def rows(study: Study) -> Iterator[Row]:
    """The share of hallucinations in each condition; nothing for tasks that ask for no text."""
    conditions = [
        c
        for c in study.perturbed
        if all(cell.grounding is not None and len(cell.index) for cell in study.cells(c))
    ]
    for condition, sums in study.sums(conditions, _columns).items():
        n = _size(study, condition)
        yield study.row(
            "hallucination_jump",
            share(sums[..., 1], sums[..., 0], sums[..., 0]),
            named(condition),
            n=n,
            status=study.status(condition),
            direction="lower",
            note="" if n else "nothing that is written about the clean texts is borne out by them",
        )


def _columns(_: RunTable, cell: Cell) -> Array:
    assert cell.grounding is not None
    return np.stack(jumps(cell.grounding), axis=-1).astype(float)


def _size(study: Study, condition: Condition) -> int:
    """Source examples whose output could come to hallucinate."""
    own = [
        cell.index[jumps(cell.grounding)[0]] for cell in study.cells(condition) if cell.grounding is not None
    ]
    return len(np.unique(np.concatenate(own)))
