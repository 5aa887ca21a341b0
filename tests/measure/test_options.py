"""How much depends on the options of training."""

from __future__ import annotations

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
