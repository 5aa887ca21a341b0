"""What a plan will cost, and why units are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.plan import Plan
from harness.store import Store
from harness.units import Data, Unit


def costs(plan: Plan, store: Store) -> list[dict[str, Any]]:
    """Per kind of unit: how many, how many are there, and the seconds that the others may take.

    The seconds come from units of the same kind that this store has seen; None if it has seen none.
    """
    wanted = [unit for unit in plan.wanted() if not isinstance(unit, Data)]
    cached, _ = store.cached({unit.key: [i.key for i in unit.inputs] for unit in plan.wanted()})
    mean = store.seconds()
    rows = []
    for kind in dict.fromkeys(unit.kind for unit in wanted):
        units = [unit for unit in wanted if unit.kind == kind]
        missing = sum(unit.key not in cached for unit in units)
        seconds = 0.0 if not missing else missing * mean[kind] if kind in mean else None
        rows.append(
            {
                "kind": kind,
                "total": len(units),
                "cached": len(units) - missing,
                "missing": missing,
                "seconds": seconds,
            }
        )
    return rows


def reasons(plan: Plan, store: Store) -> list[dict[str, str]]:
    """For each missing unit what differs from the most similar one that the store has seen."""
    units = plan.wanted()
    cached, _ = store.cached({unit.key: [i.key for i in unit.inputs] for unit in units})
    history, failures = store.history(), store.failures()
    found = []
    for unit in units:
        if unit.key in cached or isinstance(unit, Data):
            continue
        if unit.key in failures:
            why = f"it failed: {failures[unit.key]}"
        elif unit.key in history:
            why = "its payload is gone, or its inputs have changed since it was made"
        else:
            why = _nearest(unit, history)
        found.append({"unit": unit.title, "why": why})
    return found


def _nearest(unit: Unit, history: Mapping[str, Mapping[str, Any]]) -> str:
    same = [recipe for recipe in history.values() if recipe.get("unit") == unit.recipe["unit"]]
    if not same:
        return "there has never been one of its kind"
    closest = min((list(_differing(unit.recipe, recipe)) for recipe in same), key=len)
    return f"{', '.join(closest)} {'differs' if len(closest) == 1 else 'differ'} from what has been run"


def _differing(recipe: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """The parts in which two recipes differ, such as ``seed`` or ``operator.options``."""
    for name, value in recipe.items():
        before = other.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            yield from (f"{name}.{part}" for part in _differing(value, before))
        elif before != value:
            yield name
