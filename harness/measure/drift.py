"""Has the data changed? Two-sample tests with effect sizes: arrays in, numbers out.

All p-values are those of permutations, ``(1 + hits) / (permutations + 1)``: exact whatever the
distributions are, as long as the examples of both samples are independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
PERMUTATIONS = 999
FEW = 8
"""Below so many examples of either kind there is no test."""


@dataclass(frozen=True)
class Drift:
    """One comparison of what was before with what is now.

    Args:
        what: What was compared.
        effect: How large the difference is.
        scale: What the effect is, with its value if nothing has changed.
        p: Probability of such an effect or a larger one if nothing has changed; None if there are too
            few examples to tell.
        before: Examples from before.
        after: Examples from now.
    """

    what: str
    effect: float | None
    scale: str
    p: float | None
    before: int
    after: int


def classifier_test(before: Floats, after: Floats, generator: np.random.Generator) -> Drift:
    """Can a classifier tell old inputs from new ones? (Lopez-Paz & Oquab 2017.)

    A ridge classifier learns from half of each sample; on the other halves its scores are compared by
    the area under the ROC curve, whose distribution without drift is that of permuted labels.

    Args:
        before: Features of old inputs, ``(n, d)``.
        after: Features of new inputs, ``(m, d)``.
        generator: For the halves and the permutations.
    """
    what, scale = "inputs", "AUC of a classifier between old and new inputs; 0.5 if none"
    if min(len(before), len(after)) < FEW:
        return Drift(what, None, scale, None, len(before), len(after))
    learn_before, test_before = _halves(before, generator)
    learn_after, test_after = _halves(after, generator)
    direction = _ridge(learn_before, learn_after)
    effect, p = _superiority(test_before @ direction, test_after @ direction, generator, two_sided=False)
    return Drift(what, effect, scale, p, len(before), len(after))


def _halves(rows: Floats, generator: np.random.Generator) -> tuple[Floats, Floats]:
    order = generator.permutation(len(rows))
    return rows[order[: len(rows) // 2]], rows[order[len(rows) // 2 :]]


def _ridge(before: Floats, after: Floats, penalty: float = 1.0) -> Floats:
    """The direction in which new inputs differ from old ones, both kinds weighing the same."""
    rows = np.vstack([before, after])
    target = np.repeat([-1.0, 1.0], [len(before), len(after)])
    root = np.sqrt(len(rows) / 2 / np.repeat([len(before), len(after)], [len(before), len(after)]))
    rows = (rows - (before.mean(0) + after.mean(0)) / 2) * root[:, None]
    target = target * root
    gram = rows @ rows.T  # as many rows as examples, which are fewer than features or about as many
    found: Floats = rows.T @ np.linalg.solve(gram + penalty * np.eye(len(rows)), target)
    return found


def size_test(before: Floats, after: Floats, generator: np.random.Generator, what: str) -> Drift:
    """Is a number, such as the length of a text, larger or smaller than before? (Mann & Whitney 1947.)"""
    scale = "probability that a new one is larger than an old one; 0.5 if nothing has changed"
    if min(len(before), len(after)) < FEW:
        return Drift(what, None, scale, None, len(before), len(after))
    effect, p = _superiority(before, after, generator, two_sided=True)
    return Drift(what, effect, scale, p, len(before), len(after))


def _superiority(
    before: Floats, after: Floats, generator: np.random.Generator, two_sided: bool
) -> tuple[float, float]:
    """P(new > old) + P(new = old) / 2, and its p-value."""
    n, m = len(before), len(after)
    ranks = rankdata(np.concatenate([before, after]))

    def area(sums: Floats) -> Floats:
        return np.asarray((sums - m * (m + 1) / 2) / (n * m), np.float64)

    effect = area(np.array(ranks[n:].sum()))
    drawn = area(np.array([ranks[generator.permutation(n + m)[:m]].sum() for _ in range(PERMUTATIONS)]))
    if two_sided:
        return float(effect), _p(np.abs(drawn - 0.5), abs(float(effect) - 0.5))
    return float(effect), _p(drawn, float(effect))


def shares_test(before: Floats, after: Floats, generator: np.random.Generator) -> Drift:
    """Are the labels that a model gives distributed as before? By total variation.

    Args:
        before: How often each old input was given each label, ``(n, labels)``.
        after: The same for new inputs, ``(m, labels)``.
        generator: For the permutations.
    """
    what, scale = "predictions", "total variation between old and new shares of labels; 0 if none"
    n, m = len(before), len(after)
    if min(n, m) < FEW:
        return Drift(what, None, scale, None, n, m)
    table = np.vstack([before, after])
    total = table.sum(0)

    def variation(later: Floats) -> Floats:
        first = total - later
        return np.asarray(np.abs(_shares(first) - _shares(later)).sum(-1) / 2, np.float64)

    effect = float(variation(after.sum(0)))
    drawn = np.array([variation(table[generator.permutation(n + m)[:m]].sum(0)) for _ in range(PERMUTATIONS)])
    return Drift(what, effect, scale, _p(drawn, effect), n, m)


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / np.maximum(counts.sum(-1, keepdims=True), 1), np.float64)


def _p(drawn: Floats, observed: float) -> float:
    hits = int((drawn >= observed - 1e-12).sum())  # equal sums may round differently
    return (1 + hits) / (PERMUTATIONS + 1)
