"""Tests of drift: exact p-values without drift, small ones with it, and effects that say how much."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from harness.measure.drift import FEW, PERMUTATIONS, classifier_test, shares_test, size_test
from harness.rng import rng


def onehot(codes: np.ndarray, labels: int = 3) -> np.ndarray:
    return np.eye(labels)[codes]


@pytest.mark.parametrize("kind", ["inputs", "sizes", "shares"])
def test_without_drift_small_p_values_are_rare(kind: str) -> None:
    """Of 60 pairs of samples from one distribution, at most 8 have a p-value up to 5 %."""
    random = rng("no drift", kind)
    found = []
    for _ in range(60):
        if kind == "inputs":
            found.append(classifier_test(random.normal(size=(40, 5)), random.normal(size=(30, 5)), random))
        elif kind == "sizes":
            found.append(size_test(random.poisson(9, 40) * 1.0, random.poisson(9, 30) * 1.0, random, "x"))
        else:
            found.append(
                shares_test(onehot(random.integers(0, 3, 40)), onehot(random.integers(0, 3, 30)), random)
            )
    values = np.array([one.p for one in found])
    assert (values <= 0.05).sum() <= 8
    assert (values > 0.5).sum() > 10


def test_a_classifier_tells_shifted_inputs_apart() -> None:
    """One of twenty features has moved by two standard deviations; the AUC is what theory says, roughly."""
    random = rng("shifted inputs")
    before, after = random.normal(size=(400, 20)), random.normal(size=(300, 20))
    after[:, 7] += 2
    found = classifier_test(before, after, random)
    assert found.p == 1 / (PERMUTATIONS + 1)
    assert found.effect == pytest.approx(0.921, abs=0.05)  # Phi(2 / sqrt(2))
    assert (found.before, found.after) == (400, 300)


def test_sizes_are_compared_as_mann_and_whitney_do() -> None:
    """Effect and p-value equal SciPy's on the same numbers, ties included."""
    random = rng("sizes")
    before, after = random.poisson(10, 80) * 1.0, random.poisson(11, 60) * 1.0
    found = size_test(before, after, random, "length")
    theirs = mannwhitneyu(after, before, alternative="two-sided")
    assert found.effect == pytest.approx(theirs.statistic / (80 * 60))
    assert found.p == pytest.approx(theirs.pvalue, abs=0.03)


def test_shares_of_labels_are_compared_by_total_variation() -> None:
    """Worked example: (0.8, 0.2, 0) against (0.5, 0.2, 0.3) are 0.3 apart."""
    before = onehot(np.repeat([0, 1], [80, 20]))
    after = onehot(np.repeat([0, 1, 2], [50, 20, 30]))
    found = shares_test(before, after, rng("shares"))
    assert found.effect == pytest.approx(0.3)
    assert found.p == 1 / (PERMUTATIONS + 1)
    same = shares_test(before, before, rng("shares"))
    assert (same.effect, same.p) == (0.0, 1.0)


def test_a_few_examples_tell_nothing() -> None:
    """There is no number, and no p-value."""
    few = np.zeros((FEW - 1, 2))
    for found in (
        classifier_test(few, np.ones((50, 2)), rng("few")),
        size_test(few[:, 0], np.ones(50), rng("few"), "length"),
        shares_test(few, np.ones((50, 2)), rng("few")),
    ):
        assert (found.effect, found.p) == (None, None)
