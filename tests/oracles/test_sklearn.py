"""Calibration and proper scores beside those of scikit-learn (methods, sections 2.12 and 3.9).

Accuracy, F1 of labels and of sets of labels, reports, ranks: see ``tests/tasks/scoring``.
"""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    log_loss,
    roc_auc_score,
)

from harness.measure.calibration import calibration_error, equal_width
from harness.measure.outliers import Sides
from harness.measure.selectivity import selectivity
from harness.measure.tagged import kappa
from harness.prediction import Classes
from harness.rng import rng
from harness.tasks.scoring.classes import SCORING
from harness.tasks.scoring.sureness import sureness
from harness.text import example

LABELS = ("a", "b", "c", "d")
TRIALS = range(10)


def answers(trial: int, n: int = 200) -> tuple[list[str], np.ndarray]:
    """Gold labels, and distributions that lean towards them."""
    random = rng("labels", trial)
    gold = random.integers(0, 4, n)
    chances = random.dirichlet(np.ones(4), n) + 0.4 * np.eye(4)[gold] * random.random((n, 1))
    return [LABELS[at] for at in gold], (chances / chances.sum(1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("trial", TRIALS)
def test_scores_and_proper_scores_of_labels_are_theirs(agree, trial):
    """Accuracy and macro-F1 from sums; Brier score and log loss example by example, then their mean."""
    gold, chances = answers(trial)
    predictions = [Classes(LABELS, row) for row in chances]
    sums = sum(
        SCORING.stats(example("x", "t", g), one, LABELS) for g, one in zip(gold, predictions, strict=True)
    )
    said = [LABELS[at] for at in chances.argmax(1)]
    agree("accuracy", "accuracy_score", SCORING.score(sums), accuracy_score(gold, said), 1e-12)
    macro = SCORING.details(LABELS)["macro_f1"](sums)
    agree("macro-F1", "f1_score", macro, f1_score(gold, said, average="macro"), 1e-12)
    sure = [sureness(example("x", "t", g), one, True) for g, one in zip(gold, predictions, strict=True)]
    exact = chances.astype(float) / chances.astype(float).sum(1, keepdims=True)  # they insist on a sum of 1
    theirs = brier_score_loss(gold, exact, labels=LABELS, scale_by_half=False)
    agree("Brier score", "brier_score_loss", np.mean([one.brier for one in sure]), theirs, 1e-6)
    agree(
        "log loss",
        "log_loss",
        np.mean([one.loss for one in sure]),
        log_loss(gold, exact, labels=LABELS),
        1e-6,
    )


@pytest.mark.parametrize("trial", TRIALS)
def test_the_calibration_error_is_that_of_their_curve(agree, trial):
    """Their bins of equal width, weighted by how many examples lie in each."""
    random = rng("calibration", trial)
    confidence = random.beta(8, 1.5, 400)
    right = (random.random(400) < confidence**1.5).astype(float)
    inside = equal_width(confidence)
    ours = calibration_error(confidence @ inside, right @ inside, inside.sum(0))
    share, mean = calibration_curve(right, confidence, n_bins=15)
    counts = inside.sum(0)
    theirs = counts[counts > 0] @ np.abs(share - mean) / 400
    agree("calibration error", "calibration_curve", ours, theirs, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_selectivity_is_their_area_under_the_roc_curve(agree, trial):
    """Ties and weights included: what an example counts in a resample is a sample weight."""
    random = rng("roc", trial)
    change, keep = np.round(random.beta(3, 2, 60), 1), np.round(random.beta(2, 3, 90), 1)
    w, v = random.integers(0, 4, 60).astype(float), random.integers(0, 4, 90).astype(float)
    ours = selectivity(change, keep, w[None], v[None])[0]
    theirs = roc_auc_score(
        np.repeat([1, 0], [60, 90]), np.concatenate([change, keep]), sample_weight=np.concatenate([w, v])
    )
    agree("selectivity", "roc_auc_score", ours, theirs, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_outliers_are_told_apart_as_by_theirs(agree, trial):
    """Area under the ROC curve and average precision, ties and weights included."""
    random = rng("outliers", trial)
    known, strange = np.round(random.normal(1, 1, 70), 1), np.round(random.normal(0, 1, 40), 1)
    w, v = random.integers(0, 4, 70).astype(float), random.integers(0, 4, 40).astype(float)
    sides = Sides.of(known, strange, w[None], v[None])
    kind, scores = np.repeat([1, 0], [70, 40]), np.concatenate([known, strange])
    weight = np.concatenate([w, v])
    agree(
        "AUROC of outliers",
        "roc_auc_score",
        sides.auroc()[0],
        roc_auc_score(kind, scores, sample_weight=weight),
        1e-12,
    )
    theirs = average_precision_score(kind, scores, sample_weight=weight)
    agree("average precision", "average_precision_score", sides.precision_known()[0], theirs, 1e-12)
    turned = average_precision_score(1 - kind, -scores, sample_weight=weight)
    agree("average precision", "average_precision_score", sides.precision_strange()[0], turned, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_agreement_of_tags_is_theirs(agree, trial):
    """Cohen's kappa of the tags of words before and after an edit."""
    random = rng("kappa", trial)
    before = random.integers(0, 5, 200)
    after = np.where(random.random(200) < 0.7, before, random.integers(0, 5, 200))
    many = [np.bincount(tags, minlength=5) for tags in (before, after)]
    ours = kappa(np.array([200.0, (before == after).sum(), 0, 0, 0, 0, *many[0], *many[1]]))
    agree("kappa of tags", "cohen_kappa_score", ours, cohen_kappa_score(before, after), 1e-12)
