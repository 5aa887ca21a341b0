"""What moves when the answer of a tagger moves: tags, bounds or types (methods, section 2.15).

Most words are in no entity, so that plain agreement of tags says little: it is corrected for chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from harness.measure.common import DIFFERENCE, Study, named, share
from harness.measure.tables import Array, Cell, Condition, RunTable
from harness.rows import Row, Status
from harness.tasks.scoring.tagging import COUNTS, NONE

WORDS, SAME, SPANS, BOUNDS, OVERLAPS, TYPES = range(len(COUNTS))


# -- formulas ------------------------------------------------------------------------------------


def kappa(sums: Array) -> Array:
    """Agreement of tags beyond chance, as two annotators' (Cohen 1960).

    Args:
        sums: Of the statistics of :mod:`harness.tasks.scoring.tagging`, ``(..., 6 + 2 tags)``.

    Returns:
        ``(...)``, 1 if no tag changes, 0 if no more stay than by chance; NaN if there is one tag alone.
    """
    words = sums[..., WORDS]
    before, after = np.split(sums[..., len(COUNTS) :], 2, axis=-1)
    observed = share(sums[..., SAME], words, words)
    chance = share((before * after).sum(axis=-1), words**2, words)
    found: Array = np.divide(
        observed - chance, 1 - chance, out=np.full(observed.shape, np.nan), where=chance < 1
    )
    return found


# -- rows ----------------------------------------------------------------------------------------


def rows(study: Study) -> Iterator[Row]:
    """Agreement of tags, bounds and types in each condition, and which types become which; of taggers alone."""
    conditions = [
        c
        for c in study.perturbed
        if all(cell.tagging is not None and len(cell.index) for cell in study.cells(c))
    ]
    for condition, sums in study.sums(conditions, _columns).items():
        yield from _condition_rows(study, condition, sums)
    if conditions:
        yield from _flip_rows(study, conditions)


def _columns(_: RunTable, cell: Cell) -> Array:
    assert cell.tagging is not None
    return cell.tagging


def _condition_rows(study: Study, condition: Condition, sums: Array) -> Iterator[Row]:
    n, status = study.size(condition), study.status(condition)

    def row(measure: str, series: Array, bounds: tuple[float, float], note: str) -> Row:
        undefined = "" if np.isfinite(series[:, 0]).all() else note
        return study.row(measure, series, named(condition), n=n, status=status, bounds=bounds, note=undefined)

    for measure, top, of in (
        ("boundary_agreement", BOUNDS, SPANS),
        ("type_agreement", TYPES, OVERLAPS),
    ):
        below = sums[..., of]
        yield row(
            measure, share(sums[..., top], below, below), (0.0, 1.0), "no entity was found in either text"
        )
    yield row("tag_kappa", kappa(sums), DIFFERENCE, "all words have the same tag")


def _flip_rows(study: Study, conditions: Sequence[Condition]) -> Iterator[Row]:
    """Of the words that the clean answer has in a type, the share that are in another one after an edit."""
    flips = Counter[tuple[str, str]]()
    for condition in conditions:
        for cell in study.cells(condition):
            flips.update(cell.flips)
    n = max(study.size(c) for c in conditions)
    for one in sorted({one for one, _ in flips} - {NONE}):
        became = {other: many for (of, other), many in flips.items() if of == one}
        total = sum(became.values())
        for other, many in sorted(became.items()):
            if other != one:
                yield study.row(
                    "type_flips",
                    many / total,
                    {"label": one, "to": other or "none"},
                    n=n,
                    direction="lower",
                    status=Status.OK,
                    over=conditions,
                    note=f"{many:,} of {total:,} words, all conditions and runs together",
                )
