"""Stability: worked numbers of its formulas, and what its rows promise."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy.special import stdtrit

from harness.measure.stability import distribution_sd, measure, pseudo_values
from harness.measure.statistics import run_variance
from harness.measure.tables import Agreement, RunTable
from harness.rng import rng
from harness.rows import Status
from harness.variation import Variation
from tests.measure.build import model, pick, right, run, tables

ANSWERS = np.array([(0, 0, 1, 1, 0, 1), (0, 1, 1, 1, 0, 1), (0, 0, 1, 0, 0, 1)])
GOLD = np.array([0, 0, 1, 1, 1, 1])


def agreed(answers):
    """How much answers ``(R, n)`` agree, by the nominal distance."""
    pairs = tuple(combinations(range(len(answers)), 2))
    observed = np.array([answers[a] != answers[b] for a, b in pairs], float)
    expected = np.array([[(a[:, None] != b[None, :]).mean() for b in answers] for a in answers])
    return Agreement(pairs, observed, expected)


def trained(answers, correct):
    """A model whose runs gave these answers and are right on the examples where ``correct``."""
    runs = [run(hits, seed=seed) for seed, hits in enumerate(correct)]
    return model(*runs, agreement=agreed(np.asarray(answers)))


def test_the_spread_of_scores_is_the_published_one():
    """Methods, section 4.1: SD .0158114 (.0094731, .0454349), mean up to .9196324, next (.8519, .9481)."""
    correct = [right(k, 100) for k in (90, 91, 89, 92, 88)]
    rows = list(measure(tables(trained(correct, correct), n=100)))
    sd, mean, following = (pick(rows, name) for name in ("score_sd", "score_mean", "next_run"))
    assert (sd.value, sd.low, sd.high) == pytest.approx((0.0158114, 0.0094731, 0.0454349), abs=5e-8)
    assert (mean.value, mean.low, mean.high) == pytest.approx((0.90, 1.8 - 0.9196324, 0.9196324), abs=5e-8)
    assert (following.low, following.high) == pytest.approx((0.8519, 0.9481), abs=5e-5)
    worst = pick(rows, "worst_run")
    assert (worst.value, worst.condition["seed"]) == (pytest.approx(0.88), 4)


def test_the_worst_to_be_expected_is_the_published_one():
    """Methods, section 4.9: of .70, .80, .85 and .90 the worse of two is .7583333 on average; of three runs nothing."""
    correct = [right(k, 100) for k in (85, 70, 90, 80)]
    row = pick(measure(tables(trained(correct, correct), n=100)), "expected_worst")
    assert (row.value, row.condition) == (pytest.approx(0.7583333, abs=5e-8), {"of": 2})
    assert row.low <= row.value <= row.high
    rows = measure(tables(trained(correct[:3], correct[:3]), n=100))
    assert "expected_worst" not in {row.measure for row in rows}


def test_the_variance_that_test_noise_does_not_explain_is_the_published_one():
    """Methods, section 4.2: V .0092593, sigma² -.0111111, from what each example adds to the score."""
    correct = (ANSWERS == GOLD).astype(float)
    assert correct.mean(1).var(ddof=1) == pytest.approx(0.0092593, abs=5e-8)
    left_out = (correct.sum(1, keepdims=True) - correct) / 5
    values = pseudo_values(correct.mean(1), left_out)
    np.testing.assert_allclose(values, correct, atol=1e-12)
    assert run_variance(values) == pytest.approx(-0.0111111, abs=5e-8)
    assert distribution_sd(values, 0.95).value == 0


def test_real_differences_between_runs_are_told_from_noise():
    """Five runs whose true accuracies differ by 5 points show it; runs of one accuracy do not, on average."""
    random = rng("real")
    real = random.random((5, 4000)) < np.array([[0.7], [0.75], [0.8], [0.85], [0.9]])
    found = distribution_sd(real.astype(float), 0.95)
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(np.std([0.7, 0.75, 0.8, 0.85, 0.9], ddof=1), abs=0.01)
    noise = [run_variance((random.random((5, 200)) < 0.8).astype(float)) for _ in range(300)]
    assert np.mean(noise) == pytest.approx(0, abs=1e-4)


def test_churn_and_the_volatile_share_are_the_published_ones():
    """Methods, sections 4.3 and 4.5: mean churn .2222222, and a third of the examples are volatile."""
    rows = list(measure(tables(trained(ANSWERS, (ANSWERS == GOLD).astype(float)), n=6)))
    assert pick(rows, "churn").value == pytest.approx(2 / 9)
    assert pick(rows, "volatile_share").value == pytest.approx(1 / 3)


def test_the_headline_is_agreement_beyond_chance():
    """1 - D_o / D_e over all pairs of different outputs, by enumeration (methods, section 4.4)."""
    answers = np.tile(ANSWERS, 20)
    correct = [right(110, 120), right(108, 120), right(109, 120)]
    row = pick(measure(tables(trained(answers, correct), n=120)), "score")
    everything = answers.ravel()
    apart = (everything[:, None] != everything[None, :]).sum() / (360 * 359)
    assert row.value == pytest.approx(1 - (2 / 9) / apart)
    assert row.low < row.value < row.high
    assert (row.runs, row.status) == (3, Status.OK)
    assert "5 runs or more" in row.note


def test_runs_that_always_agree_score_one():
    """Perfect agreement is 1, as sure as the examples are many."""
    answers = np.tile(np.arange(100) % 2, (5, 1))
    row = pick(measure(tables(trained(answers, [right(90, 100)] * 5), n=100)), "score")
    assert (row.value, row.high, row.status) == (1, 1, Status.OK)
    assert 0.9 < row.low < 1


def test_runs_that_agree_less_than_by_chance_score_zero():
    """The headline does not go below 0."""
    answers = np.array([np.arange(100) % 2, 1 - np.arange(100) % 2, np.arange(100) % 2])
    row = pick(measure(tables(trained(answers, [right(90, 100)] * 3), n=100)), "score")
    assert (row.value, row.low) == (0, 0)


def test_runs_that_all_say_the_same_to_everything_have_no_score():
    """Agreement of constant answers is no stability."""
    answers = np.zeros((3, 100))
    row = pick(measure(tables(trained(answers, [right(90, 100)] * 3), n=100)), "score")
    assert (row.value, row.status) == (None, Status.DEGENERATE)


def test_runs_without_skill_have_no_score():
    """Agreeing on nonsense is no stability either."""
    answers = np.tile(np.arange(100) % 2, (3, 1))
    row = pick(measure(tables(trained(answers, [right(52, 100)] * 3), n=100)), "score")
    assert (row.value, row.status) == (None, Status.DEGENERATE)
    assert "no skill" in row.note


def test_two_runs_are_shown_but_underpowered():
    """Two runs give a number that should not be relied on."""
    answers = np.array([np.arange(100) % 2, (np.arange(100) + right(10, 100)) % 2])
    row = pick(measure(tables(trained(answers, [right(90, 100)] * 2), n=100)), "score")
    assert row.value is not None
    assert row.status is Status.UNDERPOWERED


@pytest.mark.parametrize("seeds", [(), (0,), (None,)])
def test_stability_needs_two_training_runs(seeds):
    """A single run, or a model that was given, has one row that says what is needed."""
    runs = [run(right(90, 100), seed=seed) for seed in seeds]
    rows = list(measure(tables(model(*runs), n=100)))
    assert [(r.measure, r.value, r.status) for r in rows] == [("score", None, Status.NOT_APPLICABLE)]
    assert "at least two training runs (seeds)" in rows[0].note


def test_failed_runs_are_counted_however_they_failed():
    """Methods, section 4.8: 2 of 20 is .10 (.0123485, .3169827); here one diverged, one says one thing."""
    runs = [run(right(90, 100), seed=seed) for seed in range(18)]
    runs += [run(right(50, 100), seed=18, one_class=True), RunTable(19, "diverged", {})]
    row = pick(measure(tables(model(*runs), n=100)), "failure_rate")
    assert (row.value, row.low, row.high) == pytest.approx((0.1, 0.0123485, 0.3169827), abs=5e-8)
    assert row.runs == 20
    assert "seed 18 always gives the same answer" in row.note
    assert "seed 19 diverged" in row.note


def test_a_run_at_chance_has_failed():
    """A run must beat the majority to count as trained."""
    runs = [run(right(90, 100)), run(right(50, 100), seed=1)]
    row = pick(measure(tables(model(*runs), n=100)), "failure_rate")
    assert (row.value, row.note) == (0.5, "seed 1 is not above chance")


def test_a_diverged_run_is_never_dropped_in_silence():
    """The rest is measured, and every headline says that a run is missing."""
    runs = [run(right(90, 100), seed=s) for s in range(3)] + [RunTable(3, "diverged", {})]
    answers = np.tile(np.arange(100) % 2, (3, 1))
    row = pick(measure(tables(model(*runs, agreement=agreed(answers)), n=100)), "score")
    assert row.runs == 3
    assert "1 of 4 runs did not finish" in row.note


def test_smaller_shares_of_the_training_data_make_a_learning_curve():
    """One row per share, the whole included; a model without shares has no curve."""
    small = tuple(run(right(60, 120), seed=seed) for seed in (0, 1))
    whole = tuple(run(right(90, 120), seed=seed) for seed in (0, 1))
    rows = list(
        measure(tables(model(*whole, parts={Variation(0.5): small}), model(*whole, name="other"), n=120))
    )
    curve = [row for row in rows if row.measure == "learning_curve"]
    assert [(row.model, row.condition["fraction"], row.value) for row in curve] == [
        ("m", 0.5, 0.5),
        ("m", 1.0, 0.75),
    ]


def test_kappa_of_labels_is_the_published_one():
    """Methods, section 4.4: Fleiss' kappa of the runs of 4.3 is .5555556, beside alpha."""
    found = replace(agreed(ANSWERS), outputs=ANSWERS)
    correct = (ANSWERS == GOLD).astype(float)
    runs = [run(hits, seed=seed) for seed, hits in enumerate(correct)]
    row = pick(measure(tables(model(*runs, agreement=found), n=6)), "fleiss_kappa")
    assert row.value == pytest.approx(0.5555556, abs=5e-8)
    assert row.low <= row.value <= row.high


def test_answers_that_are_no_single_labels_have_no_kappa():
    """Spans and texts are compared by distance alone."""
    rows = list(measure(tables(trained(ANSWERS, (ANSWERS == GOLD).astype(float)), n=6)))
    assert "fleiss_kappa" not in {row.measure for row in rows}


def test_spread_is_told_with_failed_runs_and_without():
    """Methods, section 4.8: they are never dropped, but what is left without them is said too."""
    runs = [run(right(90 + seed, 100), seed=seed) for seed in range(3)]
    rows = list(measure(tables(model(*runs, run(right(50, 100), seed=3)), n=100)))
    assert pick(rows, "score_mean").value == pytest.approx((0.90 + 0.91 + 0.92 + 0.50) / 4)
    sound, spread = pick(rows, "sound_mean"), pick(rows, "sound_sd")
    assert (sound.value, sound.runs, sound.note) == (pytest.approx(0.91), 3, "without 1 failed run(s)")
    assert spread.value == pytest.approx(0.01)


def test_what_would_halve_the_interval_is_said():
    """In runs, and in examples; the more runs differ, the less examples help."""
    random = rng("halving")
    alike = [run((random.random(400) < 0.8).astype(float), seed=seed) for seed in range(4)]
    row = pick(measure(tables(model(*alike), n=400)), "needed_runs")
    assert row.value > 4
    assert re.fullmatch(
        r"for an interval .* half as wide: \d+ runs in place of 4, or else [\d,]+ examples in place of 400",
        row.note,
    )
    apart = [run(right(count, 400), seed=seed) for seed, count in enumerate((240, 300, 360, 390))]
    row = pick(measure(tables(model(*apart), n=400)), "needed_runs")
    assert row.note.endswith("or else no number of examples")


def test_agreement_rests_on_runs_and_examples():
    """What a gate compares it by adds up to the variance that its own interval is made of."""
    random = rng("agreement", "basis")
    truth = random.integers(0, 3, 300)
    answers = np.where(random.random((5, 300)) < 0.15, random.integers(0, 3, (5, 300)), truth)
    row = pick(list(measure(tables(trained(answers, answers == truth), n=300))), "score")
    assert row.basis is not None
    assert row.basis.value == pytest.approx(row.value)
    error = row.basis.error
    half = float(stdtrit(4, 0.975)) * np.sqrt(error.examples + error.between)
    assert row.high - row.low == pytest.approx(2 * half, rel=0.05)


def test_two_runs_say_nothing_about_a_third():
    """Without a run to leave out there is nothing that a later agreement could be compared by."""
    row = pick(list(measure(tables(trained(ANSWERS[:2], (ANSWERS == GOLD)[:2]), n=6))), "score")
    assert row.basis is None
