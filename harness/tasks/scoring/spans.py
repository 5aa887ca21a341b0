"""Scoring of span sets: strict entity F1 on character offsets, span-set distance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from harness.data.tags import OUTSIDE, to_tags
from harness.prediction import Prediction, Spans
from harness.tasks.scoring.ratio import ratio
from harness.tasks.scoring.tagging import aligned
from harness.tasks.task import Array, Detail, Moved, Scoring
from harness.text import Edit, Example, Span, carry, words

KINDS = ("tp", "fp", "fn")


def types(labels: Sequence[str]) -> list[str]:
    """The entity types behind BIO tags, sorted."""
    return sorted({label[2:] for label in labels if label != "O"})


def tags(labels: Sequence[str]) -> list[str]:
    """The BIO tags of the entity types behind tags of any scheme: ``O``, then two per type."""
    return [OUTSIDE, *(f"{part}-{name}" for name in types(labels) for part in "BI")]


def columns(labels: tuple[str, ...]) -> list[str]:
    """True positives, false positives and false negatives per type, then per tag of words."""
    return [f"{kind}:{name}" for kind in KINDS for name in types(labels)] + [
        f"token {kind}:{tag}" for kind in KINDS for tag in tags(labels)
    ]


def stats(example: Example, prediction: Prediction, labels: tuple[str, ...]) -> Array:
    """Counts per type of spans that agree in offsets and type (equal to seqeval's strict mode).

    And counts per tag: those that spell out gold and predicted spans word by word, where words stand
    between white space, as the tokens of CoNLL files do in the texts read from them.
    """
    assert isinstance(prediction, Spans)
    names = types(labels)
    gold, said = set(example.spans), set(prediction.spans)
    row = np.zeros((3, len(names)))
    for at, spans in enumerate((gold & said, said - gold, gold - said)):
        for span in spans:
            if span.label in names:
                row[at, names.index(span.label)] += 1
    return np.concatenate([row.ravel(), _tagged(example, prediction, tags(labels))])


def _tagged(example: Example, prediction: Spans, known: Sequence[str]) -> Array:
    """True positives, false positives and false negatives of each tag, shape ``(3 tags,)``."""
    offsets, row = words(example.text), np.zeros((3, len(known)))
    if not example.spans and not prediction.spans:
        row[0, 0] = len(offsets)
        return row.ravel()
    number = {tag: at for at, tag in enumerate(known)}
    for gold, said in zip(to_tags(offsets, example.spans), to_tags(offsets, prediction.spans), strict=True):
        if gold == said:
            if gold in number:
                row[0, number[gold]] += 1
            continue
        if said in number:
            row[1, number[said]] += 1
        if gold in number:
            row[2, number[gold]] += 1
    return row.ravel()


def _entities(sums: Array) -> tuple[Array, Array, Array]:
    """The counts per type: of T types there are 3 T columns, and 3 (2 T + 1) of their tags."""
    size = (sums.shape[-1] - 3) // 9
    tp, fp, fn = (sums[..., at * size : (at + 1) * size] for at in range(3))
    return tp, fp, fn


def micro_f1(sums: Array) -> Array:
    """F1 over all types; 0 where there is nothing to find and nothing found."""
    tp, fp, fn = (part.sum(-1) for part in _entities(sums))
    return _f1(tp, fp, fn)


def _f1(tp: Array, fp: Array, fn: Array) -> Array:
    return ratio(2 * tp, 2 * tp + fp + fn)


def precision(sums: Array) -> Array:
    """Share of predicted entities that are right."""
    tp, fp, _ = (part.sum(-1) for part in _entities(sums))
    return ratio(tp, tp + fp)


def recall(sums: Array) -> Array:
    """Share of gold entities that are found."""
    tp, _, fn = (part.sum(-1) for part in _entities(sums))
    return ratio(tp, tp + fn)


def type_f1(sums: Array, at: int) -> Array:
    """F1 of one type."""
    tp, fp, fn = (part[..., at] for part in _entities(sums))
    return _f1(tp, fp, fn)


def nothing(sums: Array) -> Array:
    """Predicting nothing scores 0 (methods, section 0.4)."""
    return np.zeros(sums.shape[:-1])


def moved(clean: Prediction, edited: Prediction, edits: Sequence[Edit], source: Example) -> Moved:
    """Span-set distance (methods, section 1.3) and total variation over words that exist in both.

    The clean prediction is carried into the edited text. A predicted span whose boundary an edit
    crosses has no counterpart there and counts as a disagreement.
    """
    assert isinstance(clean, Spans)
    assert isinstance(edited, Spans)
    carried = {carry(span, edits)[0] for span in clean.spans} if edits else set(clean.spans)
    said = set(edited.spans)
    size = float(len(clean.spans) + len(said))
    differ = size - 2.0 * len(carried & said)
    soft, words = _variation(clean, edited, edits)
    return Moved(differ, size, soft, words, float(differ > 0))


def peak(clean: Prediction, edited: Prediction, edits: Sequence[Edit]) -> float:
    """The largest total variation of a word that exists in both texts, in [0, 1]; 0 if there is none."""
    assert isinstance(clean, Spans)
    assert isinstance(edited, Spans)
    return min(float(_shifts(clean, edited, edits).max(initial=0.0)), 1.0)


def _variation(clean: Spans, edited: Spans, edits: Sequence[Edit]) -> tuple[float, float]:
    """Summed total variation over aligned words, as a mean per example with weight 1."""
    shifts = _shifts(clean, edited, edits)
    return (min(float(shifts.mean()), 1.0), 1.0) if len(shifts) else (0.0, 0.0)


def _shifts(clean: Spans, edited: Spans, edits: Sequence[Edit]) -> Array:
    """Total variation of each word that exists in both texts."""
    here, there = aligned(clean, edited, edits)
    if not len(here):
        return np.zeros(0)
    shifts: Array = np.abs(clean.probabilities[here] - edited.probabilities[there]).sum(-1) / 2
    return shifts


def harm(example: Example, prediction: Prediction) -> float:
    """One minus the probability of the gold entity that the model is least sure of.

    An entity's probability is that of its tags, the least of its words.
    """
    assert isinstance(prediction, Spans)
    if not example.spans:
        return 0.0
    return 1.0 - min(_probability(span, prediction) for span in example.spans)


def _probability(span: Span, prediction: Spans) -> float:
    starts, ends = prediction.words[:, 0], prediction.words[:, 1]
    inside = np.flatnonzero((starts < span.end) & (ends > span.start))
    tags = [f"B-{span.label}"] + [f"I-{span.label}"] * (len(inside) - 1)
    if not len(inside) or any(tag not in prediction.labels for tag in tags):
        return 0.0
    rows = prediction.probabilities[inside, [prediction.labels.index(tag) for tag in tags]]
    return float(rows.min())


def broken(example: Example, prediction: Prediction) -> bool:
    """Whether a gold entity is missed, mistyped or has other boundaries."""
    assert isinstance(prediction, Spans)
    return not set(example.spans) <= set(prediction.spans)


def details(labels: tuple[str, ...]) -> dict[str, Detail]:
    """Precision, recall, and F1 of each type."""
    by_type = {f"f1:{name}": Detail(partial(type_f1, at=at)) for at, name in enumerate(types(labels))}
    return {"precision": Detail(precision), "recall": Detail(recall), **by_type}


SCORING = Scoring(
    metric="entity_f1|strict|micro",
    columns=columns,
    stats=stats,
    score=micro_f1,
    chance=nothing,
    moved=moved,
    harm=harm,
    broken=broken,
    details=details,
    peak=peak,
)
