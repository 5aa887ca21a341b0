"""Trained on each data set, tested on each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure import generalization, score, stability
from harness.measure.statistics import kendall_w
from harness.measure.tables import TEST, Condition
from harness.rows import Status
from harness.variation import Variation
from tests.measure.build import cell, model, pick, right, run, tables

N = 100


def runs(home, other, seeds=3):
    """Runs with so many right answers on the test data of the suite, and of the other set."""
    return tuple(
        run(right(home, N), {Condition("other"): cell(right(other, N))}, seed=seed) for seed in range(seeds)
    )


def published(**about):
    """Methods, section 5.3: [[.90, .72], [.66, .88]]."""
    found = model(*runs(90, 72), parts={Variation(source="other"): runs(66, 88)}, **about)
    return replace(tables(found, n=N, shifts={"other": N}), others=("other",))


def test_the_matrix_is_the_published_one():
    """Diagonal .89, off-diagonal .69, ratios .8181818 and .7333333, and the worst cell."""
    rows = list(generalization.measure(published()))
    assert pick(rows, "cross_score", trained="home", tested="other").value == pytest.approx(0.72)
    assert pick(rows, "cross_home").value == pytest.approx(0.89)
    assert pick(rows, "cross_away").value == pytest.approx(0.69)
    away = pick(rows, "cross_transfer", trained="home", tested="other")
    assert away.value == pytest.approx(0.8181818, abs=5e-8)
    assert away.low < away.value < away.high
    assert pick(rows, "cross_transfer", trained="other").value == pytest.approx(0.7333333, abs=5e-8)
    worst = pick(rows, "cross_worst")
    assert (worst.value, worst.condition) == (pytest.approx(0.66), {"trained": "other", "tested": "home"})


def test_other_data_sets_are_no_shifts():
    """The headline is about shifts alone; the score on the other set has its row."""
    rows = [*generalization.measure(published()), *score.measure(published())]
    assert pick((r for r in rows if r.property == "generalization"), "score").status is Status.NOT_APPLICABLE
    assert not [row for row in rows if "shift" in row.condition]
    assert [r.value for r in rows if r.condition == {"split": "other"} and r.measure == "score"] == [
        pytest.approx(0.72)
    ]


def test_what_was_left_out_is_said():
    """In the note of every cell that it concerns."""
    rows = list(generalization.measure(replace(published(), excluded={"other": 7})))
    note = "7 label(s) of other without a counterpart were left out"
    assert pick(rows, "cross_score", trained="home", tested="other").note == note
    assert pick(rows, "cross_score", trained="home", tested="home").note == ""


def test_a_model_that_was_given_is_tested_everywhere():
    """It was trained nowhere, so nothing is compared with what is at home there."""
    found = model(run(right(90, N), {Condition("other"): cell(right(72, N))}, seed=None))
    rows = list(generalization.measure(replace(tables(found, n=N, shifts={"other": N}), others=("other",))))
    assert {
        row.condition["tested"]: row.value for row in rows if row.measure == "cross_score"
    } == pytest.approx({"home": 0.9, "other": 0.72})
    assert not [row for row in rows if row.measure in ("cross_transfer", "cross_home", "cross_worst")]


def test_runs_without_a_counterpart_are_compared_with_the_mean():
    """Two seeds on the other set, three at home."""
    found = model(*runs(90, 72), parts={Variation(source="other"): runs(66, 88, seeds=2)})
    rows = list(generalization.measure(replace(tables(found, n=N, shifts={"other": N}), others=("other",))))
    assert pick(rows, "cross_away").value == pytest.approx(0.69)


def test_a_data_set_that_nothing_was_trained_on_has_a_column_only():
    """All runs on it diverged."""
    found = model(*runs(90, 72))
    rows = list(generalization.measure(replace(tables(found, n=N, shifts={"other": N}), others=("other",))))
    assert [row.condition for row in rows if row.measure == "cross_score"] == [
        {"trained": "home", "tested": "home"},
        {"trained": "home", "tested": "other"},
    ]


def test_skill_is_spread_over_data_sets():
    """Of .8 and .76 above chance, the standard deviation is .0283."""
    row = pick(stability.measure(published()), "dataset_sd")
    assert row.value == pytest.approx(np.std([0.8, 0.76], ddof=1))


def test_the_middle_half_and_the_worst_data_set_are_told():
    """Skills of .8 and .76 in three runs each: .78 without the best and the worst; a run that fails moves it not."""
    rows = list(stability.measure(published()))
    middle, worst = pick(rows, "dataset_iqm"), pick(rows, "dataset_worst")
    assert (middle.value, middle.runs) == (pytest.approx(0.78), 6)
    assert middle.low < middle.value < middle.high
    assert (worst.value, worst.condition) == (pytest.approx(0.76), {"tested": "other"})
    failed = (*runs(66, 88, seeds=2), run(right(50, N), {Condition("other"): cell(right(50, N))}, seed=2))
    one = model(*runs(90, 72), parts={Variation(source="other"): failed})
    rows = list(stability.measure(replace(tables(one, n=N, shifts={"other": N}), others=("other",))))
    assert pick(rows, "dataset_iqm").value == pytest.approx(0.78)


def test_agreement_of_rankings_is_the_published_one():
    """Methods, section 4.13: ranks (1,2,3,4), (1,3,2,4), (2,1,3,4) give .7777778."""
    assert kendall_w(np.array([(1, 2, 3, 4), (1, 3, 2, 4), (2, 1, 3, 4)], float)) == pytest.approx(7 / 9)


@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=6).filter(lambda x: len(set(x)) > 1), st.integers(2, 4)
)
def test_raters_who_agree_agree_fully_whatever_the_ties(scores, raters):
    """W is 1 with the correction for ties, and does not depend on the order of raters or ranked."""
    alike = np.tile(np.array(scores, float), (raters, 1))
    assert kendall_w(alike) == pytest.approx(1)
    assert 0 <= kendall_w(np.vstack([alike, alike[:1, ::-1]])) <= 1 + 1e-12


def test_data_sets_that_rank_models_alike_agree():
    """One row for all models."""
    better = model(*runs(95, 80), parts={Variation(source="other"): runs(70, 92)}, name="better")
    both = replace(published(), models=(*published().models, better))
    row = pick(stability.measure(both), "rank_agreement")
    assert (row.value, row.model, row.note) == (1, "", "of m, better, over examples alone")


def test_the_split_of_the_suite_keeps_its_name():
    """The test data are called home among data sets, and test among splits."""
    rows = list(score.measure(published()))
    assert {row.condition["split"] for row in rows if row.measure == "score"} == {TEST, "other"}
