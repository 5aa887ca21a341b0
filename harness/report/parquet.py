"""results.parquet: the rows as a tidy table, one number each."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from harness.errors import BrokenPromise
from harness.report import safe
from harness.report.reporter import reporter
from harness.rows import Results, Row

if TYPE_CHECKING:
    import pyarrow

FIXED: tuple[str, ...] = tuple(f.name for f in fields(Row) if f.name != "condition")
"""The columns that every table has; each key of a condition is a further one, after ``model``."""


@reporter("parquet")
def results_parquet(results: Results) -> Mapping[str, bytes]:
    """The rows as a tidy table; the keys of conditions are columns.

    Raises:
        BrokenPromise: If a measure named a key of its condition like one of :data:`FIXED`.
    """
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(table(results.rows), buffer, compression="zstd")
    return {"results.parquet": buffer.getvalue()}


def table(rows: Sequence[Row]) -> pyarrow.Table:
    """The rows as an Arrow table, in their order.

    A condition's column holds integers if all its values are, else floats, else strings; it is
    null where a row has no such key.
    """
    import pyarrow

    keys = list(dict.fromkeys(key for row in rows for key in row.condition))
    for key in keys:
        if key in FIXED:
            raise BrokenPromise(f"a condition has the key {key!r}, which is the name of a column already")
    types = {
        **dict.fromkeys(("value", "low", "high"), pyarrow.float64()),
        **dict.fromkeys(("n", "runs"), pyarrow.int64()),
    }
    columns = {
        name: pyarrow.array(
            [_text(getattr(row, name)) if name not in types else getattr(row, name) for row in rows],
            types.get(name, pyarrow.string()),
        )
        for name in FIXED
    }
    varying = {key: _column([row.condition.get(key) for row in rows]) for key in keys}
    order = [*FIXED[:3], *keys, *FIXED[3:]]
    return pyarrow.table({safe.encodable(name): {**columns, **varying}[name] for name in order})


def _text(value: object) -> str:
    return safe.encodable(str(value))


def _column(values: Sequence[str | int | float | None]) -> pyarrow.Array:
    import pyarrow

    present = [value for value in values if value is not None]
    if all(isinstance(value, int) for value in present):
        return pyarrow.array(values, pyarrow.int64())
    if all(isinstance(value, int | float) for value in present):
        return pyarrow.array(values, pyarrow.float64())
    return pyarrow.array([None if value is None else _text(value) for value in values], pyarrow.string())
