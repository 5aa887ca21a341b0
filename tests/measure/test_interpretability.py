"""Interpretability: what its rows promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.measure.interpretability import measure
from harness.measure.tables import ExplainTable
from harness.rng import rng
from harness.rows import Status
from tests.measure.build import model, pick, right, run, tables

N = 120
NAN = float("nan")


def explained(faithfulness, *, control=None, stability=0.5, completeness=0.01, seed=0):
    """Attributions of the first examples."""
    values = np.asarray(faithfulness, float)
    size = len(values)

    def column(given):
        return np.broadcast_to(np.asarray(given, float), size).copy()

    even = np.where(np.arange(size) % 2, 0.3, -0.3)
    return ExplainTable(
        "gradients",
        seed,
        np.arange(size),
        values,
        even if control is None else column(control),
        column(stability),
        column(completeness),
    )


def rows_of(*explanations, **about):
    return list(measure(tables(model(run(right(100, N)), explanations=explanations, **about), n=N)))


def test_the_headline_is_the_mean_faithfulness():
    """Methods, section 6.3: I is the mean over texts."""
    values = rng("f").uniform(0.2, 0.8, N)
    row = pick(rows_of(explained(values)), "score")
    assert row.value == pytest.approx(values.mean())
    assert row.low < row.value < row.high
    assert row.n == N


def test_the_six_orders_of_the_published_example_are_no_better_than_random():
    """Methods, section 6.3: the mean over all orders is 0 (abc 1, cba -1, bac .5 and its reverse -.5 ...)."""
    values = np.tile([1.0, -1.0, 0.5, -0.5, 0.5, -0.5], N // 6)
    row = pick(rows_of(explained(values)), "score")
    assert row.value == pytest.approx(0, abs=1e-12)


def test_explanations_worse_than_random_score_zero():
    """The headline does not go below 0."""
    assert pick(rows_of(explained(np.full(N, -0.4))), "score").value == 0


def test_predictions_with_nothing_to_explain_are_left_out_and_counted():
    """They count neither as faithful nor as unfaithful."""
    values = np.where(np.arange(N) < 30, NAN, 0.6)
    rows = rows_of(explained(values))
    assert pick(rows, "score").value == pytest.approx(0.6)
    assert pick(rows, "score").n == 90
    assert pick(rows, "skipped_share").value == pytest.approx(0.25)


def test_if_nothing_could_be_explained_there_is_no_number():
    """A constant model has no explanation, rather than a perfect or a useless one."""
    rows = rows_of(explained(np.full(N, NAN), control=NAN, stability=NAN, completeness=NAN))
    row = pick(rows, "score")
    assert (row.value, row.status, row.n) == (None, Status.NOT_APPLICABLE, 0)
    assert pick(rows, "skipped_share").value == 1


def test_explanations_that_turn_round_count_as_unstable_not_as_less():
    """Methods, section 6.5: A is the mean of max(0, rho)."""
    stability = np.where(np.arange(N) < 60, -1.0, 0.8)
    row = pick(rows_of(explained(np.full(N, 0.5), stability=stability)), "explanation_stability")
    assert row.value == pytest.approx(0.4)


def test_a_random_order_of_words_must_score_zero():
    """A control away from 0 means that something is wrong with the measurement."""
    fine = pick(rows_of(explained(np.full(N, 0.5))), "random_control")
    assert (fine.status, fine.note) == (Status.OK, "")
    off = 0.3 + rng("c").normal(0, 0.05, N)
    wrong = pick(rows_of(explained(np.full(N, 0.5), control=off)), "random_control")
    assert wrong.status is Status.UNRELIABLE
    assert wrong.note


def test_the_completeness_error_is_a_median():
    """A few texts with an error near infinity do not hide that the rest is fine."""
    errors = np.where(np.arange(N) < 5, 1e9, 0.01)
    assert pick(rows_of(explained(np.full(N, 0.5), completeness=errors)), "completeness_error").value == 0.01


def test_a_model_without_explanations_says_why():
    """The reason is the model's own, if it has one."""
    row = pick(rows_of(explainable="needs gradients"), "score")
    assert (row.value, row.status, row.note) == (None, Status.NOT_APPLICABLE, "needs gradients")
    assert pick(rows_of(), "score").note == "no predictions were explained"


def test_few_texts_are_remarked_upon():
    """Below a hundred texts the headline says so."""
    assert "100 recommended" in pick(rows_of(explained(np.full(20, 0.5))), "score").note


def test_runs_are_averaged():
    """Each run's explanations count alike."""
    row = pick(rows_of(explained(np.full(N, 0.4)), explained(np.full(N, 0.6), seed=1)), "score")
    assert (row.value, row.runs) == (pytest.approx(0.5), 2)


def test_the_method_is_part_of_the_signature_and_named_where_there_are_several():
    """Scores of different attribution methods must not be compared by accident."""
    one = explained(np.full(N, 0.4))
    assert "|gradients|" in pick(rows_of(one), "score").signature
    rows = rows_of(one, replace(one, method="occlusion", faithfulness=np.full(N, 0.6)))
    assert pick(rows, "score", method="occlusion").value == pytest.approx(0.6)
