"""Continuity: worked numbers of its formulas, and what its rows promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measure.continuity import (
    CONTINUITY,
    low_severity_gain,
    measure,
    monotonicity_violation,
    normalised_area,
)
from harness.measure.statistics import wilson
from harness.measure.tables import TEST
from harness.rng import rng
from harness.rows import Status
from tests.measure.build import cell, model, noise, pick, right, run, tables

N = 200
GRID = np.array([0, 0.02, 0.05, 0.10, 0.20])
MOVED = np.array([0, 0.03, 0.06, 0.10, 0.16])


def test_the_area_is_the_published_number():
    """Methods, section 2.4: area 0.01865, normalised 0.09325, C = 0.90675."""
    assert normalised_area(GRID, MOVED) == pytest.approx(0.09325, abs=1e-12)
    assert 1 - normalised_area(GRID, MOVED) == pytest.approx(0.90675, abs=1e-12)


def test_the_weights_of_the_severities_are_the_published_ones():
    """Methods, section 2.4: a unit of distance at each severity weighs .05, .125, .20, .375, .25."""
    weights = [float(normalised_area(GRID, unit)) for unit in np.eye(5)]
    assert weights == pytest.approx([0.05, 0.125, 0.20, 0.375, 0.25], abs=1e-12)


def test_the_gain_is_the_published_number():
    """Methods, section 2.5: 1.2413793 for severities up to 5 %."""
    assert low_severity_gain(GRID, MOVED) == pytest.approx(1.2413793, abs=5e-8)


def test_the_gain_uses_the_least_severity_where_all_exceed_five_percent():
    """Short texts cannot be edited by so little."""
    assert low_severity_gain(np.array([0, 0.1, 0.2]), np.array([0, 0.05, 0.4])) == pytest.approx(0.5)


def test_the_violation_is_the_published_number():
    """Methods, section 2.7: 0.1363636."""
    curve = np.array([0, 0.05, 0.04, 0.10, 0.08, 0.16])
    assert monotonicity_violation(curve) == pytest.approx(0.1363636, abs=5e-8)


def test_the_violation_of_a_flat_curve_is_undefined():
    """Where nothing moves there are no ups and downs to take a share of."""
    assert np.isnan(monotonicity_violation(np.zeros(4)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0, 1))
def test_the_area_is_linear_and_in_the_unit_interval(distances, factor):
    """C decomposes exactly by severity because the area is linear in the distances."""
    x = np.linspace(0, 0.4, len(distances) + 1)
    d = np.array([0, *distances])
    assert 0 <= normalised_area(x, d) <= 1
    assert normalised_area(x, factor * d) == pytest.approx(factor * normalised_area(x, d), abs=1e-12)


def noisy(distances, n=N, operators=("typo",), **about):
    """Cells of operators at severities 1, 3, 5 whose distance is the same for each example."""
    return {
        noise(name, severity): cell(right(int(0.9 * n), n), distance=d, rate=rate, **about)
        for name in operators
        for severity, rate, d in zip((1, 3, 5), (0.05, 0.15, 0.40), distances, strict=True)
    }


def test_the_headline_is_one_minus_the_area_of_the_realised_curve():
    """The end-to-end number is the formula's, with realised edit rates on the axis."""
    rows = list(measure(tables(model(run(right(180, N), noisy((0.1, 0.2, 0.4)))), n=N)))
    area = normalised_area(np.array([0, 0.05, 0.15, 0.40]), np.array([0, 0.1, 0.2, 0.4]))
    assert pick(rows, "score").value == pytest.approx(1 - area)
    assert pick(rows, "operator_score", operator="typo").value == pytest.approx(1 - area)
    assert pick(rows, "distance", operator="typo", severity=3).value == pytest.approx(0.2)
    assert pick(rows, "low_severity_gain").value == pytest.approx(2.0)
    assert pick(rows, "monotonicity_violation").value == 0
    assert pick(rows, "score").n == N


def test_the_headline_is_the_mean_of_its_operators_and_families():
    """C decomposes exactly into the rows of the operators."""
    cells = noisy((0.1, 0.2, 0.4), operators=("typo", "ocr"))
    cells |= {noise("synonym", 3, "word"): cell(right(180, N), distance=0.5, rate=0.15)}
    rows = list(measure(tables(model(run(right(180, N), cells)), n=N)))
    part = {r.condition["operator"]: r.value for r in rows if r.measure == "operator_score"}
    assert pick(rows, "score").value == pytest.approx(
        ((part["typo"] + part["ocr"]) / 2 + part["synonym"]) / 2
    )


def test_a_model_whose_output_never_moves_scores_one():
    """Perfect continuity is 1, as sure as the examples are many."""
    row = pick(measure(tables(model(run(right(180, N), noisy((0, 0, 0)))), n=N)), "score")
    assert (row.value, row.high, row.status) == (1, 1, Status.OK)
    assert 0.97 < row.low < 1


def test_a_model_that_always_says_the_same_scores_nothing():
    """A constant answer never moves either, and must not win."""
    cells = noisy((0, 0, 0))
    row = pick(measure(tables(model(run(right(100, N), cells, one_class=True)), n=N)), "score")
    assert (row.value, row.status) == (None, Status.DEGENERATE)
    row = pick(measure(tables(model(run(right(100, N), cells)), n=N)), "score")
    assert (row.value, row.status) == (None, Status.DEGENERATE)


def test_the_order_of_the_examples_does_not_matter():
    """The same rows in another order give the same number."""
    random = rng("order")
    distance, order = random.random(N), random.permutation(N)
    one = cell(right(180, N), distance=distance, rate=0.1)
    other = replace(
        one, index=one.index[order], stats=one.stats[order], moved=one.moved[order], rate=one.rate[order]
    )
    found = [
        pick(measure(tables(model(run(right(180, N), {noise("typo", 1): c})), n=N)), "score")
        for c in (one, other)
    ]
    assert found[0].value == pytest.approx(found[1].value, abs=1e-12)
    assert found[0].low == pytest.approx(found[1].low, abs=1e-12)


def test_variants_that_did_not_change_are_never_counted():
    """However many no-ops were left out, the numbers are those of the variants that changed."""
    index = np.arange(0, N, 2)
    some = {noise("typo", 1): cell(right(90, 100), index=index, distance=0.3, rate=0.1, noop=100)}
    row = pick(measure(tables(model(run(right(180, N), some)), n=N)), "distance")
    assert row.value == pytest.approx(0.3)
    assert row.n == 100


def test_a_condition_without_any_variant_has_no_number_and_is_left_out_of_the_headline():
    """An operator that found nothing to edit says so, and does not count as continuous."""
    cells = noisy((0.1, 0.2, 0.4)) | {noise("ocr", 1): cell([], noop=N)}
    rows = list(measure(tables(model(run(right(180, N), cells)), n=N)))
    empty = pick(rows, "distance", operator="ocr")
    assert (empty.value, empty.status, empty.n) == (None, Status.NOT_APPLICABLE, 0)
    alone = pick(measure(tables(model(run(right(180, N), noisy((0.1, 0.2, 0.4)))), n=N)), "score")
    assert pick(rows, "score").value == alone.value


def test_flips_of_one_run_have_the_wilson_interval():
    """45 of 50 unchanged: the interval of methods, section 2.1."""
    cells = {noise("typo", 1): cell(right(45, 50), distance=0.1, flips=right(5, 50), rate=0.1)}
    row = pick(measure(tables(model(run(right(45, 50), cells)), n=50)), "flip_rate")
    expected = wilson(5, 50)
    assert (row.value, row.low, row.high) == pytest.approx((0.1, expected.low, expected.high))
    assert (1 - row.high, 1 - row.low) == pytest.approx((0.7863977, 0.9565242), abs=5e-8)
    assert row.direction == "lower"


def test_flips_of_clusters_are_resampled_instead():
    """Texts of one document are not independent, so Wilson would be too narrow."""
    flips = np.repeat(right(2, 20), 10)
    cells = {noise("typo", 1): cell(right(180, N), distance=0.1, flips=flips, rate=0.1)}
    clustered = tables(
        model(run(right(180, N), cells)), n=N, groups={TEST: np.repeat(np.arange(20), 10).tolist()}
    )
    row = pick(measure(clustered), "flip_rate")
    assert "wilson" not in row.signature
    assert row.high - row.low > 1.5 * (wilson(20, N).high - wilson(20, N).low)


def test_two_variants_of_a_text_are_one_observation():
    """Doubling the draws does not narrow the interval of flips (methods, section 0.2.1)."""

    def width(draws):
        flips = np.tile(right(20, N), draws)
        variants = cell(
            np.ones(N * draws), index=np.tile(np.arange(N), draws), distance=0.1, flips=flips, rate=0.1
        )
        rows = measure(tables(model(run(right(180, N), {noise("typo", 1): variants})), n=N))
        row = pick(rows, "flip_rate")
        return row.high - row.low

    assert width(4) == pytest.approx(width(1), rel=0.1)


def test_without_distributions_the_hard_distance_takes_their_place():
    """A model that gives labels only is measured by flips, and the signature says so."""
    cells = {noise("typo", 1): cell(right(180, N), flips=right(40, N), rate=0.1, soft=False)}
    rows = list(measure(tables(model(run(right(180, N), cells)), n=N)))
    assert pick(rows, "score").value == pytest.approx(1 - 0.2 / 2)
    assert "|hard|" in pick(rows, "score").signature
    assert pick(rows, "distance").value == pick(rows, "hard_distance").value == pytest.approx(0.2)


def test_operators_without_degrees_are_reported_but_not_part_of_the_curve():
    """Severity 0 has no place on the axis."""
    cells = noisy((0.1, 0.2, 0.4)) | {noise("case", 0, "format"): cell(right(180, N), distance=0.9, rate=1)}
    rows = list(measure(tables(model(run(right(180, N), cells)), n=N)))
    alone = pick(measure(tables(model(run(right(180, N), noisy((0.1, 0.2, 0.4)))), n=N)), "score")
    assert pick(rows, "score").value == alone.value
    assert pick(rows, "flip_rate", operator="case").value == 1
    assert not [r for r in rows if r.measure == "operator_score" and r.condition["operator"] == "case"]


def test_a_condition_that_lost_many_gold_labels_is_unreliable():
    """Above a fifth of variants without valid gold the rest is no fair sample."""
    index = np.arange(150)
    cells = {noise("typo", 1): cell(right(140, 150), index=index, distance=0.1, rate=0.1, invalid=50)}
    assert (
        pick(measure(tables(model(run(right(180, N), cells)), n=N)), "distance").status is Status.UNRELIABLE
    )


def test_the_mean_hides_what_the_quantile_shows():
    """A tenth of the inputs that move a lot are visible at the 95th percentile, and at no lower one."""
    distance = np.where(np.arange(N) < 20, 0.9, 0.0)
    cells = {noise("typo", 1): cell(right(180, N), distance=distance, rate=0.1)}
    rows = list(measure(tables(model(run(right(180, N), cells)), n=N)))
    p50, p90, p95 = (pick(rows, f"distance_p{q}") for q in (50, 90, 95))
    assert (p50.value, p50.high, p95.value, p95.high) == pytest.approx((0, 0, 0.9, 0.9))
    assert (p90.value, p90.low, p90.high) == pytest.approx((0.45, 0, 0.9))  # just between the two


def test_quantiles_of_several_runs_are_as_unsure_as_runs_and_examples_together():
    """Wider than that of any of them, if they differ; the same if they do not; few examples are too few."""

    def of(*shifts, n=N):
        base = rng("quantile").random(N)[:n] * 0.5
        runs = [
            run(
                right(n, n), {noise("typo", 1): cell(right(n, n), distance=base + shift, rate=0.1)}, seed=seed
            )
            for seed, shift in enumerate(shifts)
        ]
        return pick(measure(tables(model(*runs), n=n)), "distance_p95")

    one, alike, apart = of(0.1), of(0.1, 0.1, 0.1), of(0.0, 0.1, 0.2)
    assert (alike.value, alike.low, alike.high) == pytest.approx((one.value, one.low, one.high))
    assert apart.value == pytest.approx(one.value)
    assert apart.low < one.low < one.high < apart.high
    assert (one.status, of(0.1, n=60).status) == (Status.OK, Status.UNDERPOWERED)


def test_several_runs_are_averaged_and_their_spread_widens_the_interval():
    """The claim is about the recipe, so runs that differ make it less sure."""

    def of(*distances):
        random = rng("spread")
        base = random.random(N) * 0.2
        runs = [
            run(right(180, N), {noise("typo", 3): cell(right(180, N), distance=base + d, rate=0.2)}, seed=s)
            for s, d in enumerate(distances)
        ]
        return pick(measure(tables(model(*runs), n=N)), "score")

    same, different = of(0.2, 0.2, 0.2), of(0.1, 0.2, 0.3)
    assert different.value == pytest.approx(same.value)
    assert different.high - different.low > 3 * (same.high - same.low)
    assert (different.runs, different.status) == (3, Status.OK)


def test_one_trained_run_says_nothing_about_others_but_a_given_model_has_no_others():
    """The remark is for models that were trained here."""
    cells = noisy((0.1, 0.2, 0.4))
    trained = pick(measure(tables(model(run(right(180, N), cells)), n=N)), "score")
    given = pick(measure(tables(model(run(right(180, N), cells, seed=None)), n=N)), "score")
    assert "other seeds" in trained.note
    assert "other seeds" not in given.note


@pytest.mark.parametrize("cells", [{}, {noise("case", 0): cell(right(180, N), rate=1.0)}])
def test_without_degrees_of_severity_there_is_no_headline(cells):
    """A suite without a curve is told what it needs."""
    row = pick(measure(tables(model(run(right(180, N), cells)), n=N)), "score")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert "degrees of severity" in row.note


def test_a_model_without_a_finished_run_says_so():
    """Every model has a headline row, with or without a number."""
    assert pick(measure(tables(model(), n=N)), "score").note == "no run finished"


def test_the_record_names_its_formula():
    """The scorecard prints the formula beside the number."""
    assert (CONTINUITY.name, CONTINUITY.formula[:5]) == ("continuity", "C = 1")
