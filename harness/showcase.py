"""From the store to people: the examples behind the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from harness import payload
from harness.columns import chosen
from harness.execute.perform import ATTACK, EXPLANATIONS, PREDICTIONS, SCORES, VARIANTS, dump
from harness.plan import Assault, Explain, Perturb, Plan, Score, run_id
from harness.prediction import from_table
from harness.rows import Explained, Passage, Shown
from harness.store import Blobs
from harness.text import Example, Variant

PER_CONDITION, PER_ATTACK, PER_EXPLANATION = 2, 6, 8


def examples(plan: Plan, blobs: Blobs, out: Mapping[str, str]) -> tuple[Shown, ...]:
    """The examples that moved most: per operator at its strongest, and per attack.

    Args:
        plan: What was done.
        blobs: Where results are.
        out: Units without a result.
    """
    found: list[Shown] = []

    @cache  # all operators share the clean predictions
    def read(key: str) -> Any:
        return payload.read_table(blobs.open(key, PREDICTIONS))[0]

    for runs in plan.models.values():
        run = next((r for r in runs if r.key not in out), None)
        if run is None:
            continue
        strongest: dict[str, tuple[tuple[str, str, str, int], Score]] = {}
        for where, unit in plan.scores[run_id(run)].items():
            if where[1] and unit.key not in out and where[3] >= strongest.get(where[1], (where, unit))[0][3]:
                strongest[where[1]] = where, unit
        for where, unit in strongest.values():
            found += _worst(plan, where, unit, blobs, read)
    for units in plan.attacks.values():
        for attack in units:
            if attack.key not in out:
                found += _attacked(plan, attack, blobs)
    return tuple(found)


def explanations(plan: Plan, blobs: Blobs, out: Mapping[str, str]) -> tuple[Explained, ...]:
    """The first few attributions of each explained run."""
    units = [u for many in plan.explanations.values() for u in many if u.key not in out]
    return tuple(one for unit in units for one in _explained(plan, unit, blobs))


def _worst(
    plan: Plan, where: tuple[str, str, str, int], unit: Score, blobs: Blobs, read: Callable[[str], Any]
) -> Iterator[Shown]:
    table, _ = payload.read_table(blobs.open(unit.key, SCORES))
    moved = table["moved"].to_pylist()
    order = sorted(range(len(moved)), key=lambda at: (-moved[at][4], -_soft(moved[at]), at))[:PER_CONDITION]
    ids = [table["id"][at].as_py() for at in order if _soft(moved[at]) > 0 or moved[at][4]]
    if not ids or unit.clean is None or not isinstance(unit.said.examples, Perturb):
        return
    where_from = blobs.open(unit.said.examples.key, VARIANTS)
    variants = {v.example.id: v for v in payload.read_variants(where_from, ids)}
    clean, said = (from_table(chosen(read(key), ids)) for key in (unit.clean.key, unit.said.key))
    sources = {e.id: e for e in plan.data["perturbed"]}
    _, operator, family, severity = where
    for at, one in zip(order, ids, strict=False):
        variant, source = variants[one], sources[one]
        yield Shown(
            kind="perturbation",
            model=unit.said.model.name,
            seed=unit.said.model.seed,
            condition={"operator": operator, "family": family, "severity": severity},
            id=one,
            edits=_edits(variant),
            gold=_gold(source),
            before=_passage(source.text, dump(clean[one])),
            after=_passage(variant.example.text, dump(said[one])),
            distance=round(_soft(moved[at]), 4),
            rate=round(variant.rate, 4),
        )


def _soft(moved: Sequence[float]) -> float:
    return moved[2] / moved[3] if moved[3] else 0.0


def _edits(variant: Variant) -> tuple[tuple[int, int, str], ...]:
    return tuple((e.start, e.end, e.text) for e in variant.edits)


def _gold(source: Example) -> Passage:
    if isinstance(source.target, tuple):
        return Passage(text=source.text, marks=tuple((s.start, s.end, s.label, 1.0) for s in source.target))
    return Passage(text=source.text, label=source.target or "")


def _passage(text: str, said: Mapping[str, Any]) -> Passage:
    """A text with what the model said of it, as :func:`harness.execute.perform.dump` wrote it."""
    if "spans" in said:
        return Passage(text=text, marks=tuple((a, b, label, round(p, 4)) for a, b, label, p in said["spans"]))
    return Passage(text=text, label=said["label"], confidence=round(said["probability"], 4))


def _attacked(plan: Plan, unit: Assault, blobs: Blobs) -> Iterator[Shown]:
    rows = json.loads(blobs.open(unit.key, ATTACK).read_text("utf-8"))
    sources = {e.id: e for e in plan.data["attacked"]}
    for row in [row for row in rows if row["success"]][:PER_ATTACK]:
        yield Shown(
            kind="attack",
            model=unit.model.name,
            seed=unit.model.seed,
            condition={"attack": unit.attack.label},
            id=row["id"],
            edits=tuple((a, b, text) for a, b, text, _ in row["edits"]),
            gold=_gold(sources[row["id"]]),
            before=_passage(sources[row["id"]].text, row["clean"]),
            after=_passage(row["fields"]["text"], row["final"]),
            distance=1.0,
            rate=round(row["rate"], 4),
            note=f"{row['queries']} queries",
        )


def _explained(plan: Plan, unit: Explain, blobs: Blobs) -> Iterator[Explained]:
    rows = json.loads(blobs.open(unit.key, EXPLANATIONS).read_text("utf-8"))
    sources = {e.id: e for e in plan.data["explained"]}
    for row in rows[:PER_EXPLANATION]:
        # One scale for the pair, so that colours can be compared (methods, section 6.9).
        top = max((abs(w) for w in [*row["weights"], *(row["edited_weights"] or ())]), default=0.0) or 1.0
        edited = None
        if row["edited_words"] is not None:
            edited = _heat(row["edited_text"], row["edited_words"], row["edited_weights"], top)
        yield Explained(
            model=unit.model.name,
            id=row["id"],
            method=row["method"],
            target=row["target"],
            clean=_heat(sources[row["id"]].text, row["words"], row["weights"], top),
            edited=edited,
            faithfulness=row["faithfulness"],
            stability=row["stability"],
        )


def _heat(text: str, words: Sequence[Sequence[int]], weights: Sequence[float], top: float) -> Passage:
    """Attributions as shares of the largest one."""
    marks = tuple((a, b, "", round(w / top, 4)) for (a, b), w in zip(words, weights, strict=True))
    return Passage(text=text, marks=marks)
