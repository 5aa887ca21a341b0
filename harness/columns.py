"""Arrow's columns as arrays, without the detour over pandas that Arrow itself would take."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

_KINDS = {"double": np.float64, "float": np.float32, "int32": np.int32, "int64": np.int64}


def numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """The numbers of a column without nulls; those of lists one after the other."""
    return _values(column.combine_chunks())


def ragged(column: pa.ChunkedArray) -> list[NDArray[Any]]:
    """A column of lists of numbers as one array per row."""
    lists = column.combine_chunks()
    values, ends = _values(lists), _values(lists.offsets)
    return [values[a - ends[0] : b - ends[0]] for a, b in pairwise(ends)]


def _values(array: Any) -> NDArray[Any]:
    flat = array.flatten() if str(array.type).startswith("list") else array
    if not len(flat):  # a column without rows may have been given no type
        return np.empty(0)
    kind = _KINDS[str(flat.type)]
    buffer = flat.buffers()[1]
    values = np.frombuffer(buffer, kind) if buffer else np.empty(0, kind)
    return values[flat.offset : flat.offset + len(flat)]


def chosen(table: pa.Table, ids: Collection[str]) -> pa.Table:
    """The rows with these ids, so that nobody has to decode the others."""
    import pyarrow as pa

    rows = [table.slice(at, 1) for at, one in enumerate(table["id"].to_pylist()) if one in ids]
    return pa.concat_tables(rows) if rows else table.slice(0, 0)
