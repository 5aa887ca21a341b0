"""Generalization: the score on data unlike the training data (methods, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from harness.measure import contrast, cross, label_shift, partial, partitions, slices
from harness.measure.common import DIFFERENCE, POSITIVE, SHARE, Study, guarded, joined, studies
from harness.measure.robustness import retention
from harness.measure.statistics import ratio
from harness.measure.tables import TEST, TRAIN, Array, Condition, Measure, Tables
from harness.rows import Row, Status

VERSION = 1
RECOMMENDED = 300
LEAKY = 0.05
"""Share of evaluation texts known from training above which to warn (methods, section 5.0)."""


def measure(tables: Tables) -> Iterable[Row]:
    """Skill that carries over to shifted data, gaps, unseen entities and leakage."""
    splits = sorted(split for split in tables.sizes if split not in (TEST, *tables.others))
    for study in studies(tables, "generalization", (TEST, *splits), VERSION):
        yield from _rows(study)
    for split in (TEST, *(name for name in tables.profiles if name not in (TEST, *tables.others))):
        for study in studies(tables, "generalization", (split,), VERSION):
            yield from slices.rows(study, split)
            if split == TEST:
                yield from contrast.rows(study)
                yield from partial.rows(study)
    yield from cross.rows(tables, VERSION)


GENERALIZATION = Measure(
    name="generalization",
    function=measure,
    version=VERSION,
    formula=(
        "G = mean over shifts of (shifted score - its chance) / (test score - its chance), "
        "each clipped to [0, 1]"
    ),
)


def _rows(study: Study) -> Iterator[Row]:
    if not study.runs:
        yield study.absent("score", "no run finished")
        return
    splits = [
        c.split
        for c in study.runs[0].cells
        if not c.operator
        and c.split not in (TEST, *study.tables.others)
        and all(c in run.cells for run in study.runs)
    ]
    shifts = [split for split in splits if split != TRAIN]
    clean = study.clean(TEST)
    home = study.tables.score(clean)
    skill = home - study.tables.chance(clean)
    if shifts:
        yield from _shift_rows(study, shifts, home, skill)
    else:
        yield study.absent("score", "needs at least one shift: data unlike the training data")
    if TRAIN in splits:
        gap = study.tables.score(study.clean(TRAIN)) - home
        n = min(study.tables.sizes[TRAIN], study.tables.sizes[TEST])
        yield study.row("train_test_gap", gap, n=n, bounds=DIFFERENCE, direction="lower")
    for split in (TEST, *shifts):
        if all(split in run.seen for run in study.runs):
            yield from _seen_rows(study, split)
        yield from partitions.rows(study, split)
    yield from label_shift.rows(study, shifts)
    for split, overlap in study.tables.overlap.items():
        note = "texts of this split occur in the training data" if overlap > LEAKY else ""
        yield study.row(
            "leakage",
            overlap,
            {"split": split},
            n=study.tables.sizes[split],
            direction="lower",
            status=Status.UNRELIABLE if overlap > LEAKY else Status.OK,
            note=note,
        )
    for split in (TEST, *shifts):
        if split in study.tables.overlap and split in study.tables.profiles:
            yield from _near_rows(study, split, study.tables.profiles[split].near)


def _near_rows(study: Study, split: str, near: NDArray[np.bool_]) -> Iterator[Row]:
    """How much of a split training has nearly word for word, and the score on the rest of it."""
    place: dict[str, str | int | float] = {"split": split}
    share, n = float(near.mean()), int((~near).sum())
    many = share > LEAKY
    note = "texts of this split are in the training data but for a few words" if many else ""
    yield study.row("near_leakage", share, place, n=len(near), direction="lower", note=note)
    if n and near.any():
        cells = study.cells(Condition(split))
        kept = [~near[cell.index] for cell in cells]
        parts = [(cell.index[rows], cell.stats[rows]) for cell, rows in zip(cells, kept, strict=True)]
        sums = study.draws.sums(split, parts)
        left = f"without {len(near) - n} of {len(near)} texts that are, or nearly are, in the training data"
        yield study.row("unleaked_score", study.tables.score(np.stack(sums)), place, n=n, note=left)


def _shift_rows(study: Study, shifts: list[str], home: Array, skill: Array) -> Iterator[Row]:
    sums = {split: study.clean(split) for split in shifts}
    scores = {split: study.tables.score(s) for split, s in sums.items()}
    nothing = np.zeros_like(skill)
    kept = {
        split: retention(scores[split] - study.tables.chance(sums[split]), skill, nothing) for split in shifts
    }
    n = min(study.size(Condition(split)) for split in shifts)
    few = "one shift only" if len(shifts) == 1 else ""
    row = study.headline(
        np.mean(list(kept.values()), axis=0),
        n=n,
        recommended=RECOMMENDED,
        over=[Condition(split) for split in shifts],
        note=joined(f"holds for these shifts: {', '.join(shifts)}", few),
    )
    yield guarded(row, study.unskilled())
    for split in shifts:
        place, size = {"shift": split}, study.size(Condition(split))
        yield study.row("shift_score", scores[split], place, n=size)
        yield study.row("transfer", kept[split], place, n=size)
        yield study.row("gap", home - scores[split], place, n=size, bounds=DIFFERENCE, direction="lower")


def _seen_rows(study: Study, split: str) -> Iterator[Row]:
    everyone = np.arange(study.tables.sizes[split])
    sums = np.stack(study.draws.sums(split, [(everyone, run.seen[split].counts) for run in study.runs]))
    seen, new = ratio(sums[..., 0:2]), ratio(sums[..., 2:4])
    mentions = {"seen": int(sums[0, 0, 1]), "unseen": int(sums[0, 0, 3])}
    about = f"{mentions['seen']} seen and {mentions['unseen']} unseen mentions"
    counts = study.runs[0].seen[split].counts
    texts = {"seen": partitions.having(counts[:, 1]), "unseen": partitions.having(counts[:, 3])}
    found: Mapping[str, tuple[Array, tuple[float, float], int, int]] = {
        "seen_recall": (seen, SHARE, mentions["seen"], texts["seen"]),
        "unseen_recall": (new, SHARE, mentions["unseen"], texts["unseen"]),
        "unseen_ratio": (partitions.over(new, seen), POSITIVE, min(mentions.values()), min(texts.values())),
    }
    for name, (series, bounds, size, n) in found.items():
        place: dict[str, str | int | float] = {"split": split}
        yield study.row(name, series, place, n=n, bounds=bounds, status=partitions.powered(size), note=about)
