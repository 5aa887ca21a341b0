"""How answers respond to growing edits: the largest step of a curve, and whether each text moves on and on
(methods, section 2.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy.stats import page_trend_test

from harness.measure.common import DIFFERENCE, Study, share
from harness.measure.selectivity import distances
from harness.measure.tables import TEST, Array, Cell
from harness.rows import Row

# -- formulas ------------------------------------------------------------------------------------


def largest_step(d: Array) -> Array:
    """The most that a curve moves, up or down, from one severity to the next (methods, section 2.4).

    Args:
        d: Mean output distances in [0, 1], ``(J + 1, ...)``, of the clean text (0) first.

    Returns:
        In [0, 1], lower is better. As a maximum it grows with noise.
    """
    result: Array = np.abs(np.diff(d, axis=0)).max(axis=0)
    return result


def kendall(d: Array) -> Array:
    """Kendall's tau-b of severity and distance, text by text.

    Args:
        d: Output distances, ``(n, J + 1)``, in the order of severities, no two of which are the same.

    Returns:
        Shape ``(n,)`` in [-1, 1]: 1 if more edits always move the answer further; NaN where it never moves.
    """
    first, second = np.triu_indices(d.shape[1], 1)
    signs = np.sign(d[:, second] - d[:, first])
    untied = np.abs(signs).sum(axis=1)
    scale = np.sqrt(untied * len(first))
    result: Array = np.divide(signs.sum(axis=1), scale, out=np.full(len(d), np.nan), where=untied > 0)
    return result


def page(d: Array) -> tuple[float, float]:
    """Page's test of no trend against distances that grow with severity.

    Args:
        d: Output distances, ``(n, J)`` with n at least 2 and J at least 3, in the order of severities.

    Returns:
        The statistic L and the p-value.
    """
    found = page_trend_test(d)
    return float(found.statistic), float(found.pvalue)


# -- rows ----------------------------------------------------------------------------------------


def rows(
    study: Study, place: Mapping[str, str | int | float], cells: Sequence[Sequence[Cell]], kind: str
) -> Iterator[Row]:
    """What the texts behind an operator's curve tell of the response, one by one.

    Args:
        place: Names the operator.
        cells: Those of its severities in their order, each of all runs.
        kind: The distance.
    """
    runs = [_aligned([many[run] for many in cells], kind) for run in range(len(study.runs))]
    taus = [kendall(np.column_stack([np.zeros(len(told)), told])) for _, told in runs]
    defined = [~np.isnan(tau) for tau in taus]
    parts = [
        (index[known], np.column_stack([tau[known], np.ones(int(known.sum()))]))
        for (index, _), tau, known in zip(runs, taus, defined, strict=True)
    ]
    sums = np.stack(study.draws.sums(TEST, parts))
    yield study.row(
        "severity_tau",
        share(sums[..., 0], sums[..., 1], sums[..., 1]),
        place,
        n=max(int(known.sum()) for known in defined),
        bounds=DIFFERENCE,
        distance=kind,
        note="" if all(known.any() for known in defined) else "no answer moves in some run",
    )
    both = reduce(np.intersect1d, [index for index, _ in runs])
    if len(both) > 1 and len(cells) > 2:
        told = np.mean([told[np.searchsorted(index, both)] for index, told in runs], axis=0)
        statistic, p = page(told)
        note = f"Page's L = {statistic:,.0f}: the chance of so clear a trend if there were none"
        yield study.row("trend_p", p, place, n=len(both), distance=kind, direction="none", note=note)


def _aligned(cells: Sequence[Cell], kind: str) -> tuple[NDArray[np.int64], Array]:
    """The examples of which there is a variant at every severity, ``(k,)``, and distances ``(k, J)``."""
    index: NDArray[np.int64] = reduce(np.intersect1d, [cell.index for cell in cells])
    columns = []
    for cell in cells:
        order = np.argsort(cell.index, kind="stable")
        columns.append(distances([cell], kind)[order][np.searchsorted(cell.index[order], index)])
    return index, np.column_stack(columns)
