"""How sure a prediction is of itself, and what that costs if it is wrong (methods, section 3.9)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from harness.prediction import Classes, Prediction, Spans
from harness.text import Example

LEAST = 1e-12
"""Probabilities are kept this far from 0 in the log loss."""


class Sure(NamedTuple):
    """How sure a prediction is.

    Args:
        confidence: Probability of the answer, in [0, 1]; NaN if the answer has none.
        brier: Squared distance of the probabilities to what is right, in [0, 2]; for answers in a text
            that of the answer's probability alone, in [0, 1]. NaN likewise.
        loss: Minus the log-probability of the right label, in nats; NaN where labels have none.
    """

    confidence: float
    brier: float
    loss: float


UNSURE = Sure(math.nan, math.nan, math.nan)


def sureness(example: Example, prediction: Prediction, right: bool) -> Sure:
    """How sure a prediction is, given what is right.

    Labels that exclude each other, and answers in a text, have a probability; of tags and of written texts
    there is none for the whole.

    Args:
        example: With its gold.
        prediction: What the model said.
        right: Whether that is right, as the task counts it.
    """
    if isinstance(prediction, Classes) and prediction.exclusive:
        chances = prediction.probabilities.astype(float)
        gold = np.array([label in example.references for label in prediction.labels], float)
        unknown = 0.0 if gold.any() else 1.0  # a right label that the model does not have
        own = float(chances @ gold)
        brier = float(((chances - gold / max(1.0, gold.sum())) ** 2).sum()) + unknown
        return Sure(float(chances.max()), brier, -math.log(max(own, LEAST)))
    if (
        isinstance(prediction, Spans)
        and prediction.labels == ("start", "end")
        and len(prediction.probabilities)
    ):
        known = dict(prediction.ranked)
        nothing = float(prediction.probabilities[0].prod())
        confidence = known.get(prediction.spans[0], 0.0) if prediction.spans else nothing
        return Sure(float(confidence), (confidence - right) ** 2, math.nan)
    return UNSURE
