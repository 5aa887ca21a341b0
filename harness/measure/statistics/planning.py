"""How much data decides: examples, runs, and the smallest loss that can be seen (methods, section 7.5).

All plans are for one-sided gates that pass when a lower bound lies above ``-margin``. For several gates
that shall all pass with a probability, plan each for its root: of five, for ``0.9 ** (1 / 5)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, ndtr, ndtri, stdtrit

from harness.measure.statistics.interval import Floats, jackknife_variance

MOST = 10**9
"""Runs or examples beyond which nobody looks."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(128)


# -- one run of each model -------------------------------------------------------------------------


def unit_sd(jackknife: Floats) -> float:
    """Standard deviation per example of any score, so that ``unit_sd / sqrt(n)`` is its standard error.

    What :func:`needed` and its like want to know; of a paired difference, take the differences of the
    left-out scores.

    Args:
        jackknife: The score without each example, ``(n,)``.
    """
    return math.sqrt(jackknife.size * jackknife_variance(jackknife))


def needed(sd: float, margin: float, alpha: float = 0.05, power: float = 0.8, difference: float = 0.0) -> int:
    """How many examples a one-sided non-inferiority gate needs (section 7.5).

    To show equivalence, which has to hold on both sides, of two models that are equally good, ask for a
    power of ``(1 + power) / 2``.

    Args:
        sd: Standard deviation of the paired differences; for 0/1 scores about the square root of
            the share of discordant examples.
        margin: The tolerated loss, in units of the score.
        alpha: Chance of passing a candidate that is worse by ``margin``.
        power: Chance of passing one that is better by ``difference``.
        difference: The true difference to plan for, above ``-margin``.

    Raises:
        ValueError: If the planned difference is itself a loss of ``margin`` or more.
    """
    _check_distance(margin, difference)
    return math.ceil((_z_sum(alpha, power) * sd / (margin + difference)) ** 2)


def detectable(sd: float, n: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest loss that ``n`` examples can tell from none (section 7.5); see :func:`needed`."""
    return _z_sum(alpha, power) * sd / math.sqrt(n)


def power(sd: float, n: int, margin: float, alpha: float = 0.05, difference: float = 0.0) -> float:
    """The chance that a gate with so many examples passes a candidate that is better by ``difference``.

    The reverse of :func:`needed`, whose arguments these are; ignores the noise in ``sd``.
    """
    if sd == 0:
        return float(margin + difference > 0)
    return float(ndtr((margin + difference) * math.sqrt(n) / sd - ndtri(1 - alpha)))


def _z_sum(alpha: float, power: float) -> float:
    return float(ndtri(1 - alpha) + ndtri(power))


# -- runs and examples -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """Variances of a score, or of a paired difference, in the design of runs x examples.

    Those of :func:`harness.measure.statistics.crossed` for scores ``(R, n)``, with 0 for what is negative.

    Args:
        run: Between runs, on all examples alike.
        example: Between examples, in all runs alike.
        rest: Of a run on an example, besides.

    Raises:
        ValueError: If one is negative, or all are 0.
    """

    run: float
    example: float
    rest: float

    def __post_init__(self) -> None:
        if min(self.run, self.example, self.rest) < 0 or self.run + self.example + self.rest <= 0:
            raise ValueError(f"expected variances, not all of them 0, got {self}")

    def error(self, runs: float, n: float) -> tuple[float, float]:
        """Standard error of the mean, and the degrees of freedom that :func:`two_way_t` can expect."""
        squares = n * self.run + self.rest, runs * self.example + self.rest, self.rest
        total = squares[0] + squares[1] - squares[2]
        df = runs - 1, n - 1, (runs - 1) * (n - 1)
        noise = sum(square**2 / free for square, free in zip(squares, df, strict=True))
        return math.sqrt(total / (runs * n)), max(df[0], total**2 / noise)


def two_way_power(
    spread: Spread, runs: int, n: int, margin: float, alpha: float = 0.05, difference: float = 0.0
) -> float:
    """The chance that a gate on :func:`two_way_t` passes a recipe that is better by ``difference``.

    Args:
        spread: Variances, as known from a pilot; their own noise is ignored.
        runs: R, at least 2.
        n: Examples, at least 2.
        margin: The tolerated loss, in units of the score.
        alpha: Chance of passing a recipe that is worse by ``margin``.
        difference: The true difference.

    Raises:
        ValueError: If there are fewer than 2 runs or examples.
    """
    if min(runs, n) < 2:
        raise ValueError(f"expected 2 runs and examples or more, got {runs} and {n}")
    error, df = spread.error(runs, n)
    return _passes((margin + difference) / error, df, alpha)


def _passes(errors: float, df: float, alpha: float) -> float:
    """The chance that a t statistic with this non-centrality is beyond its critical value."""
    critical = float(stdtrit(df, 1 - alpha))
    # given the estimated standard error the statistic is normal; SciPy's own fails far from 0
    estimated = np.sqrt(chdtri(df, (_NODES + 1) / 2) / df)
    return float(_WEIGHTS @ ndtr(errors - critical * estimated)) / 2


def two_way_detectable(spread: Spread, runs: int, n: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest loss that so many runs and examples tell from none; see :func:`two_way_power`."""
    from scipy.optimize import brentq

    error, df = spread.error(runs, n)
    far = 1.0
    while _passes(far, df, alpha) < power:
        far *= 2
    return error * float(brentq(lambda errors: _passes(errors, df, alpha) - power, 0.0, far))


def needed_runs(
    spread: Spread, n: int, margin: float, alpha: float = 0.05, power: float = 0.8, difference: float = 0.0
) -> int:
    """How many runs a gate on :func:`two_way_t` needs with ``n`` examples; see :func:`two_way_power`.

    Raises:
        ValueError: If no number of runs suffices, because the examples are too few; it says how many would do.
    """
    _check_distance(margin, difference)
    if _asymptotic(math.sqrt(spread.example / n), math.inf, margin + difference, alpha) <= power:
        least = needed(math.sqrt(spread.example), margin, alpha, power, difference)
        raise ValueError(f"no number of runs suffices with {n} examples: it takes more than {least} of them")
    return _least(lambda runs: two_way_power(spread, runs, n, margin, alpha, difference), power)


def needed_examples(
    spread: Spread, runs: int, margin: float, alpha: float = 0.05, power: float = 0.8, difference: float = 0.0
) -> int:
    """How many examples a gate on :func:`two_way_t` needs with so many runs; see :func:`two_way_power`.

    Raises:
        ValueError: If no number of examples suffices, because the runs are too few.
    """
    _check_distance(margin, difference)
    if _asymptotic(math.sqrt(spread.run / runs), runs - 1, margin + difference, alpha) <= power:
        raise ValueError(f"no number of examples suffices with {runs} runs: they differ too much")
    return _least(lambda n: two_way_power(spread, runs, n, margin, alpha, difference), power)


def halving(spread: Spread, runs: int, n: int, level: float = 0.95) -> tuple[int | None, int | None]:
    """How many runs, or else examples, make the interval of :func:`two_way_t` half as wide as it is.

    Args:
        spread: Variances, as known from these runs; their own noise is ignored.
        runs: R, at least 2.
        n: Examples, at least 2.
        level: Two-sided coverage.

    Returns:
        Runs on ``n`` examples, and examples of ``runs`` runs; None if no number suffices.
    """

    def narrower(more_runs: float, more: float) -> float:
        return _width(spread, runs, n, level) / _width(spread, more_runs, more, level)

    by_runs = _least(lambda many: narrower(many, n), 2) if narrower(MOST, n) >= 2 else None
    by_examples = _least(lambda many: narrower(runs, many), 2) if narrower(runs, MOST) >= 2 else None
    return by_runs, by_examples


def _width(spread: Spread, runs: float, n: float, level: float) -> float:
    error, df = spread.error(runs, n)
    return error * float(stdtrit(df, (1 + level) / 2))


def _check_distance(margin: float, difference: float) -> None:
    if margin + difference <= 0:
        raise ValueError(f"no sample shows a true difference of {difference} to lie above {-margin}")


def _asymptotic(error: float, df: float, distance: float, alpha: float) -> float:
    if error == 0:
        return 1.0
    if math.isinf(df):
        return float(ndtr(distance / error - ndtri(1 - alpha)))
    return _passes(distance / error, df, alpha)


def _least(chance: Callable[[int], float], power: float) -> int:
    """The least number from 2 on that has the power, by doubling and halving."""
    high = 2
    while chance(high) < power:
        if high > MOST:
            raise ValueError(f"more than {MOST} would be needed")
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle) >= power else (middle, high)
    return high
