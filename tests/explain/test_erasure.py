"""Comprehensiveness, sufficiency and the turn of the decision (methods, section 6.2)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.explain.erasure import SHARES, descending, lost, prefixes, sizes, turning

NAN = float("nan")
COUNTS = st.integers(1, 400)


def test_the_worked_example_to_the_last_digit():
    """f(abc) = .9, f(bc) = .5, f(a) = .75: without the first word .4 is lost, with it alone .15."""
    assert lost(0.9, [0.5]) == [pytest.approx(0.4, abs=1e-15)]
    assert lost(0.9, [0.75]) == [pytest.approx(0.15, abs=1e-15)]


def test_shares_are_rounded_to_words_and_one_word_at_least():
    """Of 30 words, 1, 5, 10, 20 and 50 % are 1, 2, 3, 6 and 15; of three, always one or two."""
    assert sizes(30) == [1, 2, 3, 6, 15]
    assert sizes(3) == [1, 1, 1, 1, 2]
    assert sizes(1) == [1] * len(SHARES)


@given(COUNTS)
def test_shares_and_steps_rise_and_stay_within_the_text(count):
    """Every text has all shares; its steps end with all of its words."""
    shares, steps = sizes(count), prefixes(count)
    assert len(shares) == len(SHARES)
    assert shares == sorted(shares)
    assert min(shares) >= 1
    assert max(shares) <= count
    assert steps == sorted(set(steps))
    assert len(steps) <= 10
    assert steps[-1] == count


def test_texts_of_ten_words_or_fewer_are_taken_away_word_by_word():
    """There the turn is exact."""
    assert prefixes(7) == [1, 2, 3, 4, 5, 6, 7]


@given(st.lists(st.floats(-1, 1, allow_nan=False), min_size=1, max_size=20))
def test_words_are_taken_away_in_the_order_of_their_attributions(weights):
    """Signed: what speaks against the prediction goes last."""
    found = np.array(weights)[descending(np.array(weights))]
    assert (np.diff(found) <= 0).all()


def test_the_decision_turns_at_the_first_step_that_it_does_not_survive():
    """It may come back later; one that never turns counts as if it took all words."""
    assert turning([1, 2, 4], [1, 0, 1], 8) == 0.25
    assert turning([1, 2, 4], [1, 1, 1], 4) == 1.0
    assert turning([2], [0], 2) == 1.0


def test_where_the_model_does_not_tell_there_is_no_turn():
    """A text is not written anew, so nobody knows whether it would be another."""
    assert turning([1, 2], [NAN, NAN], 2) is None
