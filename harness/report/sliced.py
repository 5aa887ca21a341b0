"""What the page shows of slices, entities by what training knows, and label shift, as plain records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness.rows import Results, Row, WeakSlice

MOST, FEATURES, FARTHEST = 8, 60, 10
"""Buckets of a feature, features, and slices of shifts that are on the page; all are in ``results.json``."""
PARTITIONED = [
    f"{name} {what}" for name in ("seen", "type-shifted", "partial", "new") for what in ("recall", "f1")
]
SHIFTED = ("gap", "label_shift", "shift_rest", "expected_bbse", "expected_em")


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


class Far(NamedTuple):
    """A slice of a shift: its score, and how far it is from the rest of the shift."""

    score: Row
    gap: Row


class Grid(NamedTuple):
    """A line of a table: what it is about, and numbers by the column they stand in."""

    line: tuple[str, ...]
    cells: Mapping[str, Row]


def shown(results: Results) -> bool:
    """Whether there is anything to show."""
    return bool(
        results.slices or features(results) or farthest(results)[0] or partitions(results) or shifts(results)
    )


def features(results: Results) -> list[Feature]:
    """Every feature of every model, in the order of the rows."""
    own = [row for row in results.rows if "slice" in row.condition and "shift" not in row.condition]
    gaps = {_place(row): row for row in own if row.measure == "slice_gap"}
    buckets: dict[tuple[str, str], list[Line]] = {}
    for row in own:
        if row.measure == "slice_score" and _place(row) in gaps:
            line = Line(str(row.condition["bucket"]), row, gaps[_place(row)])
            buckets.setdefault((row.model, str(row.condition["slice"])), []).append(line)
    return [
        Feature(model, name, tuple(_weakest(lines)), max(0, len(lines) - MOST), _sums(own, model, name))
        for (model, name), lines in list(buckets.items())[:FEATURES]
    ]


def farthest(results: Results) -> tuple[list[Far], int]:
    """The slices of shifts that are farthest below the rest of their shift, and of how many they are."""
    own = [row for row in results.rows if {"slice", "shift", "bucket"} <= row.condition.keys()]
    scores = {_place(row): row for row in own if row.measure == "slice_score"}
    gaps = [row for row in own if row.measure == "slice_gap" and row.value is not None]
    below = sorted((row.value, at) for at, row in enumerate(gaps) if row.value is not None and row.value < 0)
    return [Far(scores[_place(gaps[at])], gaps[at]) for _, at in below[:FARTHEST]], len(gaps)


def _place(row: Row) -> tuple[str, ...]:
    return row.model, *(str(row.condition.get(name, "")) for name in ("shift", "slice", "bucket"))


def _weakest(lines: Sequence[Line]) -> Sequence[Line]:
    if len(lines) <= MOST:
        return lines
    return sorted(lines, key=lambda line: 2.0 if line.score.value is None else line.score.value)[:MOST]


def _sums(own: Sequence[Row], model: str, name: str) -> tuple[Row, ...]:
    found = [row for row in own if (row.model, row.condition["slice"]) == (model, name)]
    return tuple({row.measure: row for row in found if "bucket" not in row.condition}.values())


def named(weak: WeakSlice) -> str:
    """A weak slice in words."""
    return " and ".join(f"{feature.replace('_', ' ')} {bucket}" for feature, bucket in weak.parts)


def partitions(results: Results) -> list[Grid]:
    """Entities by how much of them training has seen: recall and F1 of each partition, a line per case."""
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in results.rows:
        if "partition" in row.condition:
            line = (row.model, str(row.condition.get("split", "")), str(row.condition.get("case", "")))
            name = f"{row.condition['partition']} {row.measure.removeprefix('partition_')}"
            found.setdefault(line, {})[name] = row
    return [Grid(line, cells) for line, cells in found.items()]


def shifts(results: Results) -> list[Grid]:
    """What the balance of the labels has to do with the gap of each shift, a line per model and shift."""
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in results.rows:
        if row.property == "generalization" and row.measure in SHIFTED and "shift" in row.condition:
            found.setdefault((row.model, str(row.condition["shift"])), {})[row.measure] = row
    return [Grid(line, cells) for line, cells in found.items() if "label_shift" in cells]
