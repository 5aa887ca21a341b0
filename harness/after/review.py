"""A sheet for people: is the label of a perturbed text still true?

What they answer goes back into the suite (``perturb: {reviews: [file.csv]}``) and becomes a rate of
label preservation with its interval, and bounds on every score of the operator (methods, section 8.1).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import payload
from harness.after.freeze import perturbed
from harness.data.verdicts import COLUMNS
from harness.errors import Fault, UserError
from harness.execute.bench import usable
from harness.execute.files import VARIANTS
from harness.execute.local import Emit
from harness.passage import Page, on_page
from harness.plan import sample
from harness.prepare import prepare
from harness.report.diff import Piece, pieces
from harness.report.html import sheet
from harness.store import Store
from harness.text import Example, Variant
from harness.units import Perturb


@dataclass(frozen=True)
class Item:
    """A perturbed text to be judged, with its clean one and what is right there."""

    operator: str
    severity: int
    id: str
    clean: str
    perturbed: str
    gold: str
    pieces: tuple[Piece, ...]


def review(suite: Path, output: Path, each: int, store: Path, emit: Emit) -> int:
    """Write a sheet of perturbed texts for people to judge.

    Args:
        suite: The suite file.
        output: ``.html`` for a page that saves what it is told as CSV, or ``.csv``.
        each: Texts of each operator, at its highest severity, drawn by the suite's seed.
        store: Of results.
        emit: Told of every event.

    Returns:
        How many texts there are to judge.

    Raises:
        UserError: If the suite is wrong or has no operators, or the output has another ending.
    """
    if output.suffix not in (".html", ".csv"):
        raise UserError(Fault(f"should end in .html or .csv, found {output.suffix!r}", str(output)))
    prepared = prepare(suite)
    opened = Store(store)
    try:
        units = strongest(perturbed(prepared, opened, emit))
        sources = {e.id: e for e in prepared.plan.data["perturbed"]}
        items = [
            _item(unit, sources[v.example.id], v)
            for unit in units
            for v in _some(unit, payload.read_variants(opened.blobs.open(unit.key, VARIANTS)), each)
        ]
    finally:
        opened.close()
    if not items:
        raise UserError(Fault("no operator changes any text, so there is nothing to judge", str(suite)))
    spec = prepared.suite.spec
    text = as_csv(items) if output.suffix == ".csv" else sheet(spec.suite, spec.task, items, COLUMNS)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, "utf-8")
    return len(items)


def strongest(units: Sequence[Perturb]) -> list[Perturb]:
    """Of each operator its highest severity."""
    found: dict[str, Perturb] = {}
    for unit in units:
        best = found.setdefault(unit.operator.label, unit)
        if unit.severity > best.severity:
            found[unit.operator.label] = unit
    return list(found.values())


def _some(unit: Perturb, variants: Sequence[Variant], each: int) -> list[Variant]:
    kept = {v.example.id: v for v in usable(variants)}
    chosen = sample([v.example for v in kept.values()], each, unit.seed, "review", unit.operator.label)
    return [kept[e.id] for e in chosen]


def _item(unit: Perturb, source: Example, variant: Variant) -> Item:
    clean = Page.of(source.fields).text
    parts = pieces(clean, on_page(source, variant.edits))
    return Item(
        operator=unit.operator.label,
        severity=unit.severity,
        id=source.id,
        clean=clean,
        perturbed="".join(piece.text for piece in parts if piece.change != "deleted"),
        gold=gold(source, variant.example),
        pieces=tuple(parts),
    )


def gold(source: Example, edited: Example) -> str:
    """What is right of the perturbed text, in words."""
    spans = [f"{edited.fields[s.field][s.start : s.end]} ({s.label})" for s in edited.spans]
    told = spans or list(source.references)
    marks = [f"{m.label}: {edited.fields[m.field][m.start : m.end]}" for m in edited.marks]
    return "; ".join([*told, *marks]) or "nothing"


def as_csv(items: Sequence[Item]) -> str:
    """The sheet as CSV, with nothing in its last two columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in items:
        writer.writerow([one.operator, one.severity, one.id, one.clean, one.perturbed, one.gold, "", ""])
    return out.getvalue()
