"""What probes found, arranged for the page: figures by model and operator, curves, and where answers jump."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from harness.report import select
from harness.rows import Results, Row, Shown

KIND = "probe"
"""The kind of what probes have to show."""
JUMPS = 3
"""Jumps that are shown of each model and probe."""
PLACE = frozenset({"probe", "operator", "family"})
"""Conditions that all rows of a probe may have; what a row has besides tells it from others of its name."""
CURVE = "answer_survival"

READ: Mapping[str, str] = {
    "path": "Texts are edited one edit after the other. Where the answer glides, jumps are small and smoothness is "
    "near 1; where it jumps, one edit in an unlucky place is enough.",
    "first-edit": "Each edit is made alone: what it does on average, at the worst place, and at how many places "
    "it changes the answer.",
    "gradient-norm": "How steep the network is at the texts themselves. Sensitivities count steps to the nearest "
    "other token, and only they may be compared between models.",
    "lipschitz": "How far a small step at the word embeddings moves the answer, at random and in the worst direction "
    "found. What is really the worst may be worse.",
    "jacobian": "How steep the network is at the texts themselves, whatever moves in the answer: of many labels or "
    "words more than one slope can tell. Only the sensitivities may be compared between models.",
    "interpolation": "The straight way from a text to one with a word replaced. A narrow transition is a cliff in the "
    "network; a wide one with a large change says that the words are far apart.",
    "clever": "How many steps to the nearest other token it takes, by an estimate, until another label wins: no "
    "guarantee.",
    "deletion": "What no edit of so many words can change, whatever they are: of the smoothed model, which answers "
    "by the majority over texts with words deleted at random, not of the model itself.",
    "masking": "What no replacement of so many words can change: of the smoothed model, which answers by the "
    "majority over texts with words masked at random, not of the model itself.",
    "bounds": "What no swap of so many words for their synonyms can change: of the model itself, exactly, as a bag of "
    "words only adds up.",
    "synonyms": "What no swap of so many words for their synonyms can change: of the smoothed model, which answers "
    "by the majority over texts with synonyms drawn at random, not of the model itself.",
}
"""How to read what the built-in probes found."""


class Column(NamedTuple):
    """What a column of figures is about: a model, and whose edits were made."""

    operator: str
    model: str


class Steps(NamedTuple):
    """Figures of a measure that differ in one more condition, such as the number of edits."""

    measure: str
    of: Column
    rows: Mapping[str, Row]


class Found(NamedTuple):
    """What a probe found.

    Args:
        name: Its label in the suite.
        read: How to read it.
        columns: In the order of operators and models.
        lines: Of each measure the name, the direction, a remark if all figures share it, and the figures by
            column.
        by: Name of the further condition, its values, and the figures that differ in it; one entry for each
            such condition.
        silent: Rows that say why there is nothing.
    """

    name: str
    read: str
    columns: tuple[Column, ...]
    lines: tuple[tuple[str, str, str, tuple[Row | None, ...]], ...]
    by: tuple[tuple[str, tuple[str, ...], tuple[Steps, ...]], ...]
    silent: tuple[Row, ...]

    @property
    def operators(self) -> tuple[tuple[str, int], ...]:
        """Whose edits were made, and how many columns each has."""
        names = [column.operator for column in self.columns]
        return tuple((name, names.count(name)) for name in dict.fromkeys(names))


def found(results: Results) -> list[Found]:
    """What each probe found, in the order of the suite."""
    rows = [row for row in results.rows if "probe" in row.condition]
    names = dict.fromkeys(str(row.condition["probe"]) for row in rows)
    return [_found(name, [row for row in rows if row.condition["probe"] == name]) for name in names]


def _found(name: str, rows: Sequence[Row]) -> Found:
    silent = {row.model for row in rows} - {row.model for row in rows if row.value is not None}
    told = [row for row in rows if row.model not in silent]
    operators = dict.fromkeys(_column(row).operator for row in told)
    models = dict.fromkeys(row.model for row in told)
    columns = tuple(Column(operator, model) for operator in operators for model in models)
    plain = [row for row in told if row.condition.keys() <= PLACE]
    at = {(row.measure, _column(row)): row for row in plain}
    directions = {row.measure: row.direction for row in plain}
    return Found(
        name=name,
        read=READ.get(name.partition(":")[0], ""),
        columns=columns,
        lines=tuple(
            (measure, direction, _shared(plain, measure), tuple(at.get((measure, one)) for one in columns))
            for measure, direction in directions.items()
        ),
        by=tuple(
            _by(key, told) for key in dict.fromkeys(k for r in told for k in r.condition if k not in PLACE)
        ),
        silent=tuple(next(row for row in rows if row.model == model) for model in sorted(silent)),
    )


def _shared(rows: Iterable[Row], measure: str) -> str:
    """What is remarked on all figures of a measure alike."""
    notes = {row.note for row in rows if row.measure == measure and row.value is not None}
    return notes.pop() if len(notes) == 1 else ""


def _column(row: Row) -> Column:
    return Column(str(row.condition.get("operator", "")), row.model)


def _by(key: str, rows: Iterable[Row]) -> tuple[str, tuple[str, ...], tuple[Steps, ...]]:
    own = [row for row in rows if key in row.condition]
    values = tuple(dict.fromkeys(str(row.condition[key]) for row in own))
    groups: dict[tuple[str, Column], dict[str, Row]] = {}
    for row in own:
        groups.setdefault((row.measure, _column(row)), {})[str(row.condition[key])] = row
    measures = list(dict.fromkeys(row.measure for row in own))
    steps = (Steps(*of, figures) for of, figures in groups.items())
    return key, values, tuple(sorted(steps, key=lambda one: measures.index(one.measure)))


def curve(results: Results) -> list[Row]:
    """How long answers hold along paths of edits: the rows of the curves, if there are any."""
    return [row for row in results.rows if row.measure == CURVE and row.value is not None]


def jumps(results: Results, name: str) -> list[Shown]:
    """The largest jumps that a probe saw, of each model some."""
    own = [one for one in results.examples if one.kind == KIND and one.condition.get("probe") == name]
    models = dict.fromkeys(one.model for one in own)
    return [
        shown for model in models for shown in select.telling([o for o in own if o.model == model], JUMPS)
    ]
