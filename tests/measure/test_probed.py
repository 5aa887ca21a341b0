"""Rows of what probes found: summaries over examples, with intervals over examples and runs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from harness.measure.common import studies
from harness.measure.probed import rows
from harness.measure.statistics import clopper_pearson
from harness.measure.tables import TEST, ProbeTable
from harness.probe.probe import Reading
from harness.rows import Row, Status

from .build import cell, model, noise, pick, right, run, tables

N = 40
READINGS = (
    Reading("mean_moved", "moved"),
    Reading("median_moved", "moved", "median", bounds=(0, math.inf)),
    Reading("rare", "moved", "p95"),
    Reading("share", "hits", "ratio", "of", {"step": 2}, direction="higher", note="of those"),
)


def table(**about) -> ProbeTable:
    """A probe of twenty of the forty examples, two items each, by edits of one operator."""
    index = np.repeat(np.arange(0, N, 2), 2)
    moved = np.arange(len(index)) / len(index)
    known = {
        "probe": "odd",
        "seed": 0,
        "readings": READINGS,
        "index": index,
        "operator": ("keyboard",) * len(index),
        "columns": {"moved": moved, "hits": moved > 0.5, "of": np.ones(len(index))},
    }
    known |= about
    known["columns"] = {name: np.asarray(column, float) for name, column in known["columns"].items()}
    return ProbeTable(**known)


def found(*probes: ProbeTable, runs: int = 1) -> list[Row]:
    many = [run(right(30, N), {noise("keyboard", 5): cell(right(20, N))}, seed=seed) for seed in range(runs)]
    one = model(*many, probes=probes)
    (study,) = studies(tables(one, n=N), "continuity", (TEST,), 1)
    return list(rows(study))


def test_each_reading_becomes_a_row_with_the_condition_it_holds_in() -> None:
    """Mean, quantiles and ratio over the items; n counts examples, not items."""
    rows = found(table())
    place = {"probe": "odd", "operator": "keyboard", "family": "character"}
    assert [(row.measure, dict(row.condition)) for row in rows] == [
        ("mean_moved", place),
        ("median_moved", place),
        ("rare", place),
        ("share", {**place, "step": 2}),
    ]
    assert [row.value for row in rows] == pytest.approx([39 / 80, 39 / 80, 0.9375, 19 / 40])
    assert {(row.n, row.runs, row.property) for row in rows} == {(20, 1, "continuity")}
    assert [row.direction for row in rows] == ["lower"] * 3 + ["higher"]
    assert rows[3].note == "of those"
    assert all(row.low < row.value < row.high for row in rows)


def test_items_of_one_example_are_no_evidence_of_their_own() -> None:
    """Each item twice says the same with the same interval."""
    once = table()
    twice = table(
        index=np.tile(once.index, 2),
        operator=once.operator * 2,
        columns={name: np.tile(column, 2) for name, column in once.columns.items()},
    )
    for one, other in zip(found(once), found(twice), strict=True):
        assert (other.value, other.n) == (pytest.approx(one.value), one.n)
        assert (other.low, other.high) == (pytest.approx(one.low), pytest.approx(one.high))


def test_a_share_of_texts_has_an_exact_interval() -> None:
    """Of twenty independent texts of one run, three of the twelve that can: Clopper and Pearson's."""
    hits, of = right(3, 20), right(12, 20)
    columns = {"moved": hits, "hits": hits, "of": of}
    rows = found(table(index=np.arange(20), operator=("keyboard",) * 20, columns=columns))
    for row, n in ((pick(rows, "mean_moved"), 20), (pick(rows, "share"), 12)):
        exact = clopper_pearson(3, n, 0.95)
        assert (row.value, row.n) == (pytest.approx(3 / n), n)
        assert (row.low, row.high) == (pytest.approx(exact.low), pytest.approx(exact.high))


def test_quantiles_of_few_examples_are_underpowered() -> None:
    """Of 40 texts two lie beyond the 95 % quantile: its upper end is that of the range, or open."""
    moved = np.arange(N) / N
    columns = {"moved": moved, "hits": moved, "of": np.ones(N)}
    once = found(table(index=np.arange(N), operator=("keyboard",) * N, columns=columns))
    rare, median = pick(once, "rare"), pick(once, "median_moved")
    assert (rare.value, rare.high, rare.status) == (pytest.approx(0.9375), 1.0, Status.UNDERPOWERED)
    assert "order-statistics" in rare.signature
    assert (median.value, median.status) == (pytest.approx(19.5 / 40), Status.OK)
    assert (median.low, median.high) == (pytest.approx(13 / 40), pytest.approx(26 / 40))
    open_ended = Reading("far", "moved", "p95", bounds=(0, math.inf))
    (far,) = found(
        table(readings=(open_ended,), index=np.arange(N), operator=("keyboard",) * N, columns=columns)
    )
    assert (far.high, far.status) == (None, Status.UNDERPOWERED)


def test_a_quantile_that_nothing_moves_is_no_exact_share() -> None:
    """Resampled over runs, a constant is a constant: the bound of a share would be no bound of it."""
    still = table(columns={**table().columns, "moved": np.zeros(40)})
    row = pick(found(still, replace(still, seed=1), runs=2), "rare")
    assert (row.value, row.low, row.high) == (0, 0, 0)


def test_what_is_undefined_is_left_out() -> None:
    """An example of which nothing is known is not among the n; all unknown is no number at all."""
    moved = np.where(np.arange(40) < 10, np.nan, 0.5)
    some = found(table(columns={"moved": moved, "hits": moved, "of": np.ones(40)}))
    assert (some[0].value, some[0].n) == (0.5, 15)
    assert (some[3].value, some[3].n) == (0.5, 15)
    none = found(table(columns=dict.fromkeys(("moved", "hits", "of"), np.full(40, np.nan))))
    assert {row.status for row in none} == {Status.NOT_APPLICABLE}
    assert none[0].note == "undefined on these data"


def test_a_share_of_nothing_is_undefined() -> None:
    """A ratio whose denominators are all 0 has no value, and of rows for each step none is left."""
    columns = {"moved": np.zeros(40), "hits": np.zeros(40), "of": np.zeros(40)}
    by_step = table(columns=columns)
    assert {row.measure for row in found(by_step)} == {"mean_moved", "median_moved", "rare"}
    whole = replace(READINGS[3], condition={})
    (row,) = found(replace(by_step, readings=(whole,)))
    assert (row.value, row.n, row.status) == (None, 0, Status.NOT_APPLICABLE)
    assert row.note == "undefined on these data; of those"


def test_edits_of_each_operator_are_told_apart() -> None:
    """An operator per half of the items, and a probe that makes no edits has no operator."""
    index, moved = np.arange(N), np.arange(N) / N
    columns = {"moved": moved, "hits": moved, "of": np.ones(N)}
    halves = found(table(index=index, operator=("keyboard",) * 20 + ("",) * 20, columns=columns))
    assert pick(halves, "mean_moved", operator="keyboard").value == pytest.approx(19 / 80)
    (other,) = (r for r in halves if r.measure == "mean_moved" and "operator" not in r.condition)
    assert (dict(other.condition), other.value) == ({"probe": "odd"}, pytest.approx(59 / 80))


def test_several_runs_are_averaged() -> None:
    """The number is their mean, and the interval covers other runs as well."""
    two = found(table(), table(seed=1, columns={**table().columns, "moved": np.full(40, 0.2)}), runs=2)
    row = pick(two, "mean_moved")
    assert (row.runs, row.value) == (2, pytest.approx((39 / 80 + 0.2) / 2))
    assert pick(found(table()), "mean_moved").low - row.low > 0.1


def test_a_probe_without_findings_says_why() -> None:
    """One row under the name of its first reading, with the reason."""
    empty = {"index": np.zeros(0, np.int64), "operator": (), "columns": {}}
    (unfit,) = found(table(why="needs gradients", **empty))
    assert (unfit.measure, dict(unfit.condition)) == ("mean_moved", {"probe": "odd"})
    assert (unfit.value, unfit.status, unfit.note) == (None, Status.NOT_APPLICABLE, "needs gradients")
    (nothing,) = found(table(**empty))
    assert nothing.note == "found nothing to look at"
    assert len(found(table(why="failed", **empty), table(), runs=2)) == 4
