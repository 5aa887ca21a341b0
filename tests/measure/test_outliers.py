"""Whether a model is less sure of what it should not answer: worked examples, oracles, and rows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from harness.measure.outliers import Sides, facet
from harness.measure.robustness import measure
from harness.measure.tables import TEST, Familiarity
from harness.rows import Status
from harness.tasks.scoring.familiarity import NAMES
from tests.measure.build import model, pick, right, run, tables

KNOWN = np.array([0.99, 0.95, 0.90, 0.80, 0.60])
STRANGE = np.array([0.70, 0.55, 0.50, 0.40])
COARSE = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=25)


def once(known, strange):
    """Every text counted once."""
    return Sides.of(known, strange, np.ones((1, len(known))), np.ones((1, len(strange))))


def test_the_worked_example():
    """AUROC .95, facet .90; the threshold .60 accepts all five, and one stranger in four (methods, 3.8)."""
    sides = once(KNOWN, STRANGE)
    assert sides.auroc()[0] == pytest.approx(0.95)
    assert facet(sides.auroc())[0] == pytest.approx(0.90)
    assert sides.false_positives()[0] == 1 / 4


def test_no_better_than_chance_is_no_facet():
    """A model that is surer of strangers scores 0, not less."""
    assert facet(np.array([0.5, 0.2, 1.0])).tolist() == [0, 0, 1]


@given(COARSE, COARSE)
def test_they_agree_with_scikit_learn_under_weights_and_ties(known, strange):
    """Weights are those of a resample; scores are whole numbers, so that many are equal."""
    (x, v), (y, w) = (np.array(one, float).T for one in (known, strange))
    sides = Sides.of(x, y, v[np.newaxis], w[np.newaxis])
    found = [float(f()[0]) for f in (sides.auroc, sides.precision_known, sides.precision_strange)]
    if not v.sum() or not w.sum():
        assert all(map(math.isnan, [*found, sides.false_positives()[0]]))
        return
    scores, weights = np.concatenate([x, y]), np.concatenate([v, w])
    gold = np.repeat([1, 0], [len(x), len(y)])
    assert found == pytest.approx(
        [
            roc_auc_score(gold, scores, sample_weight=weights),
            average_precision_score(gold, scores, sample_weight=weights),
            average_precision_score(1 - gold, -scores, sample_weight=weights),
        ]
    )


@given(COARSE, COARSE, st.sampled_from([0.5, 0.8, 0.95]))
def test_the_threshold_is_the_highest_that_accepts_enough(known, strange, share):
    """By trying every one of the known scores in turn."""
    x, y = (np.array([score for score, _ in one], float) for one in (known, strange))
    threshold = max(t for t in x if (x >= t).mean() >= share - 1e-12)
    assert once(x, y).false_positives(share)[0] == pytest.approx((y >= threshold).mean())


@given(COARSE, COARSE)
def test_weights_count_as_repetitions(known, strange):
    """A text of weight two is there twice; of weight nought it is not."""
    (x, v), (y, w) = (np.array(one, float).T for one in (known, strange))
    if v.sum() and w.sum():
        weighted = Sides.of(x, y, v[np.newaxis], w[np.newaxis])
        repeated = once(np.repeat(x, v.astype(int)), np.repeat(y, w.astype(int)))
        for name in ("auroc", "false_positives", "precision_known", "precision_strange"):
            assert getattr(weighted, name)() == pytest.approx(getattr(repeated, name)())


# -- rows ----------------------------------------------------------------------------------------


def looks(scores, by="probability", index=None):
    """How familiar texts look, by one score; the others are not told."""
    untold = {name: np.full(len(scores), np.nan) for name in NAMES}
    at = np.arange(len(scores)) if index is None else np.asarray(index)
    return Familiarity(at, {**untold, by: np.asarray(scores, float)})


def told(known, strange, groups=(), runs=1):
    """The rows of a model that knows the test texts and a set of strangers so well."""
    one = replace(run(right(len(known), len(known))), familiar={TEST: looks(known), "far": looks(strange)})
    made = tables(model(*[replace(one, seed=at) for at in range(runs)]), n=len(known))
    codes = None if groups is None else np.asarray(groups) if len(groups) else np.arange(len(strange))
    return list(measure(replace(made, outliers={"far": codes})))


def test_there_is_a_row_for_each_score_that_a_model_has():
    """With the numbers of the worked example."""
    rows = told(KNOWN, STRANGE)
    assert pick(rows, "outlier_auroc", outliers="far", by="probability").value == pytest.approx(0.95)
    assert pick(rows, "outlier_score", by="probability").value == pytest.approx(0.9)
    found = pick(rows, "outlier_fpr95", by="probability")
    assert (found.value, found.direction) == (0.25, "lower")
    assert "fewer than the 200" in found.note
    assert {row.condition["by"] for row in rows if row.measure.startswith("outlier")} == {"probability"}


def test_the_interval_covers_what_two_normal_populations_have():
    """One standard deviation apart: an AUROC of .7602; nine in ten intervals or more hold it."""
    generator = np.random.default_rng(1)
    held = []
    for _ in range(40):
        rows = told(generator.normal(1, 1, 80), generator.normal(0, 1, 60))
        row = pick(rows, "outlier_auroc")
        held.append(row.low <= 0.76025 <= row.high)
    assert np.mean(held) >= 0.85


def test_strangers_made_of_test_texts_are_resampled_with_them():
    """Each a little less familiar than its source: paired, the difference hardly varies."""
    generator = np.random.default_rng(2)
    own = generator.normal(0, 1, 100)
    apart = pick(told(own, own - 0.3), "outlier_auroc")
    together = pick(told(own, own - 0.3, groups=None), "outlier_auroc")
    assert apart.value == together.value
    assert together.high - together.low < 0.5 * (apart.high - apart.low)


def test_strangers_of_one_document_count_as_one():
    """Clusters are drawn as a whole, so that the interval is wider."""
    generator = np.random.default_rng(3)
    documents = np.repeat(np.arange(12), 10)
    strange = generator.normal(0, 1, 12)[documents] + generator.normal(0, 0.1, 120)
    known = generator.normal(1, 1, 120)
    single, whole = (pick(told(known, strange, groups=g), "outlier_auroc") for g in ((), documents))
    assert whole.high - whole.low > 1.3 * (single.high - single.low)


def test_bare_labels_tell_nothing_of_strangers():
    """The row says why there is no number."""
    rows = told(np.ones(30), np.ones(20))
    row = pick(rows, "outlier_auroc", outliers="far")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert "does not tell" in row.note
    assert not [row for row in rows if row.measure == "outlier_fpr95"]


def test_texts_without_a_score_are_left_out_and_counted():
    """Such as those that a tagger sees no word in."""
    row = pick(told([*KNOWN, math.nan], STRANGE), "outlier_auroc")
    assert row.value == pytest.approx(0.95)
    assert "without 1 texts" in row.note


def test_several_runs_are_averaged():
    """Their spread is part of the interval."""
    assert pick(told(KNOWN, STRANGE, runs=3), "outlier_auroc").runs == 3
