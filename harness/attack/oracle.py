"""The model as attacks ask it: whatever it does on one text, the others are answered.

A text that was seen lately is not computed again, whichever example it came from. What is remembered is
bounded, so that memory does not grow with the number of examples.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from harness.inference import identity, predict
from harness.models.model import Model
from harness.perturb.foreign import brief
from harness.prediction import Prediction
from harness.text import Example

REMEMBERED = 4096
"""Predictions that are kept for whoever asks for the same text."""


class Failure(NamedTuple):
    """Why there is no answer for a text."""

    why: str


Answer = Prediction | Failure


class Oracle:
    """Answers texts in full batches.

    Args:
        model: What to ask; a network, a callable or something far away.
        remembered: Predictions to keep.
    """

    def __init__(self, model: Model, remembered: int = REMEMBERED) -> None:
        self._model = model
        self._most = remembered
        self._said: OrderedDict[Hashable, Answer] = OrderedDict()
        self._answered = False

    def ask(self, texts: Sequence[Example], fresh: Sequence[bool]) -> list[Answer]:
        """A prediction for each text, or why there is none.

        Args:
            texts: What to ask.
            fresh: Whether to compute a text although it is known, to see if the answer is the same.

        Raises:
            Exception: What the model raises, if it has never answered anything.
        """
        keys = [identity(self._model, text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        anew = {key for key, again in zip(keys, fresh, strict=True) if again}
        found = {key: self._said[key] for key in wanted if key in self._said and key not in anew}
        new = [key for key in wanted if key not in found]
        found |= zip(new, self._answers([wanted[key] for key in new]), strict=True)
        for key in wanted:
            self._said[key] = found[key]
            self._said.move_to_end(key)
        while len(self._said) > self._most:
            self._said.popitem(last=False)
        return [found[key] for key in keys]

    def _answers(self, texts: list[Example]) -> list[Answer]:
        if not texts:
            return []
        try:
            said = self._predicted(texts)
        except MemoryError:
            raise
        except Exception:
            said = self._one_by_one(texts)
            if not self._answered and all(isinstance(one, Failure) for one in said):
                raise
        self._answered = True
        return said

    def _predicted(self, texts: list[Example]) -> list[Answer]:
        return [_finite(one) for one in predict(self._model, texts)]

    def _one_by_one(self, texts: list[Example]) -> list[Answer]:
        """By halves, until it is known on which texts the model raises."""
        try:
            return self._predicted(texts)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a stranger's model raises
            if len(texts) == 1:
                return [Failure(f"the model raised {brief(error)}")]
        half = len(texts) // 2
        return self._one_by_one(texts[:half]) + self._one_by_one(texts[half:])


def _finite(said: Prediction) -> Answer:
    if np.isfinite(said.probabilities).all():
        return said
    return Failure("the model's answer has probabilities that are not finite")
