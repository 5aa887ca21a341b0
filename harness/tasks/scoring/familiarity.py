"""How familiar an input looks to a model, by what it says and without any gold (methods, section 3.8)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.prediction import Classes, Prediction, Spans, Text

LEAST = 1e-12
"""Probabilities are kept this far from 0 in logarithms."""


class Familiar(NamedTuple):
    """How familiar an input looks; more is more familiar, and NaN is what a model does not tell.

    Args:
        probability: Of the answer, in [0, 1]: of the label, of the tag in the mean over words, of the
            answer in a text, or of a token in the geometric mean over a written text.
        energy: Log-sum-exp of the logits, in nats, of taggers the mean over words.
        entropy: Minus the entropy of the distribution, in nats: of taggers the mean over words, of several
            labels over labels, of answers over start and end.
        margin: Of answers in a text, log-probability of the best one less that of none, in nats.
    """

    probability: float
    energy: float
    entropy: float
    margin: float


NAMES = Familiar._fields


def familiarity(said: Prediction) -> Familiar:
    """How familiar the input of a prediction looks to the model that made it."""
    nan = math.nan
    if isinstance(said, Text):
        known = said.tokens > 0 and math.isfinite(said.logprob)
        return Familiar(math.exp(said.logprob / said.tokens) if known else nan, nan, nan, nan)
    p = said.probabilities.astype(np.float64)
    if isinstance(said, Classes):
        both = p if said.exclusive else np.stack([p, 1 - p], axis=-1)
        return Familiar(float(p.max()), said.energy, float(_certainty(both).mean()), nan)
    if not len(p):
        return Familiar(nan, nan, nan, nan)
    if said.labels == ("start", "end"):
        return _answered(said)
    return Familiar(float(p.max(-1).mean()), said.energy, float(_certainty(p).mean()), nan)


def _answered(said: Spans) -> Familiar:
    p = said.probabilities.astype(np.float64)
    nothing, best = float(p[0].prod()), said.ranked[0][1] if said.ranked else 0.0
    margin = math.log(max(best, LEAST)) - math.log(max(nothing, LEAST))
    return Familiar(max(best, nothing), math.nan, float(_certainty(p.T).mean()), margin)


def _certainty(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """``sum p log p`` over the last axis, at most 0."""
    found: NDArray[np.float64] = (p * np.log(np.maximum(p, LEAST))).sum(-1)
    return found
