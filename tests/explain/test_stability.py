"""Stability of attributions under edits (methods, section 6.5)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from harness.explain.goal import Word
from harness.explain.stability import shared, spearman, stability
from harness.text import Edit, apply
from harness.text import words as offsets

TEXT = "one two three four five six"


def words(text):
    """The words of the only field."""
    return [Word(*one) for one in offsets(text)]


def paired(*edits):
    """Which words of the text became which words after edits."""
    after = apply(TEXT, edits)
    return [
        (TEXT[slice(*words(TEXT)[old][:2])], after[slice(*words(after)[new][:2])])
        for old, new in shared(words(TEXT), words(after), edits)
    ]


def test_the_rank_correlation_of_the_worked_example():
    """Two neighbours swapped among four ranks correlate by .8."""
    found = spearman(np.array([0.5, 0.3, 0.1, 0.05]), np.array([0.4, 0.1, 0.35, 0.05]))
    assert found == pytest.approx(0.8)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=12))
def test_the_rank_correlation_is_that_of_scipy(pairs):
    """Ties are averaged; texts whose attributions are all equal have no correlation."""
    x, y = np.array(pairs, float).T
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert spearman(x, y) is None
    else:
        assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)


def test_a_word_put_in_place_of_another_takes_it_over():
    """A synonym is compared with the word that it replaces."""
    assert paired(Edit(4, 7, "second"))[1] == ("two", "second")


def test_letters_changed_inside_or_at_the_edge_of_a_word_leave_it_shared():
    """Typing errors do not make a new word of an old one."""
    assert paired(Edit(4, 4, "x"), Edit(9, 10, ""))[1:3] == [("two", "xtwo"), ("three", "tree")]


def test_words_that_are_inserted_deleted_split_or_joined_are_not_shared():
    """Only words that have one counterpart are compared."""
    assert [old for old, _ in paired(Edit(0, 0, "zero "))] == TEXT.split()
    assert [old for old, _ in paired(Edit(4, 8, ""))] == ["one", "three", "four", "five", "six"]
    assert "two" not in [old for old, _ in paired(Edit(5, 5, " "))]
    assert [old for old, _ in paired(Edit(3, 4, ""))] == ["three", "four", "five", "six"]


def test_the_same_attributions_of_the_shared_words_are_perfectly_stable():
    """Words that only one of the texts has do not count."""
    edits = (Edit(0, 0, "zero "),)
    after = words(apply(TEXT, edits))
    weights = np.array([3.0, 1, 4, 1.5, 5, 9])
    assert stability(words(TEXT), weights, after, np.array([7.0, *weights]), edits) == pytest.approx(1)


def test_fewer_than_five_shared_words_have_no_stability():
    """A rank correlation of four words says nothing."""
    text = "one two three four"
    assert stability(words(text), np.arange(4.0), words(text), np.arange(4.0), ()) is None
