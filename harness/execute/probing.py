"""Lets a probe look at a model, and holds it to what it promises."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from harness.errors import BrokenPromise
from harness.execute.bench import Bench, Emit, usable
from harness.execute.files import PROBE
from harness.execute.shown import dump
from harness.probe.probe import Found, Jump, Probe, Scene, columns
from harness.units import Inspect

SHOWN = 6
"""Jumps that are kept for people."""


def inspect(unit: Inspect, folder: Path, bench: Bench, emit: Emit) -> None:
    """Why the probe cannot look at the model, or what it has found.

    Undefined numbers are left out, and operators are told by their places among those of the unit.
    """
    probe, options = bench.extension("probe", unit.probe)
    assert isinstance(probe, Probe)
    task, examples = bench.task(unit.task), bench.examples(unit.data)
    labels = [one.operator.label for one in unit.edited]
    edited = {
        label: {v.example.id: v for v in usable(bench.variants(one))}
        for label, one in zip(labels, unit.edited, strict=True)
    }
    model = bench.model(unit.model)
    why, found = probe.unfit(model, task), list[Found]()
    if not why:
        scene = Scene(model, task, examples, edited, unit.seed)
        found = list(probe.function(scene, **options))
        wanted = columns(probe.read(options))
        check(probe.name, found, {e.id for e in examples}, labels, wanted)
    told = {
        "why": why,
        "found": [
            {
                "id": one.id,
                "values": {k: float(v) for k, v in one.values.items() if not math.isnan(v)},
                "edit": labels.index(one.operator) if one.operator else None,
                **({"note": one.note} if one.note else {}),
            }
            for one in found
        ],
        "jumps": [
            {
                "id": one.id,
                "edit": labels.index(one.operator) if one.operator else None,
                "made": jump.made,
                "step": jump.step,
                "said": [dump(said) for said in jump.said],
                "distance": jump.distance,
                "note": jump.note,
            }
            for one, jump in widest(found)
        ],
    }
    (folder / PROBE).write_text(json.dumps(told, allow_nan=False), "utf-8")


def widest(found: Iterable[Found]) -> list[tuple[Found, Jump]]:
    """The items with the largest jumps, those first; of an example only one."""
    jumps = [(one, one.jump) for one in found if one.jump is not None and one.jump.distance > 0]
    largest: dict[str, tuple[Found, Jump]] = {}
    for one, jump in sorted(jumps, key=lambda pair: -pair[1].distance):
        largest.setdefault(one.id, (one, jump))
    return list(largest.values())[:SHOWN]


def check(
    name: str, found: Sequence[Found], ids: Collection[str], operators: Collection[str], wanted: Sequence[str]
) -> None:
    """Hold what a probe has found against what every probe promises.

    Raises:
        BrokenPromise: If an item is about an example or an operator that the probe was not given, does not
            have exactly the columns that are read, or has a number that is neither finite nor NaN.
    """
    for one in found:
        if one.id not in ids:
            raise BrokenPromise(
                f"probe {name}: every item is about an example it was given, found {one.id!r}"
            )
        if one.operator and one.operator not in operators:
            raise BrokenPromise(
                f"probe {name}: {one.id} is said to be edited by {one.operator!r}, whose edits it was not given"
            )
        if set(one.values) != set(wanted):
            raise BrokenPromise(
                f"probe {name}: an item has the columns {', '.join(sorted(wanted))}, which are read off it, "
                f"found {', '.join(sorted(one.values)) or 'none'} for {one.id}"
            )
        for column, value in one.values.items():
            if math.isinf(value):
                raise BrokenPromise(
                    f"probe {name}: numbers are finite, or NaN where undefined, found {value} as {column} of "
                    f"{one.id}"
                )
