"""How often a model fails what a suite's tests of behaviour expect (Ribeiro et al. 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from harness.measure.common import Study, counted, draws_of, share
from harness.measure.statistics import clopper_pearson
from harness.measure.tables import BehaviourTable
from harness.rows import Row

MEANINGS = {
    "MFT": "texts with a wrong answer",
    "INV": "pairs whose answers differ",
    "DIR": "pairs whose answers do not move as expected",
}


def rows(study: Study) -> Iterator[Row]:
    """The failure rate of each test, over all runs of a model."""
    tests: dict[str, list[BehaviourTable]] = {}
    for table in study.model.tests:
        tests.setdefault(table.test, []).append(table)
    for name, tables in tests.items():
        if len(tables[0].index):
            yield _row(study, name, tables)


def _row(study: Study, name: str, tables: list[BehaviourTable]) -> Row:
    split = f"test:{name}"
    own = replace(study, draws=draws_of(study.tables, [split]))
    parts = [(t.index, np.column_stack([t.failed, np.ones(len(t.index))])) for t in tables]
    sums = np.stack(own.draws.sums(split, parts))
    rate = share(sums[..., 0], sums[..., 1], sums[..., 1])
    first = tables[0]
    found = counted(
        own,
        split,
        rate,
        clopper_pearson,
        hits=int(first.failed.sum()),
        trials=len(first.index),
        sources=len(first.index),
    )
    return own.row(
        "failure_rate",
        found,
        {"test": name},
        n=len(first.index),
        runs=len(tables),
        direction="lower",
        note=f"{first.kind}: {MEANINGS[first.kind]}",
    )
