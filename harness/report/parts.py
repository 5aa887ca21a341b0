"""How a headline was made from its parts, told from a run's results alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from harness.measure.common import ASIDE
from harness.rows import Results, Row, Scored


@dataclass(frozen=True)
class Part:
    """Something that a headline is made of.

    Args:
        label: What it is.
        value: Its number; None if it has none.
        low: Of its interval.
        high: Likewise.
        weight: How much of the headline it makes up; 0 for what is left out.
        depth: How deep it stands below the headline: 1 for a family, 2 for an operator, 3 for a severity.
        note: Why it is left out, or what else there is to say.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    weight: float
    depth: int
    note: str = ""


@dataclass(frozen=True)
class Told:
    """A headline taken apart.

    Args:
        headline: As on the scorecard.
        parts: In order, each below what it is part of.
        again: The headline made again from the parts; None where they do not decide it alone.
    """

    headline: Scored
    parts: Sequence[Part]
    again: float | None


def explained(results: Results, model: str = "", property: str = "") -> list[Told]:
    """The headlines of a run, of one model or of all, each taken apart.

    Args:
        results: A run's.
        model: Its name; empty for all.
        property: One of the five; empty for all.
    """
    wanted = [
        one
        for one in results.scorecard
        if model in ("", one.model) and property in ("", one.property) and one.property in _MADE
    ]
    return [
        _MADE[one.property](one, [row for row in results.rows if row.model == one.model]) for one in wanted
    ]


def _of(rows: Sequence[Row], property: str, measure: str) -> list[Row]:
    return [
        row
        for row in rows
        if (row.property, row.measure) == (property, measure)
        and row.value is not None
        and "seed" not in row.condition
    ]


def _nested(measure: str) -> Callable[[Scored, Sequence[Row]], Told]:
    """A mean over families of means over operators of means over severities."""

    def told(headline: Scored, rows: Sequence[Row]) -> Told:
        found = _of(rows, headline.property, measure)
        inside = sorted((r for r in found if ASIDE not in r.note), key=_place)
        parts = list(_tree(inside, ("family", "operator", "severity"), 1.0, 1))
        total = sum(p.weight * p.value for p in parts if p.value is not None and _leaf(p, parts))
        outside = [_leaf_part(row, 0.0, 2) for row in found if ASIDE in row.note]
        return Told(headline, [*parts, *outside], total if inside else None)

    return told


def _place(row: Row) -> tuple[str, str, int]:
    where = row.condition
    return str(where.get("family", "")), str(where.get("operator", "")), int(where.get("severity", 0))


def _tree(rows: Sequence[Row], levels: Sequence[str], weight: float, depth: int) -> Iterator[Part]:
    """Rows below the first of the levels, which share a weight equally; one alone is shown once."""
    level, *below = levels
    groups = [(key, list(own)) for key, own in groupby(rows, key=lambda row: row.condition.get(level, 0))]
    for key, own in groups:
        share = weight / len(groups)
        if not below or (len(own) == 1 and level != "family"):
            yield from (_leaf_part(row, share, depth) for row in own)
            continue
        inner = list(_tree(own, below, share, depth + 1))
        value = sum(p.weight * (p.value or 0.0) for p in inner if _leaf(p, inner)) / share
        yield Part(str(key), value, None, None, share, depth)
        yield from inner


def _leaf(part: Part, among: Sequence[Part]) -> bool:
    """Whether a part has no parts of its own: the next one does not stand deeper."""
    at = next(at for at, one in enumerate(among) if one is part)
    return at + 1 == len(among) or among[at + 1].depth <= part.depth


def _leaf_part(row: Row, weight: float, depth: int) -> Part:
    where = row.condition
    severity = f" at severity {where['severity']}" if where.get("severity") else ""
    label = str(where.get("operator") or where.get("shift") or row.measure) + severity
    return Part(label, row.value, row.low, row.high, weight, depth, row.note)


def _shifts(headline: Scored, rows: Sequence[Row]) -> Told:
    """A mean over shifts."""
    found = _of(rows, headline.property, "transfer")
    parts = [_leaf_part(row, 1 / len(found), 1) for row in found]
    return Told(headline, parts, sum(p.weight * (p.value or 0.0) for p in parts) if parts else None)


def _runs(headline: Scored, rows: Sequence[Row]) -> Told:
    """What is left of disagreement when chance is taken out."""
    measures = ("churn", "expected_disagreement")
    by = {name: found[0] for name in measures if (found := _of(rows, headline.property, name))}
    parts = [Part(name.replace("_", " "), r.value, r.low, r.high, 1.0, 1, r.note) for name, r in by.items()]
    values = [by[name].value for name in measures if name in by]
    if len(values) < len(measures) or not values[1]:
        return Told(headline, parts, None)
    return Told(headline, parts, max(0.0, 1 - (values[0] or 0.0) / values[1]))


def _texts(headline: Scored, rows: Sequence[Row]) -> Told:
    """A mean over texts, with what tells whether it may be believed."""
    names = ("random_control", "completeness_error", "skipped_share")
    found = [row for name in names for row in _of(rows, headline.property, name)]
    parts = [Part(r.measure.replace("_", " "), r.value, r.low, r.high, 0.0, 1, r.note) for r in found]
    return Told(headline, parts, None)


_MADE: Mapping[str, Callable[[Scored, Sequence[Row]], Told]] = {
    "continuity": _nested("operator_score"),
    "robustness": _nested("retention"),
    "stability": _runs,
    "generalization": _shifts,
    "interpretability": _texts,
}
