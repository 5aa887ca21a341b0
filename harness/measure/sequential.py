"""Watching a stream: has a share risen? Valid at any time, however long one looks (methods, section 7.7).

A fixed test that is repeated as a stream goes on raises a false alarm sooner or later. Evidence in
the sense of e-processes does not: under the null hypothesis the probability that it *ever* reaches
``1 / alpha`` is at most ``alpha`` (Ville 1939). Several streams share one error rate by splitting it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harness.measure.statistics import Interval, clopper_pearson

Floats = NDArray[np.float64]

STEPS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
"""How far alternatives lie above the null, in log-odds."""
PATIENCE = 0.2
"""Exponent of the weights of possible onsets: that of ``t`` is ``t^-0.2 - (t + 1)^-0.2``."""


@dataclass
class Riser:
    """Evidence that a share has risen above ``null`` at some time, one observation after the other.

    For each alternative ``q`` the likelihood ratio of ``q`` to ``null`` is started anew at every
    observation ``t``, and all of them are added with weights that sum to 1 over all onsets to come;
    the mean over the alternatives is the evidence. Weighted sums of e-processes are e-processes, so
    for any stream whose next observation has, whatever went before, a probability of at most
    ``null`` of being true, evidence ever reaches ``1 / alpha`` with probability ``alpha`` at most.
    After an onset at ``t`` it grows exponentially, delayed by about ``1.2 log t`` only. One step
    takes constant time and memory. (Shiryaev 1963; Shin, Ramdas & Rinaldo 2023, weighted
    Shiryaev-Roberts e-detectors; Waudby-Smith & Ramdas 2024.)

    Args:
        null: The largest share that is no reason for an alarm, in (0, 1).

    Raises:
        ValueError: If ``null`` does not lie in (0, 1).
    """

    null: float
    seen: int = 0
    _sums: Floats = field(init=False)
    _log_true: Floats = field(init=False)
    _log_false: Floats = field(init=False)
    _best: Floats = field(init=False)
    _since: NDArray[np.int64] = field(init=False)
    """By alternative, the likeliest onset: its place, the observations since and the true ones among them."""

    def __post_init__(self) -> None:
        if not 0 < self.null < 1:
            raise ValueError(f"expected a share between 0 and 1, got {self.null}")
        odds = self.null / (1 - self.null) * np.exp(STEPS)
        alternatives = odds / (1 + odds)
        self._log_true = np.log(alternatives / self.null)
        self._log_false = np.log((1 - alternatives) / (1 - self.null))
        self._sums, self._best = np.zeros(len(STEPS)), np.zeros(len(STEPS))
        self._since = np.zeros((3, len(STEPS)), np.int64)

    def observe(self, outcome: bool, place: int = 0) -> float:
        """Take in the next observation; returns the evidence after it.

        Args:
            outcome: Whether it is true.
            place: Where it was made, such as a line, if it is not simply the next.
        """
        self.seen += 1
        factor = self._log_true if outcome else self._log_false
        weight = math.pow(self.seen, -PATIENCE) - math.pow(self.seen + 1, -PATIENCE)
        with np.errstate(over="ignore"):  # more than can be written down is enough
            self._sums = (self._sums + weight) * np.exp(factor)
        anew = self._best <= 0  # a start here is at least as likely as any before
        self._since[:, anew] = np.array([[place or self.seen], [0], [0]])
        self._since[1] += 1
        self._since[2] += outcome
        self._best = np.where(anew, 0.0, self._best) + factor
        return self.evidence

    @property
    def evidence(self) -> float:
        """At least 0; 1 before anything was observed."""
        return float(self._sums.mean()) + math.pow(self.seen + 1, -PATIENCE)

    @property
    def onset(self) -> tuple[int, int, int]:
        """Since when the share most likely is higher (Page 1954).

        Returns:
            The place of the first such observation; the number since then, it included; and how many
            of them are true.
        """
        place, count, true = self._since[:, self._best.argmax()].tolist()
        return place, count, true


@dataclass(frozen=True)
class Reference:
    """What a share was before.

    Args:
        share: With its exact interval.
        count: Observations behind it.
        null: The largest share that is no reason for an alarm.
        alpha: What is left of the error rate for the stream.
    """

    share: Interval
    count: int
    null: float
    alpha: float


def reference(k: int, n: int, alpha: float, margin: float = 0.0) -> Reference:
    """The null hypothesis of a share that was ``k / n`` before.

    The reference is itself an estimate. Half of the error rate goes into an exact upper bound of
    the share (Clopper & Pearson 1934), which is what the stream is tested against at the other half;
    by the union bound the whole is a test of "no higher than before by more than the margin" whose
    false alarm rate is at most ``alpha``, over the reference and the stream together.

    Args:
        k: True observations of the reference.
        n: All of them, at least 1.
        alpha: Probability of ever raising a false alarm.
        margin: How much higher the share may be without being a reason for an alarm.

    Raises:
        ValueError: If there is no observation, or a rate or margin is not allowed.
    """
    if n < 1 or not 0 < alpha < 1 or not 0 <= margin < 1:
        raise ValueError(f"expected n >= 1, alpha in (0, 1), margin in [0, 1), got {n}, {alpha}, {margin}")
    upper = clopper_pearson(k, n, 1 - alpha).high  # two tails of alpha / 2, of which this is one
    return Reference(clopper_pearson(k, n), n, min(upper + margin, 1.0), alpha / 2)


@dataclass(frozen=True)
class Rise:
    """An alarm.

    Args:
        at: The place of the observation that raised it.
        onset: The place since which the share most likely is higher.
        share: The share since then with its exact interval, which describes what raised the alarm;
            as the onset was chosen for it, its coverage is not guaranteed.
        count: Observations since then.
        evidence: Against "no higher than before"; at least ``1 / alpha``.
    """

    at: int
    onset: int
    share: Interval
    count: int
    evidence: float


class Watch:
    """Watches one share and raises at most one alarm.

    Args:
        before: What it is compared with.
    """

    def __init__(self, before: Reference) -> None:
        self.before = before
        self.riser = Riser(before.null) if before.null < 1 else None
        self.alarm: Rise | None = None
        self.count = self.true = 0

    def observe(self, outcome: bool, place: int = 0) -> Rise | None:
        """Take in the next observation; returns the alarm if it is this one that raises it.

        Args:
            outcome: Whether it is true.
            place: Where it was made, if it is not simply the next.
        """
        self.count += 1
        self.true += outcome
        if self.riser is None or self.alarm is not None:
            return None
        evidence = self.riser.observe(outcome, place)
        if evidence * self.before.alpha < 1:
            return None
        onset, count, true = self.riser.onset
        self.alarm = Rise(place or self.count, onset, clopper_pearson(true, count), count, evidence)
        return self.alarm


def rate(alpha: float, known: int, later: int = 0) -> float:
    """The error rate of one of many streams, so that all together keep to ``alpha``.

    Args:
        alpha: For all of them.
        known: How many are known beforehand.
        later: 0 for one of these; ``k`` for the k-th that turns up later.
    """
    share = alpha / (known + 1)
    return share / (later * (later + 1)) if later else share
