"""What later runs must not fall behind: a small file that people review and commit."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from scipy.special import ndtri

from harness import bases
from harness.errors import Fault, UserError, nearest
from harness.gate import Known, baseline_of
from harness.measure.basis import Bases
from harness.measure.tables import TEST, Condition, Fixed, Reference
from harness.rows import Results
from harness.suite import Suite
from harness.tasks.task import Task


def place(suite: Suite, reports: Path) -> Path:
    """Where the baseline of a suite is, unless the suite says otherwise."""
    if suite.spec.baseline:
        return Path(suite.file).parent / suite.spec.baseline
    return reports / "baselines" / f"{suite.spec.suite}.json"


def read(path: Path, required: bool = False) -> dict[str, Any] | None:
    """A baseline file, or None if there is none.

    Raises:
        UserError: If it is there but is not a baseline, or if it is required and not there.
    """
    again = "write one with `harness baseline RUN`"
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if required:
            raise UserError(Fault("no such baseline", str(path), hint=again)) from None
        return None
    except OSError as error:
        raise UserError(Fault(f"cannot be read: {error.strerror}", str(path))) from None
    except json.JSONDecodeError as error:
        fault = Fault(f"not a baseline: {error.msg}", str(path), error.lineno, error.colno, hint=again)
        raise UserError(fault) from None
    except (ValueError, RecursionError) as error:
        raise UserError(Fault(f"not a baseline: {error}", str(path), hint=again)) from None
    if not isinstance(found, dict) or found.get("schema") != 1 or not isinstance(found.get("rows"), dict):
        raise UserError(Fault("not a baseline of schema 1", str(path), hint=again))
    if wrong := [name for name, row in found["rows"].items() if not _comparable(row)]:
        fault = Fault("should have a finite value and a signature", str(path), field=wrong[0], hint=again)
        raise UserError(fault)
    return found


def _comparable(row: object) -> bool:
    """Whether a row of a baseline is what :func:`harness.gate.baseline_of` writes."""
    if not isinstance(row, dict) or not isinstance(row.get("signature"), str):
        return False
    value = row.get("value")
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_RETAINED = re.compile(
    r"(?P<model>.*)/robustness\.retained_score\{family=(?P<family>.*),operator=(?P<operator>.*),"
    r"severity=(?P<severity>\d+)\}"
)


def reference(suite: Suite) -> Reference | None:
    """Whom a suite compares errors with: one of its models, or what a baseline file tells of another.

    Raises:
        UserError: If the file is not a baseline, tells nothing of the model, or of another metric.
    """
    if suite.reference is None:
        return None
    name, file = suite.reference
    if not file:
        return Reference(name, name)
    found = read(Path(file), required=True)
    assert found is not None
    told = {match[0]: match for key in found["rows"] if (match := _RETAINED.fullmatch(key))}
    known = sorted({match["model"] for match in told.values()})
    if name not in known:
        what = f"tells nothing of how a model {name!r} does in conditions"
        raise UserError(Fault(what, file, hint=nearest(name, known)))
    assert isinstance(suite.task, Task)
    scores = {
        Condition(TEST, match["operator"], match["family"], int(match["severity"])): _fixed(
            found["rows"][key], suite.task.scoring.metric, file, key
        )
        for key, match in told.items()
        if match["model"] == name
    }
    clean = found["rows"].get(f"{name}/score.score{{split={TEST}}}", {"value": math.nan})
    return Reference(name, f"{name} of {Path(file).name}", scores, clean["value"])


def _fixed(row: dict[str, Any], metric: str, file: str, key: str) -> Fixed:
    measured, _, rest = row["signature"].partition("|B=")
    if measured != metric:
        raise UserError(Fault(f"was measured as {measured}, should be {metric}", file, field=key))
    level = float(rest.split("|")[1])
    reach = (row["high"] - row["low"]) / 2 if {"low", "high"} <= row.keys() else math.nan
    return Fixed(row["value"], reach / float(ndtri((1 + level) / 2)))


def accept(results: Results, path: Path, resting: Bases) -> int:
    """Write a run's rows as the baseline, and beside it what they rest on; returns how many.

    Args:
        results: The run's.
        path: The baseline's file.
        resting: What the rows rest on.

    Raises:
        UserError: If the run is incomplete.
    """
    if results.failures:
        raise UserError(Fault(f"run {results.run.id} is incomplete: {len(results.failures)} units failed"))
    found = baseline_of(results.run.id, results.suite.name, results.rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_reviewable(found), "utf-8")
    bases.write(
        beside(path), {name: one for name, one in resting.items() if name in found["rows"]}, results.run.id
    )
    return len(found["rows"])


def beside(path: Path) -> Path:
    """Where lies what the rows of a baseline rest on."""
    return path.with_suffix(".parquet")


def known(path: Path, required: bool, resting: Bases) -> Known:
    """What the rows of a run are compared with.

    Args:
        path: The baseline's file.
        required: Whether it has to be there.
        resting: What the rows of the run rest on.

    Raises:
        UserError: As :func:`read`.
    """
    found = read(path, required)
    before, run = bases.read(beside(path)) if found is not None else ({}, "")
    return Known(found, resting, before if found is not None and run == found["run"] else {})


def _reviewable(baseline: dict[str, Any]) -> str:
    """A baseline as JSON with a row per line, so that a change to it reads like one."""
    rows = [
        f"  {json.dumps(name)}: {json.dumps(row, allow_nan=False)}" for name, row in baseline["rows"].items()
    ]
    head = [f" {json.dumps(name)}: {json.dumps(baseline[name])}" for name in ("schema", "suite", "run")]
    return "{\n" + ",\n".join([*head, ' "rows": {\n' + ",\n".join(rows) + "\n }"]) + "\n}\n"
