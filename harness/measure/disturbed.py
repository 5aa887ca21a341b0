"""The score in each condition, beside the score of the very same texts undisturbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.measure.common import Study, share
from harness.measure.tables import TEST, Array, Cell, Condition, RunTable


class Disturbed(NamedTuple):
    """A condition of a model's runs, each as series ``(R, length)``.

    Args:
        score: The task's score of the variants, in [0, 1].
        clean: The score of the texts they were made of.
        chance: Best score of these that needs no look at the input.
        rate: Mean share of the text that was edited.
    """

    score: Array
    clean: Array
    chance: Array
    rate: Array


Conditions = dict[Condition, Disturbed]


def disturbed(study: Study) -> Conditions:
    """All perturbed conditions in which every finished run has a variant."""
    conditions = [c for c in study.perturbed if all(len(cell.index) for cell in study.cells(c))]
    return {c: _of(study, sums) for c, sums in study.sums(conditions, _columns).items()}


def alike(one: Study, other: Study) -> tuple[Study, Study]:
    """Two models with those variants alone that both were asked.

    An adaptive budget may have asked one of them less than the other.
    """
    common = set(one.perturbed) & set(other.perturbed)
    asked = {c: [set(study.cells(c)[0].index.tolist()) for study in (one, other)] for c in common}
    if all(mine == theirs for mine, theirs in asked.values()):
        return one, other
    kept = {c: np.array(sorted(mine & theirs), np.int64) for c, (mine, theirs) in asked.items()}
    return _trimmed(one, kept), _trimmed(other, kept)


def _trimmed(study: Study, kept: Mapping[Condition, NDArray[np.int64]]) -> Study:
    def part(condition: Condition, cell: Cell) -> Cell:
        rows = np.isin(cell.index, kept[condition])
        parts = cell.index[rows], cell.stats[rows], cell.moved[rows], cell.rate[rows]
        return Cell(*parts, cell.invalid, cell.noop)

    runs = tuple(
        replace(run, cells={c: part(c, cell) if c in kept else cell for c, cell in run.cells.items()})
        for run in study.runs
    )
    return replace(study, runs=runs)


def _of(study: Study, sums: Array) -> Disturbed:
    width = (sums.shape[-1] - 2) // 2
    after, before = sums[..., :width], sums[..., width:-2]
    score, chance = study.tables.score, study.tables.chance
    return Disturbed(
        score(after), score(before), chance(before), share(sums[..., -2], sums[..., -1], sums[..., -1])
    )


def _columns(run: RunTable, cell: Cell) -> Array:
    """Statistics of the variants, then those of the very same examples undisturbed, rate and 1."""
    return np.column_stack([cell.stats, undisturbed(run, cell), cell.rate, np.ones(len(cell.index))])


def undisturbed(run: RunTable, cell: Cell) -> Array:
    """The run's statistics on the clean examples that the rows of a cell stem from, ``(k, columns)``."""
    return beside(run, cell, run.cells[Condition(TEST)].stats)


def beside(run: RunTable, cell: Cell, rows: Array) -> Array:
    """What is known of the clean examples that the rows of a cell stem from.

    Args:
        run: With the clean cell.
        cell: Of variants, ``k`` of them.
        rows: For each row of the clean cell, ``(n, columns)``.

    Returns:
        ``(k, columns)``, zeros for an example that the clean cell lacks.
    """
    clean = run.cells[Condition(TEST)]
    before = np.zeros((1 + max(clean.index.max(), cell.index.max()), rows.shape[1]))
    before[clean.index] = rows
    return before[cell.index]


def by_operator(conditions: Sequence[Condition]) -> dict[tuple[str, str], list[Condition]]:
    """Conditions of each operator and family, by severity."""
    found: dict[tuple[str, str], list[Condition]] = {}
    for condition in sorted(conditions, key=lambda c: c.severity):
        found.setdefault((condition.operator, condition.family), []).append(condition)
    return {key: found[key] for key in dict.fromkeys((c.operator, c.family) for c in conditions)}
