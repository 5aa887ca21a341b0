"""Whether a model is less sure of inputs that it should not answer (methods, section 3.8).

The positive class is what is known: a text counts as accepted if it looks at least as familiar as a
threshold. Of every score more is more familiar; see :mod:`harness.tasks.scoring.familiarity`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.measure.common import Study, joined, share, studies
from harness.measure.tables import TEST, Array, Familiarity, Tables
from harness.rows import Direction, Histogram, Row
from harness.tasks.scoring.familiarity import NAMES

RECOMMENDED = 200
"""Below so many known texts the threshold of the false positive rate hangs on few of them."""
ACCEPTED = 0.95
"""Share of the known texts that the threshold of the false positive rate accepts at least."""
TINY = 1e-9
BINS = 24
"""Of the histograms."""
FALSE_POSITIVES = "outlier_fpr95"


# -- formulas ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sides:
    """Scores of known and of strange texts, with how much each text counts in each element of a series.

    Args:
        known: Scores of the known texts in order, ``(n,)``.
        strange: Scores of the strange ones in order, ``(m,)``.
        below_known: How much the known texts before each place count, ``(length, n + 1)``.
        below_strange: Likewise of the strange ones, ``(length, m + 1)``.
    """

    known: Array
    strange: Array
    below_known: Array
    below_strange: Array

    @classmethod
    def of(cls, known: Array, strange: Array, of_known: Array, of_strange: Array) -> Sides:
        """From scores in any order, ``(n,)`` and ``(m,)``, and weights ``(length, n)`` and ``(length, m)``."""
        (x, below_x), (y, below_y) = _summed(known, of_known), _summed(strange, of_strange)
        return cls(x, y, below_x, below_y)

    def auroc(self) -> Array:
        """Chance that a known text looks more familiar than a strange one, ties counted half.

        Returns:
            ``(length,)``, in [0, 1]; NaN where there is no text of either kind, as of all that follows.
        """
        low, high = (np.searchsorted(self.strange, self.known, side) for side in ("left", "right"))
        beaten = self.below_strange[:, low] + self.below_strange[:, high]
        pairs = self.below_known[:, -1] * self.below_strange[:, -1]
        return share((np.diff(self.below_known, axis=1) * beaten).sum(axis=1) / 2, pairs, pairs)

    def false_positives(self, accepted: float = ACCEPTED) -> Array:
        """Share of strange texts accepted at the threshold that accepts at least so many known ones."""
        least = (1 - accepted + TINY) * self.below_known[:, -1:]
        # The last place before which no more than the rest counts; a tie lies on one side altogether.
        threshold = self.known[(self.below_known <= least).sum(axis=1).clip(1, len(self.known)) - 1]
        at = np.searchsorted(self.strange, threshold, side="left")
        everyone = self.below_strange[:, -1]
        accepted_ones = everyone - self.below_strange[np.arange(len(at)), at]
        return share(accepted_ones, everyone, everyone * self.below_known[:, -1])

    def precision_known(self) -> Array:
        """Area under precision against recall, in steps, of finding the known texts as the familiar ones."""
        own, others = (np.searchsorted(one, self.known, "left") for one in (self.known, self.strange))
        found = self.below_known[:, -1:] - self.below_known[:, own]
        wrong = self.below_strange[:, -1:] - self.below_strange[:, others]
        return self._mean(self.below_known, _part(found, wrong), self.below_strange[:, -1])

    def precision_strange(self) -> Array:
        """Likewise of finding the strange texts as the unfamiliar ones."""
        own, others = (np.searchsorted(one, self.strange, "right") for one in (self.strange, self.known))
        found, wrong = self.below_strange[:, own], self.below_known[:, others]
        return self._mean(self.below_strange, _part(found, wrong), self.below_known[:, -1])

    def _mean(self, below: Array, values: Array, others: Array) -> Array:
        """The mean over texts of one kind, ``below`` summed up, as far as there are texts of the other."""
        total = below[:, -1]
        return share((np.diff(below, axis=1) * values).sum(axis=1), total, total * others)


def _summed(scores: Array, weights: Array) -> tuple[Array, Array]:
    order = np.argsort(scores, kind="stable")
    below = np.zeros((len(weights), len(scores) + 1))
    np.cumsum(weights[:, order], axis=1, out=below[:, 1:])
    return scores[order], below


def _part(found: Array, wrong: Array) -> Array:
    part: Array = np.divide(found, found + wrong, out=np.zeros_like(found), where=found > 0)
    return part


def facet(ranked: Array) -> Array:
    """``max(0, 2 AUROC - 1)``: 0 is no better than chance, 1 is perfect."""
    found: Array = np.maximum(0.0, 2 * ranked - 1)
    return found


# -- rows ----------------------------------------------------------------------------------------


def rows(tables: Tables, version: int) -> Iterator[Row]:
    """How well each model tells each set of outliers from the test data, by each score that it has.

    Outliers of their own are resampled apart from the test data; those that were made of test texts are
    resampled with them.
    """
    for name, groups in tables.outliers.items():
        within, split = tables, TEST
        if groups is not None:
            split = f"outliers:{name}"
            within = replace(
                tables,
                sizes={**tables.sizes, split: len(groups)},
                groups={**tables.groups, split: groups},
            )
        for study in studies(within, "robustness", dict.fromkeys((TEST, split)), version):
            if study.runs and all({TEST, name} <= run.familiar.keys() for run in study.runs):
                yield from _rows(study, name, split)


def _rows(study: Study, name: str, split: str) -> Iterator[Row]:
    pairs = [(run.familiar[TEST], run.familiar[name]) for run in study.runs]
    n = min(len(known.index) for known in pairs[0])
    told = [by for by in NAMES if all(informative(by, *pair) for pair in pairs)]
    if not told:
        why = "the model does not tell how sure it is"
        yield study.row("outlier_auroc", float("nan"), {"outliers": name}, n=n, note=why)
    few = len(pairs[0][0].index) < RECOMMENDED
    thin = f"fewer than the {RECOMMENDED} recommended test texts set the threshold" if few else ""
    for by in told:
        place: Mapping[str, str | int | float] = {"outliers": name, "by": by}
        out = max(int(np.isnan(one.scores[by]).sum()) for pair in pairs for one in pair)
        without = f"without {out} texts that have no such score" if out else ""
        for measure, series in _series(study, pairs, by, split).items():
            direction: Direction = "lower" if measure == FALSE_POSITIVES else "higher"
            note = joined(without, thin if measure == FALSE_POSITIVES else "")
            yield study.row(measure, series, place, n=n, direction=direction, note=note)


def informative(by: str, known: Familiarity, strange: Familiarity) -> bool:
    """Whether a score is told of texts of both kinds, and not the same of all of them."""
    both = [one.scores[by][np.isfinite(one.scores[by])] for one in (known, strange)]
    return all(len(one) for one in both) and len(np.unique(np.concatenate(both))) > 1


def _series(
    study: Study, pairs: Sequence[tuple[Familiarity, Familiarity]], by: str, split: str
) -> dict[str, Array]:
    """By measure its series over all runs, ``(R, length)``."""
    runs = [_of_run(study, *pair, by, split) for pair in pairs]
    ranked, accepted, known, strange = np.moveaxis(np.stack(runs), -1, 0)
    return {
        "outlier_score": facet(ranked),
        "outlier_auroc": ranked,
        FALSE_POSITIVES: accepted,
        "outlier_aupr": strange,
        "outlier_aupr_known": known,
    }


def _of_run(study: Study, known: Familiarity, strange: Familiarity, by: str, split: str) -> Array:
    """Four statistics of a run, ``(length, 4)``."""
    a, b = (np.isfinite(one.scores[by]) for one in (known, strange))
    x, y = known.scores[by][a], strange.scores[by][b]
    found = []
    for v, w in zip(study.draws.weights(TEST), study.draws.weights(split), strict=True):
        sides = Sides.of(x, y, v[:, known.index[a]], w[:, strange.index[b]])
        both = sides.precision_known(), sides.precision_strange()
        found.append(np.stack([sides.auroc(), sides.false_positives(), *both], axis=-1))
    return np.concatenate(found)


# -- for people ----------------------------------------------------------------------------------


def histograms(tables: Tables) -> tuple[Histogram, ...]:
    """For each set of outliers and model, how familiar both kinds of texts look by the score that tells best."""
    found = []
    for name in tables.outliers:
        for model in tables.models:
            pairs = [
                (run.familiar[TEST], run.familiar[name])
                for run in model.runs
                if {TEST, name} <= run.familiar.keys()
            ]
            told = [by for by in NAMES if pairs and all(informative(by, *pair) for pair in pairs)]
            if told:
                best = max(told, key=lambda by: float(np.mean([_plain(by, *pair) for pair in pairs])))
                found.append(_histogram(name, model.name, best, pairs))
    return tuple(found)


def _plain(by: str, known: Familiarity, strange: Familiarity) -> float:
    x, y = (one.scores[by][np.isfinite(one.scores[by])] for one in (known, strange))
    return float(Sides.of(x, y, np.ones((1, len(x))), np.ones((1, len(y)))).auroc()[0])


def _histogram(name: str, model: str, by: str, pairs: Sequence[tuple[Familiarity, Familiarity]]) -> Histogram:
    sides = [np.concatenate([one.scores[by] for one in side]) for side in zip(*pairs, strict=True)]
    known, strange = (side[np.isfinite(side)] for side in sides)
    ends = float(min(known.min(), strange.min())), float(max(known.max(), strange.max()))
    shares = [np.histogram(side, BINS, ends)[0] / len(side) for side in (known, strange)]
    return Histogram(
        outliers=name,
        model=model,
        by=by,
        low=ends[0],
        high=ends[1],
        known=tuple(shares[0].round(6).tolist()),
        strange=tuple(shares[1].round(6).tolist()),
    )
