"""How steep a function is around a point: lower bounds of its local Lipschitz constant (methods, section 2.9)."""

from __future__ import annotations

from collections.abc import Callable

import torch

STRIDE = 0.5
"""Length of a step of :func:`climb`, in radii."""

Distance = Callable[[torch.Tensor], torch.Tensor]
"""How far the output has moved from that at the point, shape ``(steps, ...)`` to ``(steps,)``."""


def on_sphere(steps: torch.Tensor, radius: float) -> torch.Tensor:
    """Each of the steps, shape ``(steps, ...)``, with the Euclidean length ``radius``; those of length 0 stay."""
    scale = radius / lengths(steps).clamp_min(torch.finfo(steps.dtype).tiny)
    return steps * scale.view(-1, *[1] * (steps.dim() - 1))


def lengths(steps: torch.Tensor) -> torch.Tensor:
    """Of each of the steps, shape ``(steps, ...)`` to ``(steps,)``."""
    found: torch.Tensor = steps.flatten(1).norm(dim=1)
    return found


def quotients(distance: Distance, steps: torch.Tensor) -> torch.Tensor:
    """Output movement per unit of distance for each step: finite differences (2.9 c), shape ``(steps,)``."""
    with torch.no_grad():
        return distance(steps) / lengths(steps)


def climb(
    distance: Distance, start: torch.Tensor, radius: float, steps: int, free: torch.Tensor | float = 1.0
) -> float:
    """The greatest quotient that projected gradient ascent meets on a sphere (2.9 d).

    Args:
        distance: See :data:`Distance`.
        start: Where to begin, of any length but 0, shape ``(...)``.
        radius: Of the sphere.
        steps: How many gradient steps to take.
        free: 1 where a step may go, 0 elsewhere.

    Returns:
        At least the quotient at the start: a lower bound of the supremum.
    """
    best, step = 0.0, on_sphere(start.unsqueeze(0) * free, radius)
    for left in range(steps, -1, -1):
        step = step.detach().requires_grad_()
        moved = distance(step)
        best = max(best, float(moved.detach()) / radius)
        if left:
            (slope,) = torch.autograd.grad(moved.sum(), step)
            ahead = on_sphere(slope * free, STRIDE * radius)
            step = on_sphere(step.detach() + ahead, radius)
    return best
