"""How much depends on the options of training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.measure.options import good, regret
from harness.measure.stability import measure
from harness.measure.tables import RunTable
from harness.rows import Status
from harness.variation import Variation
from tests.measure.build import model, pick, right, run, tables

PUBLISHED = np.array([0.90, 0.89, 0.88, 0.70, 0.50])


def runs(*counts, n=100):
    """A run with so many right answers for each count, its place as its seed."""
    return tuple(run(right(count, n), seed=seed) for seed, count in enumerate(counts))


def test_regret_and_good_settings_are_the_published_ones():
    """Methods, section 4.12: HS = .315, score .685, good fraction .6."""
    (lost,) = regret(PUBLISHED[:, np.newaxis], np.array([0.5]), 0)
    assert (lost, 1 - lost) == pytest.approx((0.315, 0.685))
    assert good(PUBLISHED, 0) == pytest.approx(0.6)


def test_every_setting_has_its_score_and_all_of_them_a_regret():
    """The options of the suite are one of the settings; runs are compared seed by seed."""
    parts = {Variation(setting=f"s{at}"): runs(*[count] * 3) for at, count in enumerate((89, 88, 70, 50))}
    rows = list(measure(tables(model(*runs(90, 90, 90), parts=parts), n=100)))
    scores = {row.condition["setting"]: row.value for row in rows if row.measure == "setting_score"}
    assert scores == pytest.approx({"as-written": 0.9, "s0": 0.89, "s1": 0.88, "s2": 0.7, "s3": 0.5})
    lost = pick(rows, "setting_regret")
    assert (lost.value, lost.runs, lost.status) == (pytest.approx(0.315), 15, Status.OK)
    assert lost.low < lost.value < lost.high
    assert "the best, as-written, was chosen on the same data" in lost.note
    assert pick(rows, "good_settings").value == pytest.approx(0.6)


def test_the_regret_is_a_ratio_of_means_over_runs():
    """So that a run in which the best setting is at chance does not make it undefined."""
    parts = {Variation(setting="other"): runs(80, 50, 70)}
    row = pick(measure(tables(model(*runs(90, 50, 100), parts=parts), n=100)), "setting_regret")
    assert row.value == pytest.approx((0.1 + 0 + 0.3) / 3 / 2 / 0.3)
    assert row.status is Status.OK


def test_a_setting_that_never_finishes_is_told():
    """And left out of the regret."""
    parts = {
        Variation(setting="wild"): (RunTable(0, "diverged", {}),),
        Variation(setting="calm"): runs(80, 80, 80),
    }
    rows = list(measure(tables(model(*runs(90, 90, 90), parts=parts), n=100)))
    assert "no run with the setting wild finished" in [row.note for row in rows]
    assert pick(rows, "setting_regret").value == pytest.approx(0.5 * (0.1 / 0.4))


PLAIN_OPTIONS = {"learning_rate": 1e-3, "freeze": "none", "early_stopping.patience": None}


def optioned(scores, changes):
    """Rows of a model whose settings differ from its own options as told, with three runs each."""
    settings = {f"s{at}": {**PLAIN_OPTIONS, **change} for at, change in enumerate(changes)}
    main, *others = [runs(*one) for one in scores]
    parts = {Variation(setting=name): one for name, one in zip(settings, others, strict=True)}
    one = replace(model(*main, parts=parts), options={"as-written": PLAIN_OPTIONS, **settings})
    return list(measure(tables(one, n=100)))


def test_each_option_has_its_share_in_the_variance_of_scores():
    """Freezing costs 20 points, the learning rate one or two; what differs in no setting has no row."""
    scores = [(90, 91, 90), (89, 90, 89), (88, 88, 89), (70, 71, 71)]
    rows = optioned(scores, [{"learning_rate": 5e-4}, {"learning_rate": 2e-3}, {"freeze": "head-only"}])
    shares = {r.condition["option"]: r for r in rows if r.measure == "option_share"}
    assert list(shares) == ["freeze", "learning_rate"]
    assert shares["freeze"].value > 0.7 > 0.05 > shares["learning_rate"].value
    assert (shares["freeze"].runs, shares["freeze"].status) == (12, Status.OK)
    assert shares["freeze"].note.startswith("F = ")


def test_what_doubling_a_number_gains_is_told_around_the_suites_own():
    """From half to twice the learning rate the score falls by two points: by one for each doubling."""
    scores = [(90, 90, 90), (91, 92, 90), (89, 90, 88), (50, 50, 50), (70, 70, 70)]
    changes = [{"learning_rate": rate} for rate in (5e-4, 2e-3, 0.1)]
    rows = optioned(scores, [*changes, {"freeze": "head-only", "learning_rate": 4e-4}])
    row = pick(rows, "option_slope", option="learning_rate")
    assert row.value == pytest.approx(-0.01)
    assert row.low < row.value < row.high
    assert row.note == "points of score for twice as much, between 0.0005, 0.001, 0.002"
    assert not [r for r in rows if r.measure == "option_slope" and r.condition["option"] == "freeze"]


def test_an_option_that_never_varies_alone_is_said_to_have_no_share_of_its_own():
    """Freezing comes with another learning rate here, which in turn varies without it."""
    scores = [(90, 91, 90), (89, 90, 89), (70, 71, 71)]
    rows = optioned(scores, [{"learning_rate": 5e-4}, {"freeze": "head-only", "learning_rate": 5e-3}])
    absent = [
        (r.condition["option"], r.note) for r in rows if r.measure == "option_share" and r.value is None
    ]
    assert absent == [
        ("freeze", "it never varies without another option, so that their shares cannot be told apart")
    ]


def test_one_run_of_each_setting_has_no_noise_to_judge_shares_by():
    """The slope is there, over examples alone."""
    rows = optioned([(90,), (80,)], [{"learning_rate": 2e-3}])
    assert [r.note for r in rows if r.measure == "option_share"] == ["needs two runs with each setting"]
    assert pick(rows, "option_slope").value == pytest.approx(-0.1)
