"""What an explanation costs: time, and how often the model reads a text for it (methods, section 6.8)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from harness.models.model import Model, Piece


class Meter:
    """A context within which the questions to a model are counted; ask :attr:`model` there.

    A network is counted by the rows of its batches. Of any other model the pieces that it is shown are
    counted, and nothing that it makes of itself, such as a scorer.
    """

    def __init__(self, model: Model) -> None:
        self._network = getattr(model, "network", None)
        self.model: Model = model if self._network is not None else _Counted(model, self)
        self.passes, self.seconds = 0, 0.0

    def __enter__(self) -> Meter:
        self._hook = None
        if self._network is not None:
            self._hook = self._network.register_forward_pre_hook(self._seen, with_kwargs=True)
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._started
        if self._hook is not None:
            self._hook.remove()

    def _seen(self, _: Any, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        told = (*inputs, *named.values())
        self.passes += max((len(one) for one in told if getattr(one, "ndim", 0)), default=1)


class _Counted:
    """A model without a network, whose questions are counted."""

    def __init__(self, model: Model, meter: Meter) -> None:
        self._model, self._meter = model, meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def forward(self, pieces: Sequence[Piece]) -> Sequence[Any]:
        """As the model does it."""
        self._meter.passes += len(pieces)
        return self._model.forward(pieces)
