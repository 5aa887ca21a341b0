"""Scoring of label distributions: accuracy, macro-F1, total variation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.prediction import Classes, Prediction
from harness.tasks.scoring.ratio import ratio
from harness.tasks.task import Array, Detail, Moved, Scoring
from harness.text import Edit, Example

_HEAD = 2  # columns before the per-label ones: examples, correct


def columns(labels: tuple[str, ...]) -> list[str]:
    """``n``, ``correct``, then true positives, false positives and false negatives per label."""
    return ["n", "correct"] + [f"{kind}:{label}" for kind in ("tp", "fp", "fn") for label in labels]


def stats(example: Example, prediction: Prediction, labels: tuple[str, ...]) -> Array:
    """The example's counts; a gold label the model does not know is a miss of its own prediction."""
    assert isinstance(prediction, Classes)
    row = np.zeros(_HEAD + 3 * len(labels))
    said, gold, size = prediction.label, str(example.target), len(labels)
    row[0], row[1] = 1, said == gold
    if said == gold:
        row[_HEAD + labels.index(said)] = 1
        return row
    row[_HEAD + size + labels.index(said)] = 1
    if gold in labels:
        row[_HEAD + 2 * size + labels.index(gold)] = 1
    return row


def accuracy(sums: Array) -> Array:
    """Correct over all; shape ``(..., columns)`` to ``(...)``."""
    return ratio(sums[..., 1], sums[..., 0])


def majority(sums: Array) -> Array:
    """Accuracy of always saying the most frequent gold label (methods, section 0.4)."""
    size = (sums.shape[-1] - _HEAD) // 3
    gold = sums[..., _HEAD : _HEAD + size] + sums[..., _HEAD + 2 * size :]
    return ratio(gold.max(-1), sums[..., 0])


def macro_f1(sums: Array) -> Array:
    """Mean over labels of F1; a label that neither occurs nor is predicted is left out."""
    tp, fp, fn = np.split(sums[..., _HEAD:], 3, axis=-1)
    size = 2 * tp + fp + fn
    return ratio(ratio(2 * tp, size).sum(-1), (size > 0).sum(-1))


def moved(clean: Prediction, edited: Prediction, edits: Sequence[Edit], source: Example) -> Moved:
    """Flip of the label, and total variation of the distributions (methods, section 1.1)."""
    assert isinstance(clean, Classes)
    assert isinstance(edited, Classes)
    flip = float(clean.label != edited.label)
    shift = float(np.abs(clean.probabilities - edited.probabilities).sum()) / 2
    return Moved(flip, 1.0, min(shift, 1.0), 1.0, flip)


def harm(example: Example, prediction: Prediction) -> float:
    """One minus the probability of the gold label."""
    assert isinstance(prediction, Classes)
    gold = str(example.target)
    if gold not in prediction.labels:
        return 1.0
    return 1.0 - float(prediction.probabilities[prediction.labels.index(gold)])


def broken(example: Example, prediction: Prediction) -> bool:
    """Whether the predicted label is wrong."""
    assert isinstance(prediction, Classes)
    return prediction.label != example.target


def details(labels: tuple[str, ...]) -> dict[str, Detail]:
    """Macro-F1 beside accuracy."""
    return {"macro_f1": Detail(macro_f1)}


SCORING = Scoring(
    metric="accuracy",
    columns=columns,
    stats=stats,
    score=accuracy,
    chance=majority,
    moved=moved,
    harm=harm,
    broken=broken,
    details=details,
)
