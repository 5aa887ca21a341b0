"""Past runs: finding and comparing them. Works on what was written, without a model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import Fault, UserError, nearest
from harness.gate import row_id
from harness.report.json import FILE, load_results
from harness.rows import Results, Row
from harness.store import Store

if TYPE_CHECKING:
    from rich.console import Console


def history(store: Path) -> list[dict[str, Any]]:
    """Finished runs of a store, newest first."""
    if not (store / "store.db").is_file():
        return []
    opened = Store(store)
    try:
        names = ("id", "suite", "folder", "exit_code", "started")
        return [dict(zip(names, row, strict=True)) for row in opened.runs()]
    finally:
        opened.close()


def find(name: str, store: Path) -> tuple[Path, Results]:
    """The folder and the results of a run.

    Args:
        name: A run's id (or the beginning of one), a suite's name for its newest run, or a folder.
        store: Where runs are noted.

    Raises:
        UserError: If there is no such run, or its results are gone.
    """
    folder = Path(name)
    if not (folder / FILE).is_file():
        known = history(store)
        found = [row for row in known if row["id"].startswith(name) or row["suite"] == name]
        if not found:
            names = [row["id"] for row in known] + [row["suite"] for row in known]
            raise UserError(
                Fault(f"no run {name!r} in {store}", hint=nearest(name, names) or "see `harness runs ls`")
            )
        folder = Path(found[0]["folder"])
    path = folder / FILE
    try:
        return folder, load_results(path.read_bytes(), str(path))
    except OSError as error:
        raise UserError(
            Fault(f"the results are gone: {error.strerror}", str(path), hint="run the suite again")
        ) from None


def compare(first: Results, second: Results) -> list[dict[str, Any]]:
    """Rows that both runs have, with their difference and an interval for it.

    The interval takes the two runs as independent, which is too wide where they share examples,
    never too narrow. Rows of single seeds are left out.
    """
    before = {row_id(row): row for row in first.rows if "seed" not in row.condition}
    found = []
    for row in second.rows:
        other = before.get(row_id(row))
        if other is None or row.value is None or other.value is None:
            continue
        delta = row.value - other.value
        reach = math.hypot(_reach(row), _reach(other))
        found.append(
            {
                "row": row_id(row),
                "first": other.value,
                "second": row.value,
                "difference": delta,
                "low": delta - reach,
                "high": delta + reach,
                "verdict": _verdict(row, other, delta, reach),
            }
        )
    return found


def _verdict(row: Row, other: Row, delta: float, reach: float) -> str:
    if row.signature != other.signature:
        return "not comparable"
    if abs(delta) <= reach:
        return "no difference shown"
    if row.direction == "none":
        return "different"
    return "better" if (delta > 0) == (row.direction == "higher") else "worse"


def _reach(row: Row) -> float:
    """Half the width of a row's interval."""
    return (row.high - row.low) / 2 if row.high is not None and row.low is not None else 0.0


def show(rows: list[dict[str, Any]], console: Console) -> None:
    """Print a comparison: headlines first, then what has changed."""
    from rich.table import Table
    from rich.text import Text

    from harness.report.safe import line

    table = Table("row", "first", "second", "difference", "verdict")
    shown = [r for r in rows if ".score" in r["row"] or r["verdict"] in ("better", "worse", "different")]
    for row in shown:
        interval = f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
        table.add_row(
            Text(line(row["row"])), f"{row['first']:.3f}", f"{row['second']:.3f}", interval, row["verdict"]
        )
    console.print(table)
    console.print(f"{len(rows)} rows in both runs, {len(rows) - len(shown)} without a change not shown")
