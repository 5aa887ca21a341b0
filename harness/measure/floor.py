"""How far answers move although nothing was edited (methods, section 2.3).

A model that draws its texts, a server that is not the same every time, rounding that depends on the company in a
batch: what they do to clean texts is not the edits' doing and is taken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from harness.measure.common import Study, named, share
from harness.measure.tables import TEST, Again, Array, Condition
from harness.rows import Row

ROUNDING = 1e-4
"""Movement below it is that of rounding, and nothing is taken off."""


def above_floor(distance: Array, floor: Array) -> Array:
    """``max(0, (D - D0) / (1 - D0))`` (section 2.3).

    Args:
        distance: Mean output distance D under edits, in [0, 1].
        floor: Mean output distance D0 between two answers to the same clean texts, in [0, 1].

    Returns:
        In [0, 1], of the same shape; NaN where all answers differ anyway.
    """
    room = 1 - floor
    found: Array = np.divide(distance - floor, room, out=np.full(np.shape(distance), np.nan), where=room > 0)
    return np.maximum(found, 0)


def floor(study: Study, kind: str) -> Array | None:
    """The distance of second answers to first ones as series ``(R, length)``; None if nobody asked twice."""
    found = [run.again for run in study.runs if run.again is not None and len(run.again.index)]
    if len(found) < len(study.runs):
        return None
    top, bottom = (2, 3) if kind == "soft" else (0, 1)
    parts = [
        (one.index, np.column_stack([one.moved[:, [top, bottom]], np.ones(len(one.index))])) for one in found
    ]
    sums = np.stack(study.draws.sums(TEST, parts))
    return share(sums[..., 0], sums[..., 1], sums[..., 2])


def moves(found: Array) -> bool:
    """Whether answers move by themselves by more than rounding."""
    return float(found[:, 0].mean()) > ROUNDING


def rows(study: Study, found: Array | None, above: Mapping[Condition, Array], kind: str) -> Iterator[Row]:
    """The floor, if it was asked for, and what is above it in each condition."""
    if found is None:
        return
    n = max(_size(run.again) for run in study.runs)
    why = "answers move although nothing was edited: it is taken off the curves and the headline"
    note = why if moves(found) else "no more than rounding, so that nothing is taken off"
    yield study.row("noise_floor", found, n=n, direction="lower", distance=kind, note=note)
    for condition, series in above.items():
        yield study.row(
            "distance_above_floor",
            series,
            named(condition),
            n=study.size(condition),
            status=study.status(condition),
            direction="lower",
            distance=f"{kind} above floor",
        )


def _size(again: Again | None) -> int:
    return 0 if again is None else len(again.index)
