"""Normalised faithfulness (methods, section 6.3)."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.explain.faithfulness import aopc, chunks, faithfulness, limits, removals

# The worked example by what is taken away: bits a=1, b=2, c=4.
WORKED = np.array([0.9, 0.5, 0.7, 0.4, 0.85, 0.6, 0.75, 0.5])
A, B, C = 0, 1, 2


def tables(largest: int = 5):
    """Probabilities for every subset of one to ``largest`` features."""
    probability = st.floats(0, 1, width=32)
    return st.integers(1, largest).flatmap(lambda m: arrays(float, 2**m, elements=probability))


def ranks(order, features):
    """Weights whose descending order is the given one."""
    weights = np.empty(features)
    weights[list(order)] = np.arange(features, 0, -1)
    return weights


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((A, B, C), 1.3 / 3),
        ((A, C, B), 1.1 / 3),
        ((B, A, C), 1.1 / 3),
        ((B, C, A), 0.25),
        ((C, A, B), 0.25),
        ((C, B, A), 0.2),
    ],
)
def test_the_mean_loss_of_each_order_of_the_worked_example(order, expected):
    """Taking a, b, c away in some order loses what the worked example says."""
    assert aopc(WORKED, order) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("order", "expected"), [((A, B, C), 1.0), ((C, B, A), -1.0), ((B, A, C), 0.5)])
def test_the_faithfulness_of_the_worked_example(order, expected):
    """The best order scores 1, the worst -1, and one in between one half."""
    assert faithfulness(WORKED, ranks(order, 3)) == pytest.approx(expected, abs=1e-12)


@given(tables())
@settings(max_examples=60, deadline=None)
def test_limits_are_those_of_trying_every_order(values):
    """Dynamic programming over sets finds the least and greatest loss of all orders."""
    features = len(values).bit_length() - 1
    tried = [aopc(values, order) for order in permutations(range(features))]
    assert limits(values) == pytest.approx((min(tried), max(tried)), abs=1e-12)


@given(tables())
@settings(max_examples=60, deadline=None)
def test_the_mean_over_all_orders_is_zero(values):
    """An explanation that knows nothing scores 0 in expectation."""
    features = len(values).bit_length() - 1
    found = [faithfulness(values, ranks(order, features)) for order in permutations(range(features))]
    if found[0] is not None:
        assert np.mean(found) == pytest.approx(0, abs=1e-9)
        assert all(-1 - 1e-9 <= one <= 1 + 1e-9 for one in found)


@given(tables(), st.data())
@settings(max_examples=60, deadline=None)
def test_reversing_the_attributions_flips_the_sign(values, data):
    """The reversed order is as unfaithful as the order is faithful."""
    features = len(values).bit_length() - 1
    weights = ranks(data.draw(st.permutations(range(features))), features)
    found = faithfulness(values, weights)
    if found is not None:
        assert faithfulness(values, -weights) == pytest.approx(-found, abs=1e-9)


@given(tables(), st.data(), st.floats(1, 10), st.floats(-5, 5))
@settings(max_examples=60, deadline=None)
def test_an_affine_change_of_the_output_changes_nothing(values, data, scale, shift):
    """Models that are more or less sure of everything are compared fairly."""
    features = len(values).bit_length() - 1
    weights = ranks(data.draw(st.permutations(range(features))), features)
    found = faithfulness(values, weights)
    if found is not None:
        assert faithfulness(values * scale + shift, weights) == pytest.approx(found, abs=1e-6)


def test_there_is_nothing_to_explain_where_no_order_matters():
    """Outputs that hardly depend on the order of removal give None, not a ratio of noise."""
    assert faithfulness(np.array([0.9, 0.895, 0.9, 0.89]), np.array([1.0, 2.0])) is None
    assert faithfulness(np.array([0.9, 0.1]), np.array([1.0])) is None


@pytest.mark.parametrize("count", [0, 1, 3, 2**11])
def test_a_table_of_another_size_is_refused(count):
    """Values must be there for every set of 1 to 10 features."""
    with pytest.raises(ValueError, match="2\\*\\*m values"):
        limits(np.zeros(count))


@given(st.integers(1, 80), st.integers(1, 10))
def test_chunks_cover_all_words_once_and_evenly(count, segments):
    """Groups of words are contiguous, cover the text, and differ in size by one at most."""
    groups = chunks(count, segments)
    assert [word for group in groups for word in group] == list(range(count))
    assert len(groups) == min(count, segments)
    assert max(map(len, groups)) - min(map(len, groups)) <= 1


def test_removals_count_through_all_sets_of_chunks():
    """Bit j of a set's number says whether the words of chunk j are gone."""
    assert removals(3, 2) == [[], [0, 1], [2], [0, 1, 2]]
