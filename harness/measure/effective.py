"""More robust than its clean score leads one to expect: effective robustness (methods, section 3.7).

Models that are better on clean texts are better on disturbed ones too, along a line between the logits of
both scores (Taori et al. 2020). What a model has beyond that line, as the other models of the suite draw
it, is not owed to its clean score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.special import expit, logit

from harness.measure.common import DIFFERENCE, Study, by_family, joined, studies
from harness.measure.disturbed import Conditions, by_operator
from harness.measure.tables import TEST, TRAIN, Array, Condition, Tables
from harness.rng import rng
from harness.rows import Row, Status

ENOUGH = 8
"""With fewer models to draw the line it is shown, but underpowered."""
FEWEST = 2


# -- formulas ------------------------------------------------------------------------------------


def expected(
    clean: Array, shifted: Array, own: Array, weights: Array | None = None, least: float = 0
) -> Array:
    """The score that a clean score leads one to expect, by a line between logits fitted to references.

    Args:
        clean: Clean scores of the references, ``(K, ...)``.
        shifted: Their scores on the data in question, ``(K, ...)``.
        own: The model's clean score, ``(...)``.
        weights: How much each reference counts, ``(K, ...)``; once each by default.
        least: Scores are kept this far from 0 and 1, where logits end.

    Returns:
        ``(...)``, in [0, 1]; NaN where all references have the same clean score.
    """
    x, y, at = (logit(np.clip(one, least, 1 - least)) for one in (clean, shifted, own))
    w = np.ones_like(x) if weights is None else weights
    mean_x, mean_y = ((w * one).sum(axis=0) / w.sum(axis=0) for one in (x, y))
    spread = (w * (x - mean_x) ** 2).sum(axis=0)
    slope = np.divide(
        (w * (x - mean_x) * (y - mean_y)).sum(axis=0),
        spread,
        out=np.full(spread.shape, np.nan),
        where=spread > 0,
    )
    found: Array = expit(mean_y + slope * (at - mean_x))
    return found


def drawn(references: int, length: int, resamples: int, generator: np.random.Generator) -> Array:
    """How often each reference counts in each element of a series: ``(K, length)``.

    In resamples references are drawn as examples are, but at least two different ones, which a line needs.
    """
    counts = np.zeros((resamples, references))
    while (lacking := (counts > 0).sum(axis=1) < FEWEST).any():
        chosen = generator.integers(references, size=(int(lacking.sum()), references))
        counts[lacking] = (chosen[:, :, np.newaxis] == np.arange(references)).sum(axis=1)
    found = np.ones((references, length))
    found[:, 1 : 1 + resamples] = counts.T
    return found


# -- rows ----------------------------------------------------------------------------------------


def rows(tables: Tables, found: Sequence[tuple[Study, Conditions]], version: int) -> Iterator[Row]:
    """Effective robustness of every model, by operator, over all of them, and by shift.

    Args:
        tables: For the shifts.
        found: Each model with a finished run and its conditions.
        version: Of the measure.
    """
    for at, (study, own) in enumerate(found):
        others = [one for other, one in enumerate(found) if other != at and not one[0].model.augmented]
        if len(others) >= FEWEST and own:
            yield from _condition_rows(study, own, [conditions for _, conditions in others])
    cells = {c for study, _ in found for run in study.runs for c in run.cells}
    for shift in sorted({c.split for c in cells} - {TEST, TRAIN, *tables.others}):
        yield from _shift_rows(tables, shift, version)


def _condition_rows(study: Study, own: Conditions, others: Sequence[Conditions]) -> Iterator[Row]:
    common = [c for c in own if all(c in one for one in others)]
    if not common:
        return
    weights = _weights(study, len(others))
    beyond = {
        c: _beyond(study, own[c].clean, own[c].score, [(o[c].clean, o[c].score) for o in others], weights)
        for c in common
    }
    for (operator, family), levels in by_operator(common).items():
        mean = np.mean([beyond[c] for c in levels], axis=0)
        n = max(study.size(c) for c in levels)
        place = {"operator": operator, "family": family}
        note = _drawn_by(len(others), study.aside(operator))
        yield _row(study, "effective_robustness", mean, place, n, len(others), note)
    telling = study.telling(common)
    mean, n = by_family({c: beyond[c] for c in telling}), max(study.size(c) for c in telling)
    note = _drawn_by(len(others), study.left_out)
    yield _row(study, "mean_effective_robustness", mean, {}, n, len(others), note, telling)


def _shift_rows(tables: Tables, shift: str, version: int) -> Iterator[Row]:
    everyone = [
        (study, study.tables.score(study.clean(TEST)), study.tables.score(study.clean(shift)))
        for study in studies(tables, "robustness", (TEST, shift), version)
        if study.runs and all(Condition(shift) in run.cells for run in study.runs)
    ]
    for study, clean, score in everyone:
        others = [(a, b) for one, a, b in everyone if one is not study and not one.model.augmented]
        if len(others) >= FEWEST:
            found = _beyond(study, clean, score, others, _weights(study, len(others)))
            n, note = study.size(Condition(shift)), _drawn_by(len(others), "")
            yield _row(study, "effective_robustness", found, {"shift": shift}, n, len(others), note)


def _weights(study: Study, references: int) -> Array:
    generator = rng(study.tables.seed, "references", references)
    return drawn(references, study.draws.length, study.draws.resamples, generator)


def _beyond(
    study: Study, clean: Array, score: Array, others: Sequence[tuple[Array, Array]], weights: Array
) -> Array:
    """What each run's score has beyond what is expected, as series ``(R, length)``; references by their mean."""
    x, y = (np.stack([one.mean(axis=0) for one in several]) for several in zip(*others, strict=True))
    least = 1 / (2 * max(1, study.tables.sizes[TEST]))
    found: Array = score - expected(x, y, clean, weights, least)
    return found


def _drawn_by(references: int, note: str) -> str:
    return joined(f"beyond a line that {references} other models draw", note)


def _row(
    study: Study,
    measure: str,
    found: Array,
    place: Mapping[str, str | int | float],
    n: int,
    references: int,
    note: str,
    over: Sequence[Condition] = (),
) -> Row:
    status = Status.OK if references >= ENOUGH else Status.UNDERPOWERED
    return study.row(measure, found, place, n=n, bounds=DIFFERENCE, status=status, over=over, note=note)
