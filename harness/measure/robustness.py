"""Robustness: the score under noise, interference and attack (methods, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from harness.data.verdicts import Reviewed
from harness.measure import (
    attacked,
    behaviour,
    calibration,
    effective,
    outliers,
    reference,
    transitions,
    written,
)
from harness.measure.common import (
    DIFFERENCE,
    MAXIMUM_INVALID,
    POSITIVE,
    Study,
    broken_rate,
    by_family,
    guarded,
    invalid_rate,
    joined,
    named,
    noop_rate,
    preservation,
    share,
    studies,
)
from harness.measure.disturbed import Conditions, by_operator, disturbed
from harness.measure.tables import TEST, Array, Condition, Measure, Tables
from harness.rows import Direction, Row, Status

VERSION = 1
RECOMMENDED = 300
BROKEN_DOWN = {"breakdown_severity": 0.9, "breakdown_half": 0.5}
"""By measure the retention below which a model counts as broken down."""


# -- formulas ------------------------------------------------------------------------------------


def retention(score: Array, clean: Array, chance: Array) -> Array:
    """Share of the skill above chance that is left, clipped to [0, 1] (methods, section 3.1).

    Args:
        score: Score in the condition, in [0, 1].
        clean: Score on the same examples undisturbed.
        chance: Best score that needs no look at the input.

    Returns:
        1 if nothing is lost, 0 if no skill is left; NaN where there was none to lose.
    """
    skill = np.asarray(clean - chance)
    left = np.divide(score - chance, skill, out=np.full(skill.shape, np.nan), where=skill > 0)
    result: Array = np.clip(left, 0, 1)
    return result


def falling(curve: Array) -> Array:
    """The nearest curve, in squares, that never rises along the first axis (isotonic regression).

    By the min-max formula over means of blocks, so that all resamples are treated at once.
    """
    total = np.concatenate([np.zeros((1, *curve.shape[1:])), np.cumsum(curve, axis=0)])
    size = len(curve)

    def highest(start: int, at: int) -> Array:
        means = [(total[stop] - total[start]) / (stop - start) for stop in range(at + 1, size + 1)]
        return np.asarray(np.max(means, axis=0))

    return np.stack([np.min([highest(start, at) for start in range(at + 1)], axis=0) for at in range(size)])


def breakdown(x: Array, kept: Array, limit: float) -> Array:
    """Edit fraction at which retention falls to ``limit`` (methods, section 3.6).

    Args:
        x: Edit fractions, ``(J + 1, ...)``, starting with 0.
        kept: Retention, ``(J + 1, ...)``, starting with 1; regressed to a falling curve.
        limit: Between 0 and 1.

    Returns:
        By linear interpolation; the largest edit fraction if the limit is not reached. Higher is better.
    """
    curve = falling(kept)
    found = np.array(x[-1], dtype=np.float64)
    for at in range(len(x) - 1, 0, -1):
        drop = curve[at - 1] - curve[at]
        crossed = (curve[at] < limit) & (limit <= curve[at - 1])
        part = np.divide(curve[at - 1] - limit, drop, out=np.zeros(found.shape), where=drop > 0)
        found = np.where(crossed, x[at - 1] + part * (x[at] - x[at - 1]), found)
    result: Array = np.where(np.isnan(kept).any(axis=0), np.nan, found)
    return result


def all_right(right: Array, tried: Array, k: int) -> Array:
    """Chance that all of k perturbations, drawn without replacement, are answered rightly (section 3.3).

    Args:
        right: How many of an example's perturbations are answered rightly, ``(n,)``.
        tried: How many there are, ``(n,)``.
        k: How many are drawn.

    Returns:
        ``C(right, k) / C(tried, k)``, ``(n,)`` in [0, 1]; NaN where fewer than k were tried.
    """
    steps = np.arange(k)[:, np.newaxis]
    few = tried < k
    ratios = np.maximum(right - steps, 0) / np.where(few, k, tried - steps)
    return np.where(few, np.nan, ratios.prod(axis=0))


def validity_bounds(score: float, valid: float) -> tuple[float, float]:
    """What an accuracy can be on the valid part of texts, of which a share is valid (section 8.1).

    Args:
        score: Accuracy on all texts, in [0, 1].
        valid: The share of texts whose label is true, in (0, 1].
    """
    return max(0.0, (score - (1 - valid)) / valid), min(1.0, score / valid)


# -- rows ----------------------------------------------------------------------------------------


def measure(tables: Tables) -> Iterable[Row]:
    """Score, and skill above chance, that are left in each condition and under each attack."""
    everyone = list(studies(tables, "robustness", (TEST,), VERSION))
    found = [(study, disturbed(study)) for study in everyone if study.runs]
    conditions = {study.model.name: told for study, told in found}
    for study in everyone:
        if study.runs:
            yield from _perturbation_rows(study, conditions[study.model.name])
            yield from attacked.rows(study)
            yield from behaviour.rows(study)
            yield from calibration.rows(study)
            yield from written.relative_rows(study, conditions[study.model.name])
            yield from transitions.rows(study)
        else:
            yield study.absent("score", "no run finished")
    yield from reference.rows(found)
    yield from effective.rows(tables, found, VERSION)
    yield from outliers.rows(tables, VERSION)


ROBUSTNESS = Measure(
    name="robustness",
    function=measure,
    version=VERSION,
    formula=(
        "R = mean over families, operators and severities of (perturbed score - chance) / "
        "(clean score - chance), each clipped to [0, 1]"
    ),
)


def _perturbation_rows(study: Study, found: Conditions) -> Iterator[Row]:
    conditions = list(found)
    if not conditions:
        yield study.absent("score", "needs variants by at least one operator")
        yield from _validity_rows(study)
        return
    kept = {c: retention(one.score, one.clean, one.chance) for c, one in found.items()}
    n = max(study.size(c) for c in conditions)
    shaky = [c for c in conditions if study.status(c) is Status.UNRELIABLE]
    telling = study.telling(conditions)
    note = joined(f"includes {len(shaky)} unreliable conditions" if shaky else "", study.left_out)
    of_telling = {c: kept[c] for c in telling}
    row = study.headline(by_family(of_telling), n=n, recommended=RECOMMENDED, over=telling, note=note)
    yield guarded(row, study.unskilled())
    retained = [
        study.row(
            "retention",
            kept[c],
            named(c),
            n=study.size(c),
            status=study.status(c),
            note=study.aside(c.operator),
        )
        for c in conditions
    ]
    for c, row in zip(conditions, retained, strict=True):
        score = study.row("retained_score", found[c].score, named(c), n=study.size(c), status=study.status(c))
        yield score
        yield row
        if c.operator in study.tables.reviews:
            yield _valid_score(score, study.tables.reviews[c.operator], study.tables.level)
    yield from _review_rows(study)
    yield from _worst(retained)
    yield from _breakdown_rows(study, kept, {c: one.rate for c, one in found.items()})
    yield from _worst_of(study, telling)
    yield from _validity_rows(study)
    yield from _meaning_rows(study)


def _worst(retained: Sequence[Row]) -> Iterator[Row]:
    known = [(row.value, at) for at, row in enumerate(retained) if row.value is not None]
    if known:
        row = retained[min(known)[1]]
        note = joined(
            f"least retention of {len(known)} conditions; its interval ignores the choice", row.note
        )
        yield replace(row, measure="worst_condition", note=note)


def _worst_of(study: Study, conditions: Sequence[Condition]) -> Iterator[Row]:
    """How often a model is right on all of k of an example's perturbations, whatever their kind."""
    size, k = study.tables.sizes[TEST], study.tables.worst_of
    parts = []
    for run in range(len(study.runs)):
        cells = [study.cells(c)[run] for c in conditions]
        if any(cell.right is None for cell in cells):
            return
        at = np.concatenate([cell.index for cell in cells])
        right = np.bincount(at, np.concatenate([np.asarray(cell.right, float) for cell in cells]), size)
        tried = np.bincount(at, minlength=size).astype(float)
        each = all_right(right.astype(float), tried, k)
        told = np.flatnonzero(~np.isnan(each))
        parts.append((told, np.column_stack([each[told], np.ones(len(told))])))
    sums = np.stack(study.draws.sums(TEST, parts))
    n = len(parts[0][0])
    note = f"k = {k} of {len(conditions)} conditions, the clean text not among them"
    few = f"no example has {k} perturbations" if not n else ""
    found = share(sums[..., 0], sums[..., 1], sums[..., 1])
    yield study.row("worst_of_k", found, n=n, over=conditions, note=few or note)


def _breakdown_rows(
    study: Study, kept: dict[Condition, Array], rates: dict[Condition, Array]
) -> Iterator[Row]:
    graded = [c for c in kept if c.severity]
    for (name, family), ordered in by_operator(graded).items():
        levels = np.stack([rates[c] for c in ordered])
        origin = np.zeros((1, *levels.shape[1:]))
        x = np.concatenate([origin, levels])
        curve = np.concatenate([origin + 1, np.stack([kept[c] for c in ordered])])
        for measure_name, limit in BROKEN_DOWN.items():
            found = breakdown(x, curve, limit)
            censored = found >= x[-1]
            held = bool(censored[:, 0].all())
            row = study.row(
                measure_name,
                found,
                {"operator": name, "family": family},
                n=max(study.size(c) for c in ordered),
                bounds=POSITIVE,
                note=_censored(study, censored, held, limit),
            )
            yield replace(row, status=Status.OK) if held and row.status is Status.DEGENERATE else row


def _censored(study: Study, censored: Array, held: bool, limit: float) -> str:
    """What a value that is only known to be at least as large does to the number and its interval."""
    share_held = float(censored[:, 1 : 1 + study.draws.resamples].mean())
    return joined(
        f"at least: retention stays at {limit:g} or above" if held else "",
        f"not reached in {share_held:.0%} of the resamples" if share_held else "",
    )


def _review_rows(study: Study) -> Iterator[Row]:
    """How often people found the labels of an operator's texts still true."""
    families = {c.operator: c.family for c in study.perturbed}
    for name, found in study.tables.reviews.items():
        agreed = "" if found.kappa is None else f", Cohen's kappa {found.kappa:.2f}"
        yield study.row(
            "label_preservation",
            preservation(found, study.tables.level),
            {"operator": name, "family": families.get(name, "")},
            n=found.judged,
            runs=0,
            note=f"{found.reviewers} reviewer(s){agreed}",
        )


def _valid_score(row: Row, found: Reviewed, level: float) -> Row:
    """The same score with bounds on what it is on the texts whose label is true."""
    sure = preservation(found, level).low
    low, high = row.low if row.low is not None else row.value, row.high if row.high is not None else row.value
    if low is None or high is None or sure <= 0:
        return replace(
            row, measure="valid_score", value=None, low=None, high=None, status=Status.NOT_APPLICABLE
        )
    note = f"whatever the model does where the label is untrue, at most in {1 - sure:.0%} of the texts"
    bounds = validity_bounds(low, sure)[0], validity_bounds(high, sure)[1]
    return replace(row, measure="valid_score", low=bounds[0], high=bounds[1], note=note)


def _meaning_rows(study: Study) -> Iterator[Row]:
    """How much perturbed texts still mean the same and how much finer they are cut, by a sentence encoder."""
    for c in study.perturbed:
        cell = study.runs[0].cells[c]  # variants do not depend on the model
        if cell.similarity is None or cell.fragmentation is None or not len(cell.index):
            continue
        place, n = named(c), study.size(c)
        columns = np.column_stack([cell.similarity, np.nan_to_num(cell.fragmentation, nan=1.0)])
        series = study.draws.sums(TEST, [(cell.index, np.column_stack([columns, np.ones(len(columns))]))])[0]
        for at, (name, bounds, direction) in enumerate(MEANING):
            mean = share(series[..., at], series[..., -1], series[..., -1])[np.newaxis]
            yield study.row(name, mean, place, n=n, runs=1, bounds=bounds, direction=direction)
        broken = broken_rate([cell])
        flag = "many of its texts mean something else" if broken > MAXIMUM_INVALID else ""
        yield study.row("broken_rate", broken, place, n=n, runs=1, direction="lower", note=flag)


MEANING: tuple[tuple[str, tuple[float, float], Direction], ...] = (
    ("similarity", DIFFERENCE, "higher"),
    ("fragmentation", POSITIVE, "none"),
)
"""What a sentence encoder tells of perturbed texts."""


def _validity_rows(study: Study) -> Iterator[Row]:
    for name, family in dict.fromkeys((c.operator, c.family) for c in study.perturbed):
        # variants do not depend on the model, so one run tells
        cells = [study.runs[0].cells[c] for c in study.perturbed if c.operator == name]
        for measure_name, rate in (("invalid_rate", invalid_rate(cells)), ("noop_rate", noop_rate(cells))):
            yield study.row(
                measure_name,
                rate,
                {"operator": name, "family": family},
                n=study.tables.sizes[TEST],
                direction="lower" if measure_name == "invalid_rate" else "none",
            )
