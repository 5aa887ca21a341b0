"""A function as it is near a point: its Jacobian, without ever writing it down, and how far it stretches.

Distributions are rows, shape ``(rows, columns)``. Of several rows a movement is the mean over them, as ever
(:func:`harness.probe.network.variation`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

GAIN = 1e-5
"""Relative gain below which an iteration has come to its end."""


class Linear(NamedTuple):
    """A linear map ``J`` by what it does.

    Args:
        ahead: ``u`` of the shape of points to ``J u`` of the shape of answers.
        back: ``v`` of the shape of answers to ``J^T v``.
    """

    ahead: Callable[[torch.Tensor], torch.Tensor]
    back: Callable[[torch.Tensor], torch.Tensor]


def linearised(
    function: Callable[[torch.Tensor], torch.Tensor], at: torch.Tensor, free: torch.Tensor | float = 1.0
) -> tuple[torch.Tensor, Linear]:
    """What a function says at a point, and its Jacobian there.

    One pass ahead serves every product. ``J^T v`` is a pass back; as it is linear in ``v``, a pass back
    through that one is ``J u``.

    Args:
        function: Points to answers.
        at: Where.
        free: 1 where a step may go, 0 elsewhere; broadcast to the point.
    """
    point = at.clone().requires_grad_()
    with sdpa_kernel(SDPBackend.MATH):  # the faster kernels of attention have no second derivative
        said = function(point)
    dual = torch.zeros_like(said, requires_grad=True)
    (pulled,) = torch.autograd.grad(said, point, dual, create_graph=True)

    def ahead(step: torch.Tensor) -> torch.Tensor:
        (found,) = torch.autograd.grad(pulled, dual, step * free, retain_graph=True)
        return found

    def back(weights: torch.Tensor) -> torch.Tensor:
        (found,) = torch.autograd.grad(said, point, weights, retain_graph=True)
        return found * free

    return said.detach(), Linear(ahead, back)


def spectral(map: Linear, start: torch.Tensor, steps: int) -> tuple[float, torch.Tensor]:
    """The largest singular value of a linear map over the root of the rows, by power iteration.

    ``max ||J u||_2`` over ``u`` of length 1, with the mean over rows of what is squared.

    Args:
        map: With answers of shape ``(rows, columns)``.
        start: Where to begin, of the shape of points; not at a right angle to what is looked for.
        steps: How often to go ahead and back at most.

    Returns:
        The value, a lower bound until it has converged, and the direction that attains it.
    """
    norm, way = 0.0, unit(map.back(map.ahead(start)))
    for _ in range(steps):
        moved = map.ahead(way)
        before, norm = norm, float(moved.square().sum(-1).mean().sqrt())
        if norm <= before * (1 + GAIN):
            break
        way = unit(map.back(moved))
    return norm, way


def farthest(map: Linear, starts: Sequence[torch.Tensor], steps: int) -> float:
    """The farthest that an ascent finds a step of length 1 to move rows in total variation.

    The largest ``1/2 ||J u||_1``, the mean over rows. What is climbed is convex, so that
    ``u = J^T sign(J u)``, brought to length 1, moves them at least as far as the ``u`` before: an ascent
    never goes down, and ends where none of the signs changes.

    Args:
        map: With answers of shape ``(rows, columns)``.
        starts: Where ascents begin, of any length.
        steps: Of each ascent at most.
    """
    best = 0.0
    for start in starts:
        far, way = -1.0, unit(start)
        for _ in range(steps + 1):
            moved = map.ahead(way)
            before, far = far, float(moved.abs().sum(-1).mean()) / 2
            if far <= before * (1 + GAIN):
                break
            way = unit(map.back(moved.sign()))
        best = max(best, far)
    return best


def unit(step: torch.Tensor) -> torch.Tensor:
    """The step brought to length 1; one of length 0 stays."""
    found: torch.Tensor = step / step.norm().clamp_min(torch.finfo(step.dtype).tiny)
    return found
