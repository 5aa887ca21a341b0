"""The straight line: load, plan, execute, measure, gate, render. The only module that knows every stage."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import baseline, bases, catalog, gate, output
from harness.assertion import parse
from harness.compute import Work
from harness.conclude import Found, conclude
from harness.errors import Fault, UserError
from harness.execute.local import Emit, Report
from harness.measure.basis import Bases
from harness.prepare import Prepared, prepare
from harness.rows import Results
from harness.store import Damaged, Store

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
    beside = baseline.reference(prepared.suite)
    store = Store(options.store)
    report = Report()
    work = Work(prepared, store, report, emit, options.workers, beside)
    try:
        while True:
            try:
                found = work.found(against, options.baseline is not None)
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
    kept, _ = bases.read(folder / bases.FILE)
    if kept.keys() != resting.keys() or not output.stands(folder, results):
        files = render(results, prepared.suite.plugins)
        files[output.RUN_FILE] = output.about(results, found.plan, prepared.suite.plugins)

        def more(to: Path) -> None:
            output.predictions(to, found.plan, store.blobs, found.out)
            bases.write(to / bases.FILE, resting, results.run.id)

        output.publish(folder, files, more)
    return folder


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
    if results.budget is not None:
        known = replace(known, looks=results.budget.looks)
    judged = gate.judge(gates, results.rows, known, level)
    code = gate.exit_code(judged, bool(results.failures), strict)
    return replace(results, gates=judged, exit_code=int(code))
