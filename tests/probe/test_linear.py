"""A function near a point: its Jacobian by products alone, and two norms of it."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.probe.linear import Linear, farthest, linearised, spectral

W = torch.tensor([3.0, 4.0], dtype=torch.float64)


def sure(at: torch.Tensor) -> torch.Tensor:
    """Probabilities of one row with p = sigmoid(w·e)."""
    p = torch.sigmoid(at @ W)
    return torch.stack([1 - p, p]).unsqueeze(0)


def matrix(rows: int, columns: int, size: int, seed: int) -> torch.Tensor:
    """A Jacobian of distributions: the columns of each row sum to 0."""
    drawn = torch.randn(
        rows, columns, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )
    return drawn - drawn.mean(1, keepdim=True)


def mapped(jacobian: torch.Tensor) -> Linear:
    """The linear map of a matrix, shape ``(rows, columns, size)``."""
    return Linear(lambda u: jacobian @ u, lambda v: torch.einsum("rcd,rc->d", jacobian, v))


def variation(jacobian: torch.Tensor) -> float:
    """The farthest any step of length 1 moves the rows in total variation, by trying all signs."""
    rows, columns, size = jacobian.shape
    flat = jacobian.reshape(-1, size)
    signs = torch.tensor(list(product((-1.0, 1.0), repeat=rows * columns)), dtype=torch.float64)
    return float((signs @ flat).norm(dim=1).max()) / (2 * rows)


def test_the_norms_of_a_logistic_function_are_those_of_the_worked_example():
    """Methods, section 2.9: G = 0.25 * 5 = 1.25, which is the norm in total variation; the spectral is root 2 of it."""
    said, map = linearised(sure, torch.zeros(2, dtype=torch.float64))
    assert said.tolist() == [[0.5, 0.5]]
    assert map.ahead(torch.tensor([1.0, 0], dtype=torch.float64)).tolist() == [[-0.75, 0.75]]
    assert map.back(torch.tensor([[0.0, 1]], dtype=torch.float64)).tolist() == [0.75, 1.0]
    norm, way = spectral(map, torch.tensor([4.0, -2.9], dtype=torch.float64), 10)
    assert norm == pytest.approx(1.25 * 2**0.5, abs=1e-12)
    assert way.abs().tolist() == pytest.approx([0.6, 0.8])
    assert farthest(map, [way], 10) == pytest.approx(1.25, abs=1e-12)


def test_what_is_not_free_does_not_move():
    """With the second coordinate held still the slope is that of the first: 0.25 * 3."""
    held = torch.tensor([1.0, 0.0], dtype=torch.float64)
    _, map = linearised(sure, torch.zeros(2, dtype=torch.float64), held)
    norm, way = spectral(map, torch.ones(2, dtype=torch.float64), 10)
    assert (norm / 2**0.5, farthest(map, [way], 10)) == pytest.approx((0.75, 0.75))


def test_where_nothing_moves_both_norms_are_0():
    """A function that stays has no direction to follow."""
    _, map = linearised(lambda at: 0 * sure(at), torch.zeros(2, dtype=torch.float64))
    norm, way = spectral(map, torch.ones(2, dtype=torch.float64), 10)
    assert (norm, farthest(map, [way], 10)) == (0, 0)


SHAPES = st.tuples(st.integers(1, 3), st.integers(2, 3), st.integers(1, 6), st.integers(0, 10_000))


@settings(max_examples=60)
@given(SHAPES)
def test_power_iteration_finds_the_largest_singular_value(shape):
    """That of the stacked rows, over the root of how many there are; from below, if not all the way."""
    jacobian = matrix(*shape)
    rows, _, size, _ = shape
    largest = float(torch.linalg.matrix_norm(jacobian.reshape(-1, size), 2)) / rows**0.5
    start = torch.randn(size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    norm, way = spectral(mapped(jacobian), start, 200)
    assert norm == pytest.approx(largest, rel=0.01)
    assert norm <= largest * (1 + 1e-9)
    assert spectral(mapped(jacobian), start, 1)[0] <= norm * (1 + 1e-9)
    if norm:
        assert float(way.norm()) == pytest.approx(1)


@settings(max_examples=60)
@given(SHAPES)
def test_the_norm_in_total_variation_lies_between_its_bounds(shape):
    """At most what trying all signs finds, and 1/2 sqrt(C) times the spectral norm; never below where it starts."""
    jacobian = matrix(*shape)
    rows, columns, size, seed = shape
    start = torch.randn(size, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)
    found = farthest(mapped(jacobian), [start], 50)
    there = float((jacobian @ (start / start.norm())).abs().sum(-1).mean()) / 2
    exact = variation(jacobian)
    bound = columns**0.5 / 2 * float(torch.linalg.matrix_norm(jacobian.reshape(-1, size), 2)) / rows**0.5
    assert there <= found * (1 + 1e-9)
    assert found <= exact * (1 + 1e-9)
    assert exact <= bound * (1 + 1e-9)


@settings(max_examples=60)
@given(SHAPES)
def test_an_ascent_from_all_slopes_of_one_row_of_two_or_three_labels_finds_the_farthest(shape):
    """As one of three moves against the two others, the variation is that of one label: the gradient norm."""
    _, columns, size, seed = shape
    jacobian = matrix(1, columns, size, seed)
    found = farthest(mapped(jacobian), list(jacobian[0]), 20)
    assert found == pytest.approx(float(jacobian[0].norm(dim=-1).max()))
    assert found == pytest.approx(variation(jacobian))
