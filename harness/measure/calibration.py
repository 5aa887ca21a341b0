"""Whether a model knows how sure it may be, on clean and on disturbed texts (methods, sections 3.9 and 3.10).

An answer comes with a confidence: the probability of the label or of the answer. Calibrated are those of
which nine in ten are right where the confidence is 0.9. Proper scores (Brier, log loss) need no bins and
are the ones to gate on; the calibration error says in which sense a model is wrong about itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from harness.measure.common import DIFFERENCE, POSITIVE, Study, named, share
from harness.measure.disturbed import beside
from harness.measure.tables import TEST, Array, Cell, Condition, RunTable
from harness.rng import rng
from harness.rows import Row

BINS = 15
DRAWN = 200
"""Sets of labels drawn from the confidences, to see what a calibrated model would show."""
COVERAGE = 0.8
TWO = (0.0, 2.0)
Place = Mapping[str, str | int | float]


# -- formulas ------------------------------------------------------------------------------------


def equal_width(confidence: Array, bins: int = BINS) -> Array:
    """Which bin each confidence lies in, of equal width and closed on the right; shape ``(k, bins)``, 0 or 1."""
    at = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    found: Array = np.eye(bins)[at]
    return found


def equal_mass(confidence: Array, bins: int = BINS) -> Array:
    """Likewise of about equal numbers; equal confidences share a bin."""
    k = len(confidence)
    ordered = np.sort(confidence)
    edges = ordered[[max(0, (k * (one + 1)) // bins - 1) for one in range(bins - 1)]] if k else np.zeros(0)
    found: Array = np.eye(bins)[np.searchsorted(edges, confidence, side="left")]
    return found


def calibration_error(confidence: Array, right: Array, inside: Array) -> Array:
    """Expected calibration error from sums over examples by bin.

    ``sum over bins of |sum of right - sum of confidence| / number of examples``: with the sums of a bin
    that is its share times the gap of accuracy and mean confidence.

    Args:
        confidence: Sums of the confidences, ``(..., bins)``.
        right: Sums of 0 or 1, ``(..., bins)``.
        inside: Examples, ``(..., bins)``.

    Returns:
        ``(...)``, in [0, 1]; NaN without an example.
    """
    total = inside.sum(-1)
    found: Array = share(np.abs(right - confidence).sum(-1), total, total)
    return found


def squared_error(confidence: Array, right: Array, inside: Array) -> Array:
    """Mean squared calibration error less what chance adds to it in bins of few examples (Kumar et al. 2019).

    ``sum over bins of share * ((conf - acc)^2 - acc (1 - acc) / (examples - 1))``, from the same sums as
    :func:`calibration_error`; bins with a single example say nothing and count 0.

    Returns:
        ``(...)``, at most 1; below 0 by chance if the model is calibrated. NaN without an example.
    """
    several = inside > 1
    gap = share(confidence - right, inside, inside + (inside == 0))
    accuracy = share(right, inside, inside + (inside == 0))
    noise = np.divide(accuracy * (1 - accuracy), inside - 1, out=np.zeros_like(accuracy), where=several)
    total = inside.sum(-1)
    found: Array = share((inside * np.where(several, gap**2 - noise, 0.0)).sum(-1), total, total)
    return found


def calibrated(confidence: Array, inside: Array, generator: np.random.Generator, drawn: int = DRAWN) -> float:
    """The error that a perfectly calibrated model shows on average: the plug-in estimate is biased upwards.

    Args:
        confidence: Of each example, ``(k,)``.
        inside: Its bin, ``(k, bins)``.
        generator: Source of randomness.
        drawn: How often labels are drawn from the confidences.
    """
    right = (generator.random((drawn, len(confidence))) < confidence).astype(float)
    gaps = np.abs((right - confidence) @ inside).sum(-1)
    return float(gaps.mean() / max(1, len(confidence)))


def risk_coverage(confidence: Array, right: Array, weights: Array) -> Array:
    """Mean error rate of the j surest answers over all j: the area under the risk-coverage curve.

    Args:
        confidence: Of each example, ``(k,)``.
        right: 0 or 1, ``(k,)``.
        weights: How much each counts, ``(length, k)``.

    Returns:
        ``(length,)``, in [0, 1]; NaN where nothing counts.
    """
    order = np.argsort(-confidence, kind="stable")
    ordered = weights[:, order]
    count, wrong = ordered.cumsum(axis=1), (ordered * (1 - right[order])).cumsum(axis=1)
    risk = np.divide(wrong, count, out=np.zeros_like(wrong), where=count > 0)
    total = ordered.sum(axis=1)
    found: Array = share((ordered * risk).sum(axis=1), total, total)
    return found


def selective(confidence: Array, right: Array, weights: Array, coverage: float = COVERAGE) -> Array:
    """Share right among the surest answers that make up such a share of all; as :func:`risk_coverage`."""
    order = np.argsort(-confidence, kind="stable")
    ordered = weights[:, order]
    before = ordered.cumsum(axis=1) - ordered
    room = np.clip(coverage * ordered.sum(axis=1, keepdims=True) - before, 0, ordered)
    total = room.sum(axis=1)
    found: Array = share((room * right[order]).sum(axis=1), total, total)
    return found


# -- rows ----------------------------------------------------------------------------------------


def rows(study: Study) -> Iterator[Row]:
    """Calibration on the clean test set, and under each perturbation, of models that say how sure they are."""
    clean = Condition(TEST)
    if not all(_sure(cell) for cell in study.cells(clean)):
        return
    yield from _clean_rows(study, clean)
    for condition in study.perturbed:
        if all(_sure(cell) for cell in study.cells(condition)):
            yield from _condition_rows(study, condition)


def _sure(cell: Cell) -> bool:
    """Whether all answers have a probability, and not all of them the same certainty, as bare labels have."""
    known = cell.confidence
    return known is not None and len(known) > 0 and bool(np.isfinite(known).all() and (known < 1).any())


def _known(cell: Cell) -> tuple[Array, Array]:
    assert cell.confidence is not None
    assert cell.right is not None
    return cell.confidence, cell.right.astype(float)


def _clean_rows(study: Study, clean: Condition) -> Iterator[Row]:
    place: Place = {"split": TEST}
    n = study.size(clean)
    cells = study.cells(clean)
    by_width, by_mass = (study.sums([clean], _binned(into))[clean] for into in (equal_width, equal_mass))
    yield _error(study, clean, "calibration_error", by_width, place)
    yield _error(study, clean, "calibration_error_mass", by_mass, place)
    squared = squared_error(*np.split(by_mass, 3, axis=-1))
    yield study.row("calibration_squared", np.maximum(squared, 0), place, n=n, direction="lower")
    expected = [
        calibrated(c, equal_width(c), rng(study.tables.seed, "calibrated", at))
        for at, (c, _) in enumerate(map(_known, cells))
    ]
    note = "what a calibrated model would show on so many examples"
    yield study.row("calibration_floor", float(np.mean(expected)), place, n=n, direction="none", note=note)
    yield from _proper(study, clean, place)
    yield study.row("risk_coverage", _ordered(study, cells, risk_coverage), place, n=n, direction="lower")
    yield study.row("selective_accuracy", _ordered(study, cells, selective), place, n=n)


def _ordered(study: Study, cells: Sequence[Cell], function: Callable[[Array, Array, Array], Array]) -> Array:
    """A statistic of the answers in order of confidence, as series: ``(R, length)``."""
    return np.stack(
        [
            np.concatenate([function(*_known(cell), w[:, cell.index]) for w in study.draws.weights(TEST)])
            for cell in cells
        ]
    )


def _condition_rows(study: Study, condition: Condition) -> Iterator[Row]:
    binned = _binned(equal_width)

    def columns(run: RunTable, cell: Cell) -> Array:
        before = beside(run, cell, binned(run, run.cells[Condition(TEST)]))
        return np.hstack([binned(run, cell), before])

    there, before = np.split(study.sums([condition], columns)[condition], 2, axis=-1)
    yield _error(study, condition, "calibration_error", there, named(condition))
    yield _change(study, condition, there, before)
    yield from _proper(study, condition, named(condition))


def _error(study: Study, condition: Condition, measure: str, sums: Array, place: Place) -> Row:
    series = calibration_error(*np.split(sums, 3, axis=-1))
    return study.row(
        measure, series, place, n=study.size(condition), direction="lower", status=study.status(condition)
    )


def _binned(into: Callable[[Array], Array]) -> Callable[[RunTable, Cell], Array]:
    """Columns of confidence, right answers and examples by bin."""

    def columns(_: RunTable, cell: Cell) -> Array:
        confidence, right = _known(cell)
        inside = into(confidence)
        return np.hstack([confidence[:, None] * inside, right[:, None] * inside, inside])

    return columns


def _change(study: Study, condition: Condition, there: Array, before: Array) -> Row:
    """The error there less that of the same texts undisturbed."""
    after, first = (calibration_error(*np.split(sums, 3, axis=-1)) for sums in (there, before))
    series = after - first
    return study.row(
        "calibration_change",
        series,
        named(condition),
        n=study.size(condition),
        direction="lower",
        bounds=DIFFERENCE,
        status=study.status(condition),
    )


def _proper(study: Study, condition: Condition, place: Place) -> Iterator[Row]:
    for measure, name, bounds in (("brier", "brier", TWO), ("log_loss", "loss", POSITIVE)):
        cells = study.cells(condition)
        if any(getattr(cell, name) is None or not np.isfinite(getattr(cell, name)).all() for cell in cells):
            continue

        def columns(_: RunTable, cell: Cell, name: str = name) -> Array:
            return np.column_stack([getattr(cell, name), np.ones(len(cell.index))])

        sums = study.sums([condition], columns)[condition]
        yield study.row(
            measure,
            share(sums[..., 0], sums[..., 1], sums[..., 1]),
            place,
            n=study.size(condition),
            bounds=bounds,
            direction="lower",
            status=study.status(condition),
        )
