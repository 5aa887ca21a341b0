"""How large the logits behind probabilities are: what a softmax forgets (methods, section 3.8).

Models carry it beside their probabilities, as one more column, until a prediction is made of them.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from harness.prediction import Classes, Floats, Prediction, Spans
from harness.tasks.task import LABELLED, Form


def energy(logits: NDArray[np.floating], exclusive: bool = True) -> Floats:
    """``log sum exp z``: high where the model has seen much of the kind (Liu et al. 2020, with T = 1).

    Args:
        logits: Shape ``(..., labels)``.
        exclusive: Whether exactly one label is right; if not, each is a question of its own, and the sum
            of ``log(1 + exp z)`` is taken (Wang et al. 2021, joint energy).

    Returns:
        Shape ``(...)``, in nats.
    """
    found = logsumexp(logits, -1) if exclusive else np.logaddexp(0, logits).sum(-1)
    return np.asarray(found, np.float32)


def apart(said: Floats, form: Form) -> tuple[Floats, float]:
    """Probabilities ``(..., labels)`` and the mean energy, which is the last column where there are labels.

    Answers, candidates and texts have none: they are given back as they are, with NaN.
    """
    if form not in LABELLED:
        return said, math.nan
    return np.ascontiguousarray(said[..., :-1]), float(said[..., -1].mean()) if said.size else math.nan


def charged(said: Prediction, known: float) -> Prediction:
    """The prediction with its energy, if it is one that can have it."""
    return replace(said, energy=known) if isinstance(said, Classes | Spans) else said
