"""What a person sees in the terminal at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.report import diff, safe, select, words
from harness.rows import PROPERTIES, GateResult, Passage, Results, Scored

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from harness.report.parts import Told

LONGEST = 120
"""Characters of an answer that are shown; texts that a model writes may be much longer."""
_STYLES = {"good": "bold green", "bad": "bold red", "unsure": "bold yellow"}


def summary(results: Results, console: Console, report: str = "") -> None:
    """Print the scorecard, the worst three conditions, what attacks did, the gates and where the report is.

    Args:
        results: What the run concludes.
        console: Where to print; plain when it is not a terminal.
        report: Path of the report, as the user would open it; empty if none was written.
    """
    console.print(_scorecard(results))
    for one in select.worst(results, 3):
        console.print(_worst(one))
    attacked = select.assaults(results)
    if attacked:
        console.print(_attacks(attacked))
    if results.budget is not None:
        console.print(_text(words.saving(results.budget)))
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


def parts(told: Sequence[Told], console: Console) -> None:
    """Print headlines with what they are made of."""
    for one in told:
        head = one.headline
        value = "no number" if head.value is None else _numbered(head.value, head.low, head.high)
        console.print(_text(f"{head.property} of {head.model}: {value}", "bold"))
        console.print(_text(f"  {head.formula}", "dim"))
        if head.note:
            console.print(_text(f"  {head.note}", "dim"))
        for part in one.parts:
            number = "–" if part.value is None else _numbered(part.value, part.low, part.high)
            weight = f"{part.weight:6.1%}" if part.weight else "      "
            name = "  " * part.depth + part.label
            note = f"  {part.note}" if part.note and not part.weight else ""
            console.print(_text(f"  {weight} {name:<40} {number}{note}"), soft_wrap=True)
        if one.again is not None:
            console.print(_text(f"  together {one.again:.3f}"))
        console.print()


def _numbered(value: float, low: float | None, high: float | None) -> str:
    return f"{value:.3f}" + ("" if low is None or high is None else f" [{low:.3f}, {high:.3f}]")


def attacked(found: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print what attacks came to, one line each, and what should be known about them.

    Args:
        found: The fields of :class:`harness.after.attack.Summary`; rates have ``value``, ``low``, ``high``.
        console: Where to print.
    """
    table = _table("Attacks", "", *(safe.line(one["recipe"]).replace("[", "\\[") for one in found))
    for name, told in _ATTACKED.items():
        table.add_row(_text(name), *(_text(told(one)) for one in found))
    console.print(table)
    for one in found:
        for note in one["notes"]:
            console.print(_text(f"{one['recipe']}: {note}", "yellow"))


_ATTACKED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "attacked": lambda one: f"{one['examples'] - one['skipped'] - one['errors']} of {one['examples']}",
    "success": lambda one: _rate(one["success"]),
    "at random, as many queries": lambda one: _rate(one["control"]),
    "accuracy under attack": lambda one: _rate(one["accuracy"]),
    "words changed": lambda one: _rate(one["changed"]),
    "words that had to be": lambda one: _rate(one["minimal"]),
    "queries": lambda one: (
        f"{one['queries']['value']:.0f} (9 of 10: {one['queries_p90']:.0f})" if one["queries"] else "–"
    ),
    "seconds for one": lambda one: "–" if one["seconds"] is None else f"{one['seconds']:.2g}",
}


def _rate(rate: Mapping[str, float] | None) -> str:
    if rate is None:
        return "–"
    return f"{rate['value']:.1%} [{rate['low']:.1%}, {rate['high']:.1%}]"


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


def _attacks(assaults: Sequence[select.Assault]) -> Table:
    table = _table("Attacks", "attack", "model", "success", "words", "queries", "keep in mind")
    for one in assaults:
        success, needed, queries, mind = select.briefly(one)
        cells = (one.attack, one.model, success, needed, queries)
        table.add_row(*(_text(cell) for cell in cells), _text(mind, "yellow"))
    return table


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
