"""How much of a shift gap is just another balance of the classes (methods, section 5.8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from harness.measure.common import DIFFERENCE, Study
from harness.measure.statistics import ratio
from harness.measure.tables import TEST, Array, Condition
from harness.rows import Row
from harness.tasks.scoring.classes import columns as of_classes

ILL_CONDITIONED = 50.0
"""Condition number above which a confusion matrix cannot be inverted to any use."""
BBSE_LABELS = 12
"""Most labels for which the inversion is made again in every resample."""
ITERATIONS = 1000


# -- formulas ------------------------------------------------------------------------------------


def bbse(confusion: Array, predicted: Array) -> Array:
    """Weights of the labels after a pure label shift: "black box shift estimation" (Lipton et al. 2018).

    Args:
        confusion: ``C[j, l]``, shares of home examples that are predicted j and truly l, ``(..., L, L)``.
        predicted: Share of the shifted examples that are predicted j, ``(..., L)``.

    Returns:
        How many times as frequent each label is there as at home, ``(..., L)``, at least 0.
    """
    found: Array = np.maximum(np.linalg.solve(confusion, predicted[..., np.newaxis])[..., 0], 0.0)
    return found


def em(probabilities: Array, prior: Array, steps: int = ITERATIONS) -> Array:
    """Shares of the labels after a pure label shift, by expectation-maximisation (Saerens et al. 2002).

    Args:
        probabilities: What a calibrated model says of the shifted examples, ``(n, L)``.
        prior: Shares of the labels at home, ``(L,)``; the model is taken to expect these.
        steps: Most steps; it ends when the shares stay as they are.
    """
    shares = prior.astype(float)
    for _ in range(steps):
        known = np.divide(shares, prior, out=np.zeros_like(shares), where=prior > 0)
        weighed = probabilities * known
        sums = weighed.sum(axis=1, keepdims=True)
        after = np.divide(weighed, sums, out=np.zeros_like(weighed), where=sums > 0).mean(axis=0)
        done = float(np.abs(after - shares).max()) < 1e-12
        shares = after
        if done:
            break
    return shares


def expected(shares: Array, recalls: Array) -> Array:
    """Accuracy after a pure label shift: recalls at home, ``(..., L)``, at the new shares.

    Labels that do not occur there do not need a recall.
    """
    found: Array = np.where(shares > 0, shares * recalls, 0.0).sum(axis=-1)
    return found


# -- rows ----------------------------------------------------------------------------------------


def rows(study: Study, shifts: Sequence[str]) -> Iterator[Row]:
    """The gap of each shift in two parts: the balance of the classes, and the rest."""
    columns = list(study.tables.columns.get(study.model.name, ()))
    labels = [name[3:] for name in columns if name.startswith("tp:")]
    if not labels or columns != of_classes(tuple(labels)) or not all(run.probabilities for run in study.runs):
        return  # what is taken apart is an accuracy: F1 of relations, say, is no mean of recalls
    home = study.clean(TEST)
    recalls = _recalls(home, len(labels))
    for shift in shifts:
        there = study.clean(shift)
        yield from _parts(study, shift, home, there, recalls)
        yield from _estimates(study, shift, labels, home, there, recalls)


def _split(sums: Array, labels: int) -> tuple[Array, Array, Array]:
    tp, fp, fn = (sums[..., 2 + at * labels : 2 + (at + 1) * labels] for at in range(3))
    return tp, fp, fn


def _recalls(sums: Array, labels: int) -> Array:
    tp, _, fn = _split(sums, labels)
    return ratio(np.stack([tp, tp + fn], axis=-1))


def _parts(study: Study, shift: str, home: Array, there: Array, recalls: Array) -> Iterator[Row]:
    """With the labels of the shift known, their shares need not be estimated."""
    tp, _, fn = _split(there, recalls.shape[-1])
    shares = (tp + fn) / there[..., :1]
    pure = expected(shares, recalls)
    n = study.size(Condition(shift))
    found = {
        "label_shift": (pure - study.tables.score(home), "what the other balance of the labels does"),
        "shift_rest": (
            study.tables.score(there) - pure,
            "what is left of the gap: texts of a label are unlike",
        ),
    }
    for name, (series, note) in found.items():
        yield study.row(name, series, {"shift": shift}, n=n, bounds=DIFFERENCE, note=note)


def _estimates(
    study: Study, shift: str, labels: Sequence[str], home: Array, there: Array, recalls: Array
) -> Iterator[Row]:
    """Accuracy there as it would be told without labels, if only their balance had changed."""
    place, n, size = {"shift": shift}, study.size(Condition(shift)), len(labels)
    confusion = _confusion(study, size)
    worst = max(float(np.linalg.cond(one)) for one in confusion[:, 0])
    if not worst <= ILL_CONDITIONED:
        shown = f"{worst:.3g}" if np.isfinite(worst) else "infinite"
        why = f"the confusion matrix is ill-conditioned: {shown}, at most {ILL_CONDITIONED:g} is of use"
        yield study.row("expected_bbse", float("nan"), place, n=n, note=why)
    else:
        tp, fp, _ = _split(there[:, : confusion.shape[1]], size)
        singular = np.linalg.cond(confusion) > 1e12
        solvable = np.where(singular[..., np.newaxis, np.newaxis], np.eye(size), confusion)
        weights = bbse(solvable, (tp + fp) / there[:, : confusion.shape[1], :1])
        shares = weights * confusion.sum(axis=-2)
        shares = shares / shares.sum(axis=-1, keepdims=True)
        series = expected(shares, recalls[:, : confusion.shape[1]])
        series[singular] = np.nan
        note = "without looking at its labels, by inverting the confusion matrix"
        if series.shape[1] == 1:
            yield study.row("expected_bbse", float(series.mean()), place, n=n, note=note)
        else:
            yield study.row("expected_bbse", series, place, n=n, note=note)
    if all(shift in run.probabilities for run in study.runs):
        told = []
        for at, run in enumerate(study.runs):
            tp, _, fn = _split(home[at, 0], size)
            prior = (tp + fn) / home[at, 0, 0]
            shares = em(run.probabilities[shift], prior)
            told.append(expected(shares, recalls[at, 0]))
        note = "without looking at its labels, from the probabilities, which have to be calibrated"
        yield study.row("expected_em", float(np.mean(told)), place, n=n, note=note)


def _confusion(study: Study, size: int) -> Array:
    """``C[j, l]`` of each run, ``(R, length, L, L)``; of many labels without resamples, ``(R, 1, L, L)``."""
    tables = []
    for cell in study.cells(Condition(TEST)):
        tp, fp, fn = _split(cell.stats, size)
        said, gold = tp + fp, tp + fn
        tables.append((said[:, :, np.newaxis] * gold[:, np.newaxis]).reshape(len(said), -1) / len(said))
    if size > BBSE_LABELS:
        return np.stack([table.sum(axis=0).reshape(1, size, size) for table in tables])
    index = [cell.index for cell in study.cells(Condition(TEST))]
    series = study.draws.sums(TEST, list(zip(index, tables, strict=True)))
    return np.stack([one.reshape(-1, size, size) for one in series])
