"""The optimizer and the course of its learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import nn

from harness.training.settings import Settings


def optimizer(network: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """AdamW or plain SGD over what is not frozen; vectors (biases, normalisation) do not decay."""
    free = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in free if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in free if p.ndim <= 1], "weight_decay": 0.0},
    ]
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.SGD
    return kind(groups, lr=settings.learning_rate)


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
