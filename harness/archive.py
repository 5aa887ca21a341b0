"""Past runs: finding and comparing them. Works on what was written, without a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import Fault, UserError, nearest
from harness.gate import row_id
from harness.measure.basis import Bases, Basis, difference, independent, interval, paired
from harness.measure.statistics import Interval
from harness.report.json import FILE, load_results
from harness.rows import Results, Row, measured_as
from harness.store import Store

if TYPE_CHECKING:
    from rich.console import Console

NONE: Mapping[str, Basis] = {}
"""Where nothing is known of what rows rest on."""


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


def compare(
    first: Results, second: Results, before_on: Bases = NONE, now_on: Bases = NONE
) -> list[dict[str, Any]]:
    """Rows that both runs have, with their difference and an interval for it.

    Where it is known what both numbers rest on, and it is the same examples, they are paired. Otherwise
    they are taken as independent, which is too wide where they share examples, never too narrow. Rows of
    single seeds are left out.

    Args:
        first: Results of a run.
        second: Those of a later one.
        before_on: What the rows of the first rest on.
        now_on: What those of the second rest on.
    """
    before = {row_id(row): row for row in first.rows if "seed" not in row.condition}
    level = float(second.suite.resolved.get("statistics", {}).get("level", 0.95))
    found = []
    for row in second.rows:
        other = before.get(row_id(row))
        if other is None or row.value is None or other.value is None:
            continue
        now, then = now_on.get(row_id(row)), before_on.get(row_id(row))
        if now is not None and then is not None:
            apart = difference(now, then, level)
        else:
            apart = independent(interval(row), interval(other))
        found.append(
            {
                "row": row_id(row),
                "first": other.value,
                "second": row.value,
                "difference": apart.value,
                "low": apart.low,
                "high": apart.high,
                "paired": now is not None and then is not None and paired(now, then),
                "verdict": _verdict(row, other, apart),
            }
        )
    return found


def _verdict(row: Row, other: Row, apart: Interval) -> str:
    if measured_as(row.signature) != measured_as(other.signature):
        return "not comparable"
    if apart.low <= 0 <= apart.high:
        return "no difference shown"
    if row.direction == "none":
        return "different"
    return "better" if (apart.value > 0) == (row.direction == "higher") else "worse"


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
