"""Which of the results a report shows, and in what order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from harness.measure.attacked import Flag, flags
from harness.report import words
from harness.rows import GateResult, LabelLine, LabelReport, Results, Row, Shown, Verdict

LOSS_STEPS: tuple[float, ...] = (0.01, 0.02, 0.05, 0.10, 0.20, 0.40)
"""Bounds between the classes that colour a loss, in points of the score or of the distance."""

_URGENCY = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.PASS)


def gates(results: Results) -> list[GateResult]:
    """All gates, those that need attention first, otherwise as in the suite."""
    return sorted(results.gates, key=lambda gate: _URGENCY.index(gate.verdict))


def tally(results: Results) -> dict[Verdict, int]:
    """How many gates there are of each verdict, without the verdicts of none."""
    counts = Counter(gate.verdict for gate in results.gates)
    return {verdict: counts[verdict] for verdict in _URGENCY if counts[verdict]}


def grid(rows: Iterable[Row], property: str, measure: str) -> list[Row]:
    """The rows of a measure that belong to one operator at one severity, over all seeds."""
    return [
        row
        for row in rows
        if (row.property, row.measure) == (property, measure)
        and {"operator", "severity"} <= row.condition.keys()
        and "seed" not in row.condition
    ]


def clean_score(results: Results, model: str) -> Row | None:
    """The model's score on the unedited test data, over all seeds."""
    for row in results.rows:
        named = row.property == "score" and row.measure in ("score", results.suite.metric)
        tested = row.condition.get("split", "test") == "test" and not row.condition.keys() - {"split"}
        if named and tested and row.model == model:
            return row
    return None


def loss(results: Results, row: Row) -> float | None:
    """How much worse the row is than an unimpressed model: 0 is no loss, more is worse.

    The clean score less the score for ``retained_score``, one less the value for other measures
    of which more is better, and the value itself for those of which less is better.
    """
    if row.value is None:
        return None
    if row.direction == "lower":
        return row.value
    clean = clean_score(results, row.model) if row.measure == "retained_score" else None
    return (1.0 if clean is None or clean.value is None else clean.value) - row.value


class Worst(NamedTuple):
    """A condition that costs much, what it costs, and the example that shows it best."""

    row: Row
    loss: float
    example: Shown | None


def worst(results: Results, count: int) -> list[Worst]:
    """The conditions that cost most, at most one per operator and model."""
    rows = grid(results.rows, "robustness", "retained_score") or grid(results.rows, "continuity", "distance")
    costly = sorted(
        ((cost, row) for row in rows if (cost := loss(results, row)) is not None),
        key=lambda pair: -pair[0],
    )
    found: dict[tuple[str, object], Worst] = {}
    for cost, row in costly:
        key = (row.model, row.condition["operator"])
        if key not in found:
            found[key] = Worst(row, cost, example_of(results, row))
    return list(found.values())[:count]


def example_of(results: Results, row: Row) -> Shown | None:
    """The example of that model and condition whose prediction moved most, if one is shown."""
    matching = [
        shown
        for shown in results.examples
        if shown.model == row.model
        and all(shown.condition.get(key) == row.condition[key] for key in ("operator", "severity"))
    ]
    return max(matching, key=lambda shown: shown.distance, default=None)


def telling(examples: Sequence[Shown], count: int) -> list[Shown]:
    """The examples whose predictions moved most, at most ``count``."""
    return sorted(examples, key=lambda shown: -shown.distance)[:count]


class Assault(NamedTuple):
    """What an attack did to a model: its rows by measure, and what is to be kept in mind of them.

    ``seconds`` is the median of what an attacked example took, over runs; None if nothing was attacked.
    """

    attack: str
    model: str
    figures: Mapping[str, Row]
    flags: tuple[Flag, ...]
    seconds: float | None


def assaults(results: Results) -> list[Assault]:
    """Attacks on models, those of an attack one after the other."""
    rows = [row for row in results.rows if "attack" in row.condition and "from" not in row.condition]
    attacks = dict.fromkeys(str(row.condition["attack"]) for row in rows)
    found = []
    for attack in attacks:
        own = [row for row in rows if row.condition["attack"] == attack]
        for model in dict.fromkeys(row.model for row in own):
            told = [row for row in own if row.model == model]
            spent = [one.seconds for one in results.attacks if (one.attack, one.model) == (attack, model)]
            figures = {row.measure: row for row in told if row.condition.keys() == {"attack"}}
            seconds = sum(spent) / len(spent) if spent else None
            found.append(Assault(attack, model, figures, flags(told), seconds))
    return found


def briefly(one: Assault) -> tuple[str, str, str, str]:
    """An attack in few words: success rate, words that have to be changed, queries, what is to be kept in mind."""

    def figure(measure: str, places: int) -> str:
        row = one.figures.get(measure)
        return "–" if row is None else words.number(row.value, places)

    success = one.figures.get("attack_success_rate")
    if success is None or success.value is None:
        rate, mind = "–", success.note if success else ""
    else:
        rate = f"{words.number(success.value)} {words.interval(success.low, success.high)}".rstrip()
        mind = ", ".join(flag.tag for flag in one.flags)
    return rate, figure("attack_minimal_words", 1), figure("attack_queries", 0), mind


def frequent(report: LabelReport, count: int) -> list[LabelLine]:
    """The averages of a classification report, after its labels: at most ``count``, the most frequent."""
    own = [line for line in report.lines if not line.average]
    least = sorted((line.support for line in own), reverse=True)[:count][-1] if own else 0
    kept = [line for line in own if line.support >= least][:count]
    return [*kept, *(line for line in report.lines if line.average)]


def models(results: Results) -> list[str]:
    """The models by name, in the order of the suite."""
    return list(dict.fromkeys([s.model for s in results.scorecard] + [t.model for t in results.models]))
