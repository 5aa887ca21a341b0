"""Entities by how much of them training has seen (methods, section 5.4)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.data.mentions import PARTITIONS
from harness.measure.common import POSITIVE, Study
from harness.measure.statistics import ratio
from harness.measure.tables import Array
from harness.rows import Row, Status

ENOUGH_MENTIONS = 50
"""Below so many gold mentions, recall of a partition is underpowered (methods, section 5.4)."""


def powered(mentions: int) -> Status:
    """Whether there are enough mentions to say something of others."""
    return Status.OK if mentions >= ENOUGH_MENTIONS else Status.UNDERPOWERED


def over(top: Array, bottom: Array) -> Array:
    """The ratio of two series; NaN where the bottom is 0."""
    return ratio(np.stack([top, bottom], axis=-1))


def rows(study: Study, split: str) -> Iterator[Row]:
    """Recall and F1 of each partition, with and without regard to case, and of confusable names."""
    if not all(split in run.mentions for run in study.runs):
        return
    n = study.tables.sizes[split]
    everyone = np.arange(n)
    tables = [run.mentions[split] for run in study.runs]
    for case in tables[0].counts:
        sums = np.stack(study.draws.sums(split, [(everyone, t.counts[case]) for t in tables]))
        yield from _partitions(study, split, case, sums, tables[0].counts[case])
    sums = np.stack(study.draws.sums(split, [(everyone, t.confusable) for t in tables]))
    if mentions := int(sums[0, 0, 1]):
        note = f"{mentions} mentions of names that have several types in these data"
        texts, place = having(tables[0].confusable[:, 1]), {"split": split}
        yield study.row("confusable_recall", ratio(sums), place, n=texts, status=powered(mentions), note=note)
    yield _known(study, split, tables[0].counts["folded"])


def having(counts: Array) -> int:
    """Texts with any: what a rate over mentions can count on at most."""
    return int((counts > 0).sum())


def _partitions(study: Study, split: str, case: str, sums: Array, counts: Array) -> Iterator[Row]:
    recalls, sizes, texts = {}, {}, {}
    for at, name in enumerate(PARTITIONS):
        tp, fp, fn = (sums[..., 3 * at + kind] for kind in range(3))
        recalls[name], sizes[name] = over(tp, tp + fn), int((tp + fn)[0, 0])
        place: dict[str, str | int | float] = {"split": split, "partition": name, "case": case}
        n = texts[name] = having(counts[:, 3 * at] + counts[:, 3 * at + 2])
        about = f"{sizes[name]} gold mentions"
        status = powered(sizes[name])
        yield study.row("partition_recall", recalls[name], place, n=n, status=status, note=about)
        rule = f"{about}; what is predicted belongs where its own name and type do"
        f1 = over(2 * tp, 2 * tp + fp + fn)
        yield study.row("partition_f1", f1, place, n=n, status=status, note=rule)
    least = min(sizes["seen"], sizes["new"])
    place = {"split": split, "case": case}
    series, n = over(recalls["new"], recalls["seen"]), min(texts["new"], texts["seen"])
    yield study.row("new_ratio", series, place, n=n, bounds=POSITIVE, status=powered(least))


def _known(study: Study, split: str, counts: Array) -> Row:
    """How many texts have no entity but those that training has."""
    gold = np.column_stack([counts[:, 3 * at] + counts[:, 3 * at + 2] for at in range(len(PARTITIONS))])
    having = gold.sum(axis=1) > 0
    known = (gold[:, 1:].sum(axis=1) == 0) & having
    share = float(known.sum() / having.sum()) if having.any() else float("nan")
    note = "of the texts with entities, those that have none but seen ones, case left aside"
    return study.row(
        "known_entities", share, {"split": split}, n=int(having.sum()), direction="none", note=note
    )
