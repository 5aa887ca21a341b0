"""From the store to people: the examples behind the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import numpy as np

from harness import payload
from harness.columns import chosen
from harness.execute.files import (
    AGREEMENT,
    ATTACK,
    CHECKS,
    EXPLANATIONS,
    PREDICTIONS,
    PROBE,
    SCORES,
    VARIANTS,
)
from harness.execute.shown import dump
from harness.measure.weakest import Search, Weak
from harness.partial import PART
from harness.passage import SHORT, gold, heat, on_page, passage
from harness.plan import Plan, Where, full, run_id
from harness.prediction import Prediction, from_table
from harness.rows import Answered, Explained, Shown, SliceSearch, Unstable, WeakSlice
from harness.store import Blobs
from harness.tasks.task import Form
from harness.text import Edit, Example, diff, vary
from harness.units import Agree, AnyModel, Assault, Explain, Inspect, Perturb, Score, Unit, Verify

PER_CONDITION, PER_ATTACK, PER_EXPLANATION, PER_TEST, PER_MODEL, PER_PART = 2, 6, 8, 2, 10, 2

U = TypeVar("U", bound=Unit)


def examples(plan: Plan, blobs: Blobs, out: Mapping[str, str]) -> tuple[Shown, ...]:
    """The examples that moved most: per operator at its strongest, per attack, and per probe; and parts of texts.

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
        for where, scores in _strongest(plan, run, out) if run is not None else ():
            ranked = [one for unit in scores for one in _worst(plan, where, unit, blobs, read)]
            found += [one for _, one in sorted(ranked, key=lambda pair: pair[0])[:PER_CONDITION]]
        found += _parts(plan, runs, out, blobs, read)
    for attack in _with_result(plan.attacks, out):
        found += _attacked(plan, attack, blobs)
    for probe in _with_result(plan.probes, out):
        found += _jumps(plan, probe, blobs)
    for tests in plan.tests.values():
        first = {test.name: test for test in reversed(tests) if test.key not in out}
        for test in first.values():
            found += _tested(plan, test, blobs, read)
    return tuple(found)


def _strongest(plan: Plan, run: AnyModel, out: Mapping[str, str]) -> list[tuple[Where, list[Score]]]:
    """Of each operator the scores at its highest severity."""
    found: dict[str, tuple[Where, list[Score]]] = {}
    for where, parts in plan.scores[run_id(run)].items():
        there = [unit for unit in parts if unit.key not in out]
        if where[1] and there and where[3] >= found.get(where[1], (where, there))[0][3]:
            found[where[1]] = where, there
    return list(found.values())


def explanations(plan: Plan, blobs: Blobs, out: Mapping[str, str]) -> tuple[Explained, ...]:
    """The first few attributions of each explained run."""
    units = [u for u in _with_result(plan.explanations, out) if u.model.variation.main]
    return tuple(one for unit in units for one in _explained(plan, unit, blobs))


def unstable(
    plan: Plan, agreements: Mapping[str, Agree], blobs: Blobs, out: Mapping[str, str]
) -> tuple[Unstable, ...]:
    """The test examples that the runs of each model disagree most on (methods, section 4.5)."""
    return tuple(
        one for unit in agreements.values() if unit.key not in out for one in _unstable(plan, unit, blobs)
    )


def _unstable(plan: Plan, unit: Agree, blobs: Blobs) -> Iterator[Unstable]:
    told = json.loads(blobs.open(unit.key, AGREEMENT).read_text("utf-8"))
    apart = dict(zip(told["ids"], np.mean(told["observed"], axis=0).tolist(), strict=True))
    ids = sorted((one for one in apart if apart[one] > 0), key=lambda one: -apart[one])[:PER_MODEL]
    if not ids:
        return
    runs = [
        (one.model, from_table(chosen(payload.read_table(blobs.open(one.key, PREDICTIONS))[0], ids)))
        for one in unit.said
    ]
    sources, form = {e.id: e for e in plan.data["test"]}, plan.task.form
    for one in ids:
        yield Unstable(
            model=unit.said[0].model.name,
            id=one,
            instability=round(apart[one], 4),
            gold=gold(form, sources[one]),
            said=tuple((run.seed, passage(form, sources[one], dump(said[one]))) for run, said in runs),
        )


def _with_result(units: Mapping[str, Sequence[U]], out: Mapping[str, str]) -> list[U]:
    """The units of all models, but for those without a result."""
    return [unit for many in units.values() for unit in many if unit.key not in out]


def weakest(
    plan: Plan, blobs: Blobs, out: Mapping[str, str], searches: Iterable[Search]
) -> tuple[SliceSearch, ...]:
    """The weakest slices, each with examples that the model's first finished run fails on."""
    found = []
    for one in searches:
        scores = [plan.scores[run_id(run)]["test", "", "", 0][0] for run in full(plan.models[one.model])]
        unit = next(score for score in scores if score.key not in out)
        examples = [plan.data["test"][at] for weak in one.found for at in weak.hardest]
        ids = {e.id for e in examples}
        table = payload.read_table(blobs.open(unit.said.key, PREDICTIONS))[0]
        said = from_table(chosen(table, ids)) if ids else {}
        slices = tuple(_slice(plan, weak, said) for weak in one.found)
        found.append(SliceSearch(model=one.model, looked=one.looked, alpha=one.alpha, found=slices))
    return tuple(found)


def _slice(plan: Plan, weak: Weak, said: Mapping[str, Prediction]) -> WeakSlice:
    form, failed = plan.task.form, []
    for example in (plan.data["test"][at] for at in weak.hardest):
        answer = said[example.id]
        if plan.task.scoring.broken(example, answer):
            told = passage(form, example, dump(answer))
            failed.append(Answered(id=example.id, gold=gold(form, example), said=told))
    return WeakSlice(
        parts=weak.parts,
        n=int(weak.rows.sum()),
        score=weak.score,
        shrunken=weak.shrunken,
        rest=weak.rest,
        p=weak.p,
        examples=tuple(failed),
    )


def _worst(
    plan: Plan, where: Where, unit: Score, blobs: Blobs, read: Callable[[str], Any]
) -> Iterator[tuple[tuple[float, float], Shown]]:
    """The examples whose answers flipped or moved most, each after its place among those of other parts."""
    table, _ = payload.read_table(blobs.open(unit.key, SCORES))
    moved = table["moved"].to_pylist()
    order = sorted(range(len(moved)), key=lambda at: (-moved[at][4], -_soft(moved[at]), at))[:PER_CONDITION]
    ids = [table["id"][at].as_py() for at in order if _soft(moved[at]) > 0 or moved[at][4]]
    if not ids or unit.clean is None or not isinstance(unit.said.examples, Perturb):
        return
    where_from = blobs.open(unit.said.examples.key, VARIANTS)
    variants = {v.example.id: v for v in payload.read_variants(where_from, ids)}
    clean, said = (from_table(chosen(read(key), ids)) for key in (unit.clean.key, unit.said.key))
    sources, form = {e.id: e for e in plan.data["perturbed"]}, plan.task.form
    _, operator, family, severity = where
    for at, one in zip(order, ids, strict=False):
        variant, source = variants[one], sources[one]
        yield (
            (-moved[at][4], -_soft(moved[at])),
            _beside(
                form,
                unit.said.model,
                (source, variant.example),
                variant.edits,
                (dump(clean[one]), dump(said[one])),
                kind="perturbation",
                condition={"operator": operator, "family": family, "severity": severity},
                id=one,
                distance=round(_soft(moved[at]), 4),
                rate=round(variant.rate, 4),
            ),
        )


def _parts(
    plan: Plan, runs: Sequence[AnyModel], out: Mapping[str, str], blobs: Blobs, read: Callable[[str], Any]
) -> Iterator[Shown]:
    """The first examples of which a model's first finished run needs no more than a part, of each kind."""
    run = next((r for r in full(runs) if r.key not in out), None)
    if run is None:
        return
    clean = plan.scores[run_id(run)]["test", "", "", 0][0]
    asked = plan.partial.get(run_id(run), {})
    there = {kind: unit for kind, unit in asked.items() if not {unit.key, clean.key} & out.keys()}
    if not there:
        return
    whole = _right(clean, blobs)
    for kind, unit in there.items():
        right = _right(unit, blobs) & whole
        cut = [e for e in plan.data[PART + kind] if e.id in right][:PER_PART]
        ids = [example.id for example in cut]
        sources = {e.id: e for e in plan.data["test"] if e.id in ids}
        before, after = (from_table(chosen(read(one.said.key), ids)) for one in (clean, unit))
        for part in cut:
            source = sources[part.id]
            edits = [e for name, text in source.fields.items() for e in _taken(text, part.fields[name], name)]
            yield _beside(
                plan.task.form,
                unit.said.model,
                (source, part),
                edits,
                (dump(before[part.id]), dump(after[part.id])),
                kind="partial",
                condition={"partial": kind},
                id=part.id,
                distance=0.0,
                rate=round(vary(source, edits).rate, 4),
            )


def _beside(
    form: Form,
    model: AnyModel,
    texts: tuple[Example, Example],
    edits: Iterable[Edit],
    said: tuple[Mapping[str, Any], Mapping[str, Any]],
    **about: Any,
) -> Shown:
    """Two texts, the edits that lead from one to the other, and what was said of each."""
    return Shown(
        model=model.name,
        seed=model.seed,
        edits=on_page(texts[0], edits),
        gold=gold(form, texts[0]),
        before=passage(form, texts[0], said[0]),
        after=passage(form, texts[1], said[1]),
        **about,
    )


def _taken(before: str, after: str, name: str) -> Sequence[Edit]:
    """Edits that leave a part of a field; what is emptied goes in one."""
    return diff(before, after, name) if after else [Edit(0, len(before), "", name)]


def _right(unit: Score, blobs: Blobs) -> set[str]:
    """The examples that are answered rightly."""
    table, _ = payload.read_table(blobs.open(unit.key, SCORES))
    return {one["id"] for one in table.select(["id", "right"]).to_pylist() if one["right"]}


def _soft(moved: Sequence[float]) -> float:
    return moved[2] / moved[3] if moved[3] else 0.0


def _tested(plan: Plan, unit: Verify, blobs: Blobs, read: Callable[[str], Any]) -> Iterator[Shown]:
    """The first texts of a test of behaviour that a model fails."""
    rows = json.loads(blobs.open(unit.key, CHECKS).read_text("utf-8"))
    texts, form = {e.id: e for e in plan.data[f"test:{unit.name}"]}, plan.task.form
    for row in [row for row in rows if row["failed"]][:PER_TEST]:
        after = texts[row["id"]]
        before = texts[row["before"] or row["id"]]
        said = from_table(chosen(read(unit.said.key), [after.id, before.id]))
        edits = [e for name, text in before.fields.items() for e in diff(text, after.fields[name], name)]
        yield _beside(
            form,
            unit.said.model,
            (before, after),
            edits,
            (dump(said[before.id]), dump(said[after.id])),
            kind="test",
            condition={"test": unit.name},
            id=after.id,
            distance=1.0,
            rate=0.0,
            note=f"fails the test: {unit.test}",
        )


def _attacked(plan: Plan, unit: Assault, blobs: Blobs) -> Iterator[Shown]:
    """The successes of an attack that needed the fewest edits, with no more than those."""
    rows = json.loads(blobs.open(unit.key, ATTACK).read_text("utf-8"))
    sources, form = {e.id: e for e in plan.data["attacked"]}, plan.task.form
    won = [row for row in rows if row["status"] == "success"]
    for row in sorted(won, key=lambda row: row["minimal_rate"])[:PER_ATTACK]:
        source = sources[row["id"]]
        edits = [Edit(*one) for one in row["minimal"]]
        after = vary(source, edits, alternatives=plan.task.alternatives).example
        yield _beside(
            form,
            unit.model,
            (source, after),
            edits,
            (row["clean"], row["least"]),
            kind="attack",
            condition={"attack": unit.attack.label},
            id=row["id"],
            distance=1.0,
            rate=round(row["minimal_rate"], 4),
            note=_course(row),
        )


def _course(row: Mapping[str, Any]) -> str:
    """How a success came about, in words."""
    stage = f" by {row['stage']}" if row["stage"] else ""
    said = f"{row['status']}{stage} after {row['queries']:,} queries"
    spared = len(row["edits"]) - len(row["minimal"])
    return f"{said}; {spared} of {len(row['edits'])} edits taken back" if spared else said


def _jumps(plan: Plan, unit: Inspect, blobs: Blobs) -> Iterator[Shown]:
    """Pairs of near texts between which a probe saw the output jump; the first of each is shown as it was."""
    sources, form = {e.id: e for e in plan.data["probed"]}, plan.task.form
    for jump in json.loads(blobs.open(unit.key, PROBE).read_text("utf-8"))["jumps"]:
        made, step = ([Edit(*one) for one in jump[name]] for name in ("made", "step"))
        before = vary(sources[jump["id"]], made, alternatives=plan.task.alternatives).example
        after = vary(before, step, alternatives=plan.task.alternatives)
        place: dict[str, str | int | float] = {"probe": unit.probe.label}
        if jump["edit"] is not None:
            place |= {"operator": unit.edited[jump["edit"]].operator.label}
        first, second = jump["said"]
        yield _beside(
            form,
            unit.model,
            (before, after.example),
            after.edits,
            (first, second),
            kind="probe",
            condition=place,
            id=jump["id"],
            distance=round(jump["distance"], 4),
            rate=round(after.rate, 4),
            note=jump["note"],
        )


def _explained(plan: Plan, unit: Explain, blobs: Blobs) -> Iterator[Explained]:
    rows = json.loads(blobs.open(unit.key, EXPLANATIONS).read_text("utf-8"))["explanations"]
    sources = {e.id: e for e in plan.data["explained"]}
    for row in rows[:PER_EXPLANATION]:
        # One scale for the pair, so that colours can be compared (methods, section 6.9).
        top = max((abs(w) for w in [*row["weights"], *(row["edited_weights"] or ())]), default=0.0) or 1.0
        edited = None
        if row["edited_words"] is not None:
            edited = heat(row["edited_fields"], row["edited_words"], row["edited_weights"], top)
        yield Explained(
            model=unit.model.name,
            id=row["id"],
            method=row["method"],
            target=row["target"] if len(row["target"]) <= SHORT else row["target"][: SHORT - 1] + "…",
            clean=heat(sources[row["id"]].fields, row["words"], row["weights"], top),
            edited=edited,
            faithfulness=row["faithfulness"],
            stability=row["stability"],
        )
