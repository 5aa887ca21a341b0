"""The task's own metric on every split: what the five properties are read beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.measure import gain
from harness.measure.common import Study, studies
from harness.measure.tables import TEST, Condition, Measure, Tables
from harness.rows import Row

VERSION = 1


def measure(tables: Tables) -> Iterable[Row]:
    """The task's metric, chance and further scores on the test data, the shifts and the training data."""
    splits = sorted(tables.sizes, key=lambda split: (split != TEST, split))
    for split in splits:
        for study in studies(tables, "score", (split,), VERSION):
            if study.runs:
                yield from _rows(study, split)
            elif split == TEST:
                yield study.absent("score", "no run finished")
    yield from gain.rows(tables, VERSION)


SCORE = Measure(
    name="score",
    function=measure,
    version=VERSION,
    formula="the task's metric on clean data",
)


def _rows(study: Study, split: str) -> Iterator[Row]:
    condition, place = Condition(split), {"split": split}
    if any(condition not in run.cells for run in study.runs):
        return
    n = study.size(condition)
    sums = study.clean(split)
    scores = study.tables.score(sums)
    yield study.row("score", scores, place, n=n, note=study.remark)
    yield study.row("chance", study.tables.chance(sums), place, n=n, direction="none")
    for name, one in study.tables.details.get(study.model.name, {}).items():
        yield study.row(name, one(sums), place, n=n, bounds=one.bounds, direction=one.direction)
    if not study.model.given:
        for run, series in zip(study.runs, scores, strict=True):
            seed = "" if run.seed is None else run.seed
            yield study.row("score", series[None], {"split": split, "seed": seed}, n=n, runs=1)
