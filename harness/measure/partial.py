"""What models score on a part of the input alone, and what of their skill that is (methods, section 5.7)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.measure.common import Study, guarded, joined
from harness.measure.disturbed import undisturbed
from harness.measure.robustness import retention
from harness.measure.tables import TEST
from harness.rows import Row

LIGHT = (
    "light version: the model was fine-tuned on whole inputs, so what is lost may also be due to inputs that "
    "it never saw"
)


def rows(study: Study) -> Iterator[Row]:
    """Of each kind of part the score, that of the same examples as a whole, and the share of skill that is kept.

    Both scores are of the same examples, resampled together. Below chance no skill is kept, so that the share
    is 0 there, as retention is; see :func:`harness.measure.robustness.retention`.
    """
    kinds = study.runs[0].partial if study.runs else {}
    for kind in kinds:
        if all(kind in run.partial for run in study.runs):
            yield from _rows(study, kind)


def _rows(study: Study, kind: str) -> Iterator[Row]:
    cells = [run.partial[kind] for run in study.runs]
    tables = [
        np.hstack([cell.stats, undisturbed(run, cell)]) for run, cell in zip(study.runs, cells, strict=True)
    ]
    parts = [(cell.index, table) for cell, table in zip(cells, tables, strict=True)]
    part, whole = np.split(np.stack(study.draws.sums(TEST, parts)), 2, axis=-1)
    score, full, chance = study.tables.score(part), study.tables.score(whole), study.tables.chance(whole)
    place, n = {"partial": kind}, len(cells[0].index)
    some = f"of {n} of {study.tables.sizes[TEST]} examples" if n < study.tables.sizes[TEST] else ""
    yield study.row("partial_score", score, place, n=n, note=some)
    yield study.row("partial_whole", full, place, n=n, note=some)
    note = joined(LIGHT, f"chance {chance[:, 0].mean():.3f}", some)
    row = study.row("artefact", retention(score, full, chance), place, n=n, direction="lower", note=note)
    yield guarded(row, study.unskilled(sums=whole))
