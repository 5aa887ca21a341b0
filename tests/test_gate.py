"""Verdicts: never from a point estimate alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from harness.assertion import parse
from harness.errors import ExitCode
from harness.gate import NOTHING, Known, baseline_of, exit_code, judge, row_id
from harness.measure.statistics import clopper_pearson, needed
from harness.rng import rng
from harness.rows import GateResult, Row, Status, Verdict

ROW = Row(
    property="robustness", measure="score", model="a", value=0.8, low=0.75, high=0.85, n=200, runs=1, signature="s"
)  # fmt: skip


def verdict(gate: str, *rows: Row, baseline=None) -> GateResult:
    known = NOTHING if baseline is None else Known(baseline)
    (found,) = judge([(parse(gate), 7)], rows, known)
    return found


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ("robustness.score >= 0.75", Verdict.PASS),
        ("robustness.score >= 0.76", Verdict.INCONCLUSIVE),
        ("robustness.score >= 0.85", Verdict.INCONCLUSIVE),
        ("robustness.score >= 0.86", Verdict.FAIL),
        ("robustness.score <= 0.85", Verdict.PASS),
        ("robustness.score <= 0.80", Verdict.INCONCLUSIVE),
        ("robustness.score <= 0.74", Verdict.FAIL),
    ],
)
def test_the_whole_interval_decides(gate: str, expected: Verdict) -> None:
    """On the right side it passes, on the wrong side it fails, across the limit it is undecided."""
    found = verdict(gate, ROW)
    assert (found.verdict, found.line, found.value) == (expected, 7, 0.8)


@given(st.floats(0, 1), st.floats(0, 0.5), st.floats(0, 1))
@settings(deadline=None)
def test_opposite_gates_never_both_pass_beyond_the_limit_itself(
    value: float, reach: float, limit: float
) -> None:
    """And when one fails, the other passes."""
    row = replace(ROW, value=value, low=value - reach, high=value + reach)
    above, below = (verdict(f"robustness.score {op} {limit!r}", row).verdict for op in (">=", "<="))
    if above is below is Verdict.PASS:
        assert row.low == row.high == limit
    if above is Verdict.FAIL:
        assert below is Verdict.PASS
    if below is Verdict.FAIL:
        assert above is Verdict.PASS


def test_a_gate_says_how_many_examples_would_decide_it() -> None:
    """Half the distance takes four times as many."""
    assert "about 1,250 examples (now 200) would decide it" in verdict("robustness.score >= 0.78", ROW).reason
    runs = verdict("robustness.score >= 0.78", replace(ROW, runs=3))
    assert "6.2 times as many examples and runs" in runs.reason
    assert "no realistic number" in verdict("robustness.score >= 0.7999", ROW).reason


def test_a_gate_judges_every_row_it_selects() -> None:
    """All models unless it names one; rows of single seeds only if it asks for them."""
    rows = [ROW, replace(ROW, model="b", low=0.1, value=0.2, high=0.3), replace(ROW, condition={"seed": 1})]
    found = judge([(parse("robustness.score >= 0.7"), 1)], rows)
    assert [(one.model, one.verdict) for one in found] == [("a", Verdict.PASS), ("b", Verdict.FAIL)]
    assert verdict("robustness.score{model=b} >= 0.7", *rows).verdict is Verdict.FAIL
    assert verdict("robustness.score{seed=1} >= 0.7", *rows).verdict is Verdict.PASS


def test_a_gate_that_selects_nothing_is_an_error_with_a_hint() -> None:
    """A misspelt measure, or conditions that no row has."""
    found = verdict("robustness.scoer >= 0.7", ROW)
    assert found.verdict is Verdict.ERROR
    assert "did you mean 'score'?" in found.reason
    assert "has these conditions" in verdict("robustness.score{severity=9} >= 0.7", ROW).reason


def test_a_number_that_is_missing_does_not_pass() -> None:
    """Not applicable is an error of the suite; anything else without a number is a failure."""
    row = replace(ROW, value=None, low=None, high=None, note="why")
    assert (
        verdict("robustness.score >= 0", replace(row, status=Status.NOT_APPLICABLE)).verdict is Verdict.ERROR
    )
    found = verdict("robustness.score >= 0", replace(row, status=Status.DEGENERATE))
    assert (found.verdict, found.reason) == (Verdict.FAIL, "there is no number to judge: why")


def test_an_unreliable_number_may_fail_a_gate_but_not_pass_it() -> None:
    """What holds only perhaps is undecided."""
    row = replace(ROW, status=Status.UNRELIABLE)
    assert verdict("robustness.score >= 0.5", row).verdict is Verdict.INCONCLUSIVE
    assert verdict("robustness.score >= 0.9", row).verdict is Verdict.FAIL


WORSE = "robustness.score no worse than baseline by 0.02"


@pytest.mark.parametrize(
    ("before", "direction", "expected"),
    [
        (0.76, "higher", Verdict.PASS),
        (0.80, "higher", Verdict.PASS),  # equal: nothing has changed
        (0.82, "higher", Verdict.INCONCLUSIVE),
        (0.90, "higher", Verdict.FAIL),
        (0.84, "lower", Verdict.PASS),
        (0.70, "lower", Verdict.FAIL),
    ],
)
def test_a_relative_gate_allows_its_margin(before: float, direction, expected: Verdict) -> None:
    """Downward where higher is better, upward where lower is; the baseline is not exact either."""
    row = replace(ROW, direction=direction)
    told = replace(row, value=before, low=before - 0.01, high=before + 0.01)
    baseline = baseline_of("run", "suite", [row if before == row.value else told])
    found = verdict(WORSE, row, baseline=baseline)
    assert (found.verdict, found.baseline) == (expected, before)
    if before != row.value:
        assert "taken as independent" in found.reason


def test_a_baseline_that_says_nothing_of_the_row_decides_nothing() -> None:
    """There is none, it lacks the row, or it was measured in another way."""
    assert "there is no baseline" in verdict(WORSE, ROW).reason
    assert "no such row" in verdict(WORSE, ROW, baseline=baseline_of("r", "s", [])).reason
    stale = verdict(WORSE, ROW, baseline=baseline_of("r", "s", [replace(ROW, signature="t")]))
    assert (stale.verdict, stale.baseline) == (Verdict.INCONCLUSIVE, 0.8)
    assert "measured as t, now s" in stale.reason


def test_how_an_interval_was_made_does_not_make_a_baseline_stale() -> None:
    """With nothing wrong it is exact, with one thing wrong it is resampled: the number means the same."""
    signature = "entity_f1|strict|B=2000|0.95|{}|over:0f|v1"
    row = replace(ROW, signature=signature.format("bca"))
    before = replace(ROW, signature=signature.format("clopper-pearson"))
    assert verdict(WORSE, row, baseline=baseline_of("r", "s", [before])).verdict is Verdict.PASS
    other = replace(row, signature=signature.replace("0f", "1e").format("bca"))
    assert "is stale" in verdict(WORSE, row, baseline=baseline_of("r", "s", [other])).reason


def test_a_baseline_holds_what_can_be_compared() -> None:
    """Sorted, rounded, without rows of single seeds or without a number."""
    rows = [
        replace(ROW, condition={"severity": 1, "operator": "ocr"}, value=0.1234567),
        replace(ROW, condition={"seed": 3}),
        replace(ROW, measure="other", value=None),
        ROW,
    ]
    found = baseline_of("run", "suite", rows)["rows"]
    assert list(found) == ["a/robustness.score", "a/robustness.score{operator=ocr,severity=1}"]
    assert found[row_id(rows[0])]["value"] == 0.12346


@pytest.mark.parametrize(
    ("verdicts", "incomplete", "strict", "expected"),
    [
        ([], False, False, ExitCode.PASSED),
        (["pass", "inconclusive"], False, False, ExitCode.PASSED),
        (["pass", "inconclusive"], False, True, ExitCode.INCONCLUSIVE),
        (["inconclusive"], True, True, ExitCode.INCOMPLETE),
        (["pass"], True, False, ExitCode.INCOMPLETE),
        (["error"], True, False, ExitCode.INCOMPLETE),
        (["error"], False, False, ExitCode.GATE_FAILED),
        (["fail", "inconclusive"], True, True, ExitCode.GATE_FAILED),
    ],
)
def test_the_exit_code_says_the_worst(verdicts, incomplete: bool, strict: bool, expected: ExitCode) -> None:
    """A shown failure outweighs missing parts, which outweigh what could not be decided."""
    gates = [GateResult(expression="", verdict=Verdict(one)) for one in verdicts]
    assert exit_code(gates, incomplete, strict) is expected


# -- many gates at once --------------------------------------------------------------------------


def measured(value: float, error: float, name: str = "a") -> Row:
    """A row with the two-sided 95 % interval of a normal number."""
    return replace(ROW, model=name, value=value, low=value - 1.959964 * error, high=value + 1.959964 * error)


def suite_of(values, error: float, limit: float) -> tuple[GateResult, ...]:
    """As many gates as values, each on a model of its own."""
    rows = [measured(value, error, f"m{at}") for at, value in enumerate(values)]
    gates = [(parse(f"robustness.score{{model=m{at}}} >= {limit}"), at) for at in range(len(rows))]
    return judge(gates, rows)


def test_a_single_gate_fails_exactly_where_its_interval_ends() -> None:
    """One gate is not corrected: its p-value is below a fortieth where the limit is beyond the bound."""
    (beyond,), (across,) = suite_of([0.7], 0.0510, 0.8), suite_of([0.7], 0.0511, 0.8)
    assert (beyond.verdict, across.verdict) == (Verdict.FAIL, Verdict.INCONCLUSIVE)
    assert 0.0249 < beyond.p < 0.025 < across.p < 0.0253


def test_failures_are_adjusted_as_holm_does() -> None:
    """Worked example (methods, section 7.6): .010, .040, .030, .005 become .03, .06, .06, .02."""
    values = [0.8 + 0.05 * norm.ppf(p) for p in (0.010, 0.040, 0.030, 0.005)]
    found = suite_of(values, 0.05, 0.8)
    assert [gate.p for gate in found] == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-6)
    assert [gate.verdict for gate in found] == [Verdict.INCONCLUSIVE] * 3 + [Verdict.FAIL]
    assert "one of 4 judged together" in found[0].reason


def test_gates_that_hold_are_part_of_the_family() -> None:
    """Otherwise a suite could be cut to the gates that failed."""
    alone = suite_of([0.7], 0.05, 0.8)
    beside = suite_of([0.7, *[0.95] * 9], 0.05, 0.8)
    assert (alone[0].verdict, beside[0].verdict) == (Verdict.FAIL, Verdict.INCONCLUSIVE)
    assert [gate.verdict for gate in beside[1:]] == [Verdict.PASS] * 9


def test_a_number_without_an_interval_is_certain() -> None:
    """It fails whatever stands beside it."""
    sure = replace(ROW, model="sure", value=0.5, low=None, high=None)
    gates = [(parse("robustness.score >= 0.8"), 1)]
    found = judge(gates, [sure, *(measured(0.9, 0.01, f"m{at}") for at in range(50))])
    assert (found[0].verdict, found[0].p) == (Verdict.FAIL, 0.0)


@pytest.mark.parametrize("size", [1, 5, 40])
def test_false_alarms_are_as_rare_as_they_are_said_to_be(size: int) -> None:
    """Of 2,000 suites whose gates are all just met, a fortieth fails, however many gates there are."""
    draws = rng("false alarms", size).standard_normal((2000, size)) * 0.05 + 0.8
    alarms = [any(g.verdict is Verdict.FAIL for g in suite_of(values, 0.05, 0.8)) for values in draws]
    assert sum(alarms) <= 70  # 50 expected, and 69 in one of a thousand
    if size > 1:
        single = (draws + 1.959964 * 0.05 < 0.8).any(axis=1)
        assert single.sum() > 2 * sum(alarms)


def test_false_alarms_of_rates_with_exact_intervals_are_no_more() -> None:
    """Twenty rates of 200 examples with Clopper-Pearson intervals, all at their limit."""
    hits = rng("false alarms", "rates").binomial(200, 0.9, (500, 20))
    alarms = 0
    for drawn in hits.tolist():
        rows = []
        for at, k in enumerate(drawn):
            found = clopper_pearson(k, 200)
            rows.append(replace(ROW, model=f"m{at}", value=found.value, low=found.low, high=found.high))
        gates = [(parse(f"robustness.score{{model=m{at}}} >= 0.9"), at) for at in range(20)]
        alarms += any(g.verdict is Verdict.FAIL for g in judge(gates, rows))
    assert alarms <= 23  # 12.5 expected at most


def test_a_regression_is_found_as_often_as_the_plan_says() -> None:
    """Examples chosen by ``needed`` for a power of .8 at a difference find it in about .8 of the suites."""
    drop, margin, sd = 0.05, 0.0, 0.4
    n = needed(sd, drop, alpha=0.025, power=0.8, difference=margin)
    error = sd / n**0.5
    draws = rng("power").standard_normal(2000) * error + 0.8 - drop
    found = sum(suite_of([value], error, 0.8)[0].verdict is Verdict.FAIL for value in draws)
    assert 1540 <= found <= 1660
