"""What a person sees in the terminal at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report import diff, safe, select, words
from harness.rows import PROPERTIES, GateResult, Passage, Results, Scored

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

LONGEST = 120
"""Characters of an answer that are shown; texts that a model writes may be much longer."""
_STYLES = {"good": "bold green", "bad": "bold red", "unsure": "bold yellow"}


def summary(results: Results, console: Console, report: str = "") -> None:
    """Print the scorecard, the worst three conditions, the gates and where the report is.

    Args:
        results: What the run concludes.
        console: Where to print; plain when it is not a terminal.
        report: Path of the report, as the user would open it; empty if none was written.
    """
    console.print(_scorecard(results))
    for one in select.worst(results, 3):
        console.print(_worst(one))
    for failure in results.failures[:5]:
        console.print(_text(f"failed: {failure.unit}: {failure.error}", "red"))
    for warning in results.run.warnings:
        console.print(_text(f"warning: {warning}", "yellow"))
    gates(results, console)
    if report:
        console.print(_text(f"Report: {report}"), soft_wrap=True)


def labels(results: Results, console: Console) -> None:
    """Print the classification report of each model."""
    for report in results.labels:
        title = f"{safe.line(report.model)} by {report.level}".replace("[", "\\[")
        table = _table(title, report.level, "precision", "recall", "f1", "support")
        for line in report.lines:
            numbers = (words.number(one) for one in (line.precision, line.recall, line.f1))
            cells = (line.name, *numbers, f"{line.support:,}")
            table.add_row(*(_text(cell, "bold" if line.average else "") for cell in cells))
        console.print(table)


def gates(results: Results, console: Console) -> None:
    """Print the gates with their verdicts, and what they come to together."""
    if results.gates:
        console.print(_gates(select.gates(results)))
    outcome = words.outcome(results.exit_code)
    head = _text(f"{words.symbol(outcome.tone)} {outcome.headline}. ", _STYLES[outcome.tone])
    console.print(head.append(outcome.meaning, style="not bold default"))


def _text(content: str, style: str = "") -> Text:
    """Data text for the terminal: inert, and never parsed for markup."""
    from rich.text import Text

    return Text(safe.line(content), style=style)


def _table(title: str, *columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _scorecard(results: Results) -> Table:
    names = select.models(results)
    table = _table(f"Scorecard: {safe.line(results.suite.name)}".replace("[", "\\["), "property")
    for name in names:
        table.add_column(_text(name), overflow="fold")
    cells = {(one.property, one.model): _cell(one) for one in results.scorecard}
    for name in PROPERTIES:
        if any(key[0] == name for key in cells):
            table.add_row(name, *(cells.get((name, model), _text("not measured", "dim")) for model in names))
    return table


def _cell(one: Scored) -> Text:
    doubt = words.status(one.status)
    if one.value is None:
        return _text(": ".join(part for part in (doubt or "no value", one.note) if part), "yellow")
    figure = _text(words.number(one.value), "bold")
    figure.append(f" {words.interval(one.low, one.high)}", style="not bold dim")
    return figure.append(f" {doubt}", style="yellow") if doubt else figure


def _worst(one: select.Worst) -> Text:
    row = one.row
    line = _text(f"{row.model}, {words.condition(row.condition)}: ", "bold")
    value = f"{words.number(row.value)} {words.interval(row.low, row.high)}".rstrip()
    line.append(f"{row.measure.replace('_', ' ')} {value}", style="not bold")
    if one.example is None:
        return line
    shown = one.example
    line.append("\n  ").append_text(diff.inline(shown.gold.text, shown.edits, context=30))
    said = f"{_answer(shown.before)} → {_answer(shown.after)}"
    return line.append("\n  ").append_text(_text(said, "dim"))


def _answer(said: Passage) -> str:
    found = ", ".join(f"{label} {said.text[start:end][:40]!r}" for start, end, label, _ in said.marks)
    answer = said.label or found or "nothing found"
    return answer if len(answer) <= LONGEST else f"{answer[: LONGEST - 1]}…"


def _gates(gates: list[GateResult]) -> Table:
    table = _table("Gates", "verdict", "gate", "model", "value", "why")
    for gate in gates:
        tone = words.TONES[gate.verdict]
        value = f"{words.number(gate.value)} {words.interval(gate.low, gate.high)}".rstrip()
        table.add_row(
            _text(f"{words.symbol(tone)} {gate.verdict}", _STYLES[tone]),
            *(_text(part) for part in (gate.expression, gate.model, value, gate.reason)),
        )
    return table
