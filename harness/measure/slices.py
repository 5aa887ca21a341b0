"""Parts of the test data and of shifts by themselves: by length, rarity, label, own columns (methods, 5.5 and 5.9).

A slice is a bucket of one feature: a quarter of the examples by a number, or a category. What is said of
it is always compared with the rest of the same split. Its sums are series over the resamples of all
examples of it, so slice, rest and runs stay paired; intervals count on no more examples than the slice has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.measure.common import ANY, DIFFERENCE, SHARE, Draws, Study, interval, joined
from harness.measure.stability import pseudo_values
from harness.measure.statistics import (
    Interval,
    benjamini_hochberg,
    part_tests,
    shrunken,
    shrunken_rates,
)
from harness.measure.tables import TEST, Array, Condition, Feature, Profile
from harness.rng import rng
from harness.rows import Row

MINIMUM = 30
"""Examples that a slice, and the rest, have at least (methods, section 5.5)."""
QUARTERS = (0.25, 0.5, 0.75)
CONTROLS = 12
"""Most categories that the effects of numbers are adjusted for, the most frequent first."""
STEEP = frozenset({"length", "rarest", "label_frequency"})
"""Features of which doubling counts, rather than adding."""


Place = Mapping[str, str | int | float]


class Slice(NamedTuple):
    """A bucket of a feature.

    Args:
        feature: Its name.
        bucket: What the values in it are: ``18-25``, or a category.
        rows: Which examples, ``(n,)``.
        middle: Mean value in it; NaN for a category.
    """

    feature: str
    bucket: str
    rows: NDArray[np.bool_]
    middle: float

    @property
    def size(self) -> int:
        """How many examples."""
        return int(self.rows.sum())


# -- formulas ------------------------------------------------------------------------------------


def buckets(feature: str, values: Feature) -> Iterator[Slice]:
    """Quarters of a number, each with equally many examples as far as ties allow; categories as they are.

    A number with four values or fewer is cut into these.
    """
    if values.dtype.kind == "U":
        for name in sorted({str(one) for one in values} - {""}):
            yield Slice(feature, name, values == name, np.nan)
        return
    there = values[np.isfinite(values)]
    if not len(there):
        return
    distinct = np.unique(there)
    edges = distinct[:-1] if len(distinct) <= len(QUARTERS) + 1 else _edges(there)
    place = np.searchsorted(edges, values, side="left")
    for at in range(len(edges) + 1):
        rows = (place == at) & np.isfinite(values)
        if rows.any():
            inside = values[rows]
            yield Slice(feature, _range(inside.min(), inside.max()), rows, float(inside.mean()))


def _edges(values: Array) -> Array:
    edges: Array = np.unique(np.quantile(values, QUARTERS, method="inverted_cdf"))
    return edges


def _range(low: float, high: float) -> str:
    ends = [f"{end:.0f}" if end == round(end) else f"{end:.3g}" for end in dict.fromkeys((low, high))]
    return "-".join(ends)


def cut(profile: Profile) -> list[Slice]:
    """All slices that are large enough, and so is the rest."""
    return [
        one
        for feature, values in profile.features.items()
        for one in buckets(feature, values)
        if MINIMUM <= one.size <= len(one.rows) - MINIMUM
    ]


def slope(scores: Array, at: Array) -> Array:
    """Least squares slope of scores ``(..., G)`` over the places ``(G,)`` of the buckets."""
    centred = at - at.mean()
    found: Array = scores @ centred / (centred**2).sum()
    return found


def part_sums(
    draws: Draws, split: str, rows: NDArray[np.bool_], index: NDArray[np.int64], table: Array
) -> Array:
    """Column sums over some of the examples, as series ``(length, p)``.

    Args:
        rows: Which examples, ``(n,)``.
        index: The example that each row of the table stems from, ``(k,)``.
        table: ``(k, p)``.
    """
    part, n = draws.splits[split], len(rows)
    chosen = rows[index]
    places, inside = index[chosen], table[chosen]
    series = np.empty((draws.length, table.shape[1]))
    series[:] = inside.sum(axis=0)
    series[1 : 1 + draws.resamples] = part.W[:, places] @ inside
    units = np.arange(n) if part.groups is None else np.unique(part.groups, return_inverse=True)[1]
    np.subtract.at(series, part.units.start + units[places], inside)
    return series


def contributions(study: Study, split: str) -> Array:
    """What each example contributes to the score, as the mean over runs, ``(n,)``.

    For a mean these are the scores of the examples; for F1 and its like the jackknife's pseudo-values.
    """
    found = []
    for cell in study.cells(Condition(split)):
        stats = np.zeros((study.tables.sizes[split], cell.stats.shape[1]))
        np.add.at(stats, cell.index, cell.stats)
        total = stats.sum(axis=0)
        score = study.tables.score
        found.append(pseudo_values(np.array([score(total)]), score(total - stats)[np.newaxis])[0])
    mean: Array = np.mean(found, axis=0)
    return mean


def drawn(
    study: Study, split: str, parts: Sequence[NDArray[np.bool_]], scores: Array, values: Array
) -> Array:
    """The scores of parts of a split, drawn together by as much as they are noise (section 5.9).

    As rates where an example is right or wrong; else as means with a variance per example that is the
    jackknife's of the part's own score, pooled over all parts.

    Args:
        parts: Which examples, K times ``(n,)``.
        scores: Of each part, the mean over runs, ``(K,)``.
        values: What :func:`contributions` gives.
    """
    sizes = np.array([rows.sum() for rows in parts], float)
    if np.isin(values.round(9), (0, 1)).all():
        return shrunken_rates(np.rint(scores * sizes), sizes)
    spread = np.array([_variance(study, split, rows) for rows in parts])
    return np.clip(shrunken(scores, float((spread * sizes).sum() / sizes.sum()) / sizes), 0, 1)


def _variance(study: Study, split: str, rows: NDArray[np.bool_]) -> float:
    """Variance per example of the score of a part, the mean over runs."""
    left = []
    for cell in study.cells(Condition(split)):
        stats = cell.stats[rows[cell.index]]
        left.append(study.tables.score(stats.sum(axis=0) - stats))
    mean = np.mean(left, axis=0)
    return float((len(mean) - 1) * ((mean - mean.mean()) ** 2).sum())


# -- rows ----------------------------------------------------------------------------------------


def blind(study: Study, split: str, rows: NDArray[np.bool_]) -> bool:
    """Whether the score does not see these examples: it is 0, though they are answered rightly.

    So it is with F1 where there is nothing to find, such as texts without a relation.
    """
    for cell in study.cells(Condition(split)):
        inside = rows[cell.index]
        right = cell.right is not None and cell.right[inside].any()
        if not right or float(study.tables.score(cell.stats[inside].sum(axis=0))) > 0:
            return False
    return True


def rows(study: Study, split: str) -> Iterator[Row]:
    """Scores of slices and what they differ from the rest by; by feature their spread and the worst.

    Args:
        study: Of a model, with the resampling of the split.
        split: ``test``, or a shift, which rows then name.
    """
    profile = study.tables.profiles.get(split)
    asked = study.runs and all(Condition(split) in run.cells for run in study.runs)
    found = cut(profile) if profile is not None and asked else []
    slices = [one for one in found if not blind(study, split, one.rows)]
    if not slices or profile is None:
        return
    total = study.clean(split)
    parts = [_scored(study, split, one, total) for one in slices]
    values = contributions(study, split)
    told = tested(study, split, slices, values)
    where: Place = {} if split == TEST else {"shift": split}
    for one, (score, gap), (p, q) in zip(slices, parts, told, strict=True):
        place = {**where, "slice": one.feature, "bucket": one.bucket}
        yield study.row("slice_score", score, place, n=one.size)
        note = f"p = {p:.3g}; adjusted for {len(slices)} slices {q:.3g}"
        yield study.row("slice_gap", gap, place, n=one.size, bounds=DIFFERENCE, note=note)
    for feature in dict.fromkeys(one.feature for one in slices):
        own = [(one, part[0]) for one, part in zip(slices, parts, strict=True) if one.feature == feature]
        if len(own) > 1:
            place = {**where, "slice": feature}
            yield from _feature_rows(study, split, place, own, values)
    yield from _effects(study, split, profile, where)


def tested(study: Study, split: str, slices: Sequence[Slice], values: Array) -> list[tuple[float, float]]:
    """Of each slice how likely it would differ so much from the rest by chance: alone, and among all."""
    found = part_tests(
        values,
        np.column_stack([one.rows for one in slices]),
        study.tables.resamples,
        rng(study.tables.seed, "slices", split),
        study.draws.splits[split].groups,
    )
    return list(zip(found.p.tolist(), benjamini_hochberg(found.p).tolist(), strict=True))


def _scored(study: Study, split: str, one: Slice, total: Array) -> tuple[Array, Array]:
    """Score of a slice, and its difference to the rest, as series ``(R, length)``."""
    inside = np.stack(
        [
            part_sums(study.draws, split, one.rows, cell.index, cell.stats)
            for cell in study.cells(Condition(split))
        ]
    )
    score = study.tables.score(inside)
    return score, score - study.tables.score(total - inside)


def _feature_rows(
    study: Study, split: str, place: Place, scored: Sequence[tuple[Slice, Array]], values: Array
) -> Iterator[Row]:
    slices, scores = zip(*scored, strict=True)
    n, series = sum(one.size for one in slices), np.stack(scores, axis=-1)
    means = series[:, 0].mean(axis=0)
    worst = int(means.argmin())
    among = f"{slices[worst].bucket} of {len(slices)} buckets with {MINIMUM} examples or more"
    spread = series.max(axis=-1) - series.min(axis=-1)
    chance = "best less worst bucket; above 0 even if all are alike"
    yield study.row("slice_spread", spread, place, n=n, direction="lower", note=chance)
    if place["slice"] == "length":
        at = np.log2([one.middle for one in slices])
        per = "points of score for a text twice as long"
        yield study.row("slice_slope", slope(series, at), place, n=n, bounds=ANY, direction="none", note=per)
    yield _worst(study, place, slices, scores, among)
    least = float(drawn(study, split, [one.rows for one in slices], means, values).min())
    note = "least of the buckets' scores after drawing each towards their mean by as much as it is noise"
    yield study.row("worst_group_shrunken", least, place, n=n, note=note)


def _worst(
    study: Study,
    place: Place,
    slices: Sequence[Slice],
    scores: Sequence[Array],
    among: str,
) -> Row:
    """The least score, between the least bounds that hold for all groups at once (Bonferroni)."""
    level = 1 - (1 - study.tables.level) / len(slices)
    found = [
        interval(series, study.draws, level, SHARE, study.draws.behind(one.size))
        for one, series in zip(slices, scores, strict=True)
    ]
    worst = min(found, key=lambda one: one.value)
    ends = (min(one.low for one in found), min(one.high for one in found))
    kind = Interval(worst.value, *ends, f"{worst.method}-bonferroni", worst.status)
    n = min(one.size for one in slices)
    sizes = f"groups of {n} to {max(one.size for one in slices)} examples"
    return study.row("worst_group", kind, place, n=n, note=joined(among, sizes))


def _effects(study: Study, split: str, profile: Profile, where: Place) -> Iterator[Row]:
    """What each number does to the score while the others stay as they are (least squares)."""
    names, X = design(profile.features)
    if not names:
        return
    n, p = X.shape
    ys = [contributions(replace(study, runs=(run,)), split) for run in study.runs]
    table = np.hstack(
        [(X[:, :, np.newaxis] * X[:, np.newaxis]).reshape(n, -1), *(X * y[:, None] for y in ys)]
    )
    (sums,) = study.draws.sums(split, [(np.arange(n), table)])
    left = sums[:, : p * p].reshape(-1, p, p) + 1e-9 * n * np.eye(p)
    right = sums[:, p * p :].reshape(-1, len(ys), p).swapaxes(1, 2)
    effects = np.linalg.solve(left, right)
    for at, name in enumerate(names, 1):
        note = "change of the score for a standard deviation more, other features unchanged"
        yield study.row(
            "slice_effect",
            effects[:, at].T,
            {**where, "slice": name},
            n=n,
            bounds=ANY,
            direction="none",
            note=note,
        )


def design(features: Mapping[str, Feature]) -> tuple[list[str], Array]:
    """What effects are estimated from: names of the numbers, and ``(n, 1 + numbers + categories)``.

    The first column is 1, then come the numbers with mean 0 and standard deviation 1 (a missing one is
    the mean), then an indicator for each of the most frequent categories but the first of each feature.
    """
    n = len(next(iter(features.values()), ()))
    names, numbers, indicators = [], [], []
    for name, values in features.items():
        if values.dtype.kind == "U":
            known, counts = np.unique(values, return_counts=True)
            order = np.argsort(-counts, kind="stable")[1:]
            indicators += [(int(counts[at]), (values == known[at]).astype(float)) for at in order]
            continue
        x = np.log2(1 + values) if name in STEEP else values.astype(float)
        x = np.where(np.isfinite(x), x, np.nanmean(x) if np.isfinite(x).any() else 0.0)
        if np.ptp(x) > 0:
            names.append(name)
            numbers.append((x - x.mean()) / x.std())
    frequent = [one for one in sorted(indicators, key=lambda one: -one[0]) if one[0] >= MINIMUM][:CONTROLS]
    columns = [np.ones(n), *numbers, *(column for _, column in frequent)]
    return names, np.column_stack(columns)
