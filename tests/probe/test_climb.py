"""Lower bounds of a local Lipschitz constant: published numbers, and what they promise."""

from __future__ import annotations

import pytest
import torch

from harness.probe.climb import climb, lengths, on_sphere, quotients

W = torch.tensor([3.0, 4.0], dtype=torch.float64)


def moved(steps: torch.Tensor) -> torch.Tensor:
    """How far p = sigmoid(w·e) has moved from where w·e = 0."""
    return (torch.sigmoid(steps @ W) - 0.5).abs()


def test_the_gradient_norm_is_the_published_number():
    """Methods, section 2.9: G = 0.25 * 5 = 1.25."""
    at = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(torch.sigmoid(at @ W), at)
    assert float(slope.norm()) == 1.25


@pytest.mark.parametrize(("radius", "published"), [(0.1, 1.2245933), (0.01, 1.2497396)])
def test_finite_differences_are_the_published_numbers(radius, published):
    """Methods, section 2.9: along w, increasing to 1.25 as the step gets small."""
    (rate,) = quotients(moved, on_sphere(W.unsqueeze(0), radius))
    assert float(rate) == pytest.approx(published, abs=5e-8)


def test_the_ascent_finds_the_steepest_way_from_almost_across():
    """From a start that is nearly at a right angle to w."""
    start = torch.tensor([4.0, -2.9], dtype=torch.float64)
    assert float(quotients(moved, start.unsqueeze(0))) < 0.3
    assert climb(moved, start, 0.1, 15) == pytest.approx(1.2245933, abs=1e-5)


def test_the_ascent_never_ends_below_its_start():
    """A start that is the best already is kept, without any step and with some."""
    for steps in (0, 5):
        assert climb(moved, W, 0.1, steps) == pytest.approx(1.2245933, abs=5e-8)


def test_the_ascent_leaves_alone_what_is_not_free():
    """With the second coordinate held still the slope is that of the first: 0.25 * 3."""
    free = torch.tensor([1.0, 0.0], dtype=torch.float64)
    assert climb(moved, W, 0.001, 10, free) == pytest.approx(0.75, abs=1e-4)


def test_where_nothing_moves_the_ascent_ends_at_nothing():
    """A constant has no slope to follow."""
    assert climb(lambda steps: 0 * steps.sum(1), W, 0.1, 5) == 0


def test_steps_have_the_length_of_the_radius():
    """Those that lead nowhere stay nowhere."""
    steps = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert lengths(on_sphere(steps, 2.0)).tolist() == pytest.approx([2, 0])
