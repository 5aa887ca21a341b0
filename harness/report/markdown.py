"""summary.md: the verdict on one screen, for the job summary of a CI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.report import diff, select, words
from harness.report.reporter import reporter
from harness.report.safe import markdown as text
from harness.rows import PROPERTIES, LabelReport, Results, Scored

LIMIT = 60 * 1024
"""Most bytes of a summary; job summaries are refused as a whole when they are too long."""

LABELS = 12
"""Most labels of a model; averages come on top."""

ATTACKS = 12
"""Most attacks on a model each."""

_CUT = "\n\n*This summary was cut; report.html and results.json hold everything.*\n"


@reporter("markdown")
def job_summary(results: Results) -> Mapping[str, bytes]:
    """The verdict, gates, scorecard and worst conditions on one screen, for a CI."""
    return {"summary.md": _cap("\n".join(_lines(results)) + "\n")}


def _lines(results: Results) -> Iterator[str]:
    outcome = words.outcome(results.exit_code)
    yield f"## {words.symbol(outcome.tone)} {outcome.headline}: {text(results.suite.name)}"
    yield f"\n{outcome.meaning} Exit code {results.exit_code}."
    for warning in results.run.warnings:
        yield f"\n**Warning:** {text(warning)}"
    if results.budget is not None:
        yield f"\n{words.saving(results.budget)}"
    if results.gates:
        yield "\n### Gates\n"
        yield from _table(("Verdict", "Gate", "Model", "Value", "Limit", "Why"), _gates(results))
    if results.scorecard:
        names = select.models(results)
        yield "\n### Scorecard\n"
        yield from _table(("Property", *(text(name) for name in names)), _scorecard(results, names))
    for report in results.labels:
        if report.level != "token":
            yield f"\n### {_TITLES[report.level]}: {text(report.model)}\n"
            yield from _table(("", "Precision", "Recall", "F1", "Support"), _labels(report))
    worst = [_worst(one) for one in select.worst(results, 3)]
    if worst:
        yield "\n### What costs most\n"
        yield from worst
    assaults = select.assaults(results)
    if assaults:
        yield "\n### Attacks\n"
        yield from _table(
            ("Attack", "Model", "Success", "Words", "Queries", "Keep in mind"), _attacks(assaults[:ATTACKS])
        )


def _attacks(assaults: Sequence[select.Assault]) -> Iterator[tuple[str, ...]]:
    for one in assaults:
        *figures, mind = select.briefly(one)
        yield (text(one.attack), text(one.model), *figures, text(mind))


_TITLES = {"label": "Labels", "entity": "Entities"}


def _labels(report: LabelReport) -> Iterator[tuple[str, ...]]:
    for line in select.frequent(report, LABELS):
        name = f"*{text(line.name)}*" if line.average else text(line.name)
        f1 = f"{words.number(line.f1)} {words.interval(line.low, line.high)}".rstrip()
        yield name, words.number(line.precision), words.number(line.recall), f1, f"{line.support:,}"


def _gates(results: Results) -> Iterator[tuple[str, ...]]:
    for gate in select.gates(results):
        yield (
            f"{words.symbol(words.TONES[gate.verdict])} {gate.verdict}",
            _code(gate.expression),
            text(gate.model),
            f"{words.number(gate.value)} {words.interval(gate.low, gate.high)}".rstrip(),
            words.number(gate.limit),
            text(gate.reason),
        )


def _scorecard(results: Results, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    cells = {(one.property, one.model): _cell(one) for one in results.scorecard}
    for name in PROPERTIES:
        if any(key[0] == name for key in cells):
            yield (name.capitalize(), *(cells.get((name, model), "not measured") for model in names))


def _cell(one: Scored) -> str:
    doubt = words.status(one.status)
    if one.value is None:
        return f"{doubt or 'no value'}: {text(one.note)}" if one.note else doubt or "no value"
    figure = f"{words.number(one.value)} {words.interval(one.low, one.high)}".rstrip()
    return f"{figure} ({doubt})" if doubt else figure


def _worst(one: select.Worst) -> str:
    value = f"{words.number(one.row.value)} {words.interval(one.row.low, one.row.high)}".rstrip()
    head = f"- **{text(one.row.model)}**, {text(words.condition(one.row.condition))}: {value}"
    if one.example is None:
        return head
    shown = one.example
    change = diff.plain(diff.excerpt(diff.pieces(shown.gold.text, shown.edits)))
    return f"{head}  \n  {_code(change[:600])}"


def _code(content: str) -> str:
    return f"<code>{text(content)}</code>"


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for cells in body:
        yield f"| {' | '.join(cells)} |"


def _cap(document: str) -> bytes:
    """The document, cut after a whole line if it is too long."""
    content = document.encode()
    if len(content) <= LIMIT:
        return content
    kept = content[: LIMIT - len(_CUT.encode())]
    return kept[: kept.rfind(b"\n")] + _CUT.encode()
