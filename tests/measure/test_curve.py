"""The learning curve: worked numbers, and what its rows promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.continuity import monotonicity_violation
from harness.measure.curve import area, reached, slope
from harness.measure.stability import measure
from harness.rng import rng
from harness.rows import Status
from harness.variation import Variation
from tests.measure.build import model, pick, right, run, tables

SIZES, SCORES = np.array([100.0, 200, 400, 800]), np.array([0.70, 0.78, 0.77, 0.84])


def runs(*counts, n=200):
    """A run with so many right answers for each count, its place as its seed."""
    return tuple(run(right(count, n), seed=seed) for seed, count in enumerate(counts))


def test_area_and_violation_are_the_published_ones():
    """Methods, section 4.11: AULC .7733333, violation .0625."""
    assert area(SIZES, SCORES) == pytest.approx(0.7733333, abs=5e-8)
    assert monotonicity_violation(SCORES) == pytest.approx(0.0625)
    assert slope(SIZES, SCORES) == pytest.approx(0.07)


@given(st.floats(0.001, 1), st.floats(0, 1))
def test_the_area_of_a_flat_curve_is_its_height(least, height):
    """Whatever the sizes."""
    assert area(np.array([least / 4, least / 3, least]), np.full(3, height)) == pytest.approx(height)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5), st.floats(0.1, 1))
def test_a_curve_has_come_far_enough_within_its_sizes(scores, share):
    """At the first of them if it is there already; else the interpolated score is the goal."""
    sizes, scores = 2.0 ** np.arange(len(scores)), np.array(scores)
    at = float(reached(sizes, scores, share))
    assert sizes[0] <= at <= sizes[-1] * (1 + 1e-12)
    if at > sizes[0]:
        assert np.interp(np.log2(at), np.log2(sizes), scores) == pytest.approx(share * scores[-1], abs=1e-6)
        assert (scores[sizes < at * (1 - 1e-9)] < share * scores[-1]).all()
    else:
        assert scores[0] >= share * scores[-1] - 1e-9


def test_how_much_of_the_data_is_needed_for_most_of_the_score():
    """95 % of .84 is .798, which lies .4 of the way from .77 to .84: 400 times 2 ** .4."""
    assert reached(SIZES, SCORES) == pytest.approx(400 * 2**0.4)
    parts = {Variation(0.5): runs(154, 154, 154), Variation(0.25): runs(80, 90, 100)}
    row = pick(measure(tables(model(*runs(160, 160, 160), parts=parts), n=200)), "learning_needed")
    assert row.value == pytest.approx(0.25 * 2 ** ((0.76 - 0.45) / (0.77 - 0.45)))
    assert row.low < row.value < row.high
    assert (row.status, row.runs) == (Status.OK, 9)


def test_a_curve_that_is_flat_already_gives_a_bound():
    """The least share there is would have been enough, and perhaps less."""
    parts = {Variation(0.25): runs(158, 158)}
    row = pick(measure(tables(model(*runs(160, 160), parts=parts), n=200)), "learning_needed")
    assert row.value == 0.25
    assert row.note.startswith("at the least share there is, or below")
    assert row.status is Status.UNDERPOWERED


def test_a_curve_is_summed_up_by_area_slope_and_violation():
    """Over shares of 1/4, 1/2 and 1 with means .6, .8 and .75."""
    parts = {Variation(0.5): runs(158, 160, 162), Variation(0.25): runs(119, 120, 121)}
    rows = list(measure(tables(model(*runs(149, 150, 151), parts=parts), n=200)))
    whole, end = pick(rows, "learning_area"), pick(rows, "learning_slope")
    assert whole.value == pytest.approx((0.6 + 0.8) / 4 + (0.8 + 0.75) / 4)
    assert whole.low < whole.value < whole.high
    assert (whole.runs, whole.status) == (9, Status.OK)
    assert end.value == pytest.approx(-0.05)
    assert pick(rows, "learning_violation").value == pytest.approx(0.05 / 0.25)


def test_draws_of_a_share_count_as_one_run_each():
    """Their seeds share the data, so that the mean over seeds is what varies; its spread has a row."""
    parts = {Variation(0.5, draw): runs(count - 1, count + 1) for draw, count in enumerate((120, 130, 140))}
    rows = list(measure(tables(model(*runs(150, 150), parts=parts), n=200)))
    point = pick(rows, "learning_curve", fraction=0.5)
    assert (point.value, point.runs, point.note) == (pytest.approx(0.65), 6, "over 3 draws of the data")
    assert pick(rows, "subset_sd", fraction=0.5).value == pytest.approx(0.05)
    assert [row.condition["fraction"] for row in rows if row.measure == "subset_sd"] == [0.5]


def test_one_run_at_a_share_makes_the_whole_curve_underpowered():
    """Nothing is known of other runs there."""
    rows = list(measure(tables(model(*runs(150, 152, 154), parts={Variation(0.5): runs(120)}), n=200)))
    row = pick(rows, "learning_area")
    assert row.status is Status.UNDERPOWERED
    assert "over examples alone" in row.note


def test_the_interval_of_the_area_covers_the_truth():
    """Runs and examples drawn anew 150 times, accuracies of .7 and .8 with a spread of .03: 95 % nominal."""
    random, covered = rng("curve"), 0
    for _ in range(150):

        def drawn(mean, n=150):
            chance = random.normal(mean, 0.03, 4)
            return tuple(run(random.random(n) < p, seed=seed) for seed, p in enumerate(chance))

        given_tables = tables(model(*drawn(0.8), parts={Variation(0.5): drawn(0.7)}), n=150, resamples=150)
        row = pick(measure(given_tables), "learning_area")
        covered += row.low <= 0.75 <= row.high
    assert covered / 150 > 0.9
