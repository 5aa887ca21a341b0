"""The scorecard: each property's headline with its formula and the number to read beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.measure.common import joined
from harness.rows import PROPERTIES, Row, Scored

HEADLINE = "score"
COMPANIONS: Mapping[str, tuple[str, str]] = {
    "continuity": ("flip_rate", "highest flip rate"),
    "robustness": ("worst_condition", "least retention"),
    "stability": ("score_sd", "standard deviation of the score"),
    "generalization": ("gap", "largest gap"),
    "interpretability": ("explanation_stability", "stability of explanations"),
}
"""What stands beside a headline: a measure, of which the highest value counts, and its name."""


def scorecard(rows: Iterable[Row], formulas: Mapping[str, str]) -> tuple[Scored, ...]:
    """One line per property and model, properties in their order and models as they come.

    Args:
        rows: Result rows of all measures.
        formulas: Formula of each property's headline.
    """
    known = list(rows)
    found: dict[tuple[str, str], Row] = {}
    for row in known:
        if row.measure == HEADLINE:
            found.setdefault((row.property, row.model), row)
    models = dict.fromkeys(row.model for row in known)
    return tuple(
        _scored(found[name, model], formulas.get(name, ""), companion(known, name, model))
        for name in PROPERTIES
        for model in models
        if (name, model) in found
    )


def companion(rows: Iterable[Row], property: str, model: str) -> str:
    """The number to read beside a headline, in words; empty if there is none."""
    measure, phrase = COMPANIONS[property]
    there = [
        (row.value, row)
        for row in rows
        if (row.property, row.measure, row.model) == (property, measure, model) and row.value is not None
    ]
    if not there:
        return ""
    value, row = max(there, key=lambda pair: pair[0])
    place = ", ".join(
        f"{name} {at}" for name, at in row.condition.items() if name not in ("family", "method")
    )
    return f"{phrase} {value:.3f}" + (f" ({place})" if place else "")


def _scored(row: Row, formula: str, beside: str) -> Scored:
    return Scored(
        property=row.property,
        model=row.model,
        value=row.value,
        low=row.low,
        high=row.high,
        n=row.n,
        runs=row.runs,
        direction=row.direction,
        status=row.status,
        formula=formula,
        note=joined(beside, row.note),
    )
