"""Resampled sums: how often each example is drawn, and what the columns then add up to.

All draws are whole numbers, and so are most statistics of examples (true positives, words, characters).
Sums of whole numbers below 2^24 are exact in single precision, where a matrix product takes half the time
and memory; :func:`sums` does it there whenever nothing can be lost.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.measure.statistics.interval import Floats, Statistic

BLOCK = 256
"""Resamples at a time: enough for a fast matrix product, few enough to stay near the processor."""
EXACT = 2**24
"""Whole numbers up to here are exact in single precision."""


def weights(
    n: int, resamples: int, generator: np.random.Generator, groups: ArrayLike | None = None
) -> Floats:
    """How often each example occurs in each bootstrap resample.

    Args:
        n: Number of examples, at least 1.
        resamples: Number of resamples, usually 2000. The result takes ``8 * resamples * n`` bytes;
            :func:`sums` draws the same without keeping them.
        generator: Source of randomness.
        groups: The cluster of each example, ``(n,)``; whole clusters are drawn, as many as there are.

    Returns:
        ``(resamples, n)`` counts. Rows sum to ``n``, with clusters of unequal size on average.
    """
    if groups is not None:
        names, codes = np.unique(groups, return_inverse=True)
        return weights(len(names), resamples, generator)[:, codes]
    drawn, at = np.empty((resamples, n)), 0
    for block in _counts(n, resamples, generator):
        drawn[at : at + len(block)] = block
        at += len(block)
    return drawn


def _counts(n: int, resamples: int, generator: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """The rows of :func:`weights`, some at a time; how many does not change what is drawn."""
    for size in _sizes(resamples):
        draws = generator.integers(n, size=(size, n))
        draws += n * np.arange(size)[:, np.newaxis]  # a range of its own for each resample
        yield np.bincount(draws.ravel(), minlength=size * n).reshape(size, n)


def _sizes(resamples: int) -> Iterator[int]:
    """How many resamples each block has."""
    for start in range(0, resamples, BLOCK):
        yield min(BLOCK, resamples - start)


def sums(
    table: Floats, resamples: int, generator: np.random.Generator, groups: ArrayLike | None = None
) -> Iterator[Floats]:
    """Column sums in each bootstrap resample, a block of resamples at a time.

    The same generator draws the same resamples as :func:`weights` does, but nothing of the size
    ``resamples * n`` is ever held. What shares examples (conditions, runs, models) goes into one
    table and thereby stays paired.

    Args:
        table: Additive statistics, ``(n, ...)``: one row per example, whose columns may be laid out
            in any shape that ends with those of one score.
        resamples: Number of resamples.
        generator: Source of randomness.
        groups: The cluster of each example, ``(n,)``; whole clusters are drawn, as many as there are.

    Yields:
        Sums ``(some, ...)``.
    """
    units = table if groups is None else cluster_sums(table, groups)
    flat = compact(units.reshape(len(units), -1))
    for block in _counts(len(units), resamples, generator):
        yield (block.astype(flat.dtype) @ flat).astype(np.float64).reshape(-1, *table.shape[1:])


def compact(table: Floats) -> NDArray[np.floating]:
    """The table in single precision if any draw of as many rows, with repeats, then sums up exactly."""
    largest = float(np.abs(table).max(initial=0.0))
    whole = largest * len(table) < EXACT and bool((table == np.rint(table)).all())
    return table.astype(np.float32) if whole else np.ascontiguousarray(table)


def coins(n: int, draws: int, generator: np.random.Generator) -> Iterator[NDArray[np.bool_]]:
    """Fair and independent coins, ``(some, n)`` at a time, ``draws`` rows in all."""
    for size in _sizes(draws):
        bits = generator.integers(256, size=(size, -(-n // 8)), dtype=np.uint8)
        yield np.unpackbits(bits, axis=1, count=n).astype(np.bool_)


def cluster_sums(table: Floats, groups: ArrayLike) -> Floats:
    """Rows ``(n, ...)`` added up within clusters: ``(G, ...)``, in sorted order of the clusters."""
    names, codes = np.unique(groups, return_inverse=True)
    added = np.zeros((len(names), *table.shape[1:]))
    np.add.at(added, codes, table)
    return added


def left_out(table: Floats, groups: ArrayLike | None = None) -> Floats:
    """Column sums without each example, ``(n, ...)``, or without each cluster, ``(G, ...)``."""
    rows = table if groups is None else cluster_sums(table, groups)
    others: Floats = rows.sum(axis=0) - rows
    return others


def replicates(table: Floats, statistic: Statistic, W: Floats) -> Floats:
    """The statistic in each resample, ``(B,)``, from a table ``(n, p)`` and weights ``(B, n)``."""
    return statistic(W @ table)
