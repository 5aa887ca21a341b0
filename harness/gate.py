"""Judges rows: an assertion is shown to hold, shown to be broken, or neither.

A gate never looks at a point estimate alone (methods, section 7.6). It passes when the whole of the
row's interval is on the right side of the limit, fails when all of it is on the wrong side, and is
inconclusive when the limit lies inside. Against a baseline, or another model, it is the interval of the
difference that counts, paired where both rest on the same examples (section 7.4).

That all gates hold is claimed only if each of them is shown to, so a pass needs no correction: the claim
is wrong at most one time in forty with two-sided 95 % intervals. That *something* is broken is claimed as
soon as one gate fails, so failures are corrected: Holm's procedure over all gates of the suite keeps the
chance of any false alarm at one in forty, however many there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.assertion import BASELINE, Assertion
from harness.errors import ExitCode, nearest
from harness.measure.basis import (
    FAR,
    Bases,
    Basis,
    Error,
    chance,
    difference,
    error_of,
    independent,
    interval,
    paired,
    remedy,
    same,
)
from harness.measure.statistics import Interval, holm
from harness.measure.tables import level_of
from harness.rows import GateResult, Row, Status, Verdict, finite, measured_as

Baseline = Mapping[str, Any]
DIGITS = 5
"""Of the numbers in a baseline."""


@dataclass(frozen=True)
class Known:
    """What rows are compared with, and what the numbers on both sides rest on, by the name of a row.

    Args:
        baseline: As written by :func:`baseline_of`, or None if there is none.
        bases: Of this run's rows.
        before: Of the baseline's.
        looks: How often the run may have been looked at before it ended.
    """

    baseline: Baseline | None = None
    bases: Bases = field(default_factory=dict)
    before: Bases = field(default_factory=dict)
    looks: int = 1


NOTHING = Known()


def judge(
    gates: Sequence[tuple[Assertion, int]],
    rows: Sequence[Row],
    known: Known = NOTHING,
    level: float = 0.95,
    beside: int = 0,
) -> tuple[GateResult, ...]:
    """Verdicts in the order of the gates; a gate that selects several rows gets one for each.

    Args:
        gates: Assertions with the line each is on.
        rows: All rows of the run.
        known: What they are compared with.
        level: Two-sided, of the rows' intervals.
        beside: Further gates of the suite that are not judged now, and count among the many.
    """
    court = _Court(rows, {row_id(row): row for row in rows}, known, level)
    found = [result for gate, line in gates for result in court.judge(gate, line)]
    return tuple(_together(found, (1 - level) / 2, beside))


def _together(found: Sequence[GateResult], alpha: float, beside: int) -> list[GateResult]:
    """The verdicts with failures that are too many to be believed, for being one of so many, taken back."""
    compared = {at: result.p for at, result in enumerate(found) if result.p is not None}
    if not compared:
        return list(found)
    family = holm([*compared.values(), *[1.0] * beside]).tolist()
    adjusted = dict(zip(compared, family, strict=False))
    results = [replace(result, p=adjusted.get(at)) for at, result in enumerate(found)]
    return [
        replace(
            result,
            verdict=Verdict.INCONCLUSIVE,
            reason=f"beyond the limit by itself, but one of {len(family)} judged together; more data would decide",
        )
        if result.verdict is Verdict.FAIL and result.p is not None and result.p > alpha
        else result
        for result in results
    ]


@dataclass(frozen=True)
class _Court:
    """All that a gate is judged by."""

    rows: Sequence[Row]
    named: Mapping[str, Row]
    known: Known
    level: float

    def judge(self, gate: Assertion, line: int) -> list[GateResult]:
        chosen = [row for row in self.rows if _selects(gate, row)]
        if not chosen:
            measures = sorted({row.measure for row in self.rows if row.property == gate.property})
            hint = (
                f"no row of {gate.property}.{gate.measure} has these conditions"
                if gate.measure in measures
                else f"no measure {gate.measure!r}; {nearest(gate.measure, measures)}"
            )
            return [GateResult(expression=gate.text, verdict=Verdict.ERROR, line=line, reason=hint)]
        if gate.against not in ("", BASELINE):  # a model is not compared with itself
            chosen = [row for row in chosen if row.model != gate.against] or chosen
        return [self.verdict(gate, line, row) for row in chosen]

    def verdict(self, gate: Assertion, line: int, row: Row) -> GateResult:
        result = GateResult(
            expression=gate.text,
            verdict=Verdict.ERROR,
            model=row.model,
            condition=row.condition,
            value=row.value,
            low=row.low,
            high=row.high,
            limit=None if gate.against else gate.limit,
            line=line,
        )
        if row.value is None:
            why = row.note or row.status.value
            if row.status is Status.NOT_APPLICABLE:
                return replace(result, verdict=Verdict.ERROR, reason=f"not applicable: {why}")
            return replace(result, verdict=Verdict.FAIL, reason=f"there is no number to judge: {why}")
        if gate.against:
            return self.relative(gate, result, row)
        sides = {">=": (gate.limit, math.inf), "<=": (-math.inf, gate.limit)}
        basis = self.known.bases.get(row_id(row))
        return self.compared(
            result, row, interval(row), sides[gate.relation], None if basis is None else basis.error
        )

    def relative(self, gate: Assertion, result: GateResult, row: Row) -> GateResult:
        """Against the baseline, or another model of the run."""
        other, before, why = self.opponent(gate, row)
        if other is None or other.value is None:
            return replace(result, verdict=Verdict.INCONCLUSIVE, reason=why)
        result = replace(result, baseline=other.value)
        if measured_as(other.signature) != measured_as(row.signature):
            stale = (
                "the baseline is stale" if gate.against == BASELINE else f"{gate.against} is not comparable"
            )
            reason = f"{stale}: it was measured as {other.signature}, now {row.signature}"
            return replace(result, verdict=Verdict.INCONCLUSIVE, reason=reason)
        sign = -1.0 if row.direction == "lower" else 1.0
        margin = gate.limit
        result = replace(result, limit=other.value - sign * margin if gate.relation == "no worse" else None)
        now, error, how = self.known.bases.get(row_id(row)), None, ""
        if now is not None and before is not None:
            level = level_of(row.property, self.level, self.known.looks)
            found, error = difference(now, before, level), error_of(now, before)
            how = f"on the same {now.count:,} examples" if paired(now, before) else "on other examples"
        else:
            found, how = independent(interval(row), interval(other)), "taken as independent"
        if sign < 0:
            found = _turned(found)
        result = replace(
            result,
            change=finite(found.value),
            change_low=finite(found.low),
            change_high=finite(found.high),
        )
        if gate.against == BASELINE and (
            _same(row, other) if now is None or before is None else same(now, before)
        ):
            return replace(result, verdict=Verdict.PASS, p=None, reason="equal to the baseline")
        wide = {"no worse": (-margin, math.inf), "same": (-margin, margin)}[gate.relation]
        judged = self.compared(result, row, found, wide, error)
        name = "the baseline" if gate.against == BASELINE else gate.against
        told = f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}] against {name}, {how}"
        loss = "; worse, but within the margin" if judged.verdict is Verdict.PASS and found.high < 0 else ""
        return replace(judged, reason=f"{told}{loss}: {judged.reason}")

    def opponent(self, gate: Assertion, row: Row) -> tuple[Row | None, Basis | None, str]:
        """The row to compare with, what it rests on, and why there is none."""
        if gate.against != BASELINE:
            name = row_id(replace(row, model=gate.against))
            why = f"{gate.against} has no such number"
            return self.named.get(name), self.known.bases.get(name), why
        accept = "accept one with `harness baseline RUN`"
        if self.known.baseline is None:
            return None, None, f"there is no baseline: {accept}"
        told = self.known.baseline["rows"].get(row_id(row))
        if told is None:
            return None, None, f"the baseline has no such row: {accept}"
        before = replace(
            row,
            value=told["value"],
            low=told.get("low"),
            high=told.get("high"),
            signature=told["signature"],
        )
        return before, self.known.before.get(row_id(row)), ""

    def compared(
        self,
        result: GateResult,
        row: Row,
        found: Interval,
        sides: tuple[float, float],
        error: Error | None,
    ) -> GateResult:
        """Whether the interval lies within the sides, beyond one of them, or across."""
        least, most = sides
        # an interval that several looks have made wider makes the chance larger likewise
        nearer, above = (least, True) if found.value - least <= most - found.value else (most, False)
        result = replace(result, p=chance(found, nearer, self.level, above))
        if least <= found.low and found.high <= most:
            if row.status is Status.UNRELIABLE:
                return replace(result, verdict=Verdict.INCONCLUSIVE, reason=f"unreliable: {row.note}")
            return replace(result, verdict=Verdict.PASS, reason="the whole interval is within the limit")
        if found.high < least or found.low > most:
            return replace(result, verdict=Verdict.FAIL, reason="the whole interval is beyond the limit")
        return replace(result, verdict=Verdict.INCONCLUSIVE, reason=self.remedy(found, nearer, row, error))

    def remedy(self, found: Interval, limit: float, row: Row, error: Error | None) -> str:
        """What would decide it, if the estimate stays as it is."""
        away = abs(found.value - limit)
        if away < 1e-9 or row.n == 0:
            return "the estimate lies on the limit"
        if error is not None and error.variance > 0:
            level = level_of(row.property, self.level, self.known.looks)
            enough = remedy(error, away, level, row.n)
        else:  # an interval shrinks with the root of what it is made of
            times = (
                (found.value - found.low if found.value >= limit else found.high - found.value) / away
            ) ** 2
            both = f"about {times:.1f} times as many examples and runs"
            enough = both if row.runs > 1 else f"about {round(times * row.n):,} examples (now {row.n:,})"
            enough = enough if times <= FAR else ""
        across = "the interval spans the limit"
        if not enough:
            return f"{across}, and no realistic number of examples would decide it"
        return f"{across}; {enough} would decide it"


def _selects(gate: Assertion, row: Row) -> bool:
    if (row.property, row.measure) != (gate.property, gate.measure):
        return False
    has = {**{k: str(v) for k, v in row.condition.items()}, "model": row.model}
    if any(has.get(key) != value for key, value in gate.where.items()):
        return False
    # Without a seed in the gate, rows of single seeds are not meant.
    return "seed" in gate.where or "seed" not in row.condition


def _same(row: Row, other: Row) -> bool:
    """Whether the number and the ends of its interval are those that a baseline has."""
    told = [
        tuple(None if end is None else round(end, DIGITS) for end in (one.value, one.low, one.high))
        for one in (row, other)
    ]
    return told[0] == told[1]


def _turned(found: Interval) -> Interval:
    """The interval of minus the number."""
    return Interval(-found.value, -found.high, -found.low, found.method, found.status)


def row_id(row: Row) -> str:
    """What a row is called in a baseline: all that identifies it."""
    where = ",".join(f"{key}={value}" for key, value in sorted(row.condition.items()))
    return f"{row.model}/{row.property}.{row.measure}" + (f"{{{where}}}" if where else "")


def baseline_of(run: str, suite: str, rows: Iterable[Row]) -> dict[str, Any]:
    """A baseline: small, sorted, reviewable; only rows with an interval, as others decide nothing."""
    cells = {
        row_id(row): {
            "value": round(row.value, DIGITS),
            "low": round(row.low, DIGITS),
            "high": round(row.high, DIGITS),
            "n": row.n,
            "signature": row.signature,
        }
        for row in rows
        if row.value is not None
        and row.low is not None
        and row.high is not None
        and "seed" not in row.condition
    }
    return {"schema": 1, "suite": suite, "run": run, "rows": dict(sorted(cells.items()))}


def exit_code(gates: Iterable[GateResult], incomplete: bool, strict: bool) -> ExitCode:
    """A shown failure outweighs missing parts, which outweigh what could not be decided."""
    verdicts = {gate.verdict for gate in gates}
    if Verdict.FAIL in verdicts or (Verdict.ERROR in verdicts and not incomplete):
        return ExitCode.GATE_FAILED
    if incomplete:
        return ExitCode.INCOMPLETE
    if strict and Verdict.INCONCLUSIVE in verdicts:
        return ExitCode.INCONCLUSIVE
    return ExitCode.PASSED
