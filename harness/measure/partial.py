"""What models score on a part of the input alone, and what of their skill that is (methods, section 5.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from harness.measure.common import Study, guarded, joined
from harness.measure.disturbed import undisturbed
from harness.measure.robustness import retention
from harness.measure.tables import TEST, RunTable
from harness.rows import Row

LIGHT, FULL = "light", "full"
"""Versions: the models of the suite are asked with parts; or models that were trained on such parts alone."""
UNUSED = (
    "light version: the model was fine-tuned on whole inputs, so what is lost may also be due to inputs that "
    "it never saw"
)

Pairs = Sequence[tuple[RunTable, RunTable]]
"""Who is asked with a part, and who with the whole."""


def rows(study: Study) -> Iterator[Row]:
    """Of each kind of part the score, that of the same examples as a whole, and the share of skill that is kept.

    Both scores are of the same examples, resampled together; the runs are the same in the light version, and
    have the same seed in the full one. Below chance no skill is kept, so that the share is 0 there, as
    retention is; see :func:`harness.measure.robustness.retention`.
    """
    for kind in study.runs[0].partial if study.runs else {}:
        if all(kind in run.partial for run in study.runs):
            yield from _rows(study, kind, LIGHT, [(run, run) for run in study.runs])
    whole = {run.seed: run for run in study.runs}
    for variation, runs in study.model.parts.items():
        kind = variation.part
        trained = [(run, whole[run.seed]) for run in runs if kind in run.partial and run.seed in whole]
        if kind and trained:
            yield from _rows(study, kind, FULL, trained)


def _rows(study: Study, kind: str, version: str, pairs: Pairs) -> Iterator[Row]:
    cells = [part.partial[kind] for part, _ in pairs]
    parts = [
        (cell.index, np.hstack([cell.stats, undisturbed(whole, cell)]))
        for (_, whole), cell in zip(pairs, cells, strict=True)
    ]
    part, whole = np.split(np.stack(study.draws.sums(TEST, parts)), 2, axis=-1)
    score, full, chance = study.tables.score(part), study.tables.score(whole), study.tables.chance(whole)
    n = len(cells[0].index)
    about: dict[str, Any] = {"condition": {"partial": kind, "version": version}, "n": n, "runs": len(pairs)}
    some = f"of {n} of {study.tables.sizes[TEST]} examples" if n < study.tables.sizes[TEST] else ""
    yield study.row("partial_score", score, **about, note=some)
    yield study.row("partial_whole", full, **about, note=some)
    unused = UNUSED if version == LIGHT else "full version: another run was trained on such parts alone"
    note = joined(unused, f"chance {chance[:, 0].mean():.3f}", some)
    row = study.row("artefact", retention(score, full, chance), **about, direction="lower", note=note)
    yield guarded(row, study.unskilled(sums=whole))
