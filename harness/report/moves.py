"""What the page shows of how answers and explanations move: plain records, in the order of the results."""

from __future__ import annotations

from typing import NamedTuple

from harness.report import select, view
from harness.rows import Results, Row

DETAILS = (
    "tag_kappa",
    "boundary_agreement",
    "type_agreement",
    "length_jump",
    "emptied",
    "hallucination_jump",
    "meaning_distance",
    "relative_score",
)
"""What is told of each condition besides how far answers move."""
STEPS = (0.01, 0.02, 0.05, 0.10, 0.20, 0.40)
"""Bounds between the classes that colour how much becomes another type."""
LIKENESS = ("explanation_stability", "seed_agreement", "fraction_agreement", "checkpoint_agreement")
CONTROLS = {"explanation_stability": "stability_control"}
TOP_WORDS = {"explanation_stability": "top_words_kept"}
REASONS = {
    "explanation_stability": "before and after a small edit",
    "seed_agreement": "by runs that differ in their seed",
    "fraction_agreement": "by the run on {share} of the training data and that on all of it",
    "checkpoint_agreement": "by the run after {share} of its training and at the end",
}


class Flips(NamedTuple):
    """Which types become which, for one model: None on the diagonal."""

    model: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[view.HeatCell | None, ...]], ...]


class Alike(NamedTuple):
    """How alike explanations are, beside those of unrelated texts and by their most important words."""

    what: str
    row: Row
    control: Row | None
    top: Row | None


def flips(results: Results) -> list[Flips]:
    """A table per tagger whose words changed their type."""
    found = []
    for model in select.models(results):
        at = {
            (str(row.condition["label"]), str(row.condition["to"])): row
            for row in results.rows
            if row.measure == "type_flips" and row.model == model
        }
        if at:
            columns = sorted({to for _, to in at}, key=lambda name: (name == "none", name))
            lines = tuple(
                (
                    label,
                    tuple(
                        None if label == to else view.shaded(at.get((label, to)), STEPS, view.itself)
                        for to in columns
                    ),
                )
                for label in dict.fromkeys(label for label, _ in at)
            )
            found.append(Flips(model, tuple(columns), lines))
    return found


def floors(results: Results) -> list[Row]:
    """How far answers move although nothing was edited, of models that were asked twice."""
    return [row for row in results.rows if row.measure == "noise_floor" and "probe" not in row.condition]


def details(results: Results) -> list[Row]:
    """What else moves, by condition."""
    return [row for row in results.rows if row.measure in DETAILS]


def alike(results: Results) -> list[Alike]:
    """How alike explanations of the same output are, in all ways that were tried."""
    rows = [row for row in results.rows if row.property == "interpretability"]
    at = {(row.measure, row.model, tuple(sorted(row.condition.items()))): row for row in rows}
    found = []
    for row in rows:
        if row.measure in LIKENESS:
            where = row.model, tuple(sorted(row.condition.items()))
            kind = row.measure.removesuffix("_agreement")
            control = at.get((CONTROLS.get(row.measure, f"{row.measure}_control"), *where))
            top = at.get((TOP_WORDS.get(row.measure, f"{kind}_top_words"), *where))
            part = row.condition.get("fraction", row.condition.get("checkpoint", 1))
            share = f"{100 * float(part):g} %"
            found.append(Alike(REASONS[row.measure].format(share=share), row, control, top))
    return found
