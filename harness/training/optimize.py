"""The optimizer and the course of its learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from harness.training import freeze as freezing
from harness.training.settings import Settings


def optimizer(network: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """AdamW, fused where there is such a kernel, or SGD, over what is not frozen."""
    found = groups(network, settings)
    if settings.optimizer == "sgd":
        return torch.optim.SGD(found, lr=settings.learning_rate)
    fused = found[0]["params"][0].device.type in ("cpu", "cuda")
    return torch.optim.AdamW(found, lr=settings.learning_rate, fused=fused)


def groups(network: nn.Module, settings: Settings) -> list[dict[str, Any]]:
    """What is not frozen, by learning rate and weight decay; vectors (biases, normalisation) do not decay.

    With layer-wise decay (Clark et al. 2020, ELECTRA, appendix B) a layer's rate is the peak times
    ``layer_decay`` to the power of its distance from the head.
    """
    far = distances(network) if settings.layer_decay < 1 else {}
    found: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            found.setdefault((far.get(name, 0), parameter.ndim > 1), []).append(parameter)
    momentum = {"momentum": settings.momentum} if settings.optimizer == "sgd" else {}
    return [
        {
            "params": parameters,
            "weight_decay": settings.weight_decay if decays else 0.0,
            "lr": settings.learning_rate * settings.layer_decay**distance,
            **momentum,
        }
        for (distance, decays), parameters in sorted(
            found.items(), key=lambda one: (one[0][0], not one[0][1])
        )
    ]


def distances(network: nn.Module) -> dict[str, int]:
    """For each parameter its distance from the head, which is 0: layers count from the top.

    Embeddings are one further than the lowest layer. Encoder and decoder count each by itself.
    """
    stacks = freezing.stacks(network)
    deepest = max((len(stack) for stack in stacks.values()), default=0) + 1
    words = {id(p) for p in network.get_input_embeddings().parameters()}  # type: ignore[operator]

    def distance(name: str, parameter: nn.Parameter) -> int:
        for prefix, stack in stacks.items():
            if name.startswith(f"{prefix}."):
                return len(stack) - int(name[len(prefix) + 1 :].partition(".")[0])
        return deepest if id(parameter) in words or "embed" in name else 0

    return {name: distance(name, parameter) for name, parameter in network.named_parameters()}


def course(schedule: str, warmup: int, steps: int) -> Callable[[int], float]:
    """The share of the peak learning rate at each step.

    Args:
        schedule: ``linear``, ``cosine`` or ``constant``.
        warmup: Steps over which it rises from 0 to 1.
        steps: All steps; the share is 0 after the last unless it is constant.
    """

    def share(step: int) -> float:
        if step < warmup:
            return step / warmup
        if schedule == "constant":
            return 1.0
        done = min(1.0, (step - warmup) / max(1, steps - warmup))
        return 1.0 - done if schedule == "linear" else (1.0 + math.cos(math.pi * done)) / 2

    return share


def scheduler(
    optimizer: torch.optim.Optimizer, settings: Settings, steps: int
) -> torch.optim.lr_scheduler.LambdaLR:
    """The learning rate's course over so many steps, to be advanced after each."""
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, course(settings.schedule, warmup_steps(settings, steps), steps)
    )


def warmup_steps(settings: Settings, steps: int) -> int:
    """Steps over which the learning rate rises."""
    return math.ceil(settings.warmup * steps)
