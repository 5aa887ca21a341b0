"""How much better a model is than the first of the suite, on the same examples and seeds.

The difference is taken inside every resample, so what makes an example hard for both models cancels out:
its interval is narrower than those of the two scores suggest (methods, sections 0.2 and 7.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from harness.measure.common import DIFFERENCE, Study, named, studies
from harness.measure.disturbed import alike, disturbed
from harness.measure.statistics import almost_dominates
from harness.measure.tables import TEST, Array, AttackTable, Condition, Tables, level_of
from harness.rng import rng
from harness.rows import Row


def rows(tables: Tables, version: int) -> Iterator[Row]:
    """The gain in score on every split, and under every perturbation and attack, of each model but the first."""
    if len(tables.models) < 2:
        return
    for split in sorted(tables.sizes, key=lambda split: (split != TEST, split)):
        first, *others = studies(tables, "score", (split,), version)
        for study in others:
            if _tested(first, split) and _tested(study, split):
                n = study.size(Condition(split))
                place: dict[str, str | int | float] = {"over": first.model.name, "split": split}
                scores = [tables.score(one.clean(split)) for one in (first, study)]
                yield _row(study, paired(*scores), place, n)
    yield from _in_conditions(tables, version)
    first, *others = studies(tables, "score", (TEST,), version)
    for study in others:
        yield from _dominance(study, first, len(others))
    before = first.model.by_attack
    for study in others:
        for name, attacked in study.model.by_attack.items():
            if name in before:
                place = {"over": first.model.name, "attack": name}
                scores = [_under(study, tables) for tables in (before[name], attacked)]
                yield _row(study, paired(*scores), place, len(attacked[0].index))


def _in_conditions(tables: Tables, version: int) -> Iterator[Row]:
    """Conditions may have been looked at several times, which their intervals have to allow for."""
    wider = replace(tables, level=level_of("robustness", tables.level, tables.looks))
    first, *others = studies(wider, "score", (TEST,), version)
    whole = disturbed(first) if first.runs else {}
    for study in others:
        if not (first.runs and study.runs):
            continue
        before, after = alike(first, study)
        known = whole if before is first else disturbed(before)
        for condition, told in disturbed(after).items():
            if condition in known:
                place = {"over": first.model.name, **named(condition)}
                gained = paired(known[condition].score, told.score)
                yield _row(study, gained, place, after.size(condition))


def _dominance(study: Study, first: Study, many: int) -> Iterator[Row]:
    """How far the runs of a recipe are from being better than those of another at every quantile (section 4.10)."""
    runs = min(len(study.runs), len(first.runs))
    if runs < 2:
        return
    own, theirs = (one.tables.score(one.clean(TEST))[:, 0] for one in (study, first))
    level = 1 - (1 - study.tables.level) / many
    found = almost_dominates(own, theirs, rng(study.tables.seed, "dominance"), level)
    note = "of the runs on this test set: below 0.5 better, 0.2 clearly so; it describes and does not test"
    place = {"over": first.model.name}
    yield study.row(
        "dominance", found, place, n=study.size(Condition(TEST)), runs=runs, direction="lower", note=note
    )


def paired(first: Array, second: Array) -> Array:
    """What the second has more than the first, run by run if there are equally many, else than the mean run.

    Args:
        first: Scores as series, ``(R, length)``.
        second: The same of another model, ``(S, length)``.

    Returns:
        ``(S, length)``; with one run of the second and several of the first ``(R, length)``.
    """
    if len(second) == 1:
        return second - first
    return second - (first if len(first) == len(second) else first.mean(axis=0))


def _tested(study: Study, split: str) -> bool:
    return bool(study.runs) and all(Condition(split) in run.cells for run in study.runs)


def _under(study: Study, tables: Sequence[AttackTable]) -> Array:
    """The score on the attacked examples, those left out on which the attack broke."""
    parts = [(table.index, ~table.error[:, np.newaxis] * table.stats) for table in tables]
    return study.tables.score(np.stack(study.draws.sums(TEST, parts)))


def _row(study: Study, series: Array, place: Mapping[str, str | int | float], n: int) -> Row:
    return study.row("gain", series, place, n=n, bounds=DIFFERENCE, runs=len(series))
