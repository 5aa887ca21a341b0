"""More robust than the clean score leads one to expect: worked numbers, and what its rows promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import linregress

from harness.measure.effective import drawn, expected
from harness.measure.robustness import measure
from harness.measure.tables import Condition
from harness.rng import rng
from harness.rows import Status
from tests.measure.build import cell, model, noise, pick, right, run, tables

N = 1000
REFERENCES = ((0.70, 0.50), (0.80, 0.62), (0.90, 0.78))


def test_the_worked_example():
    """Expected .6957309 at a clean score of .85, so that .75 is .0542691 beyond it (methods, section 3.7)."""
    clean, shifted = np.array(REFERENCES).T
    line = linregress(logit(clean), logit(shifted))
    assert (line.slope, line.intercept) == (pytest.approx(0.9391329), pytest.approx(-0.8019704))
    found = float(expected(clean, shifted, np.array(0.85)))
    assert found == pytest.approx(0.6957309, abs=1e-7)
    assert 0.75 - found == pytest.approx(0.0542691, abs=1e-7)


@given(st.lists(st.tuples(st.integers(5, 95), st.integers(5, 95), st.integers(0, 3)), min_size=2, max_size=8))
def test_weights_count_as_repetitions(told):
    """A reference of weight two is there twice; of weight nought it is not."""
    x, y, w = np.array(told, float).T
    x, y, times = x / 100, y / 100, w.astype(int)
    if len(set(np.repeat(x, times))) > 1:
        found = float(expected(x, y, np.array(0.6), w))
        line = linregress(logit(np.repeat(x, times)), logit(np.repeat(y, times)))
        assert found == pytest.approx(float(expit(line.intercept + line.slope * logit(0.6))), abs=1e-6)


def test_references_that_are_equally_good_draw_no_line():
    """There is nothing to expect then."""
    assert np.isnan(expected(np.array([0.8, 0.8]), np.array([0.5, 0.6]), np.array(0.7)))


def test_perfect_scores_are_kept_from_the_ends_of_the_scale():
    """Where logits are infinite."""
    found = expected(np.array([0.5, 1.0]), np.array([0.5, 1.0]), np.array(1.0), least=1 / 200)
    assert float(found) == pytest.approx(1 - 1 / 200)


def test_references_are_drawn_with_at_least_two_different_ones():
    """One alone draws no line; the first element and those after the resamples have each once."""
    found = drawn(3, 40, 30, rng("draws"))
    assert found.shape == (3, 40)
    assert (found.sum(axis=0) == 3).all()
    assert ((found > 0).sum(axis=0) >= 2).all()
    assert (found[:, [0, *range(31, 40)]] == 1).all()
    assert len({tuple(one) for one in found.T}) > 3


def scores(name, clean, disturbed, shifted=None, **about):
    """A model that is right on so many of a thousand texts: clean, disturbed, and in another domain."""
    cells = {noise("keyboard", 3): cell(right(round(disturbed * N), N), rate=0.15)}
    if shifted is not None:
        cells[Condition("reviews")] = cell(right(round(shifted * N), N))
    return model(run(right(round(clean * N), N), cells), name=name, **about)


def told(*models):
    """All rows of robustness."""
    return list(measure(tables(*models, n=N, shifts={"reviews": N})))


def suite(**about):
    """The references of the worked example and the model that is judged."""
    others = [scores(f"r{at}", *pair, pair[1]) for at, pair in enumerate(REFERENCES)]
    return [scores("ours", 0.85, 0.75, 0.75, **about), *others]


def test_the_worked_example_end_to_end():
    """By operator, over all of them, and by shift; three references are few."""
    rows = [row for row in told(*suite()) if row.model == "ours"]
    for row in (
        pick(rows, "effective_robustness", operator="keyboard"),
        pick(rows, "mean_effective_robustness"),
        pick(rows, "effective_robustness", shift="reviews"),
    ):
        assert row.value == pytest.approx(0.0542691, abs=1e-6)
        assert row.status is Status.UNDERPOWERED
        assert "3 other models" in row.note
        assert row.low < row.value < row.high


def test_models_that_were_trained_to_be_robust_draw_no_line():
    """They are judged by the others."""
    models = suite(augmented=True)
    rows = told(*models)
    line = [float(v) for v in (0.8, 0.9)]
    assert {row.model for row in rows if row.measure == "mean_effective_robustness"} == {
        "ours",
        "r0",
        "r1",
        "r2",
    }
    first = pick([row for row in rows if row.model == "r0"], "mean_effective_robustness")
    wanted = 0.50 - float(expected(np.array(line), np.array([0.62, 0.78]), np.array(0.70)))
    assert first.value == pytest.approx(wanted, abs=1e-6)
    assert "2 other models" in first.note


def test_two_models_draw_no_line_for_each_other():
    """It takes two others."""
    assert not [row for row in told(*suite()[:2]) if "effective" in row.measure]


def test_eight_references_are_enough():
    """The row is then what its interval says."""
    others = [scores(f"r{at}", 0.6 + at / 30, 0.4 + at / 20) for at in range(8)]
    rows = told(scores("ours", 0.8, 0.7), *others)
    row = pick([one for one in rows if one.model == "ours"], "mean_effective_robustness")
    assert row.status is Status.OK


def test_a_model_on_the_line_has_nothing_beyond_it():
    """Zero lies in its interval."""
    clean, shifted = np.array(REFERENCES).T
    on_it = float(expected(clean, shifted, np.array(0.85)))
    rows = told(scores("ours", 0.85, on_it), *suite()[1:])
    row = pick([one for one in rows if one.model == "ours"], "mean_effective_robustness")
    assert row.value == pytest.approx(0, abs=1e-3)
    assert row.low < 0 < row.high
