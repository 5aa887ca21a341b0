"""How far answers move although nothing was edited (methods, section 2.3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.continuity import measure, normalised_area
from harness.measure.floor import above_floor
from harness.measure.tables import Again
from tests.measure.build import cell, model, noise, pick, right, run, tables

N = 60
SHARES = st.floats(0, 1)


def test_the_worked_example_to_the_last_digit():
    """D = .30 with a floor of .10 is .2222222."""
    assert float(above_floor(np.array(0.30), np.array(0.10))) == pytest.approx(0.2222222, abs=5e-8)


@given(SHARES, SHARES)
def test_what_is_above_the_floor_is_a_share(distance, floor):
    """No floor leaves the distance alone, no distance beyond it is none; where all moves there is nothing to tell."""
    found = float(above_floor(np.array(distance), np.array(floor)))
    if floor == 1:
        assert np.isnan(found)
        return
    assert 0 <= found <= 1
    assert float(above_floor(np.array(distance), np.array(0.0))) == distance
    assert distance > floor or found == 0


def rows_of(floor):
    """A model whose outputs move by .30 under an edit of a tenth, and by ``floor`` without any."""
    again = None
    if floor is not None:
        moved = np.zeros((N // 2, 5))
        moved[:, 2], moved[:, 3] = floor, 1
        again = Again(np.arange(N // 2), moved)
    cells = {noise("typo", s): cell(right(50, N), distance=0.15 * s, rate=0.05 * s) for s in (1, 2)}
    one = replace(run(right(55, N), cells), again=again)
    return list(measure(tables(model(one), n=N)))


def test_the_floor_is_taken_off_the_curve_and_the_headline():
    """.15 and .30 become .0555556 and .2222222."""
    rows = rows_of(0.10)
    floor = pick(rows, "noise_floor")
    assert (floor.value, floor.n) == (pytest.approx(0.10), 30)
    assert "taken off" in floor.note
    above = [pick(rows, "distance_above_floor", severity=s).value for s in (1, 2)]
    assert above == pytest.approx([0.05 / 0.9, 0.2 / 0.9])
    assert pick(rows, "distance", severity=2).value == pytest.approx(0.30)
    x, d = np.array([0, 0.05, 0.10]), np.array([0, *above])
    score = pick(rows, "score")
    assert score.value == pytest.approx(1 - float(normalised_area(x, d)))
    assert "above floor" in score.signature
    assert score.value > pick(rows_of(None), "score").value


@pytest.mark.parametrize("floor", [0.0, 1e-7])
def test_rounding_is_no_floor(floor):
    """Nothing is taken off, and the number is comparable with one for which nobody asked twice."""
    rows, plain = rows_of(floor), rows_of(None)
    assert "nothing is taken off" in pick(rows, "noise_floor").note
    assert pick(rows, "score") == pick(plain, "score")
    assert not [r for r in rows if r.measure == "distance_above_floor"]


def test_without_second_answers_there_is_no_row():
    """It is not claimed that answers are steady."""
    assert not [r for r in rows_of(None) if r.measure == "noise_floor"]
