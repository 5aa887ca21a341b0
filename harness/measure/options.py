"""How much depends on the options of training (methods, section 4.12)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from harness.measure.common import ANY, Study, joined, of_seeds
from harness.measure.statistics import MINIMUM_RUNS, Effect, main_effects
from harness.measure.tables import TEST, Array, Condition
from harness.rows import Row, Status
from harness.variation import PLAIN

GOOD = 0.02
"""A setting is good if its score is no further from the best."""


def regret(scores: Array, chance: Array, best: int) -> Array:
    """Mean loss against the best setting, as a share of what that one has above chance; lower is better.

    Args:
        scores: Of each setting and run, ``(G, R, ...)``.
        chance: Of shape ``(R, ...)``.
        best: Which setting is the best one.

    Returns:
        Of shape ``(R, ...)``: the loss of each run over what the mean run has above chance, so that the
        mean over runs is a ratio of means; NaN where the best is at chance.
    """
    room = np.broadcast_to((scores[best] - chance).mean(axis=0), chance.shape)
    lost = (scores[best] - scores).mean(axis=0)
    result: Array = np.divide(lost, room, out=np.full(room.shape, np.nan), where=room > 0)
    return result


def good(scores: Array, best: int) -> Array:
    """Share of the settings whose score is within :data:`GOOD` of the best; shapes as in :func:`regret`."""
    within: Array = (scores >= scores[best] - GOOD - 1e-12).mean(axis=0)
    return within


def levels(options: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """By option that differs between settings, how it stands in each; one that a setting lacks is ``null``."""
    names = sorted({name for one in options for name in one})
    found = {name: [json.dumps(one.get(name), sort_keys=True) for one in options] for name in names}
    return {name: values for name, values in found.items() if len(set(values)) > 1}


def neighbours(options: Sequence[Mapping[str, Any]], name: str) -> dict[int, float]:
    """The first setting, and on either side of a number in it the nearest that differs in nothing else.

    Returns:
        By place of the setting the number's logarithm to base 2; empty if there is no other setting, or it is
        no number above 0.
    """
    numbers = {
        at: float(one[name])
        for at, one in enumerate(options)
        if {**one, name: 0} == {**options[0], name: 0} and _positive(one.get(name))
    }
    here = numbers.get(0, np.nan)
    below = [at for at, number in numbers.items() if number < here]
    above = [at for at, number in numbers.items() if number > here]
    near = [max(below, key=numbers.__getitem__)] if below else []
    near += [min(above, key=numbers.__getitem__)] if above else []
    return {at: float(np.log2(numbers[at])) for at in (0, *near)} if near else {}


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def rows(study: Study) -> Iterator[Row]:
    """The score with each setting, and what a choice among them costs."""
    parts = {v.setting: runs for v, runs in study.model.parts.items() if v.setting}
    if not parts or not study.runs:
        return
    n = study.size(Condition(TEST))
    found = {PLAIN: study, **{name: study.of(runs) for name, runs in parts.items()}}
    scores = {name: study.tables.score(one.clean(TEST)) for name, one in found.items() if one.runs}
    for name, series in scores.items():
        yield study.row("setting_score", series, {"setting": name}, n=n, runs=len(series))
    for name in found:
        if name not in scores:
            yield study.absent("setting_score", f"no run with the setting {name} finished")
    seeds = [{run.seed for run in found[name].runs} for name in scores]
    shared = [run.seed for run in study.runs if all(run.seed in own for own in seeds)]
    if len(scores) < 2 or not shared:
        return
    table = np.stack([of_seeds(series, found[name].runs, shared) for name, series in scores.items()])
    chance = of_seeds(study.tables.chance(study.clean(TEST)), study.runs, shared)
    best = int(table[:, :, 0].mean(axis=1).argmax())
    note = joined(
        f"of {len(scores)} settings: {', '.join(scores)}",
        f"the best, {list(scores)[best]}, was chosen on the same data; holds for these settings only",
    )
    status = Status.OK if len(shared) >= MINIMUM_RUNS else Status.UNDERPOWERED
    about = {"n": n, "runs": table.shape[0] * table.shape[1], "status": status, "note": note}
    yield study.row("setting_regret", regret(table, chance, best), direction="lower", **about)
    yield study.row("good_settings", good(table, best), **about)
    yield from _options(study, [study.model.options.get(name, {}) for name in scores], table, n, status)


def _options(
    study: Study, options: Sequence[Mapping[str, Any]], table: Array, n: int, status: Status
) -> Iterator[Row]:
    """What each option does: its share in the variance of scores, and what doubling a number gains.

    Args:
        options: Of each setting, the suite's own first.
        table: Scores as series, ``(G, R, length)``.
    """
    settings, runs = table.shape[:2]
    known = levels(options)
    effects = main_effects(table[:, :, 0], known, study.tables.level)
    for name in known:
        place: dict[str, str | int | float] = {"option": name}
        if name in effects:
            one = effects[name]
            tested = f"F = {one.f:.4g}, p = {one.p:.2g}; of the variance over these settings and runs"
            about = {"n": n, "runs": settings * runs, "status": status, "direction": "none", "note": tested}
            yield study.row("option_share", one.share, place, **about)
        else:
            absent = study.absent("option_share", _untold(runs, table, effects))
            yield replace(absent, condition=place, direction="none")
        if at := neighbours(options, name):
            x = np.array(list(at.values()))
            gains = np.tensordot((x - x.mean()) / ((x - x.mean()) ** 2).sum(), table[list(at)], axes=1)
            shown = ", ".join(f"{2**one:g}" for one in sorted(x))
            note = f"points of score for twice as much, between {shown}"
            yield study.row(
                "option_slope", gains, place, n=n, runs=runs, bounds=ANY, direction="none", note=note
            )


def _untold(runs: int, table: Array, effects: Mapping[str, Effect]) -> str:
    if effects:
        return "it never varies without another option, so that their shares cannot be told apart"
    if runs < 2:
        return "needs two runs with each setting"
    return "all runs of a setting score alike, or the settings are too few"
