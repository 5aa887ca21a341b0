"""What causes the spread of scores, from runs to rows."""

from __future__ import annotations

import numpy as np
import pytest

from harness.measure.stability import measure
from harness.measure.tables import RunTable
from harness.rows import Status
from harness.variation import Variation
from tests.measure.build import model, pick, right, run, tables

PUBLISHED = np.array([(90, 91, 89), (86, 88, 87), (92, 93, 90)])


def crossed(counts, n=100):
    """Seeds x orders; the main runs are those whose order is their seed."""
    runs = {(s, o): run(right(count, n), seed=s) for (s, o), count in np.ndenumerate(counts)}
    seeds, orders = counts.shape
    parts = {Variation(order=o): tuple(runs[s, o] for s in range(seeds) if s != o) for o in range(orders)}
    return [runs[s, s] for s in range(seeds)], parts


def test_initialisation_and_order_have_the_published_shares():
    """Methods, section 4.6: 78.9 %, 12.2 %, 8.9 %; F 27.4545 (p .0046) and 5.0909 (p .0796)."""
    main, parts = crossed(PUBLISHED)
    rows = list(measure(tables(model(*main, parts=parts), n=100)))
    found = [pick(rows, "variance_share", cause=cause) for cause in ("initialisation", "order", "rest")]
    assert [row.value for row in found] == pytest.approx([0.789, 0.122, 0.089], abs=5e-4)
    assert [row.status for row in found] == [Status.OK] * 3
    assert all(row.low <= row.value <= row.high and row.runs == 9 for row in found)
    assert "0.0232 of 0.0261 in all; F = 27.45, p = 0.0046" in found[0].note
    assert "F = 5.091, p = 0.08" in found[1].note


def test_two_levels_are_underpowered():
    """Two seeds say little about the variance of seeds."""
    main, parts = crossed(PUBLISHED[:2, :2])
    row = pick(measure(tables(model(*main, parts=parts), n=100)), "variance_share", cause="order")
    assert row.status is Status.UNDERPOWERED
    assert "fewer than 3 levels" in row.note


def test_a_negative_estimate_counts_as_nothing_and_says_so():
    """An order that explains less than chance would."""
    main, parts = crossed(np.array([(90, 80, 85), (80, 90, 85), (86, 86, 85)]))
    row = pick(measure(tables(model(*main, parts=parts), n=100)), "variance_share", cause="order")
    assert row.value == 0
    assert "which counts as 0" in row.note


def test_a_design_with_a_hole_has_no_shares():
    """They need every combination; which kind of run is missing is said."""
    main, parts = crossed(PUBLISHED)
    parts[Variation(order=1)] = (RunTable(0, "diverged", {}), parts[Variation(order=1)][1])
    row = pick(measure(tables(model(*main, parts=parts), n=100)), "variance_share")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert row.note == "needs every run of initialisation x order: 1 did not finish"


def test_draws_of_the_data_are_told_from_seeds():
    """Three draws whose means differ by far, seeds that hardly do: nearly all is the draw."""
    runs = {
        Variation(0.5, draw): tuple(run(right(count + d, 100), seed=s) for s, d in enumerate((-1, 0, 1)))
        for draw, count in enumerate((60, 70, 80))
    }
    main = [run(right(90 + seed, 100), seed=seed) for seed in range(3)]
    rows = list(measure(tables(model(*main, parts=runs), n=100)))
    draw = pick(rows, "variance_share", cause="subset", fraction=0.5)
    seed = pick(rows, "variance_share", cause="seed", fraction=0.5)
    within, between = 1e-4, 0.01 - 1e-4 / 3
    assert draw.value == pytest.approx(between / (between + within))
    assert draw.value + seed.value == pytest.approx(1)


def test_runs_that_all_score_the_same_have_nothing_to_share():
    """No variance, no causes."""
    main, parts = crossed(np.full((3, 3), 90))
    row = pick(measure(tables(model(*main, parts=parts), n=100)), "variance_share", cause="order")
    assert (row.value, row.note) == (None, "all runs have the same score")
