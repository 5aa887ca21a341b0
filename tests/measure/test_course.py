"""What runs score that stopped on the way, and what the rest of their training gains."""

from __future__ import annotations

import pytest

from harness.measure.stability import measure
from harness.measure.tables import RunTable
from harness.variation import Variation
from tests.measure.build import model, pick, right, run, tables


def runs(*counts, n=200):
    """A run with so many right answers for each count, its place as its seed."""
    return tuple(run(right(count, n), seed=seed) for seed, count in enumerate(counts))


def test_each_checkpoint_has_a_score_and_what_the_rest_gained():
    """Half way at .6, .7 and .65; at the end at .8, .8 and .8."""
    parts = {
        Variation(checkpoint=0.5): runs(120, 140, 130),
        Variation(checkpoint=0.9): runs(160, 160, 160),
        Variation(0.5): runs(20, 20, 20),
    }
    rows = list(measure(tables(model(*runs(160, 160, 160), parts=parts), n=200)))
    score, gain = (pick(rows, f"checkpoint_{name}", checkpoint=0.5) for name in ("score", "gain"))
    assert (score.value, score.runs) == (pytest.approx(0.65), 3)
    assert gain.value == pytest.approx(0.15)
    assert 0 < gain.low < gain.value < gain.high
    assert pick(rows, "checkpoint_gain", checkpoint=0.9).value == 0


def test_the_gain_is_that_of_the_seeds_that_have_both():
    """A run that failed at its end, or on the way, has no gain."""
    parts = {Variation(checkpoint=0.5): (*runs(100, 120), RunTable(2, "diverged", {}))}
    ended = (runs(160)[0], RunTable(1, "diverged", {}), runs(0, 0, 200)[2])
    gain = pick(measure(tables(model(*ended, parts=parts), n=200)), "checkpoint_gain")
    assert (gain.value, gain.runs) == (pytest.approx(0.3), 1)


def test_a_checkpoint_that_no_run_reached_says_so():
    """Instead of being left out."""
    parts = {Variation(checkpoint=0.25): (RunTable(0, "diverged", {}),)}
    row = pick(measure(tables(model(*runs(160, 160), parts=parts), n=200)), "checkpoint_score")
    assert row.value is None
    assert row.note == "no run finished 25 % of its training"
