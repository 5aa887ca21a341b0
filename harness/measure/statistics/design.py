"""How to spend questions, and how to make each of them tell more (methods, section 7.1)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from harness.measure.statistics.interval import Floats


def two_stage_variance(between: float, within: float, n: int, variants: float) -> float:
    """Variance of a mean over examples with several variants each (section 7.1).

    Args:
        between: Variance between examples of what they score on average, at least 0.
        within: Variance between the variants of an example, at least 0.
        n: Examples, at least 1.
        variants: Of each, at least 1.
    """
    return between / n + within / (n * variants)


def best_variants(between: float, within: float, cost: float = 1.0) -> float:
    """How many variants of each example make the mean surest at a given price (section 7.1).

    It is usually 1 or 2: more examples beat more variants. Never below 1, as there is no example without one.

    Args:
        between: Variance between examples, above 0.
        within: Variance between the variants of an example.
        cost: What a further example costs besides its variants, in prices of a variant: with nothing but
            the answers of a model to pay for, its clean text, so 1.

    Raises:
        ValueError: If the variance between examples is not above 0, or another number is negative.
    """
    if between <= 0 or min(within, cost) < 0:
        raise ValueError(
            f"expected between > 0, within >= 0 and cost >= 0, got {between}, {within} and {cost}"
        )
    return max(1.0, math.sqrt(cost * within / between))


def cuped(values: ArrayLike, known: ArrayLike) -> Floats:
    """Values of examples without what is foretold by a number that is known of each (section 7.1).

    The mean stays as it is and the variance falls by the square of the correlation: for the interval of a
    score where the same examples have been scored before, by a reference model or on clean texts.
    (Deng et al. 2013, CUPED.)

    Args:
        values: Of each example, ``(n,)``.
        known: The number that is known, ``(n,)``; nothing is foretold if all are equal.
    """
    y, z = np.asarray(values, dtype=np.float64), np.asarray(known, dtype=np.float64)
    apart = z - z.mean()
    spread = float(apart @ apart)
    found: Floats = y - (float(apart @ (y - y.mean())) / spread if spread > 0 else 0.0) * apart
    return found
