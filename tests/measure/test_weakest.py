"""The weakest slices: found when they are there, and rarely made up."""

from __future__ import annotations

import numpy as np
import pytest

from harness.measure.slices import cut
from harness.measure.tables import TEST
from harness.measure.weakest import candidates_of, search
from harness.rng import rng
from tests.measure.build import model, profile, run, tables


def features(random, n):
    """A number and two categories."""
    return {
        "length": np.rint(random.gamma(2, 8, n)) + 1,
        "channel": random.choice(["mail", "chat", "phone"], n),
        "product": random.choice(["loan", "card", "app", "fund"], n),
    }


def searched(values, found, resamples=200):
    """What a search over one run finds."""
    n = len(values)
    data = tables(model(run(values)), n=n, resamples=resamples, profiles={TEST: profile(n, **found)})
    (one,) = search(data)
    return one


def test_candidates_are_buckets_and_pairs_of_different_features():
    """Eleven buckets, and the pairs that have thirty examples or more."""
    slices = cut(profile(600, **features(rng("candidates"), 600)))
    found = candidates_of(slices)
    assert sum(len(one.parts) == 1 for one in found) == len(slices) == 11
    pairs = [one for one in found if len(one.parts) == 2]
    assert pairs
    assert all(one.rows.sum() >= 30 and one.parts[0][0] != one.parts[1][0] for one in pairs)


def test_two_names_for_the_same_examples_are_looked_at_once():
    """A column that says the same as another one adds no candidates."""
    kind = np.repeat(["a", "b"], 100)
    assert len(candidates_of(cut(profile(200, one=kind, other=kind)))) == 2


def test_a_planted_weak_slice_is_found_with_examples_and_named_first():
    """Right half as often as the rest: found, with a score drawn upward and the rest beside it."""
    random = rng("planted slice")
    known = features(random, 900)
    weak = (known["channel"] == "chat") & (known["product"] == "loan")
    values = (random.random(900) < np.where(weak, 0.45, 0.9)).astype(float)
    one = searched(values, known, resamples=500)
    first = one.found[0]
    assert set(first.parts) == {("channel", "chat"), ("product", "loan")}
    assert (first.rows == weak).all()
    assert first.score == pytest.approx(values[weak].mean())
    assert first.rest == pytest.approx(values[~weak].mean())
    assert first.score < first.shrunken < first.rest
    assert first.p <= 0.05
    assert all(weak[at] and not values[at] for at in first.hardest)


def test_of_slices_that_are_much_the_same_only_one_is_told():
    """A feature and its twin with one example changed are one finding."""
    random = rng("twins")
    kind = random.choice(["a", "b"], 600)
    twin = kind.copy()
    twin[0] = "a" if kind[0] == "b" else "b"
    values = (random.random(600) < np.where(kind == "a", 0.6, 0.95)).astype(float)
    assert len(searched(values, {"kind": kind, "twin": twin}).found) == 1


def test_slices_are_made_up_no_more_often_than_is_said():
    """Over 200 data sets without any weak slice, one in twenty reports one."""
    alarms = 0
    for at in range(200):
        random = rng("no weak slice", at)
        values = (random.random(360) < 0.85).astype(float)
        alarms += bool(searched(values, features(random, 360), resamples=199).found)
    assert alarms / 200 <= 0.05 + 2 * (0.05 * 0.95 / 200) ** 0.5


def test_the_drawn_score_is_nearer_the_truth_than_the_raw_one():
    """Of slices that were chosen for being weak, the raw score is too low on average; what is drawn is less so."""
    raw, drawn = [], []
    for at in range(60):
        random = rng("winner's curse", at)
        known = features(random, 700)
        weak = known["product"] == "card"
        values = (random.random(700) < np.where(weak, 0.75, 0.87)).astype(float)
        for one in searched(values, known, resamples=199).found[:1]:
            true = np.where(weak, 0.75, 0.87)[one.rows].mean()
            raw.append(one.score - true)
            drawn.append(one.shrunken - true)
    assert np.mean(raw) < -0.01
    assert abs(np.mean(drawn)) < abs(np.mean(raw))
