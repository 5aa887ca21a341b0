"""What the rows of a run rest on, kept beside its results and beside the baseline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness import payload
from harness.columns import ragged
from harness.measure.basis import Bases, Basis

FILE = "bases.parquet"
BITS = 12


def write(path: Path, bases: Bases, run: str) -> None:
    """Write bases, one row each.

    Args:
        path: The file.
        bases: By name of the row.
        run: The run's id.
    """
    import pyarrow as pa

    ordered = [bases[name] for name in bases]
    columns = {
        "row": list(bases),
        "units": pa.array([one.units for one in ordered], pa.string()).dictionary_encode(),
        "runs": [list(one.runs) for one in ordered],
        "both": [one.both for one in ordered],
        "count": [one.count for one in ordered],
        "parts": pa.array([_short(one.parts) for one in ordered], pa.list_(pa.float32())),
    }
    payload.write_table(path, columns, {"run": run})


def _short(parts: NDArray[np.float64]) -> NDArray[np.float32]:
    """Numbers to :data:`BITS` binary digits: the rest is noise, and does not compress."""
    mantissa, exponent = np.frexp(parts)
    short: NDArray[np.float32] = np.ldexp(np.round(np.ldexp(mantissa, BITS)), exponent - BITS).astype(
        np.float32
    )
    return short


def read(path: Path) -> tuple[Mapping[str, Basis], str]:
    """The inverse of :func:`write`: bases, and the run that they are of; nothing if there is no such file.

    A file that is damaged is as good as none: what is compared is then taken as independent, and says so.
    """
    try:
        table, about = payload.read_table(path)
        names = ("row", "units", "runs", "both", "count")
        told = zip(*(table[name].to_pylist() for name in names), ragged(table["parts"]), strict=True)
        bases = {
            row: Basis(units, parts.astype(np.float64), tuple(runs), both, count)
            for row, units, runs, both, count, parts in told
        }
        return bases, str(about["run"])
    except (OSError, ValueError, KeyError):
        return {}, ""
