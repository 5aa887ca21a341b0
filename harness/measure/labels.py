"""The classification report of each model on the clean test data."""

from __future__ import annotations

from collections.abc import Iterator

from harness.measure.common import SHARE, Study, interval, studies
from harness.measure.tables import TEST, Condition, Tables
from harness.rows import LabelLine, LabelReport, finite
from harness.tasks.scoring.report import Line, report

VERSION = 1


def reports(tables: Tables) -> tuple[LabelReport, ...]:
    """A report per model and level, as means over its runs; none for tasks without labels."""
    found = studies(tables, "score", (TEST,), VERSION) if any(tables.columns.values()) else ()
    return tuple(one for study in found for one in _reports(study))


def _reports(study: Study) -> Iterator[LabelReport]:
    columns = study.tables.columns.get(study.model.name, ())
    if not columns or not study.runs or any(Condition(TEST) not in run.cells for run in study.runs):
        return
    for level, lines in report(columns, study.clean(TEST)).items():
        told = tuple(_line(study, line) for line in lines)
        yield LabelReport(model=study.model.name, level=level, runs=len(study.runs), lines=told)


def _line(study: Study, line: Line) -> LabelLine:
    """Means over runs, of which F1 has its interval. Each number is a series ``(R, length)``."""
    f1 = interval(line.f1, study.draws, study.tables.level, SHARE)
    return LabelLine(
        name=line.name,
        precision=float(line.precision[:, 0].mean()),
        recall=float(line.recall[:, 0].mean()),
        f1=float(line.f1[:, 0].mean()),
        low=finite(f1.low),
        high=finite(f1.high),
        support=int(line.support[:, 0].max()),
        average=line.average,
    )
