"""Infidelity and max-sensitivity (methods, section 6.4)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.explain.faithfulness import removals
from harness.explain.infidelity import all_removals, infidelity, moved

NUMBERS = st.floats(-2, 2, allow_nan=False, allow_subnormal=False)
SIZES = st.integers(1, 5)


@st.composite
def cases(draw):
    """Attributions of a few features, and a change for every removal of some of them."""
    features = draw(SIZES)
    weights = draw(arrays(float, features, elements=NUMBERS))
    return weights, all_removals(features), draw(arrays(float, 2**features - 1, elements=NUMBERS))


def test_the_worked_example_to_the_last_digit():
    """f = w x with w = (2, 4): w itself is right; half of it is 2.5 off, and right once it is doubled."""
    one, change = np.eye(2), np.array([2.0, 4.0])
    assert infidelity(np.array([2.0, 4.0]), one, change) == (0, 1, 0, 10)
    assert infidelity(np.array([1.0, 2.0]), one, change) == (2.5, 2, 0, 10)


def test_attributions_of_the_opposite_sign_foretell_nothing():
    """A negative scale would make of the worst explanation the best."""
    found = infidelity(np.array([-2.0, -4.0]), np.eye(2), np.array([2.0, 4.0]))
    assert (found.scale, found.scaled, found.change) == (0, 10, 10)


def test_no_attribution_at_all_is_as_wrong_as_to_foretell_that_nothing_happens():
    """Zeros cannot be scaled."""
    assert infidelity(np.zeros(2), np.eye(2), np.array([2.0, 4.0])) == (10, 0, 10, 10)


@given(cases())
def test_scaling_never_harms(case):
    """The scaled error is at most that of the attributions as they are, and of none at all."""
    found = infidelity(*case)
    assert 0 <= found.scaled <= found.change + 1e-9
    assert found.scaled <= found.raw + 1e-9


@given(cases(), st.floats(0.1, 10))
def test_the_scaled_error_is_blind_to_the_units_of_attributions(case, factor):
    """Log-odds and probabilities can be compared."""
    weights, removed, change = case
    if np.abs(removed @ weights).max() > 1e-3:
        same = infidelity(weights * factor, removed, change).scaled
        assert same == pytest.approx(infidelity(weights, removed, change).scaled, abs=1e-9)


@pytest.mark.parametrize("normalize", [False, True])
def test_the_error_is_that_of_captum(normalize):
    """The same removals of the features of a crooked function."""
    from captum.metrics import infidelity as theirs

    def crooked(x: torch.Tensor) -> torch.Tensor:
        return x[:, 0] * x[:, 1] + x[:, 2].sin() + x[:, 0]

    x, weights, removed = torch.tensor([[1.0, 2.0, 0.5]]).double(), [3.0, 1.5, 0.4], all_removals(3)
    gone = torch.tensor(removed) * x
    change = (crooked(x) - crooked(x - gone)).numpy()
    # Captum multiplies attributions with what was subtracted; ours have the input in them.
    phi = torch.tensor([weights], dtype=torch.float64) / x
    them = theirs(
        crooked, lambda _: (gone, x - gone), x, phi, n_perturb_samples=len(removed), normalize=normalize
    )
    ours = infidelity(np.array(weights), removed, change)
    assert (ours.scaled if normalize else ours.raw) == pytest.approx(float(them), abs=1e-12)


@pytest.mark.parametrize("features", [1, 2, 4])
def test_removals_are_numbered_as_faithfulness_numbers_them(features):
    """Bit by bit, so that one set of questions serves both."""
    sets = [np.flatnonzero(row).tolist() for row in all_removals(features)]
    assert sets == removals(features, features)[1:]


def test_the_worked_example_of_sensitivity_to_the_last_digit():
    """(.6, .8) to (.5, .9): a hundredth part twice, over a length of 1."""
    assert moved(np.array([0.6, 0.8]), np.array([0.5, 0.9])) == pytest.approx(0.1414214, abs=5e-8)


def test_nothing_that_stays_nothing_has_not_moved():
    """And nothing that becomes something has moved beyond measure."""
    assert moved(np.zeros(2), np.zeros(2)) == 0
    assert moved(np.zeros(2), np.ones(2)) == np.inf
