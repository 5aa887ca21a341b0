"""The word embeddings that a transformer reads: looked at, replaced, and how far apart they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import torch

from harness.models.transformer import Transformer
from harness.rng import rng

SAMPLED, BLOCK = 1000, 200
"""Tokens whose nearest neighbours are looked for, and how many of them at a time."""

Change = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@contextmanager
def embedded(network: Any, change: Change) -> Iterator[None]:
    """Within, the network reads what ``change(ids, embeddings)`` makes of its word embeddings.

    Positions and token types are added later, as ever. Of a network that embeds several times in one pass,
    such as a decoder after its encoder, each time is changed.
    """

    def hook(_: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
        return change(inputs[0], output)

    handle = network.get_input_embeddings().register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def vectors(model: Transformer, ids: torch.Tensor) -> torch.Tensor:
    """The word embeddings of token ids, shape ``(..., dimensions)``, as the network reads them."""
    with torch.no_grad():
        found: torch.Tensor = model.network.get_input_embeddings()(ids).detach()
    return found


def spacing(model: Transformer) -> float:
    """``r_nn``: the median distance of a token's embedding to its nearest neighbour's (methods, section 2.9).

    Euclidean, over :data:`SAMPLED` tokens that are not special ones, drawn by the size of the vocabulary
    alone. What is measured per unit of distance is comparable between models once multiplied by it.
    """
    if model.network not in _SPACING:
        _SPACING[model.network] = _spacing(model)
    return _SPACING[model.network]


_SPACING: WeakKeyDictionary[Any, float] = WeakKeyDictionary()


def _spacing(model: Transformer) -> float:
    size = min(len(model.tokenizer), int(model.network.get_input_embeddings().weight.shape[0]))
    special = set(model.tokenizer.all_special_ids)
    own = [at for at in range(size) if at not in special]
    table = vectors(model, torch.tensor(own, device=model.device)).float()
    chosen = rng("spacing", len(own)).permutation(len(own))[:SAMPLED]
    nearest = []
    for start in range(0, len(chosen), BLOCK):
        rows = torch.tensor(chosen[start : start + BLOCK], device=model.device)
        block = table[rows]
        squares = (table**2).sum(1) - 2 * block @ table.T
        squares[torch.arange(len(rows), device=model.device), rows] = float("inf")
        nearest.append((block - table[squares.argmin(1)]).norm(dim=1))
    return float(torch.cat(nearest).median())
