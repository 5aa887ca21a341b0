"""What probes found around single texts, over all of them (methods, sections 2.6 to 2.13).

A probe looks at a sample of the test examples. Several items of one example, such as two paths or each
of its entities, are resampled together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from harness.measure.attacked import interval_of_some
from harness.measure.common import Exact, Study, joined, share
from harness.measure.quantiles import of_examples
from harness.measure.statistics import Interval
from harness.measure.tables import TEST, Array, ProbeTable
from harness.probe.probe import Reading
from harness.rows import Row, Status

QUANTILES = {"median": 0.5, "p95": 0.95}


def rows(study: Study) -> Iterator[Row]:
    """A row for each reading of each probe, for each operator whose edits it made."""
    probes: dict[str, list[ProbeTable]] = {}
    for table in study.model.probes:
        probes.setdefault(table.probe, []).append(table)
    families = {c.operator: c.family for c in study.perturbed}
    for name, tables in probes.items():
        told = [table for table in tables if len(table.index)]
        if not told:
            why = next((table.why for table in tables if table.why), "found nothing to look at")
            first = tables[0].readings[0]
            row = study.absent(first.measure, why)
            yield replace(row, condition={"probe": name, **first.condition}, direction=first.direction)
        for operator in dict.fromkeys(one for table in told for one in table.operator):
            place: dict[str, str | int | float] = {"probe": name}
            if operator:
                place |= {"operator": operator, "family": families.get(operator, "")}
            parts = [_made_by(table, operator) for table in told if operator in table.operator]
            rows = [_row(study, reading, parts, place) for reading in told[0].readings]
            # Of a row for each step or radius, those that nothing is known of say nothing.
            yield from (row for row in rows if row.n or row.condition.keys() == place.keys())


def _made_by(table: ProbeTable, operator: str) -> ProbeTable:
    """The items that were made by the edits of one operator."""
    here = np.array([one == operator for one in table.operator], bool)
    columns = {name: column[here] for name, column in table.columns.items()}
    return replace(table, index=table.index[here], columns=columns, operator=(operator,) * int(here.sum()))


def _defined(table: ProbeTable, reading: Reading) -> tuple[NDArray[np.int64], Array, Array]:
    """Where a reading is defined: the examples ``(k,)``, its column, and the one that it is over."""
    top = table.columns[reading.column]
    of = table.columns[reading.over] if reading.over else np.ones(len(top))
    known = np.isfinite(top) & np.isfinite(of)
    return table.index[known], top[known], of[known]


def _row(
    study: Study, reading: Reading, parts: Sequence[ProbeTable], place: dict[str, str | int | float]
) -> Row:
    defined = [_defined(part, reading) for part in parts]
    # A ratio rests on the examples that have something to be a share of.
    there = [index[of > 0] for index, _, of in defined]
    n = max(len(np.unique(index)) for index in there)
    if reading.summary in QUANTILES:
        values_of = [(index, values) for index, values, _ in defined]
        told, status = of_examples(study, values_of, QUANTILES[reading.summary], reading.bounds)
        found: Interval | Exact = told
    else:
        series = np.stack([_series(study, reading, *one) for one in defined])
        whole = all(set(top[of > 0]) <= {0.0, 1.0} and set(of) <= {0.0, 1.0} for _, top, of in defined)
        told = interval_of_some(study, series, max(there, key=len), reading.bounds, whole)
        found, status = Exact(told, series), Status.OK
    lost = "" if math.isfinite(told.value) else "undefined on these data"
    return study.row(
        reading.measure,
        found,
        {**place, **reading.condition},
        n=n,
        runs=len(parts),
        direction=reading.direction,
        bounds=reading.bounds,
        status=status,
        distance=reading.distance,
        note=joined(lost, reading.note),
    )


def _series(study: Study, reading: Reading, index: NDArray[np.int64], top: Array, of: Array) -> Array:
    """The reading in one run, as a series ``(length,)``."""
    (sums,) = study.draws.sums(TEST, [(index, np.column_stack([top, of]))])
    return share(sums[:, 0], sums[:, 1], sums[:, 1])
