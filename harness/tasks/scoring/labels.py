"""Scoring of sets of labels: micro-F1, macro-F1, subset accuracy, and how far two sets are apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.prediction import Classes, Prediction
from harness.tasks.scoring.ratio import ratio
from harness.tasks.task import Array, Detail, Moved, Scoring
from harness.text import Edit, Example

_HEAD = 3  # columns before the per-label ones: examples, exactly right, labels the model does not know


def columns(labels: tuple[str, ...]) -> list[str]:
    """``n``, ``exact``, ``unknown``, then true positives, false positives and false negatives per label."""
    return ["n", "exact", "unknown"] + [f"{kind}:{label}" for kind in ("tp", "fp", "fn") for label in labels]


def stats(example: Example, prediction: Prediction, labels: tuple[str, ...]) -> Array:
    """The example's counts; a gold label that the model does not know is missed for sure."""
    assert isinstance(prediction, Classes)
    told, chosen = set(example.references), set(prediction.chosen)
    gold = np.array([label in told for label in labels], bool)
    said = np.array([label in chosen for label in labels], bool)
    unknown = len(told) - gold.sum()
    exact = not unknown and bool((gold == said).all())
    return np.concatenate([[1, exact, unknown], gold & said, ~gold & said, gold & ~said]).astype(np.float64)


def _counts(sums: Array) -> tuple[Array, Array, Array]:
    """True positives, false positives and false negatives per label."""
    tp, fp, fn = np.split(sums[..., _HEAD:], 3, axis=-1)
    return tp, fp, fn


def _together(sums: Array) -> tuple[Array, Array, Array]:
    """The same over all labels, those included that the model does not know."""
    tp, fp, fn = (part.sum(-1) for part in _counts(sums))
    return tp, fp, fn + sums[..., 2]


def micro_f1(sums: Array) -> Array:
    """F1 over all labels; 0 where there is nothing to find and nothing found."""
    tp, fp, fn = _together(sums)
    return ratio(2 * tp, 2 * tp + fp + fn)


def precision(sums: Array) -> Array:
    """Share of the labels given that are right."""
    tp, fp, _ = _together(sums)
    return ratio(tp, tp + fp)


def recall(sums: Array) -> Array:
    """Share of the right labels that are given."""
    tp, _, fn = _together(sums)
    return ratio(tp, tp + fn)


def macro_f1(sums: Array) -> Array:
    """Mean over labels of F1; a label that neither occurs nor is predicted is left out."""
    tp, fp, fn = _counts(sums)
    size = 2 * tp + fp + fn
    return ratio(ratio(2 * tp, size).sum(-1), (size > 0).sum(-1))


def subset_accuracy(sums: Array) -> Array:
    """Share of the examples whose set of labels is exactly right."""
    return ratio(sums[..., 1], sums[..., 0])


def constant(sums: Array) -> Array:
    """Micro-F1 of the best set of labels to give to every example alike (methods, section 0.4).

    Of all sets of k labels that of the k most frequent is the best. With ``c`` the number of times
    that its labels are right, it makes ``k n - c`` false positives and misses ``total - c``, so that
    its F1 is ``2 c / (k n + total)``; the best k is found by trying all. Worked example: of 4
    examples 3 have label a, 2 have b and none has c. Saying a has F1 6 / 9, saying a and b has
    10 / 13, saying all three has 10 / 17: chance is 10 / 13.
    """
    tp, _, fn = _counts(sums)
    gold = tp + fn
    total = gold.sum(-1, keepdims=True) + sums[..., 2, None]
    right = np.sort(gold, axis=-1)[..., ::-1].cumsum(-1)
    sizes = np.arange(1, gold.shape[-1] + 1) * sums[..., :1]
    best: Array = ratio(2 * right, sizes + total).max(-1, initial=0.0)
    return best


def moved(clean: Prediction, edited: Prediction, edits: Sequence[Edit], source: Example) -> Moved:
    """Set distance and mean change of a label's probability.

    The hard distance is 1 less the F1 of one set against the other, as for spans (methods, section
    1.3): the labels in one set only over the sizes of both, a ratio of sums. The soft one is the mean
    over labels of ``|p - q|``, the total variation of each label's own yes and no.
    """
    assert isinstance(clean, Classes)
    assert isinstance(edited, Classes)
    one, other = set(clean.chosen), set(edited.chosen)
    shift = float(np.abs(clean.probabilities - edited.probabilities).mean())
    return Moved(len(one ^ other), len(one) + len(other), min(shift, 1.0), 1.0, float(one != other))


def harm(example: Example, prediction: Prediction) -> float:
    """How likely the label that is most wrong is to be wrong; above one half the set is not right."""
    assert isinstance(prediction, Classes)
    told = set(example.references)
    if not told <= set(prediction.labels):
        return 1.0
    gold = np.array([label in told for label in prediction.labels])
    return float(np.abs(gold - prediction.probabilities.astype(np.float64)).max(initial=0.0))


def broken(example: Example, prediction: Prediction) -> bool:
    """Whether any label is given that is not right, or missing that is."""
    assert isinstance(prediction, Classes)
    return set(prediction.chosen) != set(example.references)


def details(labels: tuple[str, ...]) -> dict[str, Detail]:
    """Precision, recall, macro-F1 and the share of sets that are exactly right."""
    found = {"precision": precision, "recall": recall, "macro_f1": macro_f1}
    return {name: Detail(one) for name, one in {**found, "subset_accuracy": subset_accuracy}.items()}


SCORING = Scoring(
    metric="f1|micro|labels",
    columns=columns,
    stats=stats,
    score=micro_f1,
    chance=constant,
    moved=moved,
    harm=harm,
    broken=broken,
    details=details,
)
