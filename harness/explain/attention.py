"""Attribution by where the attention of a transformer leads back to (methods, section 6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise
from harness.explain.explainer import Attribution, explainer
from harness.explain.goal import Goal
from harness.explain.gradients import TOKENS
from harness.explain.questions import Asked, Result, by_goal, questions, tensors_of
from harness.inference import batches
from harness.tasks.task import Form, Task

if TYPE_CHECKING:
    from harness.models.transformer import Transformer

Array = NDArray[np.float64]


@explainer("attention-rollout", gradients=True)
def attention_rollout(model: Transformer, task: Task, goals: Sequence[Goal]) -> list[Attribution]:
    """Share of the attention that leads back to each word, through all layers.

    Abnar & Zuidema 2020. Followed back are the tokens of the entity, the first and the last of the answer,
    or the token that the head reads: the first, or the last where attention looks back only. Weights are
    at least 0 and add up to what does not lead to special tokens. They tell how information may flow, not
    what the decision makes of it, and are the same for any label.

    Raises:
        BrokenPromise: If the network does not say where it attends.
    """
    import torch

    def results() -> Iterator[Result]:
        with eager(model.network), torch.inference_mode():
            for batch in batches(questions(model, task, goals), TOKENS):
                tensors = tensors_of(model, batch)
                mask, _, _, types = tensors.rest
                rest = {} if types is None else {"token_type_ids": types}
                said = model.network(
                    input_ids=tensors.ids, attention_mask=mask, output_attentions=True, **rest
                )
                if not said.attentions or any(layer is None for layer in said.attentions):
                    raise BrokenPromise("attention rollout needs a network that says where it attends")
                heads = torch.stack([layer.mean(1) for layer in said.attentions], 1).double().cpu().numpy()
                for piece, layers in zip(batch, heads, strict=True):
                    flow = rollout(layers[:, : piece.size, : piece.size])
                    yield piece, readers(task, piece.data, flow) @ flow, 0.0

    found = by_goal(goals, results())
    return [Attribution(found[at][0]) for at in range(len(goals))]


def rollout(attention: Array) -> Array:
    """How much each token takes of each token of the first layer.

    ``A~_l = (A_l + I) / 2`` with rows that sum to 1, and ``A~_L ... A~_1``.

    Args:
        attention: Shape ``(layers, tokens, tokens)``, heads averaged: rows attend to columns.

    Returns:
        Shape ``(tokens, tokens)``; rows sum to 1.
    """
    own = np.eye(attention.shape[-1])
    flow = own
    for layer in attention:
        mixed = (layer + own) / 2
        flow = mixed / mixed.sum(-1, keepdims=True) @ flow
    return flow


def readers(task: Task, one: Asked, flow: Array) -> Array:
    """How much each token of a window has to do with the output that is explained: shape ``(tokens,)``."""
    size = len(flow)
    if task.form in (Form.WORDS, Form.ANSWER):
        per_token: Array = np.array(one.shares, float).reshape(size, -1).sum(-1)
        return per_token
    found = np.zeros(size)
    looks_back = size > 1 and not flow[0, 1:].any()
    found[-1 if looks_back else 0] = one.shares[0]
    return found


@contextmanager
def eager(network: Any) -> Iterator[None]:
    """Within, the network computes attention in the way that keeps its weights, where it has several.

    The quick ways never hold them. What it is asked outside is computed as ever.
    """
    before = getattr(network.config, "_attn_implementation", None)
    settable = getattr(network, "_can_set_attn_implementation", None)
    if before in (None, "eager") or settable is None or not settable():
        yield
        return
    network.set_attn_implementation("eager")
    try:
        yield
    finally:
        network.set_attn_implementation(before)
