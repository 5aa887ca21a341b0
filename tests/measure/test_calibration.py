"""Whether a model knows how sure it may be: worked examples, properties, and rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.calibration import (
    calibrated,
    calibration_error,
    equal_mass,
    equal_width,
    risk_coverage,
    selective,
    squared_error,
)
from harness.measure.robustness import measure
from harness.measure.tables import TEST, Condition
from harness.rng import rng
from tests.measure.build import cell, model, noise, pick, right, run, tables

SURE = np.array([0.95, 0.92, 0.88, 0.85, 0.70, 0.65, 0.55, 0.52])
RIGHT = np.array([1, 1, 1, 0, 1, 0, 1, 0], float)


def error(confidence, correct, inside):
    """The error of all of them together."""
    return float(calibration_error(confidence @ inside, correct @ inside, inside.sum(0)))


def test_the_calibration_error_of_the_worked_example():
    """Five bins of width .2, and two of equal mass: .1275 both (methods, section 3.9)."""
    assert error(SURE, RIGHT, equal_width(SURE, 5)) == pytest.approx(0.1275)
    assert error(SURE, RIGHT, equal_mass(SURE, 2)) == pytest.approx(0.1275)


def test_the_area_under_the_risk_coverage_curve_of_the_worked_example():
    """.1805060 (methods, section 3.10)."""
    assert risk_coverage(SURE, RIGHT, np.ones((1, 8)))[0] == pytest.approx(0.1805060, abs=1e-7)


def test_the_surest_half_is_right_more_often():
    """Of the four surest three are right, of the five surest four; three and a half of four and a half between."""
    whole, half, five = (float(selective(SURE, RIGHT, np.ones((1, 8)), c)[0]) for c in (1.0, 0.5, 5 / 8))
    assert (whole, half, five) == (pytest.approx(5 / 8), pytest.approx(3 / 4), pytest.approx(4 / 5))
    assert selective(SURE, RIGHT, np.ones((1, 8)), 4.5 / 8)[0] == pytest.approx(3.5 / 4.5)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), st.integers(1, 20))
def test_every_example_lies_in_one_bin_and_errors_are_shares(pairs, bins):
    """Whatever the confidences: equal ones share a bin, and the error lies in [0, 1]."""
    confidence = np.array([c for c, _ in pairs])
    correct = np.array([r for _, r in pairs], float)
    for inside in (equal_width(confidence, bins), equal_mass(confidence, bins)):
        assert (inside.sum(1) == 1).all()
        assert 0 <= error(confidence, correct, inside) <= 1 + 1e-12
        for value in set(confidence):
            assert len(np.unique(inside[confidence == value].argmax(1))) == 1
    assert 0 <= risk_coverage(confidence, correct, np.ones((1, len(pairs))))[0] <= 1


def test_bins_are_closed_on_the_right():
    """A confidence on an edge belongs to the bin below, and 0 to the first."""
    assert equal_width(np.array([0.0, 0.2, 0.2000001, 1.0]), 5).argmax(1).tolist() == [0, 0, 1, 4]


def test_weights_count_as_repetitions():
    """An example of weight two is there twice; of weight nought it is not."""
    twice = np.array([[2, 1, 1, 1, 0, 1, 1, 1]], float)
    repeated = np.repeat(np.arange(8), twice[0].astype(int))
    again = risk_coverage(SURE[repeated], RIGHT[repeated], np.ones((1, 8)))[0]
    assert selective(SURE, RIGHT, twice)[0] == pytest.approx(
        selective(SURE[repeated], RIGHT[repeated], np.ones((1, 8)))[0]
    )
    assert risk_coverage(SURE, RIGHT, twice)[0] == pytest.approx(again, abs=0.02)


def test_a_calibrated_model_shows_an_error_all_the_same():
    """About .054 with 200 examples and .025 with 1,000, confidences from Beta(8, 1.5) (methods, section 3.9)."""
    for n, expected in ((200, 0.054), (1000, 0.025)):
        confidence = rng("beta", n).beta(8, 1.5, n)
        assert calibrated(confidence, equal_width(confidence), rng("labels", n)) == pytest.approx(
            expected, abs=0.008
        )


def sure(correct, confidence, **more):
    """A cell of a model that says how sure it is."""
    made = cell(correct, **more)
    hit, known = np.asarray(correct, float), np.asarray(confidence, float)
    return replace(
        made,
        right=hit > 0,
        confidence=known,
        brier=2 * (1 - np.where(hit > 0, known, 1 - known)) ** 2,
        loss=-np.log(np.clip(np.where(hit > 0, known, 1 - known), 1e-12, None)),
    )


def rows_of(clean, edited):
    """Rows of a model that was right and sure, clean and under noise."""
    one = run(right(90, 100))
    cells = {Condition(TEST): clean, noise("keys", 3): edited}
    return list(measure(tables(model(replace(one, cells=cells)), n=100)))


def test_noise_makes_a_model_more_often_wrong_than_unsure():
    """Nine in ten right at .9 is calibrated; six in ten at .9 is not, and proper scores say so too."""
    rows = rows_of(
        sure(right(90, 100), np.full(100, 0.9)), sure(right(60, 100), np.full(100, 0.9), rate=0.15)
    )
    clean, edited = (pick(rows, "calibration_error", **c) for c in ({"split": TEST}, {"operator": "keys"}))
    assert (clean.value, edited.value) == (pytest.approx(0.0), pytest.approx(0.3))
    assert edited.low < 0.3 < edited.high
    assert pick(rows, "brier", operator="keys").value == pytest.approx(0.6 * 0.02 + 0.4 * 1.62)
    assert pick(rows, "log_loss", split=TEST).value == pytest.approx(-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)))
    floor = pick(rows, "calibration_floor")
    assert 0 < floor.value < 0.06
    assert pick(rows, "risk_coverage").value == pytest.approx(
        np.mean([max(0, j - 90) / j for j in range(1, 101)])
    )
    assert pick(rows, "selective_accuracy").value == pytest.approx(1.0)


def test_bare_labels_and_tags_have_no_calibration():
    """All ones is not a confidence, and NaN is none."""
    for confidence in (np.ones(100), np.full(100, np.nan)):
        one = sure(right(90, 100), confidence)
        rows = rows_of(one, one)
        assert not [r for r in rows if r.measure in ("calibration_error", "brier", "risk_coverage")]


def test_the_squared_error_of_the_worked_example_may_be_below_zero():
    """Two bins of equal mass: -.0561542 (methods, section 3.9); the row is cut at 0."""
    inside = equal_mass(SURE, 2)
    found = squared_error(SURE @ inside, RIGHT @ inside, inside.sum(0))
    assert found == pytest.approx(-0.0561542, abs=5e-8)


def test_the_squared_error_has_no_bias_where_the_error_has_one():
    """Of a calibrated model it is nothing in the mean; of one that is off by .1 in every bin it is .01."""
    values: dict[float, list[float]] = {0.0: [], 0.1: []}
    for off, found in values.items():
        for trial in range(300):
            random = rng("squared", off, trial)
            truth = random.uniform(0.3, 0.8, 200)
            inside, correct = equal_mass(truth + off), (random.random(200) < truth).astype(float)
            found.append(squared_error((truth + off) @ inside, correct @ inside, inside.sum(0)))
    assert np.mean(values[0.0]) == pytest.approx(0, abs=0.001)
    assert np.mean(values[0.1]) == pytest.approx(0.01, abs=0.001)


def test_a_single_example_in_a_bin_says_nothing():
    """There is no accuracy of one answer."""
    assert squared_error(np.array([0.9, 0.0]), np.array([0.0, 0.0]), np.array([1.0, 0.0])) == 0


def test_the_change_of_the_error_is_that_of_the_same_texts():
    """As sure as before and right less often by .3: the error rises by it, whoever else was tested."""
    n = 60
    sure = np.full(n, 0.9)
    clean = replace(cell(right(54, n)), confidence=sure, right=right(54, n) > 0)
    worse = replace(cell(right(18, 30), index=range(30)), confidence=sure[:30], right=right(18, 30) > 0)
    one = run(right(54, n), {noise("typo", 1): worse})
    one = replace(one, cells={**one.cells, Condition(TEST): clean})
    row = pick(measure(tables(model(one), n=n)), "calibration_change", operator="typo")
    assert row.value == pytest.approx(abs(0.9 - 0.6) - abs(0.9 - 1.0))
