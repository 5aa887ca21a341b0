"""What all that predicts has in common."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness.prediction import Prediction
from harness.text import Example


@dataclass(frozen=True)
class Piece:
    """What a model looks at in one go: an example, or one window of a long one.

    Args:
        size: What it costs, in tokens.
        key: Equal for pieces with equal content, so that order and repetition cannot matter.
        data: The model's own.
    """

    size: int
    key: str
    data: Any


def piece(size: int, content: object, data: Any) -> Piece:
    """A piece that is equal to another if their contents are written alike."""
    told = repr(content).encode("utf-8", "surrogatepass")
    return Piece(size, hashlib.blake2b(told, digest_size=8).hexdigest(), data)


class Model(Protocol):
    """A model in three steps, so that one function can batch for all of them.

    A model that also says how likely the reference is has ``reads_gold = True``; then examples that
    differ in their references only are told apart. One for which batches of another size pay has a
    ``budget``, in padded tokens.
    """

    @property
    def labels(self) -> tuple[str, ...]:
        """Its output labels, in its order."""

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """The pieces of each example, one or more."""

    def forward(self, pieces: Sequence[Piece]) -> Sequence[Any]:
        """The output for each piece of one batch, in order."""

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """The prediction for an example from the outputs for its pieces."""
