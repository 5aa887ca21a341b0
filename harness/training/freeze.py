"""Which weights keep their pre-trained values."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from harness.errors import Fault, UserError


def freeze(network: nn.Module, how: str, top_layers: int = 2) -> None:
    """Exempt parameters of a pre-trained network from training.

    The pooler counts as part of the head: it is new whenever the pre-trained weights lack one.

    Args:
        network: A ``transformers`` model with a head.
        how: ``none``; ``embeddings``; ``all-but-top-k``, also all layers but the upper ones; or
            ``head-only``, the whole pre-trained body.
        top_layers: How many layers ``all-but-top-k`` leaves free.

    An encoder's layers lie below those of its decoder.

    Raises:
        UserError: If the network has fewer layers than are to be trained, or nothing would be left.
    """
    for module in _frozen(network, how, top_layers):
        module.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        kind = type(network).__name__
        raise UserError(
            Fault(f"freeze: {how} leaves nothing of {kind} to train", hint="it has no head apart")
        )


def _frozen(network: nn.Module, how: str, top_layers: int) -> Iterator[nn.Module]:
    body = network.base_model
    assert isinstance(body, nn.Module)
    if how == "head-only":
        yield from (module for name, module in body.named_children() if name != "pooler")
    elif how != "none":
        yield _embeddings(network, body)
    if how == "all-but-top-k":
        stack = [layer for one in stacks(network).values() for layer in one]
        if top_layers > len(stack):
            raise UserError(
                Fault(f"top_layers should be at most {len(stack)}, the layers there are, found {top_layers}")
            )
        yield from stack[: len(stack) - top_layers]


def _embeddings(network: nn.Module, body: nn.Module) -> nn.Module:
    """Those of words, positions and segments where they form one module, else of words alone."""
    found = dict(body.named_children()).get("embeddings")
    return found if found is not None else network.get_input_embeddings()  # type: ignore[operator]


def stacks(network: nn.Module) -> dict[str, nn.ModuleList]:
    """All stacks of layers by name, those of encoder and decoder; lists inside of layers are none."""
    found: dict[str, nn.ModuleList] = {}
    for name, module in network.named_modules():
        inner = any(name.startswith(f"{outer}.") for outer in found)
        if isinstance(module, nn.ModuleList) and not inner and len({type(one) for one in module}) == 1:
            found[name] = module
    return found
