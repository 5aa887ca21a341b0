"""The weakest slices, found by looking at all of them: for people to look into, never for a gate.

A slice chosen because it is weak looks weaker than it is, and among hundreds some look weak by chance.
So what is reported has a chance of false alarm that holds for all slices looked at together, and beside
its score stands one that is drawn towards the others' (methods, sections 5.5, 5.9 and 7.6).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.measure.common import Study, studies
from harness.measure.slices import MINIMUM, Slice, blind, contributions, cut, drawn
from harness.measure.statistics import part_tests
from harness.measure.tables import TEST, Array, Condition, Tables
from harness.rng import rng

VERSION = 1
MOST = 1000
"""Most slices looked at, the largest first."""
SHOWN = 5
ALIKE = 0.5
"""Of two slices with so much of the smaller one in common only the weaker is told."""


class Candidate(NamedTuple):
    """A slice, or what two of different features have in common."""

    parts: tuple[tuple[str, str], ...]
    rows: NDArray[np.bool_]


class Weak(NamedTuple):
    """A slice that is surely weaker than the rest.

    Args:
        parts: ``(feature, bucket)`` of one or two features.
        rows: Which examples.
        score: Of the slice, a mean over runs.
        rest: Of all other examples.
        shrunken: The slice's score, drawn towards the others' by as much as it is noise.
        p: How likely any slice would look so weak if none were, however many were looked at.
        hardest: Examples of it, those that contribute least to the score first.
    """

    parts: tuple[tuple[str, str], ...]
    rows: NDArray[np.bool_]
    score: float
    rest: float
    shrunken: float
    p: float
    hardest: tuple[int, ...]


class Search(NamedTuple):
    """What came of looking through the slices of a model: how many, at which chance of any false alarm."""

    model: str
    looked: int
    alpha: float
    found: tuple[Weak, ...]


def search(tables: Tables) -> Iterator[Search]:
    """The weakest slices of each model on the test data."""
    profile = tables.profiles.get(TEST)
    candidates = candidates_of(cut(profile)) if profile is not None else []
    for study in studies(tables, "generalization", (TEST,), VERSION):
        seen = [one for one in candidates if not blind(study, TEST, one.rows)] if study.runs else []
        if seen:
            alpha = round(1 - tables.level, 9)
            yield Search(study.model.name, len(seen), alpha, tuple(_weak(study, seen)))


def candidates_of(slices: Sequence[Slice]) -> list[Candidate]:
    """All slices, and all pairs of different features, that are large enough; each set of examples once."""
    found: dict[bytes, Candidate] = {}
    for one in slices:
        found.setdefault(one.rows.tobytes(), Candidate(((one.feature, one.bucket),), one.rows))
    for a, b in itertools.combinations(slices, 2):
        rows = a.rows & b.rows
        if a.feature != b.feature and MINIMUM <= rows.sum() <= len(rows) - MINIMUM:
            parts = ((a.feature, a.bucket), (b.feature, b.bucket))
            found.setdefault(rows.tobytes(), Candidate(parts, rows))
    return sorted(found.values(), key=lambda one: (len(one.parts), -int(one.rows.sum())))[:MOST]


def _weak(study: Study, candidates: Sequence[Candidate]) -> Iterator[Weak]:
    tables, values = study.tables, contributions(study, TEST)
    parts = np.column_stack([one.rows for one in candidates])
    random, groups = rng(tables.seed, "weakest"), study.draws.splits[TEST].groups
    tested = part_tests(values, parts, tables.resamples, random, groups)
    scores = np.array([_score(study, one.rows) for one in candidates])
    pulled = drawn(study, TEST, [one.rows for one in candidates], scores, values)
    chosen: list[int] = []
    for at in np.lexsort((tested.z, tested.weaker)).tolist():
        if tested.weaker[at] > 1 - tables.level or len(chosen) == SHOWN:
            break
        if any(_overlap(parts[:, at], parts[:, other]) > ALIKE for other in chosen):
            continue
        chosen.append(at)
        one = candidates[at]
        yield Weak(
            one.parts,
            one.rows,
            float(scores[at]),
            _score(study, ~one.rows),
            float(pulled[at]),
            float(tested.weaker[at]),
            _hardest(values, one.rows),
        )


def _overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / min(a.sum(), b.sum()))


def _score(study: Study, rows: NDArray[np.bool_]) -> float:
    sums = [cell.stats[rows[cell.index]].sum(axis=0) for cell in study.cells(Condition(TEST))]
    return float(study.tables.score(np.stack(sums)).mean())


def _hardest(values: Array, rows: NDArray[np.bool_], count: int = 2) -> tuple[int, ...]:
    inside = np.flatnonzero(rows)
    return tuple(inside[np.argsort(values[inside], kind="stable")][:count].tolist())
