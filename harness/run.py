"""The straight line: load, plan, execute, measure, gate, render. The only module that knows every stage."""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness import __version__, catalog, gate, output, showcase
from harness import plan as planning
from harness.assertion import parse
from harness.data.check import check_splits
from harness.errors import Fault, UserError
from harness.execute.local import Emit, Report, Settings, execute
from harness.execute.perform import OUTCOME, keep_data
from harness.gather import gather, reasons
from harness.measure.scorecard import scorecard
from harness.measure.tables import Condition, Measure, Tables
from harness.models.device import numerics, resolve
from harness.plan import AnyModel, Data, Given, Plan, Unit
from harness.rows import Explained, Failure, Results, Row, Run, Shown, SuiteInfo, Trained, Work
from harness.store import Damaged, Published, Store
from harness.suite import Suite, load
from harness.tasks.task import Task
from harness.text import Example

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
    """

    store: Path = STORE
    reports: Path = REPORTS
    workers: int = 0
    strict: bool = False
    baseline: Path | None = None
    command: str = ""


@dataclass(frozen=True)
class Prepared:
    """A suite with its data read and its plan made; nothing has been computed."""

    suite: Suite
    plan: Plan
    device: str
    warnings: tuple[str, ...]

    @property
    def id(self) -> str:
        """The run's id: what was asked for decides it, so asking again gives it again."""
        keys = [unit.key for unit in self.plan.wanted()]
        text = json.dumps([self.suite.digest, keys])
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


@dataclass(frozen=True)
class Finished:
    """What a run leaves: its results, and the folder that its reports are in."""

    results: Results
    folder: Path


def prepare(path: str | Path) -> Prepared:
    """Load a suite, read its data and plan the work. Imports no torch.

    Raises:
        UserError: With all that is wrong with the suite, or else with its data.
    """
    suite = load(path)
    splits = read_splits(suite)
    device = resolve(suite.spec.device)
    bases = {m.name: _base(suite, m.name) for m in suite.spec.models}
    figures = json.dumps(numerics(device, suite.spec.threads), sort_keys=True)
    plan = planning.plan(suite, splits, bases, figures)
    return Prepared(suite, plan, device, tuple(_warnings(suite)))


def read_splits(suite: Suite) -> dict[str, Sequence[Example]]:
    """Every data set of a suite, read and checked.

    Raises:
        UserError: With all faults of all files.
    """
    splits: dict[str, Sequence[Example]] = {}
    faults: list[Fault] = []
    for name, source in suite.sources.items():
        try:
            found = source.use.extension.function(source.path, **source.use.options)
            splits[name] = source.part(found, suite.spec.seed)
        except UserError as error:
            faults += error.faults
    assert isinstance(suite.task, Task)
    if not faults:
        faults += check_splits(splits, trained="train" in splits) or planning.check_targets(
            suite.task, splits
        )
    if faults:
        raise UserError(faults)
    return splits


def _base(suite: Suite, name: str) -> str:
    """A digest of what a model starts from, or consists of."""
    model = next(m for m in suite.spec.models if m.name == name)
    if model.callable:
        from harness.models.function import digest as of_callable

        return of_callable(model.callable)
    if not suite.places[name]:
        return ""
    from harness.training.pretrained import digest

    return digest(suite.places[name])


def _warnings(suite: Suite) -> list[str]:
    found = []
    trained = any(use is not None for use in suite.trainers.values())
    if trained and len(suite.spec.vary.seeds) < 3:
        found.append(
            f"{len(suite.spec.vary.seeds)} seed(s): stability needs at least three, five for a first look"
        )
    return found


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
    prepared = prepare(path)
    suite = prepared.suite
    against = options.baseline or baseline_path(suite, options.reports)
    baseline = read_baseline(against, required=options.baseline is not None)
    store = Store(options.store)
    report = Report()
    try:
        while True:
            try:
                found = _computed(prepared, report, store, options, emit)
                results = _concluded(prepared, report, found, store, baseline, against, options, started)
                folder = _published(prepared, results, found, store, options)
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


def _published(prepared: Prepared, results: Results, found: _Found, store: Store, options: Options) -> Path:
    """Write the run's folder, unless it says the same already."""
    folder = options.reports / results.suite.name / results.run.id
    if not output.stands(folder, results):
        files = render(results, prepared.suite.plugins)
        files["run.json"] = output.about(results, prepared.plan)
        output.publish(
            folder, files, lambda to: output.predictions(to, prepared.plan, store.blobs, found.out)
        )
    return folder


@dataclass(frozen=True)
class _Found:
    """What was read back from the store."""

    tables: Tables
    examples: tuple[Shown, ...]
    explanations: tuple[Explained, ...]
    trained: tuple[Mapping[str, Any], ...]
    out: Mapping[str, str]


def _computed(prepared: Prepared, report: Report, store: Store, options: Options, emit: Emit) -> _Found:
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
    return _Found(
        tables=gather(plan, agreements, store.blobs, out, prepared.suite.spec),
        examples=showcase.examples(plan, store.blobs, out),
        explanations=showcase.explanations(plan, store.blobs, out),
        trained=tuple(_outcome(store, run) for runs in plan.models.values() for run in runs),
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


def measure(tables: Tables, plugins: Sequence[str] = ()) -> tuple[tuple[Row, ...], dict[str, str]]:
    """All rows, and the formula of each headline."""
    rows: list[Row] = []
    formulas = {}
    for name, record in catalog.every("measure", plugins).items():
        assert isinstance(record, Measure)
        rows += record.function(tables)
        formulas[name] = record.formula
    return tuple(rows), formulas


def render(results: Results, plugins: Sequence[str] = ()) -> dict[str, bytes]:
    """The files of all reporters."""
    files: dict[str, bytes] = {}
    for record in catalog.every("reporter", plugins).values():
        files |= record.function(results)
    return files


def _concluded(
    prepared: Prepared,
    report: Report,
    found: _Found,
    store: Store,
    baseline: Mapping[str, Any] | None,
    against: Path,
    options: Options,
    started: float,
) -> Results:
    suite, plan = prepared.suite, prepared.plan
    rows, formulas = measure(found.tables, suite.plugins)
    gates = gate.judge(suite.gates, rows, baseline)
    titles = {unit.key: unit.title for unit in plan.wanted()}
    incomplete = bool(report.failed)
    warnings = list(prepared.warnings)
    if report.repaired:
        warnings.append(f"{len(report.repaired)} damaged payload(s) of the store were made anew")
    return Results(
        run=Run(
            id=prepared.id,
            started=datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
            seconds=round(time.time() - started, 2),
            command=options.command or f"harness run {suite.file}",
            harness=__version__,
            versions=_versions(),
            machine=_machine(prepared),
            seeds=tuple(suite.spec.vary.seeds),
            warnings=tuple(warnings + _leaks(found.tables)),
        ),
        suite=SuiteInfo(
            name=suite.spec.suite,
            file=suite.file,
            digest=suite.digest,
            task=suite.task.name,
            metric=found.tables.metric,
            description=suite.spec.description,
            baseline=str(against),
            resolved=suite.spec.model_dump(mode="json"),
            data={name: len(examples) for name, examples in plan.data.items()},
        ),
        exit_code=int(gate.exit_code(gates, incomplete, options.strict)),
        scorecard=scorecard(rows, formulas),
        rows=rows,
        gates=gates,
        models=_trained(plan, found, rows),
        units=_work(plan, report, store),
        failures=tuple(
            Failure(unit=titles.get(key, key), error=why) for key, why in sorted(report.failed.items())
        ),
        examples=found.examples,
        explanations=found.explanations,
    )


def _leaks(tables: Tables) -> list[str]:
    return [
        f"{share:.1%} of the texts of {name} occur in the training data"
        for name, share in tables.overlap.items()
        if share > 0.05
    ]


def _trained(plan: Plan, found: _Found, rows: Sequence[Row]) -> tuple[Trained, ...]:
    runs = [run for runs in plan.models.values() for run in runs]
    return tuple(
        Trained(
            model=run.name,
            seed=run.seed,
            fraction=getattr(run, "fraction", 1.0),
            before=outcome.get("before"),
            after=outcome.get("after"),
            test=_test_score(found.tables, run),
            epochs=outcome.get("epochs", 0.0),
            seconds=outcome.get("seconds", 0.0),
            status="given" if isinstance(run, Given) else found.out.get(run.key, "ok"),
            note=outcome.get("note", ""),
        )
        for run, outcome in zip(runs, found.trained, strict=True)
    )


def _test_score(tables: Tables, run: AnyModel) -> float | None:
    for model in tables.models:
        for one in model.runs:
            if (model.name, one.seed) == (run.name, run.seed) and getattr(run, "fraction", 1.0) == 1.0:
                cell = one.cells.get(Condition("test"))
                return None if cell is None else round(float(tables.score(cell.stats.sum(0))), 6)
    return None


def _work(plan: Plan, report: Report, store: Store) -> tuple[Work, ...]:
    kinds: dict[str, list[Unit]] = {}
    agreements = plan.agreements(report.diverged | report.failed.keys() | report.skipped.keys())
    for unit in [*plan.wanted(), *agreements.values()]:
        if not isinstance(unit, Data):
            kinds.setdefault(unit.kind, []).append(unit)
    return tuple(
        Work(
            kind=kind,
            total=len(units),
            cached=sum(u.key in report.cached for u in units),
            done=sum(u.key in report.done for u in units),
            failed=sum(u.key in report.failed for u in units),
            skipped=sum(u.key in report.skipped for u in units),
            seconds=round(
                sum(store.blobs.described(u.key).seconds for u in units if store.blobs.has(u.key)), 2
            ),
        )
        for kind, units in kinds.items()
    )


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("torch", "transformers", "tokenizers", "numpy", "scipy", "nlpaug", "textattack", "captum"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _machine(prepared: Prepared) -> dict[str, str | int | float]:
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count() or 0,
        "device": prepared.device,
        "threads": prepared.suite.spec.threads,
        "dtype": "float32",
    }


def baseline_path(suite: Suite, reports: Path) -> Path:
    """Where the baseline of a suite is, unless the suite says otherwise."""
    if suite.spec.baseline:
        return Path(suite.file).parent / suite.spec.baseline
    return reports / "baselines" / f"{suite.spec.suite}.json"


def read_baseline(path: Path, required: bool = False) -> dict[str, Any] | None:
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


def regate(results: Results, baseline: Path | None, strict: bool) -> Results:
    """Stored results with their gates judged again, without a model.

    Args:
        results: As stored.
        baseline: File to compare with; by default the one that the suite names.
        strict: Whether an inconclusive gate fails.
    """
    lines = {g.expression: g.line for g in results.gates}
    gates = [(parse(text), lines.get(text, 0)) for text in results.suite.resolved["gates"]]
    path = baseline or Path(results.suite.baseline)
    judged = gate.judge(gates, results.rows, read_baseline(path, required=baseline is not None))
    code = gate.exit_code(judged, bool(results.failures), strict)
    return replace(results, gates=judged, exit_code=int(code))
