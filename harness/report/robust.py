"""What the page shows of robustness besides curves and heat maps: answers, a reference, outliers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness.rows import Results, Row

BESIDE = (
    "mean_corruption_error",
    "mean_relative_corruption_error",
    "mean_effective_robustness",
    "corruption_error",
    "relative_corruption_error",
    "effective_robustness",
)
"""What is told of a model beside others, means first."""


def beside(results: Results) -> tuple[list[Row], list[Row]]:
    """Errors beside a reference, and robustness beyond what others lead one to expect: overall, by operator."""
    found = [row for row in results.rows if row.property == "robustness" and row.measure in BESIDE]
    found.sort(key=lambda row: BESIDE.index(row.measure))
    parts = [row for row in found if "operator" in row.condition]
    return [row for row in found if "operator" not in row.condition], parts


class Outliers(NamedTuple):
    """A set of outliers as a model sees it.

    Args:
        outliers: The set's name.
        model: The model's.
        by: The score that tells them best, and its rows by measure; empty if the model has none.
        figures: Its rows by measure.
        others: The AUROC of the other scores, best first.
        why: Why there is none.
    """

    outliers: str
    model: str
    by: str
    figures: Mapping[str, Row]
    others: Mapping[str, Row]
    why: str


def outliers(results: Results) -> list[Outliers]:
    """Each set of outliers and model, with the score that tells them best first."""
    rows = [row for row in results.rows if row.property == "robustness" and "outliers" in row.condition]
    pairs = dict.fromkeys((str(row.condition["outliers"]), row.model) for row in rows)
    return [
        _outliers(name, model, [r for r in rows if (r.condition["outliers"], r.model) == (name, model)])
        for name, model in pairs
    ]


def _outliers(name: str, model: str, rows: Sequence[Row]) -> Outliers:
    ranked = [row for row in rows if row.measure == "outlier_auroc"]
    known = sorted((row for row in ranked if row.value is not None), key=lambda row: -(row.value or 0.0))
    if not known:
        return Outliers(name, model, "", {}, {}, ranked[0].note if ranked else "")
    best = str(known[0].condition["by"])
    figures = {row.measure: row for row in rows if row.condition.get("by") == best}
    others = {by: row for row in known if (by := str(row.condition["by"])) != best}
    return Outliers(name, model, best, figures, others, "")
