"""Two models on the same examples: better, not worse, worse or undecided; and whose answers changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from harness.measure.statistics import (
    Interval,
    bootstrap,
    interval_of,
    left_out,
    ratio,
    replicates,
    tango,
    weights,
)
from harness.prediction import Classes, Floats, Prediction, Spans
from harness.rng import rng
from harness.tasks.task import Task
from harness.text import Example

Said = Mapping[str, Prediction]
"""Predictions by example id."""
LEVEL = 0.90
"""Of the two-sided interval of a difference: its ends are one-sided bounds at 95 %."""


class Change(StrEnum):
    """What a comparison comes to (methods, section 7.6)."""

    BETTER = "better"
    NOT_WORSE = "not worse"
    WORSE = "worse"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Flip:
    """An example that the old model gets right and the new one does not.

    Args:
        example: With its gold.
        old: What the old model said, for people.
        new: What the new one says.
        seeds: In how many of the seeds.
    """

    example: Example
    old: str
    new: str
    seeds: int


@dataclass(frozen=True)
class Comparison:
    """A new model against the old one, on average over the seeds that both have.

    Args:
        old: Score of the old model.
        new: Score of the new model.
        difference: Between them, with its interval.
        by_seed: The same without intervals, one for each seed.
        change: What it comes to.
        churn: Share of answers that differ.
        lost: Share of examples that were right and are wrong now.
        won: Share of examples that were wrong and are right now.
        flips: The lost ones, those of most seeds first.
        n: Examples.
    """

    old: float
    new: float
    difference: Interval
    by_seed: tuple[float, ...]
    change: Change
    churn: Interval
    lost: Interval
    won: Interval
    flips: tuple[Flip, ...]
    n: int


def compare(
    task: Task,
    examples: Sequence[Example],
    old: Sequence[Said],
    new: Sequence[Said],
    labels: tuple[str, ...],
    *,
    margin: float,
    resamples: int,
    seed: int,
) -> Comparison:
    """Compare what two models said to the same examples.

    Args:
        task: How answers are scored.
        examples: With their gold.
        old: Of the old model, one for each seed.
        new: Of the new one, in the same order.
        labels: The new model's; the old one's are among them.
        margin: The loss that is tolerated.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.
    """
    tables = [_table(task, examples, one, labels) for one in (*old, *new)]
    before, after = np.stack(tables[: len(old)]), np.stack(tables[len(old) :])
    groups = [e.cluster for e in examples]
    W = weights(len(examples), resamples, rng(seed, "retrain", "bootstrap"), groups)
    score = task.scoring.score
    pairs = list(zip(before, after, strict=True))
    by_seed = tuple(float(score(b.sum(0)) - score(a.sum(0))) for a, b in pairs)
    drawn = np.mean([replicates(b, score, W) - replicates(a, score, W) for a, b in pairs], axis=0)
    without = np.mean([score(left_out(b, groups)) - score(left_out(a, groups)) for a, b in pairs], axis=0)
    found = interval_of(float(np.mean(by_seed)), drawn, without, LEVEL)
    difference = _bounded(found, len(set(groups)))
    changes = np.stack([_changes(task, examples, a, b) for a, b in zip(old, new, strict=True)])

    def share(column: int) -> Interval:
        table = np.column_stack([changes[:, :, column].mean(0), np.ones(len(examples))])
        found = bootstrap(table, ratio, W, LEVEL, groups=groups)
        return replace(found, low=max(0.0, found.low), high=min(1.0, found.high))

    return Comparison(
        old=float(np.mean([score(one.sum(0)) for one in before])),
        new=float(np.mean([score(one.sum(0)) for one in after])),
        difference=difference,
        by_seed=by_seed,
        change=judge(difference, margin),
        churn=share(0),
        lost=share(1),
        won=share(2),
        flips=tuple(_flips(examples, old, new, changes[:, :, 1])),
        n=len(examples),
    )


def judge(difference: Interval, margin: float) -> Change:
    """What an interval of "new minus old" comes to (methods, section 7.6)."""
    if difference.low > 0:
        return Change.BETTER
    if difference.low > -margin:
        return Change.NOT_WORSE
    return Change.WORSE if difference.high < -margin else Change.INCONCLUSIVE


def _bounded(found: Interval, n: int) -> Interval:
    """A few examples on which nothing changed do not show that nothing changes (methods, section 7.4)."""
    if found.status != "degenerate" or found.value != 0:
        return found
    low, high = tango(0, 0, n, LEVEL)
    return Interval(0.0, low, high, "tango")


def _table(
    task: Task, examples: Sequence[Example], said: Said, labels: tuple[str, ...]
) -> NDArray[np.float64]:
    return np.stack([task.scoring.row(e, widened(said[e.id], labels), labels) for e in examples])


def widened(prediction: Prediction, labels: tuple[str, ...]) -> Prediction:
    """A prediction in terms of more labels, which the model that made it does not give."""
    if not isinstance(prediction, Classes | Spans) or not set(prediction.labels) < set(labels):
        return prediction
    own: Floats = np.zeros((*prediction.probabilities.shape[:-1], len(labels)), np.float32)
    own[..., [labels.index(label) for label in prediction.labels]] = prediction.probabilities
    return replace(prediction, labels=labels, probabilities=own)


def _changes(task: Task, examples: Sequence[Example], old: Said, new: Said) -> NDArray[np.float64]:
    """Per example: whether the answer differs, whether it was right and is wrong, and the reverse."""
    rows = []
    for e in examples:
        was, now = old[e.id], new[e.id]
        right, still = not task.scoring.broken(e, was), not task.scoring.broken(e, now)
        rows.append([was.said != now.said, right and not still, still and not right])
    return np.array(rows, np.float64)


def _flips(
    examples: Sequence[Example], old: Sequence[Said], new: Sequence[Said], lost: NDArray[np.float64]
) -> list[Flip]:
    found = []
    for at, e in enumerate(examples):
        seeds = np.flatnonzero(lost[:, at])
        if len(seeds):
            was, now = old[seeds[0]][e.id], new[seeds[0]][e.id]
            found.append(Flip(e, was.said, now.said, len(seeds)))
    return sorted(found, key=lambda flip: -flip.seeds)
