"""What the page shows of models that are asked with a part of the input alone."""

from __future__ import annotations

from typing import NamedTuple

from harness.measure.partial import FULL, UNUSED
from harness.rows import Results, Row, Shown

KIND = "partial"
"""The kind of examples of which a part is enough."""
MEASURES = ("partial_score", "partial_whole", "artefact")
MOST = 6
"""Examples that are on the page."""


class Part(NamedTuple):
    """A kind of part as a model answers it: its score, that of the whole, and the share of skill kept.

    ``trained`` says whether those who were asked with it were trained on such parts alone.
    """

    kind: str
    model: str
    trained: bool
    score: Row
    whole: Row
    kept: Row


def found(results: Results) -> list[Part]:
    """Every kind and model, those of a kind one below the other."""
    rows: dict[tuple[str, str, bool], dict[str, Row]] = {}
    for row in results.rows:
        if row.property == "generalization" and row.measure in MEASURES and KIND in row.condition:
            key = str(row.condition[KIND]), row.model, row.condition.get("version") == FULL
            rows.setdefault(key, {})[row.measure] = row
    kinds = list(dict.fromkeys(kind for kind, _, _ in rows))
    told = [Part(*key, *(own[name] for name in MEASURES)) for key, own in rows.items()]
    return sorted(told, key=lambda part: kinds.index(part.kind))


def remark(row: Row) -> str:
    """What a row remarks besides what holds for all of them."""
    return "; ".join(part for part in row.note.split("; ") if part != UNUSED)


def examples(results: Results) -> list[Shown]:
    """Examples of which a part is enough: of each kind and model one, and more where there is room."""
    own = [one for one in results.examples if one.kind == KIND]
    places = [(str(one.condition[KIND]), one.model) for one in own]
    later = [places[:at].count(place) for at, place in enumerate(places)]
    kept = sorted(range(len(own)), key=lambda at: later[at])[:MOST]
    kinds = list(dict.fromkeys(kind for kind, _ in places))
    return [own[at] for at in sorted(kept, key=lambda at: (kinds.index(places[at][0]), at))]
