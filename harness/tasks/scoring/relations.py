"""Scoring of relations: F1 without the class that stands for none, official scores, total variation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import numpy as np

from harness.prediction import Classes, Prediction
from harness.tasks.scoring import classes
from harness.tasks.scoring.ratio import ratio
from harness.tasks.task import Array, Detail, Scoring
from harness.text import Example

NEGATIVE = frozenset({"no_relation", "other", "na", "none"})
"""What data sets call the class that stands for no relation, or for none of those that are asked for:
TACRED, SemEval-2010, NYT and others, in lower case and with ``_`` for ``-`` and spaces."""
DIRECTED = re.compile(r"(.+)\((?:e1,e2|e2,e1)\)")
"""A label that says which argument comes first, as in SemEval-2010: ``Cause-Effect(e2,e1)``."""

_HEAD = 5  # columns before the per-label ones
_BLOCKS = ("tp", "fp", "fn", "gold")


def negative(label: str) -> bool:
    """Whether a label stands for no relation; known by its name, see :data:`NEGATIVE`."""
    return re.sub(r"[\s-]", "_", label.strip().lower()) in NEGATIVE


def relation(label: str) -> str:
    """The relation of a label, whatever its direction."""
    found = DIRECTED.fullmatch(label)
    return found[1] if found else label


def columns(labels: tuple[str, ...]) -> list[str]:
    """``n``, ``correct``, counts over all relations, then per label.

    ``tp``, ``fp`` and ``fn`` are true positives, false positives and false negatives; ``gold`` of a
    label counts how often it is right and is 0 for a negative class.
    """
    return ["n", "correct", "tp", "fp", "fn"] + [f"{kind}:{label}" for kind in _BLOCKS for label in labels]


def stats(example: Example, prediction: Prediction, labels: tuple[str, ...]) -> Array:
    """The example's counts. A wrong relation is both a false positive and a false negative."""
    assert isinstance(prediction, Classes)
    row = np.zeros(_HEAD + len(_BLOCKS) * len(labels))
    tp, fp, fn, of_gold = np.split(row[_HEAD:], len(_BLOCKS))  # views
    said, gold = prediction.label, str(example.target)
    row[0], row[1] = 1, said == gold
    if said == gold:
        row[2] = not negative(gold)
        tp[labels.index(gold)] = 1
    else:
        row[3], row[4] = not negative(said), not negative(gold)
        fp[labels.index(said)] = 1
        if gold in labels:
            fn[labels.index(gold)] = 1
    if gold in labels and not negative(gold):
        of_gold[labels.index(gold)] = 1
    return row


def micro_f1(sums: Array) -> Array:
    """F1 over all relations; the negative class counts only through what is mistaken for it."""
    tp, fp, fn = np.moveaxis(sums[..., 2:_HEAD], -1, 0)
    return ratio(2 * tp, 2 * tp + fp + fn)


def precision(sums: Array) -> Array:
    """Share of predicted relations that are right."""
    return ratio(sums[..., 2], sums[..., 2] + sums[..., 3])


def recall(sums: Array) -> Array:
    """Share of gold relations that are found."""
    return ratio(sums[..., 2], sums[..., 2] + sums[..., 4])


def constant(sums: Array) -> Array:
    """F1 of always saying the most frequent relation (methods, section 0.4)."""
    most = _blocks(sums)[3].max(-1)
    return ratio(2 * most, sums[..., 0] + sums[..., 2] + sums[..., 4])


def macro_f1(sums: Array, of: Sequence[Sequence[int]]) -> Array:
    """Mean F1 over the relations that occur, directions together but a wrong direction an error.

    This is the official score of SemEval-2010 Task 8 (Hendrickx et al. 2010, section 4): of each
    relation, precision is over all predictions of it, in either direction.

    Args:
        sums: Sums of statistics.
        of: For each relation the numbers of its labels.
    """
    tp, fp, fn, _ = _blocks(sums)
    scores = np.zeros((*sums.shape[:-1], len(of)))
    occurs = np.zeros(scores.shape, bool)
    for at, own in enumerate(of):
        hits, alarms, misses = (part[..., list(own)].sum(-1) for part in (tp, fp, fn))
        scores[..., at] = ratio(2 * hits, 2 * hits + alarms + misses)
        occurs[..., at] = hits + misses > 0
    return ratio((scores * occurs).sum(-1), occurs.sum(-1).astype(float))


def label_f1(sums: Array, at: int) -> Array:
    """F1 of one label."""
    tp, fp, fn, _ = (block[..., at] for block in _blocks(sums))
    return ratio(2 * tp, 2 * tp + fp + fn)


def _blocks(sums: Array) -> list[Array]:
    """The counts per label, each of shape ``(..., labels)``."""
    return np.split(sums[..., _HEAD:], len(_BLOCKS), axis=-1)


def details(labels: tuple[str, ...]) -> dict[str, Detail]:
    """Precision, recall, SemEval-2010's macro-F1, accuracy, and F1 of each label."""
    relations: dict[str, list[int]] = {}
    for at, label in enumerate(labels):
        if not negative(label):
            relations.setdefault(relation(label), []).append(at)
    return {
        "precision": Detail(precision),
        "recall": Detail(recall),
        "macro_f1": Detail(partial(macro_f1, of=tuple(map(tuple, relations.values())))),
        "accuracy": Detail(classes.accuracy),
        **{f"f1:{label}": Detail(partial(label_f1, at=at)) for at, label in enumerate(labels)},
    }


SCORING = Scoring(
    metric="relation_f1|micro|without negative",
    columns=columns,
    stats=stats,
    score=micro_f1,
    chance=constant,
    moved=classes.moved,
    harm=classes.harm,
    broken=classes.broken,
    details=details,
)
