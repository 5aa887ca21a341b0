"""Writes a run's folder: all of it at once, or nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness import payload
from harness.execute.files import PREDICTIONS
from harness.plan import Plan, full
from harness.report.json import FILE as RESULTS_FILE
from harness.report.json import results_json
from harness.rows import Results
from harness.store import Blobs
from harness.units import spelled

PREDICTIONS_FILE, RUN_FILE = "predictions.parquet", "run.json"


def publish(folder: Path, files: Mapping[str, bytes], extra: Callable[[Path], None]) -> None:
    """Write files beside the folder, then put them in its place.

    Args:
        folder: The run's folder; what was there before is replaced as a whole.
        files: Content by name.
        extra: Writes further files into the folder it is given.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.parent / f".{folder.name}-{uuid.uuid4().hex[:8]}"
    scratch.mkdir()
    try:
        for name, content in files.items():
            (scratch / name).write_bytes(content)
        extra(scratch)
        _replace(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replace(scratch: Path, folder: Path) -> None:
    """Rename a folder to another's name; a second driver may do the same at the same time."""
    old = scratch.with_name(f"{scratch.name}-old")
    while True:
        try:
            os.rename(scratch, folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
        with suppress(FileNotFoundError):
            os.rename(folder, old)
        shutil.rmtree(old, ignore_errors=True)


def stands(folder: Path, results: Results) -> bool:
    """Whether the reports in the folder say what the results say, apart from when and how long."""
    try:
        stored = _said((folder / RESULTS_FILE).read_bytes())
    except (OSError, ValueError, LookupError, TypeError):  # not there, or not what was written
        return False
    return stored == _said(results_json.function(results)[RESULTS_FILE])


def _said(content: bytes) -> object:
    found = json.loads(content)
    for name in ("started", "seconds", "command"):
        found["run"].pop(name, None)
    found.pop("units", None)
    return found


def renew(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into an existing folder, each at once."""
    for name, content in files.items():
        scratch = folder / f".{name}-{uuid.uuid4().hex[:8]}"
        scratch.write_bytes(content)
        os.replace(scratch, folder / name)


def predictions(folder: Path, plan: Plan, blobs: Blobs, out: Mapping[str, str]) -> None:
    """Everything every model said, in one table: model, seed, condition, example, answer."""
    import pyarrow as pa

    tables = []
    for (model, seed, variation), cells in plan.scores.items():
        found_in = [(where, unit) for where, parts in cells.items() for unit in parts]
        for (split, operator, _, severity), unit in found_in:
            if unit.said.key in out or unit.key in out:
                continue
            found, _ = payload.read_table(blobs.open(unit.said.key, PREDICTIONS))
            count = found.num_rows
            labels = {"model": model, "split": split, "operator": operator}
            columns: dict[str, Any] = {name: pa.repeat(value, count) for name, value in labels.items()}
            columns["seed"] = pa.repeat(pa.scalar(seed, pa.int64()), count)
            columns |= {
                axis: pa.repeat(pa.scalar(value, pa.int64() if value is None else None), count)
                for axis, value in asdict(variation).items()
            }
            columns["severity"] = pa.repeat(pa.scalar(severity, pa.int64()), count)
            tables.append(pa.table(columns | {"id": found["id"], "said": found["said"]}))
    if tables:
        payload.save(folder / PREDICTIONS_FILE, pa.concat_tables(tables))


def about(results: Results, plan: Plan, plugins: Sequence[str] = ()) -> bytes:
    """``run.json``: what was run on what, with the keys of all units, to find them in the store.

    Its ``models`` are the runs on all of the training data, from which a model can be loaded again.
    """
    units = {unit.key: unit.title for unit in plan.wanted()}
    data = {name: {"digest": unit.digest, "examples": unit.size} for name, unit in plan.units.items()}
    found = {
        "run": asdict(results.run),
        "suite": asdict(results.suite),
        "exit_code": results.exit_code,
        "data": data,
        "models": [spelled(run) for runs in plan.models.values() for run in full(runs)],
        "plugins": list(plugins),
        "units": units,
    }
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False).encode()
