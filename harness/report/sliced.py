"""What the page shows of slices, entities by what training knows, and label shift, as plain records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.rows import Results, Row, WeakSlice

MOST = 8
"""Buckets of a feature that are on the page, the weakest first if there are more."""


class Line(NamedTuple):
    """A bucket: its score, and how it compares with the rest."""

    bucket: str
    score: Row
    gap: Row


class Feature(NamedTuple):
    """A feature of a model: its buckets, how many more there are, and what sums it up."""

    model: str
    name: str
    lines: tuple[Line, ...]
    more: int
    sums: tuple[Row, ...]


def shown(results: Results) -> bool:
    """Whether there is anything to show."""
    return bool(features(results) or results.slices or partitions(results) or shifts(results))


def features(results: Results) -> list[Feature]:
    """Every feature of every model, in the order of the rows."""
    own = [row for row in results.rows if "slice" in row.condition]
    gaps = {_place(row): row for row in own if row.measure == "slice_gap"}
    buckets: dict[tuple[str, str], list[Line]] = {}
    for row in own:
        if row.measure == "slice_score" and _place(row) in gaps:
            line = Line(str(row.condition["bucket"]), row, gaps[_place(row)])
            buckets.setdefault((row.model, str(row.condition["slice"])), []).append(line)
    return [
        Feature(model, name, tuple(_weakest(lines)), max(0, len(lines) - MOST), _sums(own, model, name))
        for (model, name), lines in buckets.items()
    ]


def _place(row: Row) -> tuple[str, str, str]:
    return row.model, str(row.condition["slice"]), str(row.condition.get("bucket", ""))


def _weakest(lines: Sequence[Line]) -> Sequence[Line]:
    if len(lines) <= MOST:
        return lines
    return sorted(lines, key=lambda line: 2.0 if line.score.value is None else line.score.value)[:MOST]


def _sums(own: Sequence[Row], model: str, name: str) -> tuple[Row, ...]:
    return tuple(
        row
        for row in own
        if row.model == model and row.condition["slice"] == name and "bucket" not in row.condition
    )


def named(weak: WeakSlice) -> str:
    """A weak slice in words."""
    return " and ".join(f"{feature.replace('_', ' ')} {bucket}" for feature, bucket in weak.parts)


def partitions(results: Results) -> list[Row]:
    """Entities by how much of them training has seen."""
    return [row for row in results.rows if row.measure in ("partition_recall", "partition_f1", "new_ratio")]


def shifts(results: Results) -> list[Row]:
    """What the balance of the labels has to do with the gaps of the shifts."""
    wanted = ("gap", "label_shift", "shift_rest", "expected_bbse", "expected_em")
    rows = [r for r in results.rows if r.property == "generalization" and r.measure in wanted]
    there = {(r.model, r.condition["shift"]) for r in rows if r.measure == "label_shift"}
    return [r for r in rows if (r.model, r.condition.get("shift", "")) in there]
