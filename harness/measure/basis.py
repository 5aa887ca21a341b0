"""What a number rests on, unit by unit: enough to compare it with another of its kind.

A score moves when one of its examples is left out. Scaled so that their squares add up to the variance
of the score, these movements tell how two scores vary *together*: where the examples are the same, the
variance of a difference is the sum of the squares of the differences. So any number of a run can be
compared with the same number of another run, or of another model, without the answers of either
(jackknife: Tukey 1958; methods, sections 0.2, 4.7 and 7.4).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

from harness.measure.statistics import FEW, Interval, tango
from harness.rows import Row

Array = NDArray[np.float64]

SAME = 1e-6
"""Below it two numbers are equal."""
ROUNDED = 1e-3
"""Relative difference of parts that are equal: what was written down has so many digits."""
FURTHEST = 1e6
"""Standard errors beyond which a number is certain."""
FAR = 1000.0
"""So many times the runs or examples nobody will collect."""


@dataclass(frozen=True)
class Error:
    """Where the variance of a number, or of a difference, comes from.

    Args:
        examples: The choice of examples.
        between: The choice of runs, 0 where there is one.
        both: What is in both of them.
        noise: What ``between`` and ``both`` may be off by, in squares (Satterthwaite).
        runs: How many there are; of two numbers the larger.
        count: Independent examples.
    """

    examples: float
    between: float
    both: float
    noise: float
    runs: int
    count: int

    @property
    def variance(self) -> float:
        """Of the number; see :func:`harness.measure.common.over_runs`."""
        return max(self.examples + self.between - self.both, self.examples, self.between)

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the variance, at least those of the runs."""
        noise = self.noise + self.examples**2 / max(1, self.count - 1)
        return max(self.variance**2 / noise if noise else math.inf, self.runs - 1, 1)

    def with_more(self, runs: float = 1.0, examples: float = 1.0) -> float:
        """The variance with so many times the runs and the examples."""
        only_runs, only_examples = max(self.between - self.both, 0.0), max(self.examples - self.both, 0.0)
        return only_runs / runs + only_examples / examples + self.both / (runs * examples)


@dataclass(frozen=True)
class Basis:
    """What a number, the mean over R runs of a statistic, rests on.

    Args:
        units: Which examples, or clusters of them, they are: equal for equal data.
        parts: Shape ``(units,)``: what each contributes; the squares add up to the variance of the
            number that is due to the choice of examples.
        runs: The statistic of each run.
        both: The part of that variance that is due to runs erring on different examples, which the
            spread of the runs contains as well; 0 for a single run.
        count: Independent units behind the number.
    """

    units: str
    parts: Array
    runs: tuple[float, ...]
    both: float
    count: int

    @property
    def value(self) -> float:
        """The number itself."""
        return float(np.mean(self.runs))

    @property
    def error(self) -> Error:
        """What the number may be off by."""
        runs = len(self.runs)
        between = float(np.var(self.runs, ddof=1)) / runs if runs > 1 else 0.0
        freedom = max(1, self.count - 1)
        noise = 0.0
        if runs > 1:
            noise = between**2 / (runs - 1) + self.both**2 / ((runs - 1) * freedom)
        examples = float((self.parts**2).sum())
        return Error(examples, between, self.both, noise, runs, self.count)


Bases = Mapping[str, Basis]
"""By the name of a row."""


@dataclass(frozen=True, kw_only=True)
class Measured(Row):
    """A result row and what it rests on, if that can be told."""

    basis: Basis | None = field(default=None, repr=False, compare=False)


def plain(row: Row) -> Row:
    """The row alone, as results have it."""
    return Row(**{one.name: getattr(row, one.name) for one in fields(Row)})


def basis_of(values: Array, without: Iterable[Array], units: str, count: int) -> Basis | None:
    """The basis of a mean over runs.

    Args:
        values: The statistic of each run, ``(R,)``.
        without: The same without each unit, ``(R, units)``, one array for each split whose examples are
            drawn independently of the others'.
        units: Which units they are.
        count: How many of the units the statistic looks at, about.

    Returns:
        None where the statistic, or what is left of it without some unit, is undefined.
    """
    moved = []
    for one in without:
        n = one.shape[1]
        moved.append(math.sqrt((n - 1) / n) * (one.mean(axis=1, keepdims=True) - one))
    parts = np.concatenate(moved, axis=1)
    if not (np.isfinite(parts).all() and np.isfinite(values).all()):
        return None
    mean = parts.mean(axis=0)
    runs = len(values)
    both = float(((parts - mean) ** 2).sum()) / (runs - 1) / runs if runs > 1 else 0.0
    return Basis(units, mean, tuple(values.tolist()), both, count)


def paired(now: Basis, before: Basis) -> bool:
    """Whether two numbers rest on the same units."""
    return now.units == before.units != "" and now.parts.shape == before.parts.shape


def same(now: Basis, before: Basis) -> bool:
    """Whether nothing at all has changed: neither a run nor what any example contributes.

    Two models may be equally good without being the same.
    """
    return (
        paired(now, before)
        and len(now.runs) == len(before.runs)
        and bool(np.allclose(now.runs, before.runs, atol=SAME))
        and bool(np.allclose(now.parts, before.parts, rtol=ROUNDED, atol=SAME**2))
    )


def difference(now: Basis, before: Basis, level: float) -> Interval:
    """Interval of ``now - before`` for a claim about the recipes of both on unseen examples.

    On the same units the examples' variance is that of the paired difference, otherwise the sum of the
    two. Several runs add their spread, as in :func:`harness.measure.common.over_runs`, with Student's t
    after Satterthwaite. Single runs are compared as they are: shares of right answers by Tango's score
    interval, which keeps its level where few examples differ (methods, section 7.4); other numbers by
    their standard error, bent by the skewness of the differences as BCa does to second order.

    Args:
        now: What is judged.
        before: What it is compared with.
        level: Two-sided coverage.
    """
    together = paired(now, before)
    value, single = now.value - before.value, len(now.runs) == len(before.runs) == 1
    if together and single and (counts := _discordant(now, before)):
        low, high = tango(*counts, level)
        return Interval(value, low, high, "tango")
    method = ("paired-" if together else "independent-") + ("bca" if single else "runs-x-examples-t")
    error = error_of(now, before)
    if error.variance <= (SAME * max(abs(now.value), abs(before.value), 1.0)) ** 2:
        low, high = tango(0, 0, error.count, level)  # no example differs, of so many
        return Interval(value, value + low, value + high, "tango")
    status = "underpowered" if error.count < FEW else "ok"
    if single:
        low, high = _bent(value, _apart(now, before), error.count, level)
        return Interval(value, low, high, method, status)
    half = float(stdtrit(error.freedom, (1 + level) / 2)) * math.sqrt(error.variance)
    return Interval(value, value - half, value + half, method, status)


def error_of(now: Basis, before: Basis) -> Error:
    """What the difference of two numbers may be off by."""
    one, other = now.error, before.error
    return Error(
        examples=float((_apart(now, before) ** 2).sum()),
        between=one.between + other.between,
        both=one.both + other.both,
        noise=one.noise + other.noise,
        runs=max(one.runs, other.runs),
        count=min(one.count, other.count),
    )


def _apart(now: Basis, before: Basis) -> Array:
    if paired(now, before):
        return now.parts - before.parts
    return np.concatenate([now.parts, -before.parts])


def interval(row: Row) -> Interval:
    """A row's number; without width where nothing is known of it."""
    assert row.value is not None
    low, high = (row.value if end is None else end for end in (row.low, row.high))
    return Interval(row.value, low, high, "")


def independent(now: Interval, before: Interval) -> Interval:
    """Interval of a difference of two numbers of which nothing is known but their intervals.

    From the distance of each end to its estimate (MOVER; Zou & Donner 2008): asymmetric intervals give
    an asymmetric one. Wider than it could be where the two share examples.
    """
    value = now.value - before.value
    down = math.hypot(now.value - now.low, before.high - before.value)
    up = math.hypot(now.high - now.value, before.value - before.low)
    return Interval(value, value - down, value + up, "independent-mover")


def _discordant(now: Basis, before: Basis) -> tuple[int, int, int] | None:
    """How many units only the first is right on, how many only the second, and all that both look at."""
    answers, old = _right(now), _right(before)
    if answers is None or old is None:
        return None
    first, second = answers == 1, old == 1
    there = np.isfinite(answers) & np.isfinite(old)
    b, c = int((first & ~second & there).sum()), int((second & ~first & there).sum())
    # of a share that is 0 or 1 throughout no part tells which units it looks at, only how many
    return b, c, max(b + c, min(int(there.sum()), now.count, before.count))


def _right(basis: Basis) -> Array | None:
    """Which units were right, if the number is the share of them; NaN for those that it does not look at.

    The part of a unit in a mean is its distance to the mean, so that it can be read back.
    """
    value, n = basis.value, len(basis.parts)
    if value in (0.0, 1.0):
        return np.full(n, value) if not basis.parts.any() else None
    seen = basis.parts != 0
    m = int(seen.sum())
    if m < 2:
        return None
    scores = value + (m - 1) * basis.parts / math.sqrt((n - 1) / n)
    if not np.isclose(scores[seen], scores[seen].round(), atol=1e-3).all():
        return None
    if not np.isin(scores[seen].round(), (0, 1)).all():
        return None
    return np.where(seen, scores.round(), np.nan)


def _bent(value: float, apart: Array, count: int, level: float) -> tuple[float, float]:
    """Bounds of a mean that lie further out on the side of its long tail (Efron 1987; Hall 1992, 3.10)."""
    error = math.sqrt(float((apart**2).sum()))
    skew = float((apart**3).sum()) / error**3
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    z = stdtrit(max(1, count - 1), tails)
    bias = skew / 6
    scale = 1 - bias * (bias + z)
    if (scale <= 0).any():
        return value + error * float(z[0]), value + error * float(z[1])
    shifted = bias + (bias + z) / scale
    low, high = value + error * (shifted + skew * (shifted**2 - 1) / 6)
    return float(low), float(high)


def chance(found: Interval, limit: float, level: float, above: bool) -> float:
    """How likely a number so far beyond a limit is if the limit is only just met; one-sided.

    The bound on the limit's side lies a known number of standard errors away, and the limit so many times
    as far: it is below ``(1 - level) / 2`` exactly where the bound does not reach the limit.

    Args:
        found: The number and its interval; one without width, or without ends, is taken as certain.
        limit: What it is compared with.
        level: Of the interval.
        above: Whether it should lie above the limit.
    """
    beyond = limit - found.value if above else found.value - limit
    bound = found.high if above == (beyond > 0) else found.low
    reach = abs(bound - found.value) if math.isfinite(bound) else 0.0
    if reach <= abs(beyond) / FURTHEST:
        return float(beyond <= 0)
    return float(ndtr(-beyond / reach * ndtri((1 + level) / 2)))


def remedy(error: Error, away: float, level: float, n: int) -> str:
    """What would decide a comparison whose estimate stays as it is: how many runs, or else examples.

    Args:
        error: Of the number.
        away: How far it lies from the limit.
        level: Two-sided coverage of the interval that has to clear it.
        n: Examples behind the number.

    Returns:
        A phrase such as "about 7 runs (now 3) or 900 examples (now 300)"; empty if nothing realistic would.
    """
    least = (away / _quantile(error.freedom, level)) ** 2
    ways = []
    if error.runs > 1:
        runs = next((r for r in range(error.runs + 1, 101) if _clears(error, r, away, level)), 0)
        ways += [f"{runs} runs (now {error.runs})"] if runs else []
    left = least - error.with_more(examples=math.inf)
    if left > 0:
        times = (error.with_more() - error.with_more(examples=math.inf)) / left
        if times < FAR:
            ways.append(f"{round(times * n):,} examples (now {n:,})")
    if not ways and error.runs > 1:  # neither alone, but together
        times = error.with_more() / least
        ways += [f"{times:.1f} times as many runs and examples"] if times < FAR else []
    return f"about {' or '.join(ways)}" if ways else ""


def _clears(error: Error, runs: int, away: float, level: float) -> bool:
    times = runs / error.runs
    freedom = error.freedom * (runs - 1) / (error.runs - 1)
    return _quantile(freedom, level) * math.sqrt(error.with_more(runs=times)) <= away


def _quantile(freedom: float, level: float) -> float:
    return float(stdtrit(freedom, (1 + level) / 2) if math.isfinite(freedom) else ndtri((1 + level) / 2))
