"""From what was found to results: rows, verdicts, and what was run on what."""

from __future__ import annotations

import os
import platform
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness import __version__, catalog, gate
from harness.baseline import known
from harness.execute.local import Report
from harness.execute.perform import study_of, trials_of
from harness.measure import attacked, labels, outliers, transitions
from harness.measure.basis import SAME, Bases, Measured, plain
from harness.measure.scorecard import scorecard
from harness.measure.tables import Condition, Measure, Tables
from harness.plan import Plan
from harness.prepare import Prepared
from harness.rows import (
    Budget,
    Explained,
    Failure,
    GateResult,
    Results,
    Row,
    Run,
    Searched,
    Shown,
    SliceSearch,
    SuiteInfo,
    Trained,
    Unstable,
    Work,
)
from harness.store import Store
from harness.training.search import COMPLETE, DIVERGED, PRUNED, best, importance
from harness.units import AnyModel, Data, Given, Unit


@dataclass(frozen=True)
class Found:
    """What was done of the plan, and read back from the store."""

    plan: Plan
    tables: Tables
    examples: tuple[Shown, ...]
    explanations: tuple[Explained, ...]
    unstable: tuple[Unstable, ...]
    trained: tuple[Mapping[str, Any], ...]
    stumbles: Sequence[str]
    out: Mapping[str, str]
    budget: Budget | None = None
    slices: tuple[SliceSearch, ...] = ()


@dataclass(frozen=True)
class Judged:
    """Rows, what they rest on, what the gates say of them, and the formula of each headline."""

    rows: tuple[Row, ...]
    bases: Bases
    gates: tuple[GateResult, ...]
    formulas: Mapping[str, str]


def judged(
    prepared: Prepared, tables: Tables, baseline: Path, required: bool, only: Collection[str] = ()
) -> Judged:
    """Measure and judge.

    Args:
        prepared: What was asked for.
        tables: What came of it.
        baseline: File that relative gates compare with.
        required: Whether it has to be there.
        only: Measures to take, and properties whose gates to judge, as if the other gates held; empty: all.

    Raises:
        UserError: If the baseline is not one.
    """
    suite = prepared.suite
    measured, formulas = list[Row](), dict[str, str]()
    for name, record in catalog.every("measure", suite.plugins).items():
        assert isinstance(record, Measure)
        if not only or name in only:
            measured += record.function(tables)
            formulas[name] = record.formula
    rows, bases = tuple(plain(row) for row in measured), _bases(measured)
    against = replace(known(baseline, required, bases), looks=tables.looks)
    gates = [one for one in suite.gates if not only or one[0].property in only]
    found = gate.judge(gates, rows, against, suite.spec.statistics.level, len(suite.gates) - len(gates))
    return Judged(rows, bases, found, formulas)


def conclude(
    prepared: Prepared,
    report: Report,
    found: Found,
    store: Store,
    *,
    baseline: Path,
    required: bool,
    strict: bool,
    command: str,
    started: float,
) -> tuple[Results, Bases]:
    """Measure what was found, judge the gates, and say what was run on what.

    Args:
        prepared: What was asked for.
        report: What became of the units.
        found: What was read back.
        store: For how long units took.
        baseline: File that relative gates compare with.
        required: Whether it has to be there.
        strict: Whether an inconclusive gate fails the run.
        command: What the user typed.
        started: When, in seconds since 1970.

    Returns:
        The results, and what their rows rest on.

    Raises:
        UserError: If the baseline is not one.
    """
    suite, plan = prepared.suite, found.plan
    seen = judged(prepared, found.tables, baseline, required)
    rows, gates = seen.rows, seen.gates
    titles = {unit.key: unit.title for unit in plan.wanted()}
    incomplete = bool(report.failed)
    warnings = list(prepared.warnings)
    if report.repaired:
        warnings.append(f"{len(report.repaired)} damaged payload(s) of the store were made anew")
    results = Results(
        run=Run(
            id=prepared.id,
            started=datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
            seconds=round(time.time() - started, 2),
            command=command,
            harness=__version__,
            versions=_versions(),
            machine=_machine(prepared),
            seeds=tuple(suite.spec.vary.seeds),
            warnings=(*warnings, *_leaks(found.tables), *found.stumbles),
        ),
        suite=SuiteInfo(
            name=suite.spec.suite,
            file=suite.file,
            digest=suite.digest,
            task=suite.task.name,
            metric=found.tables.metric,
            description=suite.spec.description,
            baseline=str(baseline),
            resolved=suite.spec.model_dump(mode="json"),
            data={name: len(examples) for name, examples in plan.data.items()},
        ),
        exit_code=int(gate.exit_code(gates, incomplete, strict)),
        scorecard=scorecard(rows, seen.formulas),
        rows=rows,
        gates=gates,
        models=_trained(plan, found, rows),
        searches=tuple(_searched(plan, found, store)),
        units=_work(plan, report, store),
        failures=tuple(
            Failure(unit=titles.get(key, key), error=why) for key, why in sorted(report.failed.items())
        ),
        labels=labels.reports(found.tables),
        attacks=attacked.costs(found.tables),
        budget=found.budget,
        transitions=transitions.tables(found.tables),
        outliers=outliers.histograms(found.tables),
        examples=found.examples,
        explanations=found.explanations,
        unstable=found.unstable,
        slices=found.slices,
    )
    return results, seen.bases


def _bases(rows: Sequence[Row]) -> Bases:
    """What rows rest on, as far as it is the number that they give."""
    return {
        gate.row_id(row): row.basis
        for row in rows
        if isinstance(row, Measured)
        and row.basis is not None
        and row.value is not None
        and abs(row.basis.value - row.value) < SAME
        and "seed" not in row.condition
    }


def _leaks(tables: Tables) -> list[str]:
    return [
        f"{share:.1%} of the texts of {name} occur in the training data"
        for name, share in tables.overlap.items()
        if share > 0.05
    ]


def _trained(plan: Plan, found: Found, rows: Sequence[Row]) -> tuple[Trained, ...]:
    runs = [run for runs in plan.models.values() for run in runs]
    return tuple(
        Trained(
            model=run.name,
            seed=run.seed,
            **asdict(run.variation),
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


def _searched(plan: Plan, found: Found, store: Store) -> Iterator[Searched]:
    searches = {name: getattr(runs[0], "search", None) for name, runs in plan.models.items()}
    for name, search in searches.items():
        if search is None or search.key in found.out:
            continue
        trials = trials_of(search, store.blobs)
        ended, top = Counter(trial.state for trial in trials), best(trials)
        yield Searched(
            model=name,
            sampler=search.sampler,
            complete=ended[COMPLETE],
            pruned=ended[PRUNED],
            diverged=ended[DIVERGED],
            score=top.value if top else None,
            chosen=top.options if top else {},
            seconds=store.blobs.described(search.key).seconds,
            importance=importance(study_of(search), trials),
        )


def _test_score(tables: Tables, run: AnyModel) -> float | None:
    for model in tables.models:
        for one in model.runs if run.variation.main else model.parts.get(run.variation, ()):
            if (model.name, one.seed) == (run.name, run.seed):
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
