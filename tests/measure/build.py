"""Small tables to measure: a yes/no task scored by accuracy, every number chosen by the test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from harness.measure.tables import (
    TEST,
    Array,
    AttackTable,
    Cell,
    Condition,
    ModelTable,
    Profile,
    RunTable,
    Tables,
)
from harness.rows import Row
from harness.tasks.task import Detail

COLUMNS = 4  # examples, correct, gold yes, gold no


def accuracy(sums: Array) -> Array:
    """Correct over all; NaN where there is nothing."""
    return np.divide(sums[..., 1], sums[..., 0], out=np.full(sums.shape[:-1], np.nan), where=sums[..., 0] > 0)


def majority(sums: Array) -> Array:
    """Accuracy of the better constant answer."""
    return np.divide(
        sums[..., 2:].max(-1), sums[..., 0], out=np.zeros(sums.shape[:-1]), where=sums[..., 0] > 0
    )


def right(count: int, n: int) -> Array:
    """``count`` ones followed by zeros: who is right, of ``n`` examples."""
    return (np.arange(n) < count).astype(float)


def stats(correct: ArrayLike, index: ArrayLike | None = None, yes: float = 0.5) -> Array:
    """Statistics of a yes/no task in which every second example (or a share ``yes``) is a yes."""
    hit = np.asarray(correct, float)
    at = np.arange(len(hit)) if index is None else np.asarray(index)
    gold = (np.floor((at + 1) * yes) > np.floor(at * yes)).astype(float)
    return np.column_stack([np.ones(len(hit)), hit, gold, 1 - gold])


def cell(
    correct: ArrayLike,
    *,
    index: ArrayLike | None = None,
    distance: ArrayLike = 0.0,
    flips: ArrayLike | None = None,
    rate: float = 0.0,
    soft: bool = True,
    invalid: int = 0,
    noop: int = 0,
    yes: float = 0.5,
) -> Cell:
    """A cell with one row for each entry of ``correct``; ``distance`` is soft, ``flips`` is hard."""
    size = len(np.asarray(correct))
    at = np.arange(size) if index is None else np.asarray(index, np.int64)
    moved = np.zeros((size, 5))
    moved[:, 0] = moved[:, 4] = np.asarray(distance, float) > 0.5 if flips is None else flips
    moved[:, 1] = 1
    moved[:, 2], moved[:, 3] = distance, 1
    if not soft:
        moved[:, 2:4] = 0
    return Cell(at, stats(correct, at, yes), moved, np.full(size, rate), invalid, noop)


def noise(operator: str, severity: int, family: str = "character") -> Condition:
    """A perturbed condition of the test split."""
    return Condition(TEST, operator, family, severity)


def run(
    correct: ArrayLike,
    cells: Mapping[Condition, Cell] | None = None,
    *,
    seed: int | None = 0,
    one_class: bool = False,
    yes: float = 0.5,
) -> RunTable:
    """A finished run, with who is right on the clean test split."""
    clean = {Condition(TEST): cell(correct, yes=yes)}
    return RunTable(seed, "ok" if seed is not None else "given", {**clean, **(cells or {})}, {}, one_class)


def tables(
    *models: ModelTable,
    n: int,
    shifts: Mapping[str, int] | None = None,
    groups: Mapping[str, Sequence[int]] | None = None,
    resamples: int = 400,
    overlap: Mapping[str, float] | None = None,
    **about: Any,
) -> Tables:
    """Tables of an accuracy task with ``n`` test examples."""
    sizes = {TEST: n, **(shifts or {})}
    clusters = {split: np.arange(size) for split, size in sizes.items()}
    clusters |= {split: np.asarray(codes) for split, codes in (groups or {}).items()}
    details = {model.name: {"error": Detail(lambda sums: 1 - accuracy(sums))} for model in models}
    return Tables(
        "accuracy",
        accuracy,
        majority,
        details,
        sizes,
        clusters,
        models,
        7,
        resamples,
        0.95,
        overlap or {},
        **about,
    )


def profile(
    n: int, *, near: ArrayLike | None = None, sets: Sequence[str] | None = None, **features: Any
) -> Profile:
    """What is known of ``n`` examples: features by name, and who is nearly in the training data."""
    close = np.zeros(n, bool) if near is None else np.asarray(near, bool)
    known = {name: np.asarray(values) for name, values in features.items()}
    return Profile(known, close, close, None if sets is None else np.array(sets, str))


def assault(course: str, **about: Any) -> AttackTable:
    """An attack on the first examples, a letter for what became of each.

    ``-`` is skipped, ``S`` a success, ``f`` a failure and ``e`` an error. Each took 20 queries and tried
    10 candidates; a success changed 3 of 20 words, of which 1 was needed.
    """
    letters = np.array(list(course))
    k, won, broke = len(letters), letters == "S", letters == "e"
    known: dict[str, Any] = {
        "attack": "greedy",
        "seed": 0,
        "index": np.arange(k),
        "skipped": letters == "-",
        "success": won,
        "queries": np.where(letters == "-", 1.0, 20.0),
        "rate": won * 0.15,
        "stats": stats(letters == "f") * ~broke[:, np.newaxis],
        "clean_stats": stats((letters == "f") | won) * ~broke[:, np.newaxis],
        "error": broke,
        "truncated": np.zeros(k, bool),
        "unstable": np.zeros(k, bool),
        "control": None,
        "changed": won * 3.0,
        "minimal": won * 0.05,
        "minimal_changed": won * 1.0,
        "characters": won * 0.02,
        "candidates": np.full(k, 10.0),
        "refused": {"gold": np.zeros(k)},
        "entities": None,
        "seconds": np.full(k, 0.5),
    }
    return AttackTable(**known | about)


def model(*runs: RunTable, name: str = "m", **about: object) -> ModelTable:
    """A model; given rather than trained if its run has no seed."""
    given = any(one.seed is None for one in runs)
    return ModelTable(name, given, runs, **about)  # type: ignore[arg-type]


def pick(rows: Iterable[Row], measure: str, **condition: str | int | float) -> Row:
    """The one row of this measure whose condition holds all that is asked for."""
    found = [r for r in rows if r.measure == measure and condition.items() <= dict(r.condition).items()]
    assert len(found) == 1, f"{len(found)} rows {measure} {condition}"
    return found[0]
