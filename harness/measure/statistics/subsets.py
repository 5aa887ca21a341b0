"""Many overlapping parts of the examples, each against the rest: tests and shrunken estimates (methods, 5.5 and 5.9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.measure.statistics.interval import Floats

BLOCK = 256
"""Permutations at a time."""


class Parts(NamedTuple):
    """What :func:`part_tests` says of each of K parts.

    Args:
        z: Shape ``(K,)``: difference of the part's mean to the rest's, in standard errors.
        p: Shape ``(K,)``: two-sided p-value of "no different from the rest", of each by itself.
        weaker: Shape ``(K,)``: one-sided p-value of "no weaker than the rest", adjusted for all K.
    """

    z: Floats
    p: Floats
    weaker: Floats


def part_tests(
    values: ArrayLike,
    parts: NDArray[np.bool_],
    draws: int,
    generator: np.random.Generator,
    groups: ArrayLike | None = None,
) -> Parts:
    """Whether parts of the examples differ from the rest, by permuting who has which value.

    If values have nothing to do with what parts are made of, every assignment of values to examples is
    as likely as the one that was seen, so the tests are exact, and the adjustment holds the chance of
    calling any part weak however parts overlap: it compares with the smallest ``z`` over all parts in
    each permutation, step by step down (Westfall and Young 1993, algorithm 2.8). Benjamini and
    Yekutieli's adjustment also allows any dependence, but pays a factor of ``log K`` for not knowing it.
    Values of a cluster change places, in order, with those of clusters of the same size, so what examples
    of a cluster have in common stays together; a cluster of a size of its own stays where it is.

    Args:
        values: Of each example, ``(n,)``.
        parts: Which examples belong to each part, ``(n, K)``; none empty, none with all.
        draws: Permutations; no p-value is below ``1 / (draws + 1)``.
        generator: Source of randomness.
        groups: The cluster of each example, ``(n,)``.
    """
    y = np.asarray(values, dtype=np.float64)
    n, size = len(y), parts.sum(axis=0).astype(np.float64)
    spread = float(y.var()) * n / max(1, n - 1) * size * (1 - size / n)
    if not parts.shape[1] or not spread.max(initial=0.0) > 0:
        nothing = np.ones(parts.shape[1])
        return Parts(nothing * 0, nothing, nothing)
    indicators, error = parts.astype(np.float64), np.sqrt(spread)
    centred = y - y.mean()
    z = centred @ indicators / error
    order = np.argsort(z)
    beyond, below = np.zeros(len(z)), np.zeros(len(z))
    for shuffled in _permuted(centred, groups, draws, generator):
        drawn = shuffled @ indicators / error
        beyond += (np.abs(drawn) >= np.abs(z) * (1 - 1e-9)).sum(axis=0)
        least = np.minimum.accumulate(drawn[:, order][:, ::-1], axis=1)[:, ::-1]
        below += (least <= z[order] + 1e-9 * np.abs(z[order])).sum(axis=0)
    weaker = np.empty(len(z))
    weaker[order] = np.maximum.accumulate((1 + below) / (draws + 1))
    return Parts(z, (1 + beyond) / (draws + 1), weaker)


def _permuted(
    values: Floats, groups: ArrayLike | None, draws: int, generator: np.random.Generator
) -> Iterator[Floats]:
    """Values in other places, ``(some, n)`` at a time."""
    blocks = list(_blocks(np.arange(len(values)) if groups is None else np.asarray(groups)))
    for start in range(0, draws, BLOCK):
        shuffled = np.empty((min(BLOCK, draws - start), len(values)))
        for places in blocks:
            for row in shuffled:
                row[places] = values[generator.permutation(places, axis=0)]
        yield shuffled


def _blocks(groups: NDArray[np.generic]) -> Iterator[NDArray[np.intp]]:
    """The places of the examples of all clusters of a size: ``(clusters, size)``, size by size."""
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(codes, kind="stable")
    starts = np.cumsum(sizes) - sizes
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        yield order[starts[which][:, np.newaxis] + np.arange(size)]


def shrunken(estimates: ArrayLike, variances: ArrayLike) -> Floats:
    """Estimates drawn towards their mean, each by as much as it is noise (section 5.9; empirical Bayes).

    What was chosen as the least of many is low by chance as well; its shrunken value is not. The true
    values are taken to vary normally; the variance between them is the method of moments'.

    Args:
        estimates: ``(K,)``.
        variances: Their squared standard errors, ``(K,)``.
    """
    x, v = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if len(x) < 2:
        return x.copy()
    between = max(0.0, float(x.var(ddof=1)) - float(v.mean()))
    precise = 1 / np.maximum(between + v, 1e-300)
    centre = float((precise * x).sum() / precise.sum())
    kept = np.divide(between, between + v, out=np.zeros_like(v), where=between + v > 0)
    drawn: Floats = centre + kept * (x - centre)
    return drawn


def shrunken_rates(hits: ArrayLike, sizes: ArrayLike) -> Floats:
    """Rates drawn towards their mean, by a Beta-binomial model (section 5.9; Kleinman 1973).

    The Beta distribution of the true rates has the mean of all hits over all trials and the variance
    that the rates have beyond what chance explains. Without any such variance all are the mean.

    Args:
        hits: Of each group, ``(K,)``; means over runs need not be whole.
        sizes: Trials of each group, ``(K,)``, at least 1.
    """
    k, n = np.asarray(hits, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    mean, total = float(k.sum() / n.sum()), float(n.sum())
    if len(k) < 2 or mean in (0.0, 1.0):
        return k / n
    # Of S = sum n (rate - mean)^2 what is expected beyond binomial noise is between * (N - sum n^2 / N).
    spread = float((n * (k / n - mean) ** 2).sum())
    noise = mean * (1 - mean) * (len(k) - 1)
    room = total - float((n**2).sum()) / total - (len(k) - 1)
    alike = min(1.0, max(0.0, (spread - noise) / (mean * (1 - mean) * room))) if room > 0 else 0.0
    if alike == 0:
        return np.full(len(k), mean)
    prior = (1 - alike) / alike
    drawn: Floats = (k + prior * mean) / (n + prior)
    return drawn
