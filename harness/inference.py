"""Prediction for everybody: de-duplicated, sorted by length, in batches filled by token budget."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np

from harness.errors import BrokenPromise, UserError
from harness.models.model import Model, Piece
from harness.prediction import Prediction
from harness.text import SPEAKER, Example

TOKENS = 1024
"""Padded tokens per batch; small enough to stay in the cache of a CPU, and to need little padding."""
ROWS = 256
ENOUGH, SLACK = 0.25, 0.1
"""A batch that is so full is closed before a piece that would need so much padding: a few texts of many
lengths, as attacks ask them, would otherwise be a tenth padding."""


def predict(model: Model, examples: Sequence[Example], tokens: int = 0) -> list[Prediction]:
    """Predictions in the order of the examples.

    Equal inputs are computed once. Which pieces share a batch is a pure function of the set of
    inputs, so order, repetition, workers and resuming cannot change a bit. When memory runs out
    everything is computed again with half the budget, so that one call never mixes batch shapes.

    Args:
        model: What to ask.
        examples: The inputs; their targets are not looked at, except by models that say how likely
            the reference is.
        tokens: Padded tokens per batch; 0: the model's ``budget``, or :data:`TOKENS`.

    Raises:
        MemoryError: If even single pieces do not fit.
    """
    tokens = tokens or getattr(model, "budget", TOKENS)
    asked = [identity(model, example) for example in examples]
    distinct = dict(zip(asked, examples, strict=True))
    inputs = list(distinct.values())
    pieces = model.encode(inputs)
    unique = {piece.key: piece for of_example in pieces for piece in of_example}
    while True:
        try:
            outputs = _forward(model, list(unique.values()), tokens)
            break
        except (MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            if tokens <= max(piece.size for piece in unique.values()):
                raise MemoryError("there is no memory for even the longest input alone") from error
            tokens //= 2
    said = {
        key: model.decode(example, own, [outputs[piece.key] for piece in own])
        for key, example, own in zip(distinct, inputs, pieces, strict=True)
    }
    return [said[one] for one in asked]


def answered(model: Model, examples: Sequence[Example]) -> list[Prediction | Exception]:
    """Predictions in the order of the examples; what the model raised on those that it cannot answer.

    Where it raises, it is asked again by halves, until it is known on which of them. Probabilities that
    are not finite are no answer.

    Raises:
        UserError: If it cannot be asked at all, such as a server that is not there.
    """
    try:
        return [_finite(one) for one in predict(model, examples)]
    except UserError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one example does to a model, the others go on
        if len(examples) == 1:
            return [error]
    half = len(examples) // 2
    return answered(model, examples[:half]) + answered(model, examples[half:])


def _finite(said: Prediction) -> Prediction:
    if not np.isfinite(said.probabilities).all():
        raise BrokenPromise("the prediction has probabilities that are not finite")
    return said


def identity(model: Model, example: Example) -> Hashable:
    """All of an example that can decide the prediction."""
    gold = example.references[:1] if getattr(model, "reads_gold", False) else ()
    return tuple(example.fields.items()), example.marks, example.meta.get(SPEAKER), gold


def _forward(model: Model, pieces: Sequence[Piece], tokens: int) -> dict[str, Any]:
    outputs: dict[str, Any] = {}
    for batch in batches(pieces, tokens):
        for piece, output in zip(batch, model.forward(batch), strict=True):
            outputs[piece.key] = output
    return outputs


def batches(pieces: Sequence[Piece], tokens: int) -> Iterator[list[Piece]]:
    """Batches of at most ``tokens`` after padding, but at least one piece; longest first.

    Starting with the longest, memory runs out at once or not at all.
    """
    batch: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: (-p.size, p.key)):
        if batch and _closed(batch, piece, tokens):
            yield batch
            batch = []
        batch.append(piece)
    if batch:
        yield batch


def _closed(batch: Sequence[Piece], piece: Piece, tokens: int) -> bool:
    """Whether a batch is complete without the piece."""
    longest, rows = batch[0].size, len(batch)
    full = longest * (rows + 1) > tokens or rows == ROWS
    return full or (longest * rows >= ENOUGH * tokens and piece.size < (1 - SLACK) * longest)


def _out_of_memory(error: BaseException) -> bool:
    """Torch raises its own error on CUDA and a plain RuntimeError on the CPU."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in str(error)
        or "out of memory" in str(error)
    )
