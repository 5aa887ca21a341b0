"""Selectivity: a model that is continuous because it does not read is caught here (methods, section 2.12).

Edits after which another answer is right should move the output more than edits of about the same size
after which the same answer is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from harness.measure.common import Study, counted, named, noop_rate, share
from harness.measure.statistics import wilson
from harness.measure.tables import TEST, Array, Cell, Condition
from harness.rows import Row

FACTOR = 2.0
"""Mean edit fractions that differ by no more than this count as about the same size."""
HARD, HARD_OF, SOFT, SOFT_OF, FLIP = range(5)


def selectivity(change: Array, preserve: Array, changes: Array, preserves: Array) -> Array:
    """``P(d_change > d_preserve) + P(tie) / 2``, with weights (a weighted Mann-Whitney statistic).

    Args:
        change: Distances after edits that change the meaning, ``(c,)``.
        preserve: Distances after edits that keep it, ``(p,)``.
        changes: Weights of the former in each series element, ``(length, c)``.
        preserves: Weights of the latter, ``(length, p)``.

    Returns:
        ``(length,)`` in [0, 1]; 0.5 if the model reacts to both alike; NaN where weights are all 0.
    """
    order = np.argsort(preserve, kind="stable")
    ordered, total = preserve[order], np.cumsum(preserves[:, order], axis=1)
    up_to = np.concatenate([np.zeros((len(total), 1)), total], axis=1)
    below = up_to[:, np.searchsorted(ordered, change, "left")]
    within = up_to[:, np.searchsorted(ordered, change, "right")]
    won = (changes * (below + within) / 2).sum(axis=1)
    pairs = changes.sum(axis=1) * up_to[:, -1]
    found: Array = np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)
    return found


def rows(study: Study, kind: str) -> Iterator[Row]:
    """Selectivity over all directional operators, and how often each of them was noticed.

    Args:
        study: A model with at least one finished run.
        kind: The distance that continuity rests on, ``soft`` or ``hard``.
    """
    telling = [c for c in study.directional if all(len(cell.index) for cell in study.cells(c))]
    if not telling:
        return
    of_change = {c: study.cells(c) for c in telling}
    of_keep = {c: study.cells(c) for c in matched(study, telling)}
    if of_keep:
        series = np.stack([_series(study, run, of_change, of_keep, kind) for run in range(len(study.runs))])
        n = len(np.unique(np.concatenate([c.index for cells in of_change.values() for c in cells])))
        yield study.row("selectivity", series, n=n, distance=kind, over=[*telling, *of_keep])
    for c, sums in study.sums(telling, _columns).items():
        noticed = share(sums[..., 0], sums[..., 1], sums[..., 1])
        size = study.size(c)
        hits, trials = int(sums[0, 0, 0]), int(sums[0, 0, 1])
        found = counted(study, TEST, noticed, wilson, hits=hits, trials=trials, sources=size)
        changed = 1 - noop_rate(study.cells(c))
        yield study.row(
            "noticed", found, named(c), n=size, note=f"{changed:.0%} of the texts could be changed"
        )


def matched(study: Study, directional: Sequence[Condition]) -> list[Condition]:
    """The conditions that edit about as much as the directional ones, or else those that come nearest."""
    wanted = float(np.mean([_rate(study, c) for c in directional]))
    kept = {c: _rate(study, c) for c in study.perturbed if all(len(cell.index) for cell in study.cells(c))}
    near = [c for c, rate in kept.items() if wanted / FACTOR <= rate <= wanted * FACTOR]
    return near or sorted(kept, key=lambda c: abs(kept[c] - wanted))[:1]


def _rate(study: Study, condition: Condition) -> float:
    return float(np.mean(np.concatenate([cell.rate for cell in study.cells(condition)])))


def _columns(_: object, cell: Cell) -> Array:
    return np.column_stack([cell.moved[:, FLIP], np.ones(len(cell.index))])


def _series(
    study: Study,
    run: int,
    change: Mapping[Condition, Sequence[Cell]],
    keep: Mapping[Condition, Sequence[Cell]],
    kind: str,
) -> Array:
    """The statistic on all examples, in each resample, and without each example."""
    changes, preserves = ([cells[run] for cells in group.values()] for group in (change, keep))
    found = [
        selectivity(
            distances(changes, kind),
            distances(preserves, kind),
            weights[:, np.concatenate([cell.index for cell in changes])],
            weights[:, np.concatenate([cell.index for cell in preserves])],
        )
        for weights in study.draws.weights(TEST)
    ]
    return np.concatenate(found)


def distances(cells: Sequence[Cell], kind: str) -> Array:
    """The distance of each row of some cells, 0 where neither answer holds anything."""
    top, bottom = (SOFT, SOFT_OF) if kind == "soft" else (HARD, HARD_OF)
    moved = np.concatenate([cell.moved for cell in cells])
    return share(moved[:, top], moved[:, bottom], np.ones(len(moved)))
