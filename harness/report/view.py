"""What the page shows, as plain records: all choices are made here and none in the templates."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from harness.errors import ExitCode
from harness.measure.attacked import Flag
from harness.report import diff, parted, probes, safe, select, words
from harness.rows import (
    PROPERTIES,
    Answered,
    Explained,
    Passage,
    Results,
    Row,
    Scored,
    Shown,
    Unstable,
)

EXAMPLES = 200
"""Most examples on the page."""

EXAMPLE_BYTES = 1_000_000
"""About how many bytes the texts of all examples may come to on the page."""

PASSAGE_CHARACTERS = 2_000
"""Most characters of one text on the page."""

LONG, CONTEXT = 500, 120
"""Of texts with more characters only what is so near to a change or a mark is on the page."""

ROWS = 1_500
"""Most rows in the table of all numbers."""


@dataclass(frozen=True)
class Group:
    """A property on the scorecard: its formula and one line per model."""

    property: str
    formula: str
    lines: tuple[Scored, ...]


@dataclass(frozen=True)
class HeatCell:
    """A number and the class of its colour, 0 (no loss) to 6; None if it is not there."""

    row: Row | None
    step: int | None


@dataclass(frozen=True)
class HeatMap:
    """One measure for all operators (rows) and for all models and severities (columns)."""

    title: str
    meaning: str
    columns: tuple[tuple[str, tuple[int, ...]], ...]
    lines: tuple[tuple[str, str, tuple[HeatCell, ...]], ...]


@dataclass(frozen=True)
class Told:
    """A passage cut to a length: its segments, and how many characters are missing.

    ``answer`` is its label, cut likewise; of a text that was written after edits, as a diff to the one
    before.
    """

    passage: Passage
    segments: tuple[diff.Segment, ...]
    missing: int
    answer: tuple[diff.Piece, ...] = ()


@dataclass(frozen=True)
class Example:
    """An example with its diff and what was said about it."""

    shown: Shown
    pieces: tuple[diff.Piece, ...]
    missing: int
    gold: Told
    before: Told
    after: Told


@dataclass(frozen=True)
class Explanation:
    """Attributions of one prediction, with the words that count most."""

    explained: Explained
    clean: Told
    edited: Told | None
    strongest: tuple[tuple[str, float], ...]


def budgets(results: Results) -> list[tuple[str, list[Row]]]:
    """What each search would have found with fewer trials, by model."""
    found = [row for row in results.rows if row.measure == "expected_validation"]
    models = dict.fromkeys(row.model for row in found)
    return [(model, [row for row in found if row.model == model]) for model in models]


def groups(results: Results) -> list[Group]:
    """The scorecard by property, the five first, models in the order of the suite."""
    names = list(dict.fromkeys([*PROPERTIES, *(one.property for one in results.scorecard)]))
    found = ((name, tuple(one for one in results.scorecard if one.property == name)) for name in names)
    return [Group(name, lines[0].formula, lines) for name, lines in found if lines]


_HEAT: tuple[tuple[str, str, str, str], ...] = (
    (
        "robustness",
        "retained_score",
        "Score that is left",
        "Coloured by what is lost against the clean score.",
    ),
    (
        "continuity",
        "distance",
        "How far predictions move",
        "Mean distance between clean and edited predictions.",
    ),
    ("continuity", "flip_rate", "Predictions that flip", "Share of predictions that are no longer the same."),
)


def heat_maps(results: Results) -> list[HeatMap]:
    """The measures that exist per operator and severity, each as a table of all models."""
    maps = []
    for property, measure, title, meaning in _HEAT:
        rows = select.grid(results.rows, property, measure)
        if rows:
            maps.append(_heat_map(results, rows, title, meaning))
    return maps


def _heat_map(results: Results, rows: Sequence[Row], title: str, meaning: str) -> HeatMap:
    at = {(row.model, str(row.condition["operator"]), _severity(row)): row for row in rows}
    columns = tuple(
        (model, tuple(sorted({severity for name, _, severity in at if name == model})))
        for model in dict.fromkeys(row.model for row in rows)
    )
    operators = dict.fromkeys(
        (str(row.condition["operator"]), str(row.condition.get("family", ""))) for row in rows
    )
    lines = tuple(
        (
            operator,
            family,
            tuple(
                shaded(at.get((model, operator, severity)), select.LOSS_STEPS, partial(select.loss, results))
                for model, severities in columns
                for severity in severities
            ),
        )
        for operator, family in operators
    )
    return HeatMap(title, meaning, columns, lines)


def _severity(row: Row) -> int:
    return int(row.condition["severity"])


class Treatment(NamedTuple):
    """What an operator did to the texts of a suite.

    ``figures`` are rows by measure, at the highest severity where there are several; ``flags`` say what
    is to be kept in mind.
    """

    operator: str
    family: str
    figures: Mapping[str, Row]
    flags: tuple[str, ...]


TREATMENT = ("noop_rate", "invalid_rate", "similarity", "fragmentation", "broken_rate", "label_preservation")


def treatments(results: Results) -> list[Treatment]:
    """How many texts each operator changed, how many lost their gold, and what became of their meaning."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in results.rows:
        if row.property == "robustness" and row.measure in TREATMENT and row.model == results.rows[0].model:
            key = str(row.condition["operator"]), str(row.condition.get("family", ""))
            before = found.setdefault(key, {}).get(row.measure)
            if before is None or int(row.condition.get("severity", 0)) >= int(
                before.condition.get("severity", 0)
            ):
                found[key][row.measure] = row
    return [Treatment(*key, figures, tuple(_flags(figures))) for key, figures in found.items()]


def told(treatments: Iterable[Treatment], measure: str) -> bool:
    """Whether there is this figure of any operator."""
    return any(measure in one.figures for one in treatments)


def share(one: Treatment, measure: str) -> float:
    """A share of an operator's texts; 0 if it was not told."""
    return (one.figures[measure].value or 0.0) if measure in one.figures else 0.0


def _flags(figures: Mapping[str, Row]) -> Iterator[str]:
    def of(measure: str, end: str = "value") -> float | None:
        return getattr(figures[measure], end) if measure in figures else None

    if (of("noop_rate") or 0.0) > 0.75:
        yield "changed few texts"
    if (of("invalid_rate") or 0.0) > 0.2:
        yield "lost the gold of many"
    if (of("broken_rate") or 0.0) > 0.2:
        yield "many mean something else"
    if (low := of("label_preservation", "low")) is not None and low < 0.9:
        yield "readers doubt its labels"


def tests(results: Results) -> list[Row]:
    """The failure rate of each test of behaviour and model."""
    return [row for row in results.rows if "test" in row.condition]


def curves(results: Results) -> tuple[str, list[Row]]:
    """The name of the measure that the severity curves show, and its rows."""
    for property, measure, title, _ in _HEAT[:2]:
        rows = [row for row in select.grid(results.rows, property, measure) if _severity(row) > 0]
        if rows:
            return title, rows
    return "", []


def start(results: Results, rows: Iterable[Row]) -> dict[str, float]:
    """Where the curves start, by model: the clean score, or 0 where less is better."""
    begin: dict[str, float] = {}
    for row in rows:
        clean = select.clean_score(results, row.model)
        if row.direction == "lower":
            begin[row.model] = 0.0
        elif clean is not None and clean.value is not None:
            begin[row.model] = clean.value
    return begin


def shifts(results: Results) -> list[Row]:
    """What was measured on shifted data, per shift."""
    return [
        row
        for row in results.rows
        if row.property == "generalization"
        and not row.measure.startswith(("partition_", "expected_", "label_shift", "shift_rest"))
        and "slice" not in row.condition
        and ("shift" in row.condition or row.condition.get("split", "test") not in ("train", "test"))
    ]


class Attack(NamedTuple):
    """An attack with what it did to each model."""

    name: str
    lines: tuple[select.Assault, ...]


class Warned(NamedTuple):
    """What is to be kept in mind, and of which attacks on which models."""

    flag: Flag
    of: tuple[tuple[str, tuple[str, ...]], ...]


def warned(attacks: Iterable[Attack]) -> list[Warned]:
    """Everything that is to be kept in mind, each once; the same tag one below the other."""
    found: dict[Flag, dict[str, list[str]]] = {}
    for attack in attacks:
        for one in attack.lines:
            for flag in one.flags:
                found.setdefault(flag, {}).setdefault(attack.name, []).append(one.model)
    tags = list(dict.fromkeys(flag.tag for flag in found))
    return [
        Warned(flag, tuple((name, tuple(models)) for name, models in found[flag].items()))
        for flag in sorted(found, key=lambda flag: tags.index(flag.tag))
    ]


def attacks(results: Results) -> list[Attack]:
    """What each attack did to each model."""
    found = select.assaults(results)
    names = dict.fromkeys(one.attack for one in found)
    return [Attack(name, tuple(one for one in found if one.attack == name)) for name in names]


def unattacked(results: Results) -> list[Row]:
    """Why models were not attacked at all."""
    return [
        row for row in results.rows if row.measure == "attack_success_rate" and "attack" not in row.condition
    ]


def figured(attacks: Iterable[Attack], measure: str) -> list[Attack]:
    """The attacks of which there is this figure, on any model."""
    return [attack for attack in attacks if any(measure in one.figures for one in attack.lines)]


ENTITIES: Mapping[str, str] = {
    "attack_entity_rate": "Harmed",
    "attack_entities_missed": "Missed",
    "attack_entities_mistyped": "Mistyped",
    "attack_entities_split": "Other bounds",
    "attack_entities_invented": "Invented per 100 words",
}
"""What became of entities, and how it is called."""


class Point(NamedTuple):
    """The share of attacked examples that fell within a budget of queries."""

    attack: str
    model: str
    budget: int
    value: float
    low: float
    high: float


def spent(results: Results) -> list[Point]:
    """Success against budget, for each attack that succeeded: from no query to the largest budget at which
    something changed for any model."""
    points = []
    for attack in attacks(results):
        rows = [row for row in within(results) if row.condition["attack"] == attack.name]
        most = max((int(row.condition["budget"]) for row in rows), default=0)
        for line in attack.lines if rows else ():
            last = Point(attack.name, line.model, 1, 0.0, 0.0, 0.0)
            points.append(last)
            for row in rows:
                if row.model == line.model and row.value is not None:
                    low, high = (row.value if end is None else end for end in (row.low, row.high))
                    last = Point(attack.name, line.model, int(row.condition["budget"]), row.value, low, high)
                    points.append(last)
            if last.budget < most:
                points.append(last._replace(budget=most))
    return points


def within(results: Results) -> list[Row]:
    """How many attacked examples fell within budgets."""
    return [row for row in results.rows if row.measure == "attack_success_within"]


TRANSFER_STEPS: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
"""Bounds between the classes that colour how much carries over."""

Seeded = tuple[str, str | int | float | None]


class Matrix(NamedTuple):
    """What carries over from attacked runs (lines) to others (columns), for one attack."""

    attack: str
    columns: tuple[Seeded, ...]
    lines: tuple[tuple[Seeded, tuple[HeatCell | None, ...]], ...]


def transfers(results: Results) -> list[Matrix]:
    """A matrix per attack; None on its diagonal, where a text was made."""
    rows = [row for row in results.rows if row.measure == "transfer_rate"]
    return [
        _matrix(select.models(results), attack, [row for row in rows if row.condition["attack"] == attack])
        for attack in dict.fromkeys(str(row.condition["attack"]) for row in rows)
    ]


def _matrix(models: Sequence[str], attack: str, rows: Sequence[Row]) -> Matrix:
    at: dict[tuple[Seeded, Seeded], Row] = {}
    for row in rows:
        source: Seeded = str(row.condition["from"]), row.condition.get("from_seed")
        at[source, (row.model, row.condition.get("seed"))] = row

    def ordered(runs: Iterable[Seeded]) -> list[Seeded]:
        known = {name: place for place, name in enumerate(models)}
        return sorted(dict.fromkeys(runs), key=lambda run: (known.get(run[0], len(known)), _seed(run)))

    columns = tuple(ordered(victim for _, victim in at))
    lines = tuple(
        (
            source,
            tuple(
                None if source == victim else shaded(at.get((source, victim)), TRANSFER_STEPS, itself)
                for victim in columns
            ),
        )
        for source in ordered(source for source, _ in at)
    )
    return Matrix(attack, columns, lines)


def _seed(run: Seeded) -> float:
    return run[1] if isinstance(run[1], int | float) else -1


def shaded(row: Row | None, steps: Sequence[float], cost: Callable[[Row], float | None]) -> HeatCell:
    """A number with the class of its colour: how many of the bounds its cost reaches."""
    found = None if row is None else cost(row)
    return HeatCell(row, None if found is None else sum(found >= bound for bound in steps))


def itself(row: Row) -> float | None:
    """The cost of what is better the lower it is."""
    return row.value


def examples(results: Results) -> list[Example]:
    """The most telling examples but those of probes and parts, as many as keep the page small."""
    elsewhere = (probes.KIND, parted.KIND)
    return _small(select.telling([one for one in results.examples if one.kind not in elsewhere], EXAMPLES))


def jumps(results: Results, probe: str) -> list[Example]:
    """The largest jumps that a probe saw."""
    return _small(probes.jumps(results, probe))


def parts(results: Results) -> list[Example]:
    """Examples of which a part is enough."""
    return _small(parted.examples(results))


def _small(chosen: Iterable[Shown]) -> list[Example]:
    kept, used = [], 0
    for shown in chosen:
        example = _example(shown)
        texts = [piece.text for piece in example.pieces]
        for told in (example.gold, example.before, example.after):
            texts += [segment.text for segment in told.segments]
            texts += [piece.text for piece in told.answer]
        used += sum(map(_bytes, texts))
        if used > EXAMPLE_BYTES:
            break
        kept.append(example)
    return kept


def _bytes(text: str) -> int:
    """About what a text comes to on the page, where a character that cannot be seen becomes an element."""
    return sum(len(glyph.text) if glyph.text else 80 for glyph in safe.glyphs(text))


def _example(shown: Shown) -> Example:
    pieces, missing = _clip(diff.pieces(shown.gold.text, shown.edits))
    after = _told(shown.after)
    if shown.before.written and shown.after.written:
        # Texts that are cut before they are compared cost no more than the page has room for.
        was, now = shown.before.label[:PASSAGE_CHARACTERS], shown.after.label[:PASSAGE_CHARACTERS]
        after = replace(after, answer=tuple(diff.rewritten(was, now)))
    return Example(shown, pieces, missing, _told(shown.gold), _told(shown.before), after)


def _clip(pieces: Sequence[diff.Piece]) -> tuple[tuple[diff.Piece, ...], int]:
    """The pieces, of long texts only what is near a change, and how many characters do not fit."""
    if sum(len(piece.text) for piece in pieces) > LONG and len(pieces) > 1:
        pieces = diff.excerpt(pieces, CONTEXT, PASSAGE_CHARACTERS)
    room, kept = PASSAGE_CHARACTERS, []
    for piece in pieces:
        kept.append(diff.Piece(piece.change, piece.text[:room]))
        room = max(0, room - len(piece.text))
    total = sum(len(piece.text) for piece in pieces)
    return tuple(piece for piece in kept if piece.text), max(0, total - PASSAGE_CHARACTERS)


def answered(one: Answered) -> tuple[Told, Told]:
    """The gold answer of an example and what a model said, cut to what the page has room for."""
    return _told(one.gold), _told(one.said)


def _told(passage: Passage) -> Told:
    cut = Passage(text=passage.text[:PASSAGE_CHARACTERS], marks=passage.marks)
    segments = diff.segments(cut)
    if len(cut.text) > LONG and passage.marks:
        segments = diff.near(segments, CONTEXT)
    answer = diff.pieces(passage.label[:PASSAGE_CHARACTERS], ())
    return Told(passage, tuple(segments), len(passage.text) - len(cut.text), tuple(answer))


def unstable(results: Results) -> list[tuple[Unstable, Told, list[tuple[int | None, Told]]]]:
    """The examples that runs disagree on: gold, and what each run said."""
    return [
        (one, _told(one.gold), [(seed, _told(passage)) for seed, passage in one.said])
        for one in results.unstable
    ]


def explanations(results: Results, count: int = 60) -> list[Explanation]:
    """The first explanations."""
    return [
        Explanation(
            one,
            _told(one.clean),
            _told(one.edited) if one.edited else None,
            tuple(
                (one.clean.text[start:end], weight)
                for start, end, _, weight in sorted(one.clean.marks, key=lambda mark: -abs(mark[3]))[:3]
            ),
        )
        for one in results.explanations[:count]
    ]


def signatures(results: Results) -> list[tuple[str, str, str]]:
    """Property, measure and signature of what was measured, each once."""
    return list(
        dict.fromkeys((row.property, row.measure, row.signature) for row in results.rows if row.signature)
    )


def settings(results: Results) -> str:
    """The suite with all its defaults, as JSON for reading."""
    return json.dumps(results.suite.resolved, indent=2, ensure_ascii=False, default=str)


def exit_codes() -> list[tuple[int, words.Outcome]]:
    """What the exit codes mean."""
    return [(int(code), words.outcome(code)) for code in ExitCode]


def tiles(results: Results) -> Mapping[str, str]:
    """The run in a few figures, by name."""
    facts = {
        "task": results.suite.task,
        "metric": results.suite.metric,
        "models": f"{len(select.models(results))}",
        "seeds": ", ".join(str(seed) for seed in results.run.seeds) or "none",
        "examples": ", ".join(
            f"{count:,} {split.replace(':', ' ')}" for split, count in results.suite.data.items()
        ),
        "started": results.run.started,
        "took": words.duration(results.run.seconds),
    }
    return {name: value for name, value in facts.items() if value}
