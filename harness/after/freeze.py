"""The perturbed sets of a suite as files: the same texts for everybody who scores a model on them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import __version__, output, payload
from harness.data.frozen import CHANGED, CLEAN_FILE, MANIFEST, REFUSED, UNCHANGED, line, sha256, status
from harness.errors import Fault, UserError
from harness.execute.bench import usable
from harness.execute.files import VARIANTS
from harness.execute.local import Emit, Report, Settings, execute
from harness.execute.perform import keep_data
from harness.prepare import Prepared, prepare
from harness.store import Published, Store
from harness.text import Variant
from harness.units import Data, Perturb

FORMAT = 1
"""Of the files; raised when it changes."""


@dataclass(frozen=True)
class Frozen:
    """What was written: a set's file, and how many of its examples are what."""

    file: str
    counts: dict[str, int]
    rate: float


def freeze(suite: Path, folder: Path, store: Path, force: bool, emit: Emit) -> list[Frozen]:
    """Perturb the test set of a suite with each of its operators and severities, and write it all.

    Args:
        suite: The suite file.
        folder: Where to; must be empty or not be there, or hold a frozen set that may be replaced.
        store: Of results: what was perturbed before is not perturbed again.
        force: Whether to replace an earlier frozen set.
        emit: Told of every event.

    Raises:
        UserError: If the suite is wrong or has no operators, or the folder holds something else.
    """
    prepared = prepare(suite)
    if not prepared.suite.operators:
        raise UserError(Fault("no operators to freeze the texts of", str(suite), field="perturb.operators"))
    _free(folder, force)
    opened = Store(store)
    try:
        units = perturbed(prepared, opened, emit)
        written: list[Frozen] = []
        output.publish(folder, {}, lambda to: written.extend(_written(prepared, units, opened, to)))
    finally:
        opened.close()
    return written


def _free(folder: Path, force: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(Fault("is a file; a folder was expected", str(folder)))
    if not any(folder.iterdir()):
        return
    if not (folder / MANIFEST).is_file():
        raise UserError(
            Fault("holds something else than a frozen set", str(folder), hint="choose another folder")
        )
    if not force:
        raise UserError(Fault("holds a frozen set already", str(folder), hint="--force replaces it"))


def perturbed(prepared: Prepared, store: Store, emit: Emit) -> list[Perturb]:
    """Every perturbed set of the plan, made if it is not there yet."""
    plan = prepared.plan
    data = plan.units["perturbed"]
    parts = [u for u in plan.wanted() if isinstance(u, Perturb) and u.data == data]
    units = list(dict.fromkeys(replace(u, part=None) for u in parts))  # whatever the budget

    def restore(unit: Data) -> Published:
        return keep_data(unit, plan.data["perturbed"], store.blobs)

    settings = Settings(prepared.suite.plugins, prepared.device, prepared.suite.spec.threads, workers=1)
    report: Report = execute([data, *units], store, settings, restore, emit)
    if report.failed:
        raise UserError([Fault(why, field=key[:8]) for key, why in report.failed.items()])
    return units


def _written(prepared: Prepared, units: Sequence[Perturb], store: Store, folder: Path) -> Iterator[Frozen]:
    clean = [Variant(example, (), 0.0) for example in prepared.plan.data["perturbed"]]
    with (folder / CLEAN_FILE).open("w", encoding="utf-8") as file:
        file.writelines(line(variant, clean=True) for variant in clean)
    listed: list[dict[str, Any]] = [
        {"file": CLEAN_FILE, "examples": len(clean), "sha256": sha256(folder / CLEAN_FILE)}
    ]
    for unit in units:
        variants = payload.read_variants(store.blobs.open(unit.key, VARIANTS))
        path = folder / f"{_file_name(unit.operator.label)}-{unit.severity}.jsonl"
        with path.open("x", encoding="utf-8") as file:
            file.writelines(map(line, variants))
        counts = Counter(map(status, variants))
        changed = [v.rate for v in usable(variants)]
        rate = sum(changed) / len(changed) if changed else 0.0
        found = {state: counts[state] for state in (CHANGED, UNCHANGED, REFUSED)}
        told = {"operator": unit.operator.label, "version": unit.operator.number, "severity": unit.severity}
        listed.append({"file": path.name, **told, **found, "rate": round(rate, 6), "sha256": sha256(path)})
        yield Frozen(path.name, found, rate)
    (folder / MANIFEST).write_text(json.dumps(_manifest(prepared, listed), indent=1) + "\n", "utf-8")


def _file_name(label: str) -> str:
    """An operator's label as part of a file's name: ``nlpaug:ocr`` becomes ``nlpaug_ocr``."""
    return re.sub(r"[^\w.-]+", "_", label, flags=re.ASCII)


def _manifest(prepared: Prepared, files: list[dict[str, Any]]) -> dict[str, Any]:
    spec, data = prepared.suite.spec, prepared.plan.units["perturbed"]
    return {
        "format": FORMAT,
        "harness": __version__,
        "suite": spec.suite,
        "task": spec.task,
        "seed": spec.seed,
        "data": {"digest": data.digest, "examples": data.size},
        "files": files,
    }
