"""The straight line: load, plan, execute, measure, gate, render. The only module that knows every stage."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import baseline, bases, catalog, gate, output, showcase
from harness import plan as planning
from harness.assertion import parse
from harness.conclude import Found, conclude
from harness.errors import Fault, UserError
from harness.execute.files import OUTCOME
from harness.execute.local import Emit, Report, Settings, execute
from harness.execute.perform import keep_data
from harness.gather import gather, reasons, stumbles
from harness.measure.basis import Bases
from harness.plan import AnyModel, Data, Given
from harness.prepare import Prepared, prepare
from harness.rows import Results
from harness.store import Damaged, Published, Store

STORE, REPORTS = Path(".harness"), Path("reports")


@dataclass(frozen=True)
class Options:
    """Where and how a run takes place; nothing here decides a number.

    Args:
        store: Folder of the store.
        reports: Folder that reports are written below.
        workers: Processes; 0 means as many as there are cores for.
        strict: Whether an inconclusive gate fails the run.
        baseline: File to compare with, instead of the suite's.
        command: What the user typed, for the report.
        scale: So many times the examples that the suite says.
    """

    store: Path = STORE
    reports: Path = REPORTS
    workers: int = 0
    strict: bool = False
    baseline: Path | None = None
    command: str = ""
    scale: int = 1


@dataclass(frozen=True)
class Finished:
    """What a run leaves: its results, and the folder that its reports are in."""

    results: Results
    folder: Path


def run(path: str | Path, options: Options, emit: Emit = lambda event: None) -> Finished:
    """Run a suite: do what is missing, measure all of it, judge the gates, write the reports.

    Args:
        path: The suite file.
        options: Where and how.
        emit: Told of every event, for a live view.

    Raises:
        UserError: If suite, data or baseline are wrong; nothing has been computed then.
    """
    started = time.time()
    prepared = prepare(path, options.scale)
    against = options.baseline or baseline.place(prepared.suite, options.reports)
    baseline.read(against, required=options.baseline is not None)  # a wrong one is told before the work
    store = Store(options.store)
    report = Report()
    try:
        while True:
            try:
                found = _computed(prepared, report, store, options, emit)
                results, resting = conclude(
                    prepared,
                    report,
                    found,
                    store,
                    baseline=against,
                    required=options.baseline is not None,
                    strict=options.strict,
                    command=options.command or f"harness run {prepared.suite.file}",
                    started=started,
                )
                folder = _published(prepared, results, resting, found, store, options)
                break
            except Damaged as damage:  # noticed when it was read back: once more, and it is made anew
                if damage.key in report.repaired:
                    raise UserError(
                        Fault(str(damage), str(options.store), hint="is the disk failing?")
                    ) from None
                report.repaired.add(damage.key)
        store.record(results.run.id, results.suite.name, str(folder), results.exit_code, results.run.started)
    finally:
        store.close()
    return Finished(results, folder)


def _published(
    prepared: Prepared, results: Results, resting: Bases, found: Found, store: Store, options: Options
) -> Path:
    """Write the run's folder, unless it says the same already."""
    folder = options.reports / results.suite.name / results.run.id
    if not output.stands(folder, results):
        files = render(results, prepared.suite.plugins)
        files[output.RUN_FILE] = output.about(results, prepared.plan, prepared.suite.plugins)

        def more(to: Path) -> None:
            output.predictions(to, prepared.plan, store.blobs, found.out)
            bases.write(to / bases.FILE, resting, results.run.id)

        output.publish(folder, files, more)
    return folder


def _computed(prepared: Prepared, report: Report, store: Store, options: Options, emit: Emit) -> Found:
    """Execute and read back; the report is told what became of the units."""
    plan = prepared.plan
    names = {unit.key: name for name, unit in plan.units.items()}
    settings = Settings(
        prepared.suite.plugins,
        prepared.device,
        prepared.suite.spec.threads,
        options.workers or _workers(prepared),
    )

    def restore(unit: Data) -> Published:
        return keep_data(unit, plan.data[names[unit.key]], store.blobs)

    report.absorb(execute(plan.wanted(), store, settings, restore, emit))
    agreements = plan.agreements(report.diverged | report.failed.keys() | report.skipped.keys())
    # Known only now: which runs there are to agree. No model is needed for it.
    second = list(planning.reachable(agreements.values()))
    report.absorb(execute(second, store, replace(settings, workers=1), restore, emit))
    out = reasons(report.diverged, report.failed, report.skipped)
    return Found(
        tables=gather(
            plan, agreements, store.blobs, out, prepared.suite.spec, prepared.reviews, prepared.excluded
        ),
        examples=showcase.examples(plan, store.blobs, out),
        explanations=showcase.explanations(plan, store.blobs, out),
        trained=tuple(_outcome(store, run) for runs in plan.models.values() for run in runs),
        stumbles=stumbles(plan, store.blobs, out),
        out=out,
    )


def _outcome(store: Store, run: AnyModel) -> Mapping[str, Any]:
    """What a training said about itself."""
    if isinstance(run, Given) or not store.blobs.has(run.key):
        return {}
    seconds = store.blobs.described(run.key).seconds
    return {**json.loads(store.blobs.open(run.key, OUTCOME).read_text("utf-8")), "seconds": seconds}


def _workers(prepared: Prepared) -> int:
    """One worker a core, up to eight; one alone on an accelerator."""
    if prepared.device != "cpu":
        return 1
    return max(1, min(8, (os.cpu_count() or 1) // prepared.suite.spec.threads))


def render(results: Results, plugins: Sequence[str] = ()) -> dict[str, bytes]:
    """The files of all reporters."""
    files: dict[str, bytes] = {}
    for record in catalog.every("reporter", plugins).values():
        files |= record.function(results)
    return files


def regate(results: Results, folder: Path, against: Path | None, strict: bool) -> Results:
    """Stored results with their gates judged again, without a model.

    Args:
        results: As stored.
        folder: Where they are.
        against: File to compare with; by default the one that the suite names.
        strict: Whether an inconclusive gate fails.
    """
    lines = {g.expression: g.line for g in results.gates}
    gates = [(parse(text), lines.get(text, 0)) for text in results.suite.resolved["gates"]]
    path = against or Path(results.suite.baseline)
    level = results.suite.resolved["statistics"]["level"]
    known = baseline.known(path, against is not None, bases.read(folder / bases.FILE)[0])
    judged = gate.judge(gates, results.rows, known, level)
    code = gate.exit_code(judged, bool(results.failures), strict)
    return replace(results, gates=judged, exit_code=int(code))
