"""The model as attacks ask it: whatever it does on one text, the others are answered.

A text that was seen lately is not computed again, whichever example it came from. What is remembered is
bounded, so that memory does not grow with the number of examples.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from harness.inference import answered, identity
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
        said = answered(self._model, texts) if texts else []
        failed = [one for one in said if isinstance(one, Exception)]
        hopeless = len(failed) == len(said) and not self._answered
        if failed and (hopeless or isinstance(failed[0], MemoryError)):
            raise failed[0]
        self._answered = self._answered or bool(said)
        return [
            Failure(f"the model raised {brief(one)}") if isinstance(one, Exception) else one for one in said
        ]
