"""Bounds of what changes of an input can do: published numbers, soundness, and the worst case of a sum over words."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.probe.bounds import Box, affine, rising, worst


def around(centre, radius: float) -> Box:
    """All points that differ by at most so much in each coordinate."""
    at = np.array(centre, float)
    return Box(at - radius, at + radius)


def relu(at):
    """What is below 0 becomes 0."""
    return np.maximum(at, 0)


def test_a_linear_margin_is_bounded_as_published():
    """Methods, section 2.11 d: 1.5 at the point, at least 0.1 within .2; up to 1.5 / 7 = .2142857 it stays above 0."""
    weights, bias = np.array([[3.0, -4.0]]), 0.5
    assert affine(around([1, 0.5], 0), weights, bias).low.tolist() == [1.5]
    assert affine(around([1, 0.5], 0.2), weights, bias).low[0] == pytest.approx(0.1, abs=1e-12)
    assert affine(around([1, 0.5], 0.2142857), weights, bias).low[0] == pytest.approx(0, abs=5e-7)
    assert affine(around([1, 0.5], 0.2142856), weights, bias).low[0] > 0
    assert affine(around([1, 0.5], 0.2142858), weights, bias).low[0] < 0


def test_two_layers_are_bounded_as_published_and_less_tightly_than_they_could_be():
    """Methods, section 2.11 d: [-0.3, 0.7], where the network really stays within [-0.1, 0.5]."""
    first, second = (np.array([[1.0, -1], [2, 1]]), np.array([0.0, -1])), (np.array([[1.0, -1]]), 1.2)
    box = around([1, 0.5], 0.1)
    found = affine(rising(affine(box, *first), relu), *second)
    assert (found.low[0], found.high[0]) == pytest.approx((-0.3, 0.7), abs=1e-12)
    both = second[0] @ first[0], second[0] @ first[1] + 1.2  # no corner of the box turns a unit off
    assert (affine(box, *first).low > 0).all()
    exact = affine(box, *both)
    assert (exact.low[0], exact.high[0]) == pytest.approx((-0.1, 0.5), abs=1e-12)


NUMBERS = st.floats(-3, 3)


@given(
    st.lists(NUMBERS, min_size=8, max_size=8),
    st.lists(NUMBERS, min_size=2, max_size=2),
    st.lists(st.floats(0, 1), min_size=2, max_size=2),
)
def test_no_point_of_a_box_is_mapped_out_of_its_bounds(weights, centre, where):
    """Through two layers, wherever in the box it lies."""
    first, second = np.reshape(weights[:4], (2, 2)), np.reshape(weights[4:], (2, 2))
    box = around(centre, 0.5)
    found = affine(rising(affine(box, first), np.tanh), second)
    said = second @ np.tanh(first @ (box.low + np.array(where) * (box.high - box.low)))
    assert (found.low <= said + 1e-9).all()
    assert (said <= found.high + 1e-9).all()


def test_the_worst_of_a_sum_is_counted_by_hand():
    """6 as it is; replacing the last word makes 4 of it, as its pair takes off 5, and the first as well 3.5."""
    alone = [np.array([[2.0], [1.0]]), np.array([[3.0]]), np.array([[1.0], [4.0]])]
    joined = [np.array([[0.0], [0.5]]).reshape(2, 1, 1), np.array([[0.0], [-5.0]]).reshape(1, 2, 1)]
    assert worst(alone, joined).ravel().tolist() == [6.0, 4.0, 3.5]


@settings(max_examples=50)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=5), st.integers(0, 10_000))
def test_the_worst_of_a_sum_is_that_of_all_replacements(sizes, seed):
    """By trying every one of them, for each number of words that may be replaced and each of two sums."""
    generator = np.random.default_rng(seed)
    alone = [generator.standard_normal((size, 2)) for size in sizes]
    joined = [generator.standard_normal((*pair, 2)) for pair in itertools.pairwise(sizes)]
    found = worst(alone, joined)
    free = sum(size > 1 for size in sizes)
    assert found.shape == (1 + free, 2)
    for budget in range(1 + free):
        sums = [
            sum(one[at] for one, at in zip(alone, picks, strict=True))
            + sum(
                (one[a, b] for one, (a, b) in zip(joined, itertools.pairwise(picks), strict=True)),
                np.zeros(2),
            )
            for picks in itertools.product(*map(range, sizes))
            if sum(pick > 0 for pick in picks) <= budget
        ]
        assert found[budget] == pytest.approx(np.min(sums, axis=0))
