"""How much depends on the options of training (methods, section 4.12)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harness.measure.common import Study, joined
from harness.measure.statistics import MINIMUM_RUNS
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
    seeds = {name: [run.seed for run in found[name].runs] for name in scores}
    shared = [seed for seed in seeds[PLAIN] if all(seed in own for own in seeds.values())]
    if len(scores) < 2 or not shared:
        return
    table = np.stack([series[[seeds[name].index(s) for s in shared]] for name, series in scores.items()])
    chance = study.tables.chance(study.clean(TEST))[[seeds[PLAIN].index(s) for s in shared]]
    best = int(table[:, :, 0].mean(axis=1).argmax())
    note = joined(
        f"of {len(scores)} settings: {', '.join(scores)}",
        f"the best, {list(scores)[best]}, was chosen on the same data; holds for these settings only",
    )
    status = Status.OK if len(shared) >= MINIMUM_RUNS else Status.UNDERPOWERED
    about = {"n": n, "runs": table.shape[0] * table.shape[1], "status": status, "note": note}
    yield study.row("setting_regret", regret(table, chance, best), direction="lower", **about)
    yield study.row("good_settings", good(table, best), **about)
