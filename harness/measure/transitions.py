"""What becomes of right and of wrong answers in each condition: two tables of two by two.

One is against gold: right before and after, or not. The other is against the model's own answer to the
clean text: the same or another one, and right or wrong (methods, section 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from harness.measure.common import Study, joined, named, share, studies
from harness.measure.disturbed import beside
from harness.measure.statistics import benjamini_hochberg, mcnemar
from harness.measure.tables import TEST, Array, Cell, Condition, RunTable, Tables
from harness.rows import Direction, Row, Transition

OUTCOMES = ("kept", "broken", "mended", "wrong")
"""Right to right, right to wrong, wrong to right, wrong to wrong."""
ANSWERS = ("same_right", "other_right", "same_wrong", "other_wrong")
"""Whether the answer is still the clean one, and whether it is right."""
SHARES: Mapping[str, tuple[str, str, Direction]] = {
    "broken_share": ("broken", "kept", "lower"),
    "mended_share": ("mended", "wrong", "none"),
    "right_if_same": ("same_right", "same_wrong", "higher"),
    "right_if_changed": ("other_right", "other_wrong", "none"),
}
"""By measure: the outcome whose share it is, and the one that it is compared with."""


def outcomes(before: Array, after: Array, changed: Array) -> Array:
    """Which of :data:`OUTCOMES`, and which of :data:`ANSWERS`, each variant is; ``(k, 8)`` of 0 and 1.

    Args:
        before: Whether the clean text is answered rightly, 0 or 1, ``(k,)``.
        after: Whether the variant is, ``(k,)``.
        changed: Whether it has another answer than the clean text, ``(k,)``.
    """
    against_gold = [before * after, before * (1 - after), (1 - before) * after, (1 - before) * (1 - after)]
    against_self = [
        (1 - changed) * after,
        changed * after,
        (1 - changed) * (1 - after),
        changed * (1 - after),
    ]
    return np.column_stack([*against_gold, *against_self])


def rows(study: Study) -> Iterator[Row]:
    """Shares of answers that break, that are mended, and that are right if they stay or change."""
    conditions = _told(study)
    for condition, sums in study.sums(conditions, _columns).items():
        counts = dict(zip((*OUTCOMES, *ANSWERS), np.moveaxis(sums, -1, 0), strict=True))
        place, n, status = named(condition), study.size(condition), study.status(condition)
        for measure, (one, other, direction) in SHARES.items():
            total = counts[one] + counts[other]
            note = _counted(study, sums[:, 0]) if measure == "broken_share" else ""
            if not total[:, 0].all():
                note = joined("no text was answered so, on some run", note)
            found = share(counts[one], total, total)
            yield study.row(measure, found, place, n=n, direction=direction, status=status, note=note)


def tables(given: Tables) -> tuple[Transition, ...]:
    """The two tables of each model and condition, all runs added up, for people to read."""
    found = []
    for study in studies(given, "robustness", (TEST,), 0):
        conditions = _told(study)
        by_run = [
            np.stack([_columns(run, run.cells[c]).sum(axis=0) for run in study.runs]) for c in conditions
        ]
        p = [_least_telling(study, counts) for counts in by_run]
        q = iter(benjamini_hochberg([one for one in p if one is not None]).tolist())
        for condition, counts, one in zip(conditions, by_run, p, strict=True):
            added = np.rint(counts.sum(axis=0)).astype(int).tolist()
            told = dict(zip((*OUTCOMES, *ANSWERS), added, strict=True))
            found.append(
                Transition(
                    model=study.model.name,
                    operator=condition.operator,
                    family=condition.family,
                    severity=condition.severity,
                    runs=len(study.runs),
                    **told,
                    p=one,
                    q=None if one is None else next(q),
                )
            )
    return tuple(found)


def _told(study: Study) -> list[Condition]:
    """Conditions of which every run knows what was right before and after."""
    clean = Condition(TEST)
    return [
        c
        for c in study.perturbed
        if all(
            len(run.cells[c].index) and run.cells[c].right is not None and run.cells[clean].right is not None
            for run in study.runs
        )
    ]


def _columns(run: RunTable, cell: Cell) -> Array:
    right = np.asarray(run.cells[Condition(TEST)].right, float)
    before = beside(run, cell, right[:, np.newaxis])[:, 0]
    return outcomes(before, np.asarray(cell.right, float), cell.moved[:, 4])


def _least_telling(study: Study, counts: Array) -> float | None:
    """McNemar's exact p of the run that tells least; None where texts do not stand for themselves.

    Args:
        counts: Of each run the variants of each outcome, ``(R, 8)``.
    """
    if not study.draws.independent(TEST):
        return None
    return max(mcnemar(round(broken), round(mended)) for _, broken, mended, *_ in counts)


def _counted(study: Study, counts: Array) -> str:
    kept, broken, mended, wrong = (round(float(one)) for one in counts.sum(axis=0)[:4])
    told = f"kept {kept}, broken {broken}, mended {mended}, still wrong {wrong}"
    p = _least_telling(study, counts)
    of_runs = f", of {len(study.runs)} runs the one that tells least" if len(study.runs) > 1 else ""
    return joined(told, "" if p is None else f"McNemar p = {p:.2g}{of_runs}")
