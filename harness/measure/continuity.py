"""Continuity: a small change of the input moves the output little (methods, section 2).

Free of labels: the model is compared with itself, its answer to the edited text with its answer to
the clean one carried through the edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from harness.measure import floor, grounded, probed, response, selectivity, tagged, written
from harness.measure.common import (
    POSITIVE,
    SHARE,
    Exact,
    Study,
    by_family,
    counted,
    guarded,
    joined,
    named,
    share,
    studies,
)
from harness.measure.quantiles import of_examples
from harness.measure.statistics import Interval, wilson
from harness.measure.tables import TEST, Array, Cell, Condition, Measure, RunTable, Tables
from harness.rows import Row, Status

VERSION = 1
QUANTILES = (0.5, 0.9, 0.95)
"""Of the distances in a condition."""
LOW = 0.05
"""Edit fraction up to which a change counts as small."""
RECOMMENDED = 200
HARD, HARD_OF, SOFT, SOFT_OF, FLIP, RATE, ROWS = range(7)


# -- formulas: curves have severities along the first axis, the clean text (0, 0) first ------------


def normalised_area(x: Array, d: Array) -> Array:
    """Area under a severity-distance curve over its largest severity (methods, section 2.4).

    Args:
        x: Edit fractions, ``(J + 1, ...)``, starting with 0.
        d: Mean output distances in [0, 1], ``(J + 1, ...)``, starting with 0.

    Returns:
        The mean distance over ``[0, x_J]``, in [0, 1], lower is better; NaN if ``x_J`` is 0.
    """
    area = (np.diff(x, axis=0) * (d[1:] + d[:-1]) / 2).sum(axis=0)
    result: Array = np.divide(area, x[-1], out=np.full(area.shape, np.nan), where=x[-1] > 0)
    return result


def low_severity_gain(x: Array, d: Array) -> Array:
    """Output distance per unit of edit fraction, near the clean text (methods, section 2.5).

    Least squares through the origin over severities of at most 5 %; where even the least severity
    edits more, over that one alone. In [0, inf), lower is better. Shapes as in
    :func:`normalised_area`.
    """
    used = x <= LOW + 1e-12
    used[1] = True
    squares = (used * x**2).sum(axis=0)
    moved = (used * x * d).sum(axis=0)
    result: Array = np.divide(moved, squares, out=np.full(moved.shape, np.nan), where=squares > 0)
    return result


def monotonicity_violation(d: Array) -> Array:
    """Share of a curve's ups and downs that are downs (methods, section 2.7).

    In [0, 1], lower is better; NaN if the output never moves. High values point first of all at badly
    calibrated severities or too few examples.
    """
    steps = np.diff(d, axis=0)
    size = np.abs(steps).sum(axis=0)
    down = np.maximum(0, -steps).sum(axis=0)
    result: Array = np.divide(down, size, out=np.full(down.shape, np.nan), where=size > 0)
    return result


# -- rows ----------------------------------------------------------------------------------------


def measure(tables: Tables) -> Iterable[Row]:
    """Output distance under edits of growing size, its area, flips and where they start."""
    for study in studies(tables, "continuity", (TEST,), VERSION):
        yield from _rows(study)


CONTINUITY = Measure(
    name="continuity",
    function=measure,
    version=VERSION,
    formula=(
        "C = 1 - mean over families of the normalised area under the curve of output distance against "
        "share of the text edited"
    ),
)


def _rows(study: Study) -> Iterator[Row]:
    if not study.runs:
        yield study.absent("score", "no run finished")
        return
    sums = study.sums(study.perturbed, _columns)
    soft = any(s[:, 0, SOFT_OF].any() for s in sums.values())
    kind = "soft" if soft else "hard"
    moved = {c: _distance(s, kind) for c, s in sums.items()}
    still = floor.floor(study, kind)
    off = still is not None and floor.moves(still)
    above = {c: floor.above_floor(d, still) for c, d in moved.items()} if still is not None and off else moved
    of_curves = f"{kind} above floor" if off else kind
    usable = {c: s for c, s in sums.items() if c.severity and s[:, 0, ROWS].all()}
    curves = {
        Condition(TEST, name, family): _curve({c: s for c, s in usable.items() if c.operator == name}, above)
        for name, family in dict.fromkeys((c.operator, c.family) for c in usable)
    }
    areas = {c: 1 - normalised_area(*curve) for c, curve in curves.items()}
    if areas:
        n = max(study.size(c) for c in usable)
        telling = study.telling(list(usable))
        names = {c.operator for c in telling}
        of_telling = {c: area for c, area in areas.items() if c.operator in names}
        row = study.headline(
            by_family(of_telling), n=n, recommended=RECOMMENDED, distance=of_curves, over=telling
        )
        yield guarded(row, study.unskilled())
    else:
        yield study.absent("score", "needs perturbation by an operator with degrees of severity")
    for condition, (x, d) in curves.items():
        yield from _operator_rows(study, condition, x, d, areas[condition], of_curves, kind)
    for condition, s in sums.items():
        yield from _condition_rows(study, condition, s, moved[condition], kind)
    yield from floor.rows(study, still, {c: above[c] for c in sums if off}, kind)
    yield from selectivity.rows(study, kind)
    yield from probed.rows(study)
    yield from written.rows(study)
    yield from grounded.rows(study)
    yield from tagged.rows(study)


def _columns(_: RunTable, cell: Cell) -> Array:
    return np.column_stack([cell.moved, cell.rate, np.ones(len(cell.index))])


def _distance(sums: Array, kind: str) -> Array:
    top, bottom = (SOFT, SOFT_OF) if kind == "soft" else (HARD, HARD_OF)
    return share(sums[..., top], sums[..., bottom], sums[..., ROWS])


def _curve(sums: dict[Condition, Array], moved: dict[Condition, Array]) -> tuple[Array, Array]:
    """Realised edit fraction and distance of an operator: ``(J + 1, R, length)`` each."""
    ordered = sorted(sums, key=lambda c: c.severity)
    x = np.stack([share(sums[c][..., RATE], sums[c][..., ROWS], sums[c][..., ROWS]) for c in ordered])
    d = np.stack([moved[c] for c in ordered])
    origin = np.zeros((1, *x.shape[1:]))
    return np.concatenate([origin, x]), np.concatenate([origin, d])


def _operator_rows(
    study: Study, condition: Condition, x: Array, d: Array, area: Array, of_curves: str, kind: str
) -> Iterator[Row]:
    place: dict[str, str | int | float] = {"operator": condition.operator, "family": condition.family}
    cells = [c for c in study.perturbed if c.operator == condition.operator]
    n = max(study.size(c) for c in cells)
    reach = f"up to {100 * x[-1, :, 0].mean():.0f} % of the text edited"
    note = joined(reach, study.aside(condition.operator))
    yield study.row("operator_score", area, place, n=n, distance=of_curves, note=note)
    gain = low_severity_gain(x, d)
    about: dict[str, Any] = {"distance": of_curves, "direction": "lower"}
    yield study.row("low_severity_gain", gain, place, n=n, bounds=POSITIVE, **about)
    if d.shape[0] > 2:
        down = float(monotonicity_violation(d[..., 0].mean(axis=1)))
        yield study.row(
            "monotonicity_violation",
            down,
            place,
            n=n,
            note="" if np.isfinite(down) else "the output never moved",
            **about,
        )
        yield study.row("largest_step", response.largest_step(d), place, n=n, **about)
        graded = [c for c in cells if c.severity and all(len(cell.index) for cell in study.cells(c))]
        ordered = sorted(graded, key=lambda c: c.severity)
        yield from response.rows(study, place, [study.cells(c) for c in ordered], kind)


def _condition_rows(
    study: Study, condition: Condition, sums: Array, moved: Array, kind: str
) -> Iterator[Row]:
    place, n, status = named(condition), study.size(condition), study.status(condition)
    note = "" if n else "no variant both changed the text and kept its label"

    def row(name: str, found: Exact | Interval | Array, distance: str, status: Status = status) -> Row:
        return study.row(
            name, found, place, n=n, status=status, direction="lower", distance=distance, note=note
        )

    yield row("distance", moved, kind)
    yield row("hard_distance", _distance(sums, "hard"), "hard")
    flips = share(sums[..., FLIP], sums[..., ROWS], sums[..., ROWS])
    hits, trials = int(sums[0, 0, FLIP]), int(sums[0, 0, ROWS])
    yield row("flip_rate", counted(study, TEST, flips, wilson, hits=hits, trials=trials, sources=n), "flip")
    if n:
        parts = [(cell.index, selectivity.distances([cell], kind)) for cell in study.cells(condition)]
        for q in QUANTILES:
            told, few = of_examples(study, parts, q, SHARE)
            yield row(f"distance_p{100 * q:.0f}", told, kind, few if status is Status.OK else status)
