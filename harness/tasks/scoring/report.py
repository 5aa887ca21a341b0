"""The classification report: precision, recall and F1 of each label and their averages, from sums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.tasks.scoring.ratio import ratio
from harness.tasks.task import Array

COUNT = re.compile(r"(?P<token>token )?(?P<kind>tp|fp|fn):(?P<label>.*)", re.DOTALL)
OUTSIDE = "O"


class Line(NamedTuple):
    """A label, or an average of several. Each number has the shape of the sums, without their columns."""

    name: str
    precision: Array
    recall: Array
    f1: Array
    support: Array
    average: bool = False


def report(columns: Sequence[str], sums: Array) -> dict[str, list[Line]]:
    """Tables by what they are about: ``label``; or ``entity`` and ``token`` for taggers.

    True positives, false positives and false negatives are columns ``tp:<label>`` and so on, and
    ``token tp:<tag>`` and so on for tags of words. Labels that neither occur nor are predicted, in any
    of the sums, are left out, as scikit-learn's ``classification_report`` and seqeval's do. Averages are
    theirs too: micro over all decisions, macro over labels, weighted by how often each occurs. Those
    of tokens come twice, without and with the tag for outside.

    Args:
        columns: Names of the statistics.
        sums: Their sums, shape ``(..., columns)``.
    """
    at: dict[bool, dict[str, dict[str, int]]] = {}
    for place, name in enumerate(columns):
        if found := COUNT.fullmatch(name):
            at.setdefault(bool(found["token"]), {}).setdefault(found["label"], {})[found["kind"]] = place
    tables = {}
    for token, places in at.items():
        counts = {
            label: tuple(sums[..., own[kind]] for kind in ("tp", "fp", "fn")) for label, own in places.items()
        }
        present = {label: parts for label, parts in counts.items() if np.any(sum(parts))}
        level = "token" if token else "entity" if True in at else "label"
        if present:
            tables[level] = _table(present, token)
    return tables


Counts = tuple[Array, ...]
"""True positives, false positives and false negatives."""


def _table(counts: dict[str, Counts], token: bool) -> list[Line]:
    lines = {label: _line(label, parts) for label, parts in counts.items()}
    if not token:
        return [*lines.values(), *_averages(counts, lines, "")]
    inside = {label: parts for label, parts in counts.items() if label != OUTSIDE}
    without = _averages(inside, lines, f", without {OUTSIDE}") if inside else []
    return [*lines.values(), *without, *_averages(counts, lines, f", with {OUTSIDE}")]


def _line(name: str, parts: Counts) -> Line:
    tp, fp, fn = parts
    return Line(name, ratio(tp, tp + fp), ratio(tp, tp + fn), ratio(2 * tp, 2 * tp + fp + fn), tp + fn)


def _averages(counts: dict[str, Counts], lines: dict[str, Line], which: str) -> list[Line]:
    """Micro, macro and weighted averages of these labels; of labels that are in the sums at all."""
    own = [lines[label] for label in counts]
    there = np.stack([np.asarray(sum(parts)) > 0 for parts in counts.values()]).astype(np.float64)
    support = np.stack([line.support for line in own])
    together = tuple(np.sum([parts[at] for parts in counts.values()], axis=0) for at in range(3))
    found = [_line(f"micro average{which}", together)._replace(average=True)]
    for name, weights in (("macro", there), ("weighted", support)):
        numbers = (
            ratio((weights * np.stack([line[at] for line in own])).sum(0), weights.sum(0)) for at in (1, 2, 3)
        )
        precision, recall, f1 = numbers
        found.append(Line(f"{name} average{which}", precision, recall, f1, support.sum(0), True))
    return found
