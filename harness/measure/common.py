"""What all measures share: one resampling of examples, intervals over runs, the skill guard, rows.

A *series* holds a number on all examples, in each of B resamples of them, and with each unit (example
or cluster) left out, along its last axis of length ``1 + B + units``. Whatever is computed element by
element from series is a series again, so a composite such as a mean over operators of ratios of sums
is written once, as its formula, and its interval follows. As all series of a split come from one
weight matrix, conditions, runs and models stay paired (methods, sections 0.2 and 7.2).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from harness.data.verdicts import Reviewed
from harness.measure.basis import Basis, Measured, basis_of
from harness.measure.statistics import (
    FEW,
    MINIMUM_RUNS,
    ROUNDING,
    Interval,
    clopper_pearson,
    interval_of,
    left_out,
    weights,
)
from harness.measure.tables import TEST, Array, Cell, Condition, ModelTable, RunTable, Tables, level_of
from harness.perturb.operator import DIRECTIONAL
from harness.rng import rng
from harness.rows import Direction, Row, Status, finite

SHARE = (0.0, 1.0)
DIFFERENCE = (-1.0, 1.0)
POSITIVE = (0.0, math.inf)
ANY = (-math.inf, math.inf)
MINIMUM_SKILL = 0.05
"""Least lower bound of the score above chance for which headlines mean anything (section 0.5)."""
MINIMUM_CHANGED = 0.25
"""Share of the texts that an operator has to change, at some severity, to count in a headline."""
MINIMUM_VALID = 0.9
"""Least lower bound of the share of true labels, where people have judged, for an operator to count."""
MAXIMUM_INVALID = 0.2
"""Above this share of variants without valid gold a condition is unreliable (section 0.2.5)."""

ASIDE = "not part of the headline"
"""How the note of a row begins or goes on that a headline could rest on and does not."""

BATCH = 16
"""Conditions to resample at once: enough for a fast matrix product, few enough to fit in memory."""

CHUNK = 128
"""Elements of a series whose weights are at hand at a time."""

Rate = Callable[[int, int, float], Interval]
Columns = Callable[[RunTable, Cell], Array]


# -- resampling ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Resampled:
    """How one split is resampled.

    Args:
        W: Weights ``(B, n)``.
        groups: Cluster codes ``(n,)``, or None if each example stands for itself.
        units: Where its units lie in a series.
    """

    W: Array
    groups: NDArray[np.int64] | None
    units: slice


@dataclass(frozen=True)
class Draws:
    """How the examples of some splits are resampled, independently of each other.

    Args:
        splits: By name.
        resamples: B.
        length: Of a series over these splits: ``1 + B`` and the units of all of them.
        digest: Which examples they are, if that is known.
    """

    splits: Mapping[str, Resampled]
    resamples: int
    length: int
    digest: str = ""

    @property
    def units(self) -> int:
        """Examples, or clusters of them, of the smallest split: what an interval can count on."""
        return min(int(part.units.stop - part.units.start) for part in self.splits.values())

    def behind(self, n: int) -> int:
        """How many units, about, ``n`` of the examples are, if these are spread over all of them alike."""
        size = min(int(part.W.shape[1]) for part in self.splits.values())
        return max(1, round(self.units * min(n, size) / size))

    def independent(self, split: str) -> bool:
        """Whether each example of the split stands for itself rather than for a cluster."""
        return self.splits[split].groups is None

    def sums(self, split: str, parts: Sequence[tuple[NDArray[np.int64], Array]]) -> list[Array]:
        """Column sums of tables, as series.

        Args:
            split: Where the tables' rows stem from; units of other splits leave the sums as they are.
            parts: Tables ``(k, p)``, each with the example ``(k,)`` that a row stems from. They are
                resampled in one matrix product.

        Returns:
            For each table, ``(length, p)``.
        """
        part = self.splits[split]
        table = np.hstack([_by_example(index, rows, part.W.shape[1]) for index, rows in parts])
        series = np.empty((self.length, table.shape[1]))
        series[:] = table.sum(axis=0)
        series[1 : 1 + self.resamples] = part.W @ table
        series[part.units] = left_out(table, part.groups)
        return np.split(series, np.cumsum([rows.shape[1] for _, rows in parts])[:-1], axis=1)

    def weights(self, split: str) -> Iterator[Array]:
        """How much each example of a split counts in each element of a series: ``(some, n)`` at a time."""
        part = self.splits[split]
        n = part.W.shape[1]
        before = 1 + self.resamples
        yield np.ones((1, n))
        for start in range(0, self.resamples, CHUNK):
            yield part.W[start : start + CHUNK]
        codes = np.arange(n) if part.groups is None else np.unique(part.groups, return_inverse=True)[1]
        for start in range(before, self.length, CHUNK):
            units = np.arange(start, min(start + CHUNK, self.length)) - part.units.start
            yield (codes != units[:, np.newaxis]).astype(float)


def _by_example(index: NDArray[np.int64], rows: Array, n: int) -> Array:
    table = np.zeros((n, rows.shape[1]))
    np.add.at(table, index, rows)
    return table


def draws_of(tables: Tables, splits: Iterable[str]) -> Draws:
    """The resampling of these splits: the same for all measures of the suite."""
    parts, at = {}, 1 + tables.resamples
    for split in splits:
        size = tables.sizes[split]
        codes = tables.groups.get(split, np.arange(size))
        units = len(np.unique(codes))
        groups = codes if units < size else None
        W = weights(size, tables.resamples, rng(tables.seed, "bootstrap", split), groups)
        parts[split] = Resampled(W, groups, slice(at, at + units))
        at += units
    known = all(split in tables.digests for split in splits)
    digest = " ".join(f"{split}:{tables.digests[split]}" for split in splits) if known else ""
    return Draws(parts, tables.resamples, at, digest)


# -- intervals -----------------------------------------------------------------------------------


def over_runs(
    values: Array, replicates: Array, units: int, level: float, bounds: tuple[float, float]
) -> Interval:
    """Interval of a mean over R runs for a claim about the training recipe on unseen examples.

    Both runs and examples are samples. With ``V`` the variance of the mean over runs when examples are
    resampled (the same resamples for each run), ``B = s² / R`` from the spread ``s`` of the runs and
    ``E`` the part that is in both because runs err on different examples, the variance is
    ``max(V + B - E, V, B)``, with Student's t and degrees of freedom after Satterthwaite, at least
    R - 1. For means this is the two-way t interval of methods, section 4.7; written with resamples it
    serves ratios, F1 and composites alike.
    Simulated coverage of nominal 95 % with 200 examples: 94 to 96 % if runs differ little; with
    accuracies that differ by a standard deviation of .1, 90 % for 3 runs, 93 % for 5, 94 % for 10
    (examples alone: 51, 59 and 69 %).

    Args:
        values: The statistic of each run, ``(R,)`` with R at least 2.
        replicates: The same in each resample, ``(R, B)``.
        units: Examples or clusters that were resampled.
        level: Two-sided coverage.
        bounds: The range of the statistic; the interval does not leave it.
    """
    runs, value, method = len(values), float(values.mean()), "runs-x-examples-t"
    defined = replicates[:, np.isfinite(replicates).all(axis=0)]
    if not math.isfinite(value) or defined.shape[1] < 2:
        return Interval(value, math.nan, math.nan, method, "not_applicable")
    mean = defined.mean(axis=0)
    examples, between = float(mean.var(ddof=1)), float(values.var(ddof=1)) / runs
    both = float((defined - mean).var(axis=1, ddof=1).sum()) / (runs - 1) / runs
    variance = max(examples + between - both, examples, between)
    if variance <= (ROUNDING * np.abs(defined).max()) ** 2:
        return Interval(value, value, value, method, "degenerate")
    few = max(1, units - 1)
    noise = between**2 / (runs - 1) + examples**2 / few + both**2 / ((runs - 1) * few)
    half = float(stdtrit(max(runs - 1, variance**2 / noise), (1 + level) / 2)) * math.sqrt(variance)
    undefined, powerful = defined.shape[1] < replicates.shape[1], runs >= MINIMUM_RUNS
    status = "unreliable" if undefined else "ok" if powerful else "underpowered"
    return Interval(value, max(value - half, bounds[0]), min(value + half, bounds[1]), method, status)


def interval(
    series: Array, draws: Draws, level: float, bounds: tuple[float, float], units: int = 0
) -> Interval:
    """Interval of the mean over runs of a statistic.

    With one run it is BCa over examples, which says nothing about other runs; with several see
    :func:`over_runs`. A share that is 0 or 1 in all resamples gets the exact bound for its number of
    units: a mean of numbers in [0, 1] is at most the share of them that are not 0.

    Args:
        series: The statistic of each run, ``(R, length)``.
        draws: The resampling it was made with.
        level: Two-sided coverage.
        bounds: The range of the statistic.
        units: Examples, or clusters of them, that the statistic looks at; 0: all that were resampled.
    """
    units = units or draws.units
    values, replicates = series[:, 0], series[:, 1 : 1 + draws.resamples]
    if len(series) == 1:
        found = interval_of(float(values[0]), replicates[0], series[0, 1 + draws.resamples :], level)
    else:
        found = over_runs(values, replicates, units, level, bounds)
    if found.status == "degenerate" and bounds == SHARE and found.value in SHARE:
        found = clopper_pearson(int(found.value) * units, units, level)
    if found.status == "ok" and units < FEW:
        return Interval(found.value, found.low, found.high, found.method, "underpowered")
    return found


def share(top: Array, bottom: Array, rows: Array) -> Array:
    """``top / bottom``; 0 where both are 0 (nothing was there to differ), NaN where there are no rows."""
    ratio: Array = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    ratio[rows == 0] = np.nan
    return ratio


def by_family(cells: Mapping[Condition, Array]) -> Array:
    """Mean over families of the mean over operators of the mean over severities."""
    families: dict[str, dict[str, list[Array]]] = {}
    for condition, values in cells.items():
        families.setdefault(condition.family, {}).setdefault(condition.operator, []).append(values)
    result: Array = np.mean(
        [
            np.mean([np.mean(levels, axis=0) for levels in operators.values()], axis=0)
            for operators in families.values()
        ],
        axis=0,
    )
    return result


def of_seeds(series: Array, runs: Sequence[RunTable], seeds: Sequence[int | None]) -> Array:
    """The series of the runs with these seeds, in their order."""
    own = [run.seed for run in runs]
    found: Array = series[[own.index(seed) for seed in seeds]]
    return found


def redrawn(groups: Sequence[Array], draws: Draws, generator: np.random.Generator) -> list[Array]:
    """Series in which runs are drawn anew with the examples, those of each group by themselves.

    Args:
        groups: Of runs that are alike, ``(R_i, length)`` each.
        draws: The resamples of the examples.
        generator: Source of randomness.
    """
    part, found = slice(1, 1 + draws.resamples), [one.copy() for one in groups]
    for own, one in zip(found, groups, strict=True):
        picked = generator.integers(len(one), size=(len(one), draws.resamples))
        own[:, part] = np.take_along_axis(one[:, part], picked, axis=0)
    return found


class Exact(NamedTuple):
    """An interval of another kind than that of its series."""

    interval: Interval
    series: Array


# -- one model as one measure sees it ------------------------------------------------------------


@dataclass(frozen=True)
class Study:
    """A model's finished runs, with the resampling they share, for one measure."""

    name: str
    version: int
    tables: Tables
    draws: Draws
    model: ModelTable
    runs: tuple[RunTable, ...]

    def of(self, runs: Sequence[RunTable]) -> Study:
        """The same study of other runs of the model, those that finished."""
        return replace(self, runs=tuple(run for run in runs if Condition(TEST) in run.cells))

    @property
    def perturbed(self) -> list[Condition]:
        """The operators and severities of the test split that all finished runs have been tested on.

        Those after which the right answer is another one are not among them: see :attr:`directional`.
        """
        return self._conditions(directional=False)

    @property
    def directional(self) -> list[Condition]:
        """Likewise for operators that change what is right."""
        return self._conditions(directional=True)

    def _conditions(self, directional: bool) -> list[Condition]:
        first = self.runs[0].cells if self.runs else {}
        return [
            c
            for c in first
            if c.split == TEST
            and c.operator
            and (c.family == DIRECTIONAL) is directional
            and all(c in run.cells for run in self.runs)
        ]

    def cells(self, condition: Condition) -> list[Cell]:
        """The condition's cell in each finished run."""
        return [run.cells[condition] for run in self.runs]

    def sums(self, conditions: Sequence[Condition], rows: Columns) -> dict[Condition, Array]:
        """Column sums of ``rows(run, cell)``, ``(k, p)``, as series: ``(R, length, p)`` by condition."""
        found = {}
        for start in range(0, len(conditions), BATCH):
            batch = conditions[start : start + BATCH]
            parts = [
                (run.cells[c].index, np.asarray(rows(run, run.cells[c]))) for c in batch for run in self.runs
            ]
            series = self.draws.sums(batch[0].split, parts)
            for at, condition in enumerate(batch):
                found[condition] = np.stack(series[at * len(self.runs) : (at + 1) * len(self.runs)])
        return found

    def clean(self, split: str) -> Array:
        """Column sums of the task's statistics on a clean split, as series: ``(R, length, columns)``."""
        condition = Condition(split)
        return self.sums([condition], lambda _, cell: cell.stats)[condition]

    def size(self, condition: Condition) -> int:
        """Source examples behind a condition."""
        return len(np.unique(np.concatenate([cell.index for cell in self.cells(condition)])))

    @cached_property
    def rare(self) -> set[str]:
        """Operators that find too little to edit in these texts; no headline rests on them."""
        most: dict[str, float] = {}
        for condition in self.perturbed:
            changed = 1 - noop_rate(self.cells(condition))
            most[condition.operator] = max(most.get(condition.operator, 0.0), changed)
        return {operator for operator, changed in most.items() if changed < MINIMUM_CHANGED}

    @cached_property
    def disputed(self) -> set[str]:
        """Operators whose labels are surely no longer true often enough; no headline rests on them."""
        lowest = {
            name: preservation(found, self.tables.level).low for name, found in self.tables.reviews.items()
        }
        return {name for name, low in lowest.items() if low < MINIMUM_VALID}

    def telling(self, conditions: Sequence[Condition]) -> list[Condition]:
        """Those of the conditions that headlines rest on; all of them if none would be left."""
        out = self.rare | self.disputed
        return [c for c in conditions if c.operator not in out] or list(conditions)

    def aside(self, operator: str) -> str:
        """Why an operator does not count in headlines, as a remark; empty if it does."""
        if {c.operator for c in self.perturbed} <= self.rare | self.disputed:
            return ""
        why = {
            "found too little to edit": operator in self.rare,
            "its labels were not found true often enough": operator in self.disputed,
        }
        return (
            f"{ASIDE}: {joined(*(reason for reason, holds in why.items() if holds))}"
            if any(why.values())
            else ""
        )

    @property
    def left_out(self) -> str:
        """Which operators no headline rests on, and why, as a remark."""
        rare, disputed = ", ".join(sorted(self.rare)), ", ".join(sorted(self.disputed))
        return joined(
            f"without {rare}, which found too little to edit" if rare else "",
            f"without {disputed}, whose labels readers did not find true often enough" if disputed else "",
        )

    def status(self, condition: Condition) -> Status:
        """``unreliable`` if too many variants lost their gold or their meaning, ``underpowered`` if too few changed."""
        cells = self.cells(condition)
        if invalid_rate(cells) > MAXIMUM_INVALID or broken_rate(cells) > MAXIMUM_INVALID:
            return Status.UNRELIABLE
        return Status.UNDERPOWERED if condition.operator in self.rare else Status.OK

    def row(
        self,
        measure: str,
        found: Interval | Exact | Array | float,
        condition: Mapping[str, str | int | float] | None = None,
        *,
        n: int,
        bounds: tuple[float, float] = SHARE,
        direction: Direction = "higher",
        status: Status = Status.OK,
        runs: int | None = None,
        distance: str = "",
        over: Sequence[Condition] = (),
        note: str = "",
    ) -> Measured:
        """A result row.

        Args:
            found: An interval, perhaps with its series; or a series ``(R, length)`` to make one from; or a
                number without one.
            status: What is known besides; unless it is ``ok`` it hides the interval's own status.
            runs: Runs behind the number, if not the finished ones.
            distance: Which distance decided the number, for the signature.
            over: The conditions a composite is made of, for the signature.
        """
        series = None
        if isinstance(found, Exact):
            series, found = found.series, found.interval
        if isinstance(found, np.ndarray):
            series, found = (
                found,
                interval(found, self.draws, self.tables.level, bounds, self.draws.behind(n)),
            )
        if not isinstance(found, Interval):
            found = Interval(found, math.nan, math.nan, "none", "not_applicable")
        value = finite(found.value)
        if value is None:
            status, note = Status.NOT_APPLICABLE, note or "undefined on these data"
        elif found.method != "none" and status is Status.OK:
            status = Status(found.status)
        return Measured(
            basis=None if series is None or value is None else self._basis(series, n),
            property=self.name,
            measure=measure,
            model=self.model.name,
            condition=condition or {},
            value=value,
            low=finite(found.low),
            high=finite(found.high),
            n=n,
            runs=len(self.runs) if runs is None else runs,
            direction=direction,
            status=status,
            signature=self._signature(found.method, distance, over),
            note=note,
        )

    def _basis(self, series: Array, n: int) -> Basis | None:
        without = [series[:, part.units] for part in self.draws.splits.values()]
        return basis_of(series[:, 0], without, self.draws.digest, self.draws.behind(n))

    def headline(
        self,
        series: Array,
        *,
        n: int,
        recommended: int,
        distance: str = "",
        over: Sequence[Condition] = (),
        note: str = "",
    ) -> Measured:
        """The row ``score``, with remarks on the runs and on the number of examples; see :meth:`row`."""
        few = f"fewer than the {recommended} recommended examples" if n < recommended else ""
        remarks = joined(note, few, self.remark)
        return self.row("score", series, n=n, distance=distance, over=over, note=remarks)

    def absent(self, measure: str, why: str, status: Status = Status.NOT_APPLICABLE) -> Row:
        """A row without a number that says why."""
        return Row(
            property=self.name,
            measure=measure,
            model=self.model.name,
            status=status,
            runs=len(self.runs),
            signature=self._signature("none", "", ()),
            note=why,
        )

    @property
    def remark(self) -> str:
        """What the reader has to know about the runs."""
        out = len(self.model.runs) - len(self.runs)
        left = f"{out} of {len(self.model.runs)} runs did not finish and are left out" if out else ""
        single = len(self.runs) == 1 and not self.model.given
        return joined(left, "one run: says nothing about other seeds" if single else "")

    def unskilled(self, collapse: Callable[[list[bool]], bool] = any, sums: Array | None = None) -> str:
        """Why headlines would be empty praise (methods, section 0.5), or nothing.

        The bound is that of the finished runs on resampled examples: it asks whether *these* runs have
        learned anything, so a wide spread between two runs does not count against them.

        Args:
            collapse: Whether one run that always answers the same is enough (``any``), or ``all``.
            sums: Of the task's statistics, as series, if it is not about all test examples.
        """
        if not self.runs:
            return "no run finished"
        constant = [run.one_class for run in self.runs]
        if collapse(constant):
            return f"{sum(constant)} of {len(constant)} runs give the same answer to every text"
        sums = self.clean(TEST) if sums is None else sums
        above = (self.tables.score(sums) - self.tables.chance(sums)).mean(axis=0, keepdims=True)
        low = interval(above, self.draws, self.tables.level, DIFFERENCE).low
        if low > MINIMUM_SKILL:
            return ""
        return (
            f"no skill to speak of: the score is only surely {low:+.3f} above chance ({MINIMUM_SKILL} needed)"
        )

    def _signature(self, method: str, distance: str, over: Sequence[Condition]) -> str:
        # how the interval is made stands in three parts that :func:`harness.rows.measured_as` leaves out
        parts = [self.tables.metric, distance, f"B={self.tables.resamples}", f"{self.tables.level:g}", method]
        if over:
            text = repr(sorted(tuple(c) for c in over))
            parts.append("over:" + hashlib.blake2b(text.encode(), digest_size=4).hexdigest())
        return "|".join(part for part in [*parts, f"v{self.version}"] if part)


def studies(tables: Tables, name: str, splits: Iterable[str], version: int) -> Iterator[Study]:
    """Each model of the suite, with the resampling of ``splits`` made once for all of them."""
    draws = draws_of(tables, splits)
    own = replace(tables, level=level_of(name, tables.level, tables.looks))
    for model in tables.models:
        finished = tuple(run for run in model.runs if Condition(TEST) in run.cells)
        yield Study(name, version, own, draws, model, finished)


def guarded(row: Row, reason: str) -> Row:
    """The headline, or no number and the reason why it would be empty praise."""
    if not reason:
        return row
    return replace(
        row, value=None, low=None, high=None, status=Status.DEGENERATE, note=joined(reason, row.note)
    )


def counted(
    study: Study, split: str, series: Array, exact: Rate, *, hits: int, trials: int, sources: int
) -> Exact:
    """Interval of a rate: ``exact`` if one run answered independent questions, else resampled.

    Args:
        series: The rate in each run, ``(R, length)``.
        exact: Interval of ``hits`` of ``trials``.
        sources: Different examples that the trials stem from.
    """
    if len(series) == 1 and trials == sources and study.draws.independent(split):
        return Exact(exact(hits, trials, study.tables.level), series)
    behind = study.draws.behind(sources)
    return Exact(interval(series, study.draws, study.tables.level, SHARE, behind), series)


def invalid_rate(cells: Sequence[Cell]) -> float:
    """Share of variants that were left out because their gold could not be carried."""
    made = sum(len(cell.index) + cell.invalid + cell.noop for cell in cells)
    return sum(cell.invalid for cell in cells) / made if made else 0.0


def preservation(found: Reviewed, level: float) -> Interval:
    """The share of an operator's texts whose label people found still true (methods, section 8.1)."""
    return clopper_pearson(found.valid, found.judged, level)


def broken_rate(cells: Sequence[Cell]) -> float:
    """Share of variants that no longer mean the same, as a sentence encoder sees it; 0 if none was asked."""
    asked = [cell.broken for cell in cells if cell.broken is not None and len(cell.broken)]
    return float(np.mean(np.concatenate(asked))) if asked else 0.0


def noop_rate(cells: Sequence[Cell]) -> float:
    """Share of variants that were left out because nothing changed."""
    made = sum(len(cell.index) + cell.invalid + cell.noop for cell in cells)
    return sum(cell.noop for cell in cells) / made if made else 0.0


def named(condition: Condition) -> dict[str, str | int | float]:
    """A perturbed condition as rows name it."""
    return {
        "operator": condition.operator,
        "family": condition.family,
        "severity": condition.severity,
    }


def joined(*remarks: str) -> str:
    """Remarks as one note."""
    return "; ".join(remark for remark in remarks if remark)
