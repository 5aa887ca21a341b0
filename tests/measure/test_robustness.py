"""Robustness: worked numbers of its formulas, and what its rows promise."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.verdicts import Reviewed
from harness.measure import continuity
from harness.measure.common import by_family
from harness.measure.robustness import all_right, breakdown, falling, measure, retention, validity_bounds
from harness.measure.statistics import weights
from harness.measure.tables import BehaviourTable
from harness.rng import rng
from harness.rows import Row, Status
from tests.measure.build import cell, model, noise, pick, right, run, tables

N = 200
SCORES = {"a": (0.88, 0.85, 0.80), "b": (0.86, 0.78, 0.66)}


def kept(score, clean=0.9, chance=0.5):
    return float(retention(np.array(score), np.array(clean), np.array(chance)))


def test_retention_is_the_published_number():
    """Methods, section 3.1: rho = (.95, .875, .75) and (.9, .7, .4), and R = 0.7625."""
    rho = {noise(a, s): np.array(kept(v)) for a, vs in SCORES.items() for s, v in enumerate(vs, 1)}
    assert [float(v) for v in rho.values()] == pytest.approx([0.95, 0.875, 0.75, 0.9, 0.7, 0.4], abs=1e-12)
    assert by_family(rho) == pytest.approx(0.7625, abs=1e-12)
    operators = [np.mean([kept(v) for v in vs]) for vs in SCORES.values()]
    assert operators == pytest.approx([0.8583333, 0.6666667], abs=1e-7)


def test_retention_is_clipped_and_undefined_without_skill():
    """Gains count as nothing lost, scores below chance as nothing left, no skill as no number."""
    assert (kept(0.95), kept(0.3)) == (1, 0)
    assert np.isnan(kept(0.5, clean=0.5))


def test_breakdown_is_the_published_number():
    """Methods, section 3.6: s90 = 0.15; half of the skill is never lost."""
    x, curve = np.array([0, 0.05, 0.10, 0.20]), np.array([1, 0.98, 0.94, 0.86])
    assert breakdown(x, curve, 0.9) == pytest.approx(0.15, abs=1e-12)
    assert breakdown(x, curve, 0.5) == pytest.approx(0.20)
    assert breakdown(x, np.array([1, 1, 0.95, 0.92]), 0.9) == pytest.approx(0.20)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_the_regressed_curve_is_the_isotonic_regression(values):
    """The min-max formula agrees with pooling of adjacent violators."""
    from sklearn.isotonic import isotonic_regression

    expected = isotonic_regression(values, increasing=False)
    np.testing.assert_allclose(falling(np.array(values)), expected, atol=1e-9)


def graded(n=1000):
    """The worked example of section 3.1 as counts of a thousand examples."""
    return {
        noise(a, s): cell(right(round(v * n), n), rate=s / 10)
        for a, vs in SCORES.items()
        for s, v in enumerate(vs, 1)
    }


def test_the_headline_is_the_published_number_end_to_end():
    """Counts that give the worked example's scores give its R, with the absolute scores beside it."""
    rows = list(measure(tables(model(run(right(900, 1000), graded())), n=1000)))
    score = pick(rows, "score")
    assert score.value == pytest.approx(0.7625)
    assert score.low < 0.7625 < score.high
    assert score.status is Status.OK
    assert pick(rows, "retained_score", operator="b", severity=2).value == pytest.approx(0.78)
    assert pick(rows, "retention", operator="b", severity=3).value == pytest.approx(0.4)
    worst = pick(rows, "worst_condition")
    assert (worst.value, worst.condition["operator"], worst.condition["severity"]) == (
        pytest.approx(0.4),
        "b",
        3,
    )


def test_the_interval_of_retention_knows_that_the_examples_are_the_same():
    """Methods, section 3.1: paired se .02746 for rho = .75, where independence would give .03628."""
    n = 1000
    clean = right(900, n)
    perturbed = np.concatenate([right(780, 900), right(20, 100)])  # both right: 780; right after all: 20
    cells = {noise("typo", 1): cell(perturbed, rate=0.1)}
    rows = measure(tables(model(run(clean, cells)), n=n, resamples=4000))
    row = pick(rows, "retention")
    assert row.value == pytest.approx(0.75)
    # chance is resampled with the examples here, and is the larger class of each resample
    assert (row.high - row.low) / 2 / 1.96 == pytest.approx(0.0275, abs=0.002)
    assert row.basis.error.examples**0.5 == pytest.approx(0.0275, abs=0.002)


def test_the_delta_method_gives_the_published_standard_errors():
    """Methods, section 3.1: .0274574 from the covariance of paired correctness, .0362823 without it."""
    n, after, before, both, chance = 1000, 0.80, 0.90, 0.78, 0.50
    left = float(retention(np.array(after), np.array(before), np.array(chance)))
    own = after * (1 - after) / n, before * (1 - before) / n

    def error(covariance):
        return math.sqrt(own[0] - 2 * left * covariance + left**2 * own[1]) / (before - chance)

    assert left == pytest.approx(0.75)
    assert error((both - after * before) / n) == pytest.approx(0.0274574, abs=1e-7)
    assert error(0.0) == pytest.approx(0.0362823, abs=1e-7)
    clean = right(900, n)
    disturbed = np.concatenate([right(780, 900), right(20, 100)])
    replicates = weights(n, 4000, rng("delta")) @ np.column_stack([disturbed, clean]) / n
    resampled = retention(replicates[:, 0], replicates[:, 1], np.full(4000, chance))
    assert resampled.std() == pytest.approx(error((both - after * before) / n), rel=0.05)


def test_retention_compares_the_same_examples():
    """Examples without a variant do not enter the clean score either."""
    cells = {noise("typo", 1): cell(right(75, 100), index=np.arange(100), rate=0.1)}
    rows = list(measure(tables(model(run(right(100, N), cells)), n=N)))  # right on those 100 only
    assert pick(rows, "retained_score").value == pytest.approx(0.75)
    assert pick(rows, "retention").value == pytest.approx((0.75 - 0.5) / (1 - 0.5))
    assert pick(rows, "retention").n == 100


def test_a_model_that_always_says_the_same_scores_nothing():
    """Nothing is lost where there was no skill, which is no robustness."""
    cells = {noise("typo", 1): cell(right(100, N), rate=0.1)}
    row = pick(measure(tables(model(run(right(100, N), cells, one_class=True)), n=N)), "score")
    assert (row.value, row.status) == (None, Status.DEGENERATE)


def test_a_model_that_loses_nothing_scores_one():
    """Perfect retention is 1, with an interval below it."""
    cells = {noise("typo", 1): cell(right(180, N), rate=0.1)}
    row = pick(measure(tables(model(run(right(180, N), cells)), n=N)), "score")
    assert (row.value, row.high, row.status) == (1, 1, Status.OK)
    assert row.low < 1


def test_invalid_and_unchanged_variants_are_counted_and_shown():
    """What was left out is reported; a condition that lost too much is unreliable."""
    index = np.arange(120)
    cells = {noise("typo", 1): cell(right(110, 120), index=index, rate=0.1, invalid=60, noop=20)}
    rows = list(measure(tables(model(run(right(180, N), cells)), n=N)))
    assert pick(rows, "invalid_rate", operator="typo").value == pytest.approx(0.3)
    assert pick(rows, "noop_rate", operator="typo").value == pytest.approx(0.1)
    assert pick(rows, "retention").status is Status.UNRELIABLE
    assert "1 unreliable" in pick(rows, "score").note


def test_an_operator_that_loses_all_gold_is_shown_as_invalid_not_left_out():
    """Without a valid variant there is no score, and the reason can be seen."""
    cells = {noise("typo", 1): cell([], invalid=N)}
    rows = list(measure(tables(model(run(right(180, N), cells)), n=N)))
    assert pick(rows, "score").status is Status.NOT_APPLICABLE
    assert pick(rows, "invalid_rate").value == 1


def test_breakdown_of_a_model_that_holds_is_a_lower_bound_and_says_so():
    """Where the limit is not reached, the largest severity is a bound, not a measurement."""
    held = {noise("typo", s): cell(right(180, N), rate=s / 10) for s in (1, 2)}
    row = pick(measure(tables(model(run(right(180, N), held)), n=N)), "breakdown_severity")
    assert (row.value, row.status) == (pytest.approx(0.2), Status.OK)
    assert row.note == "at least: retention stays at 0.9 or above; not reached in 100% of the resamples"


def test_two_breakdowns_are_told_and_how_often_each_is_not_reached():
    """A tenth of the skill is lost at once; half of it in some resamples at most."""
    falling_off = {noise("typo", s): cell(right(n, N), rate=s / 10) for s, n in ((1, 150), (2, 142))}
    rows = list(measure(tables(model(run(right(180, N), falling_off)), n=N)))
    tenth, half = (pick(rows, name) for name in ("breakdown_severity", "breakdown_half"))
    assert tenth.value < 0.1 < half.value
    assert "not reached" not in tenth.note
    assert half.value == pytest.approx(0.2, abs=0.01)
    assert "% of the resamples" in half.note


def test_without_operators_there_is_no_headline():
    """A suite without perturbations is told what it needs."""
    row = pick(measure(tables(model(run(right(180, N))), n=N)), "score")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)


def test_a_hundred_conditions_are_measured_in_a_moment():
    """Three runs on a hundred conditions with 2000 resamples take seconds at most on a busy machine."""
    random = rng("speed")
    conditions = [noise(f"op{a}", s) for a in range(20) for s in range(1, 6)]
    runs = [
        run(
            random.random(300) < 0.9,
            {
                c: cell(random.random(300) < 0.8, distance=random.random(300), rate=c.severity / 10)
                for c in conditions
            },
            seed=seed,
        )
        for seed in range(3)
    ]
    data = tables(model(*runs), n=300, resamples=2000)
    started = time.process_time()
    assert len(list(measure(data))) + len(list(continuity.measure(data))) > 600
    assert time.process_time() - started < 4


def test_an_operator_that_finds_next_to_nothing_to_edit_is_not_part_of_the_headline():
    """Three changed texts in a hundred say nothing about a data set; their row is kept, underpowered."""
    common, seldom = noise("keyboard", 3), noise("contraction", 3)
    few = cell(np.zeros(3), index=np.arange(3), rate=0.1, noop=97)
    cells = {common: cell(right(80, 100), rate=0.1), seldom: few}
    rows = list(measure(tables(model(run(right(90, 100), cells)), n=100)))
    alone = list(measure(tables(model(run(right(90, 100), {common: cells[common]})), n=100)))
    assert pick(rows, "score").value == pick(alone, "score").value
    assert "contraction" in pick(rows, "score").note
    assert pick(rows, "retention", operator="contraction").status is Status.UNDERPOWERED


# -- worst of k, validity --------------------------------------------------------------------------


def test_the_worst_of_k_is_that_of_the_methods() -> None:
    """Section 3.3: five variants of which 5, 4 and 2 are answered rightly."""
    right_of, tried = np.array([5.0, 4.0, 2.0]), np.full(3, 5.0)
    worked = {1: 0.7333333, 2: 0.5666667, 3: 0.4666667, 5: 0.3333333}
    for k, value in worked.items():
        assert all_right(right_of, tried, k).mean() == pytest.approx(value)
    assert np.isnan(all_right(np.array([2.0]), np.array([2.0]), 3)).all()


def test_validity_bounds_are_those_of_the_methods() -> None:
    """Section 8.1: an accuracy of .8 where nine of ten labels are true."""
    assert validity_bounds(0.8, 0.9) == pytest.approx((0.7777778, 0.8888889))
    assert validity_bounds(0.3, 1.0) == (0.3, 0.3)


def judged(broken: bool, verdicts: Reviewed | None = None) -> list[Row]:
    """A model under one operator whose texts a sentence encoder finds broken or not."""
    n = 100
    seen = replace(
        cell(right(80, n)),
        right=right(80, n).astype(bool),
        similarity=np.full(n, 0.3 if broken else 0.9),
        fragmentation=np.full(n, 1.5),
        broken=np.full(n, broken),
    )
    of = tables(
        model(run(right(90, n), {noise("ocr", 1): seen, noise("keyboard", 1): cell(right(80, n))})), n=n
    )
    return list(measure(replace(of, reviews={"ocr": verdicts} if verdicts else {}, worst_of=1)))


def test_texts_that_mean_something_else_make_a_condition_unreliable() -> None:
    """With the figures that say so."""
    rows = judged(broken=True)
    assert pick(rows, "broken_rate", operator="ocr").value == 1.0
    assert pick(rows, "retention", operator="ocr").status is Status.UNRELIABLE
    assert pick(rows, "similarity", operator="ocr").value == pytest.approx(0.3)
    assert pick(rows, "fragmentation", operator="ocr").value == pytest.approx(1.5)
    assert pick(judged(broken=False), "retention", operator="ocr").status is Status.OK


def test_people_decide_whether_an_operator_counts() -> None:
    """Fifty of fifty labels true are enough for the headline; forty are not."""
    good, poor = Reviewed(50, 50, 1, None), Reviewed(40, 50, 2, 0.5)
    rows = judged(False, poor)
    assert "without ocr" in pick(rows, "score").note
    kept = pick(rows, "label_preservation", operator="ocr")
    assert (kept.value, kept.n) == (0.8, 50)
    assert "kappa 0.50" in kept.note
    assert "without ocr" not in pick(judged(False, good), "score").note
    bounds = pick(judged(False, good), "valid_score", operator="ocr")
    score = pick(judged(False, good), "retained_score", operator="ocr")
    assert bounds.low < score.low
    assert bounds.high > score.high


def test_tests_of_behaviour_have_a_failure_rate() -> None:
    """Exact where one run answered; over runs where there are several."""
    n = 40
    failed = BehaviourTable("names", "INV", np.arange(1, n, 2), np.arange(1, n, 2) < 10)
    of = tables(model(run(right(90, 100)), tests=(failed,)), n=100, shifts={"test:names": n})
    of = replace(of, groups={**of.groups, "test:names": np.arange(n) // 2})
    row = pick(measure(of), "failure_rate", test="names")
    assert (row.value, row.n) == (0.25, 20)
    assert row.low < 0.25 < row.high
    assert "INV" in row.note
