"""Generalization: worked numbers of its formulas, and what its rows promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.measure.generalization import measure
from harness.measure.robustness import retention
from harness.measure.tables import TEST, TRAIN, Condition, Seen
from harness.rows import Status
from tests.measure.build import cell, model, pick, right, run, tables

N = 1000


def on(split, hits, n=N, yes=0.5):
    """A clean cell of another split."""
    return {Condition(split): cell(right(hits, n), yes=yes)}


def shifted():
    """The worked example of section 5.2: test .90, shifts .80, .66 (chance .6) and .74."""
    cells = on("web", 800) | on("mail", 660, yes=0.6) | on("chat", 740)
    return tables(model(run(right(900, N), cells)), n=N, shifts=dict.fromkeys(("web", "mail", "chat"), N))


def test_transfer_is_the_published_number():
    """Methods, section 5.2: G_k = .75, .15, .60 and G = .50."""
    scores, chance = np.array([0.80, 0.66, 0.74]), np.array([0.5, 0.6, 0.5])
    kept = retention(scores - chance, np.full(3, 0.90 - 0.5), np.zeros(3))
    assert kept == pytest.approx([0.75, 0.15, 0.60], abs=1e-12)
    assert kept.mean() == pytest.approx(0.50, abs=1e-12)


def test_the_headline_is_the_published_number_end_to_end():
    """Counts that give the worked example's scores give its G, with every shift beside it."""
    rows = list(measure(shifted()))
    score = pick(rows, "score")
    assert score.value == pytest.approx(0.50)
    assert score.low < 0.5 < score.high
    assert [pick(rows, "transfer", shift=s).value for s in ("web", "mail", "chat")] == pytest.approx(
        [0.75, 0.15, 0.60]
    )
    assert pick(rows, "shift_score", shift="mail").value == pytest.approx(0.66)
    assert pick(rows, "gap", shift="mail").value == pytest.approx(0.24)
    assert "web, mail, chat" in score.note


def test_the_train_test_gap_is_the_published_number():
    """Methods, section 5.1: .98 - .90 = .08 with a standard error of .0104690, from independent samples."""
    data = tables(model(run(right(900, N), on(TRAIN, 980))), n=N, shifts={TRAIN: N}, resamples=4000)
    row = pick(measure(data), "train_test_gap")
    assert row.value == pytest.approx(0.08)
    assert (row.high - row.low) / 2 / 1.96 == pytest.approx(0.0104690, rel=0.05)
    assert row.direction == "lower"


def test_the_training_data_is_not_a_shift():
    """How well training texts are remembered says nothing about unseen ones."""
    row = pick(measure(tables(model(run(right(900, N), on(TRAIN, 980))), n=N, shifts={TRAIN: N})), "score")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert "at least one shift" in row.note


def test_seen_and_unseen_recall_are_the_published_numbers():
    """Methods, section 5.4: seen 45/50, new 12/20 give .90, .60 and a ratio of .6666667."""
    counts = np.zeros((100, 4))
    counts[:50, 0], counts[:50, 1] = right(45, 50), 1
    counts[50:70, 2], counts[50:70, 3] = right(12, 20), 1
    one = replace(run(right(90, 100)), seen={TEST: Seen(counts)})
    rows = list(measure(tables(model(one), n=100)))
    found = [pick(rows, name) for name in ("seen_recall", "unseen_recall", "unseen_ratio")]
    assert [r.value for r in found] == pytest.approx([0.90, 0.60, 0.6666667], abs=5e-8)
    assert [r.status for r in found] == [Status.OK, Status.UNDERPOWERED, Status.UNDERPOWERED]
    assert "20 unseen mentions" in found[1].note


def test_without_mentions_of_a_kind_its_recall_is_undefined():
    """Nothing unseen to find is no recall of zero."""
    counts = np.tile([1.0, 1, 0, 0], (100, 1))
    one = replace(run(right(90, 100)), seen={TEST: Seen(counts)})
    row = pick(measure(tables(model(one), n=100)), "unseen_recall")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)


def test_a_model_that_loses_nothing_scores_one_and_one_without_skill_nothing():
    """Transfer of no skill is not perfect transfer."""
    good = tables(model(run(right(180, 200), on("web", 190, 200))), n=200, shifts={"web": 200})
    assert pick(measure(good), "score").value == 1
    poor = tables(model(run(right(100, 200), on("web", 190, 200))), n=200, shifts={"web": 200})
    row = pick(measure(poor), "score")
    assert (row.value, row.status) == (None, Status.DEGENERATE)


def test_a_tiny_shift_is_underpowered_whatever_the_size_of_the_test_data():
    """The smallest sample limits what the headline can count on."""
    data = tables(model(run(right(900, N), on("web", 4, 8))), n=N, shifts={"web": 8})
    assert pick(measure(data), "score").status is Status.UNDERPOWERED


def test_a_shift_that_some_run_has_not_been_tested_on_is_left_out():
    """Otherwise runs would be averaged over different shifts."""
    runs = (run(right(900, N), on("web", 800)), run(right(900, N), seed=1))
    row = pick(measure(tables(model(*runs), n=N, shifts={"web": N})), "score")
    assert row.status is Status.NOT_APPLICABLE


def test_leakage_is_shown_and_warned_about():
    """More than 5 % of known texts make the numbers of that split unreliable."""
    rows = list(
        measure(
            tables(model(run(right(90, 100))), n=100, shifts={"web": 50}, overlap={TEST: 0.02, "web": 0.10})
        )
    )
    fine, leaky = pick(rows, "leakage", split=TEST), pick(rows, "leakage", split="web")
    assert (fine.value, fine.status, fine.note) == (0.02, Status.OK, "")
    assert (leaky.value, leaky.status) == (0.10, Status.UNRELIABLE)
    assert leaky.note
