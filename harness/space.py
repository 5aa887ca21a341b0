"""What a search for hyperparameters may choose from: by option a list of choices, or a range.

A range is ``{low, high}``, both ends included, with ``step``, or with ``log: true`` where ratios
matter rather than differences. A dotted name, such as ``lora.rank``, is a key of a nested option.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

Space = Mapping[str, Any]
RANGE = ("low", "high", "step", "log")


def problems(space: Space, grid: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with a space: the option concerned, and what was found.

    Args:
        space: As written in a suite.
        grid: Whether all combinations are to be tried, so that they have to be countable.
    """
    for name, given in space.items():
        if isinstance(given, list):
            if not given or not all(_choice(one) for one in given):
                yield name, f"should be a list of choices, found {given!r}"
        elif not isinstance(given, Mapping) or not {"low", "high"} <= given.keys() <= set(RANGE):
            yield name, f"should be a list of choices, or {{low, high}} with step or log, found {given!r}"
        else:
            yield from ((name, flaw) for flaw in _flaws(given, grid))


def _choice(one: object) -> bool:
    return not isinstance(one, dict | list) and not (isinstance(one, float) and not math.isfinite(one))


def _flaws(given: Mapping[str, Any], grid: bool) -> Iterator[str]:
    numbers = {key: given[key] for key in ("low", "high", "step") if key in given}
    for key, one in numbers.items():
        if not isinstance(one, int | float) or isinstance(one, bool):
            yield f"{key} should be a number, found {one!r}"
            return
        if not math.isfinite(one):
            yield f"{key} should be finite, found {one!r}"
            return
    if not given["low"] < given["high"]:
        yield f"low should be below high, found {given['low']!r} and {given['high']!r}"
    if numbers.get("step", 1) <= 0:
        yield f"step should be above 0, found {given['step']!r}"
    if given.get("log") and ("step" in given or given["low"] <= 0):
        yield "log goes with a low above 0 and without a step"
    if grid and ("step" not in given or given.get("log")):
        yield "a grid needs a list of choices, or a range with a step"


def whole(given: Mapping[str, Any]) -> bool:
    """Whether a range is one of whole numbers."""
    return all(isinstance(given.get(key, 1), int) for key in ("low", "high", "step"))


def corners(space: Space) -> Iterator[dict[str, Any]]:
    """The choices and the ends of the ranges, one option at a time: what is checked before any work."""
    for name, given in space.items():
        for value in given if isinstance(given, list) else (given["low"], given["high"]):
            yield {name: value}


def grid(space: Space) -> list[dict[str, Any]]:
    """All combinations, in the order of the suite."""
    found: list[dict[str, Any]] = [{}]
    for name, given in space.items():
        found = [{**one, name: value} for one in found for value in _values(given)]
    return found


def _values(given: Any) -> list[Any]:
    if isinstance(given, list):
        return given
    count = int((given["high"] - given["low"]) / given["step"] + 1e-9) + 1
    return [given["low"] + at * given["step"] for at in range(count)]


def flat(options: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Options by dotted names, as :func:`overlaid` takes them; mappings without a key stay as they are."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        nested = isinstance(value, Mapping) and value
        found |= flat(value, f"{within}{name}.") if nested else {f"{within}{name}": value}
    return found


def overlaid(options: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Options with those that a search chose put in their place."""
    found = dict(options)
    for name, value in chosen.items():
        outer, dot, inner = name.partition(".")
        nested = found.get(outer)
        within = nested if isinstance(nested, Mapping) else {}
        found[outer] = overlaid(within, {inner: value}) if dot else value
    return found
