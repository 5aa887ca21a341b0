"""How results are put into words and figures, the same in every report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from harness.errors import ExitCode
from harness.rows import Budget, Results, Status, Verdict


class Outcome(NamedTuple):
    """What an exit code means: ``tone`` is ``good``, ``bad`` or ``unsure``."""

    tone: str
    headline: str
    meaning: str


_OUTCOMES: Mapping[int, Outcome] = {
    ExitCode.PASSED: Outcome("good", "Passed", "No gate failed, and every unit of work finished."),
    ExitCode.GATE_FAILED: Outcome("bad", "Failed", "At least one gate failed: this model should not ship."),
    ExitCode.WRONG_INPUT: Outcome("bad", "Wrong input", "The suite, the data or the command is wrong."),
    ExitCode.INCOMPLETE: Outcome("bad", "Incomplete", "Some work failed, so that gates could not be judged."),
    ExitCode.INCONCLUSIVE: Outcome(
        "unsure", "Inconclusive", "No gate failed, but there is too little data to say that all hold."
    ),
}

TONES: Mapping[Verdict, str] = {
    Verdict.PASS: "good",
    Verdict.FAIL: "bad",
    Verdict.ERROR: "bad",
    Verdict.INCONCLUSIVE: "unsure",
}
"""The tone of a verdict, as in :class:`Outcome`."""

_SYMBOLS: Mapping[str, str] = {"good": "✓", "bad": "✗", "unsure": "?"}


def level(results: Results, looked_at: bool = False) -> str:
    """The level of the intervals, in percent; those of rows that an adaptive budget looked at are wider."""
    whole = float(results.suite.resolved.get("statistics", {}).get("level", 0.95))
    found = results.budget.level if looked_at and results.budget is not None else whole
    return f"{100 * found:.3g} %"


def saving(budget: Budget) -> str:
    """What an adaptive budget spent, in a sentence."""
    early = sum(one.examples < one.of for one in budget.spent)
    return (
        f"The adaptive budget asked {budget.asked:,} of {budget.whole:,} perturbed texts "
        f"({budget.asked / max(1, budget.whole):.0%}): {early} of {len(budget.spent)} conditions were stopped early. "
        f"Intervals of continuity and robustness are made at {100 * budget.level:.3g} % each, so that they hold at "
        f"all {budget.looks} looks together."
    )


def outcome(exit_code: int) -> Outcome:
    """What the exit code tells a person."""
    unknown = Outcome("bad", f"Exit code {exit_code}", "This exit code has no meaning known here.")
    return _OUTCOMES.get(exit_code, unknown)


def symbol(tone: str) -> str:
    """A sign that says the tone without colour."""
    return _SYMBOLS[tone]


def number(value: float | None, places: int = 3) -> str:
    """A figure for reading: thousands are separated, and what is missing is a dash."""
    if value is None:
        return "–"
    text = f"{value:,.{places}f}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.replace("-", "\N{MINUS SIGN}")


def interval(low: float | None, high: float | None) -> str:
    """``[low, high]``, with infinity for an open end, or nothing if there is no interval."""
    if low is None and high is None:
        return ""
    return f"[{'−∞' if low is None else number(low)}, {'∞' if high is None else number(high)}]"


def status(given: Status | str) -> str:
    """The status in words; nothing if all is well."""
    return "" if given == Status.OK else str(given).replace("_", " ")


def condition(given: Mapping[str, str | int | float]) -> str:
    """A condition in words, such as ``keyboard, severity 3``."""
    named = ("operator", "attack", "shift")
    hidden = {"family"} if "operator" in given else set()
    if given.get("severity") == 0:
        hidden.add("severity")
    parts = [str(given[key]) for key in named if key in given]
    parts += [
        f"{key.replace('_', ' ')} {value}" for key, value in given.items() if key not in {*named, *hidden}
    ]
    return ", ".join(parts)


def percent(value: float | None) -> str:
    """A share for reading: ``12 %``, with a decimal below 10 %."""
    if value is None:
        return "–"
    return f"{number(100 * value, 0 if value == 0 or abs(value) >= 0.0995 else 1)} %"


def duration(seconds: float) -> str:
    """Seconds for reading: ``0.42 s``, ``38 s``, ``12 min 5 s``, ``3 h 7 min``."""
    if seconds < 9.95:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(whole / 60)
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """A number of bytes for reading, in powers of 1024."""
    amount, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
