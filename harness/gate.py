"""Judges rows: an assertion is shown to hold, shown to be broken, or neither.

A gate never looks at a point estimate alone (methods, section 7.6). It passes when the whole of the
row's interval is on the right side of the limit, fails when all of it is on the wrong side, and is
inconclusive when the limit lies inside.

That all gates hold is claimed only if each of them is shown to, so a pass needs no correction: the claim
is wrong at most one time in forty with two-sided 95 % intervals. That *something* is broken is claimed as
soon as one gate fails, so failures are corrected: Holm's procedure over all gates of the suite keeps the
chance of any false alarm at one in forty, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scipy.special import ndtr, ndtri

from harness.assertion import Assertion
from harness.errors import ExitCode, nearest
from harness.measure.statistics import holm
from harness.rows import GateResult, Row, Status, Verdict

Baseline = Mapping[str, Any]


def judge(
    gates: Sequence[tuple[Assertion, int]],
    rows: Sequence[Row],
    baseline: Baseline | None = None,
    level: float = 0.95,
) -> tuple[GateResult, ...]:
    """Verdicts in the order of the gates; a gate that selects several rows gets one for each.

    Args:
        gates: Assertions with the line each is on.
        rows: All rows of the run.
        baseline: As written by :func:`baseline_of`, or None if there is none.
        level: Two-sided, of the rows' intervals.
    """
    found = [result for gate, line in gates for result in _judge(gate, line, rows, baseline, level)]
    return tuple(_together(found, (1 - level) / 2))


def _together(found: Sequence[GateResult], alpha: float) -> list[GateResult]:
    """The verdicts with failures that are too many to be believed, for being one of so many, taken back."""
    compared = {at: result.p for at, result in enumerate(found) if result.p is not None}
    if not compared:
        return list(found)
    adjusted = dict(zip(compared, holm(list(compared.values())).tolist(), strict=True))
    results = [replace(result, p=adjusted.get(at)) for at, result in enumerate(found)]
    return [
        replace(
            result,
            verdict=Verdict.INCONCLUSIVE,
            reason=f"beyond the limit by itself, but one of {len(compared)} judged together; more data would decide",
        )
        if result.verdict is Verdict.FAIL and result.p is not None and result.p > alpha
        else result
        for result in results
    ]


def _judge(
    gate: Assertion, line: int, rows: Sequence[Row], baseline: Baseline | None, level: float
) -> list[GateResult]:
    chosen = [row for row in rows if _selects(gate, row)]
    if not chosen:
        measures = sorted({row.measure for row in rows if row.property == gate.property})
        hint = (
            f"no row of {gate.property}.{gate.measure} has these conditions"
            if gate.measure in measures
            else f"no measure {gate.measure!r}; {nearest(gate.measure, measures)}"
        )
        return [GateResult(expression=gate.text, verdict=Verdict.ERROR, line=line, reason=hint)]
    return [_verdict(gate, line, row, baseline, level) for row in chosen]


def _selects(gate: Assertion, row: Row) -> bool:
    if (row.property, row.measure) != (gate.property, gate.measure):
        return False
    has = {**{k: str(v) for k, v in row.condition.items()}, "model": row.model}
    if any(has.get(key) != value for key, value in gate.where.items()):
        return False
    # Without a seed in the gate, rows of single seeds are not meant.
    return "seed" in gate.where or "seed" not in row.condition


def _verdict(gate: Assertion, line: int, row: Row, baseline: Baseline | None, level: float) -> GateResult:
    result = GateResult(
        expression=gate.text,
        verdict=Verdict.ERROR,
        model=row.model,
        value=row.value,
        low=row.low,
        high=row.high,
        limit=gate.limit if not gate.relative() else None,
        line=line,
    )
    if row.value is None:
        why = row.note or row.status.value
        if row.status is Status.NOT_APPLICABLE:
            return replace(result, verdict=Verdict.ERROR, reason=f"not applicable: {why}")
        return replace(result, verdict=Verdict.FAIL, reason=f"there is no number to judge: {why}")
    if not gate.relative():
        return _compare(result, gate.operator, gate.limit, row, level)
    before = (baseline or {}).get("rows", {}).get(row_id(row))
    if before is None:
        missing = "there is no baseline" if baseline is None else "the baseline has no such row"
        return replace(
            result, verdict=Verdict.INCONCLUSIVE, reason=f"{missing}: accept one with `harness baseline RUN`"
        )
    if before["signature"] != row.signature:
        return replace(
            result,
            verdict=Verdict.INCONCLUSIVE,
            baseline=before["value"],
            reason=f"the baseline is stale: it was measured as {before['signature']}, now {row.signature}",
        )
    lower_is_better = row.direction == "lower"
    limit = before["value"] + gate.limit if lower_is_better else before["value"] - gate.limit
    result = replace(result, baseline=before["value"], limit=limit)
    if before["value"] == row.value:
        return replace(result, verdict=Verdict.PASS, reason="equal to the baseline")
    return _compare(result, "<=" if lower_is_better else ">=", limit, row, level)


def _compare(result: GateResult, operator: str, limit: float, row: Row, level: float) -> GateResult:
    value = row.value
    assert value is not None
    result = replace(result, p=_chance(operator, limit, row, level))
    low = value if row.low is None else row.low
    high = value if row.high is None else row.high
    holds = low >= limit if operator == ">=" else high <= limit
    broken = high < limit if operator == ">=" else low > limit
    if row.status is Status.UNRELIABLE and holds:
        return replace(result, verdict=Verdict.INCONCLUSIVE, reason=f"unreliable: {row.note}")
    if holds:
        return replace(result, verdict=Verdict.PASS, reason="the whole interval is within the limit")
    if broken:
        return replace(result, verdict=Verdict.FAIL, reason="the whole interval is beyond the limit")
    return replace(result, verdict=Verdict.INCONCLUSIVE, reason=_remedy(value, low, high, limit, row))


def _chance(operator: str, limit: float, row: Row, level: float) -> float:
    """How likely a number so far beyond the limit is if the limit is only just met; one-sided.

    The bound of the interval on the limit's side lies a known number of standard errors away, and the
    limit so many times as far: it is below ``(1 - level) / 2`` exactly where the bound does not reach the
    limit. A number without an interval is taken as certain.
    """
    value = row.value
    assert value is not None
    beyond = limit - value if operator == ">=" else value - limit
    bound = row.high if (operator == ">=") == (beyond > 0) else row.low
    reach = abs((value if bound is None else bound) - value)
    if reach == 0:
        return float(beyond <= 0)
    return float(ndtr(-beyond / reach * ndtri((1 + level) / 2)))


def _remedy(value: float, low: float, high: float, limit: float, row: Row) -> str:
    """What would decide it: an interval shrinks with the root of the number of examples."""
    away = abs(value - limit)
    reach = value - low if value >= limit else high - value
    if away < 1e-9 or row.n == 0:
        return "the estimate lies on the limit"
    times = (reach / away) ** 2
    if times > 1000:
        return "the interval spans the limit, and no realistic number of examples would decide it"
    if row.runs > 1:
        return (
            f"the interval spans the limit; about {times:.1f} times as many examples and runs would decide it"
        )
    return f"the interval spans the limit; about {round(times * row.n):,} examples would decide it (now {row.n:,})"


def row_id(row: Row) -> str:
    """What a row is called in a baseline: all that identifies it."""
    where = ",".join(f"{key}={value}" for key, value in sorted(row.condition.items()))
    return f"{row.model}/{row.property}.{row.measure}" + (f"{{{where}}}" if where else "")


def baseline_of(run: str, suite: str, rows: Iterable[Row]) -> dict[str, Any]:
    """A baseline: small, sorted, reviewable; only rows with an interval, as others decide nothing."""
    cells = {
        row_id(row): {
            "value": round(row.value, 5),
            "low": round(row.low, 5),
            "high": round(row.high, 5),
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
