"""Interpretability: what is said to have decided did decide (methods, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from harness.measure.common import DIFFERENCE, Study, interval, joined, share, studies
from harness.measure.tables import TEST, Array, ExplainTable, Measure, Tables
from harness.rows import Row, Status

VERSION = 1
RECOMMENDED = 100


def measure(tables: Tables) -> Iterable[Row]:
    """Faithfulness of attributions against the best and worst possible, and their stability."""
    for study in studies(tables, "interpretability", (TEST,), VERSION):
        yield from _rows(study)


INTERPRETABILITY = Measure(
    name="interpretability",
    function=measure,
    version=VERSION,
    formula=(
        "I = max(0, mean over texts of normalised faithfulness: deleting words by attributed importance, "
        "0 as good as random, 1 as good as possible)"
    ),
)


def _rows(study: Study) -> Iterator[Row]:
    methods: dict[str, list[ExplainTable]] = {}
    for table in study.model.explanations:
        methods.setdefault(table.method, []).append(table)
    if not methods:
        yield study.absent("score", study.model.explainable or "no predictions were explained")
    for name, tables in methods.items():
        yield from _method_rows(study, name, tables, {"method": name} if len(methods) > 1 else {})


def _method_rows(
    study: Study, method: str, tables: list[ExplainTable], place: dict[str, str | int | float]
) -> Iterator[Row]:
    runs = len(tables)

    def mean(values: list[Array]) -> tuple[Array, int]:
        """Mean of the numbers that are defined, as series, and how many texts they stem from."""
        kept = [np.isfinite(v) for v in values]
        columns = [np.column_stack([np.where(k, v, 0.0), k]) for k, v in zip(kept, values, strict=True)]
        parts = [(t.index, c) for t, c in zip(tables, columns, strict=True)]
        both = np.stack(study.draws.sums(TEST, parts))
        return share(both[..., 0], both[..., 1], both[..., 1]), int(np.max([k.sum() for k in kept]))

    faithful, n = mean([t.faithfulness for t in tables])
    few = f"fewer than the {RECOMMENDED} recommended texts" if n < RECOMMENDED else ""
    nothing = "" if n else "no prediction depended enough on the text to be explained"
    note = joined(nothing, few if n else "", study.remark)
    yield study.row("score", np.maximum(faithful, 0), place, n=n, runs=runs, distance=method, note=note)
    alike, shared = mean([np.maximum(t.stability, 0) for t in tables])
    yield study.row("explanation_stability", alike, place, n=shared, runs=runs, distance=method)
    control, size = mean([t.control for t in tables])
    found = interval(control, study.draws, study.tables.level, DIFFERENCE)
    off = found.low > 0 or found.high < 0
    yield study.row(
        "random_control",
        found,
        place,
        n=size,
        runs=runs,
        direction="none",
        status=Status.UNRELIABLE if off else Status.OK,
        note="a random order of the words should score 0" if off else "",
    )
    errors = np.concatenate([t.completeness for t in tables])
    defined = errors[np.isfinite(errors)]
    if defined.size:
        median = float(np.median(defined))
        yield study.row("completeness_error", median, place, n=n, runs=runs, direction="lower")
    skipped = (
        float(np.mean([np.isnan(t.faithfulness).mean() for t in tables])) if len(tables[0].index) else 0.0
    )
    total = max(len(t.index) for t in tables)
    yield study.row("skipped_share", skipped, place, n=total, runs=runs, direction="lower")
