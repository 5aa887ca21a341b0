"""Stability of attributions under edits (methods, section 6.5)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr

from harness.explain.goal import Word
from harness.explain.stability import (
    EXACT,
    beyond_chance,
    by_chance,
    likeness,
    overlap,
    shared,
    spearman,
    stability,
    unrelated,
)
from harness.rng import rng
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
    alike = stability(words(TEXT), weights, after, np.array([7.0, *weights]), edits)
    assert alike == pytest.approx((1, 1, 1))


def test_fewer_than_five_shared_words_have_no_stability():
    """A rank correlation of four words says nothing."""
    text = "one two three four"
    assert stability(words(text), np.arange(4.0), words(text), np.arange(4.0), ()) is None


def test_the_worked_example_by_other_measures():
    """Methods, section 6.5: tau 2/3; of the two most important words one stays, so that Jaccard is 1/3."""
    before, after = np.array([0.5, 0.3, 0.1, 0.05]), np.array([0.4, 0.1, 0.35, 0.05])
    assert likeness(before, after)[:2] == pytest.approx((0.8, 0.6666667), abs=5e-8)
    found = overlap(before, after, 2)
    assert found == 0.5
    assert found / (2 - found) == pytest.approx(1 / 3)
    assert beyond_chance(found, 2, 4) == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=5, max_size=12))
def test_likeness_is_undefined_together_and_tau_is_that_of_scipy(pairs):
    """A constant has no ranks to compare."""
    x, y = np.array(pairs, float).T
    found = likeness(x, y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert found is None
    else:
        assert found.kendall == pytest.approx(kendalltau(x, y).statistic)
        assert found.top <= 1
        assert likeness(x, x) == pytest.approx((1, 1, 1))


def test_random_orders_keep_no_more_top_words_than_chance():
    """The mean of the corrected overlap over random orders is 0."""
    random = rng("top")
    found = [beyond_chance(overlap(random.random(15), random.random(15), 3), 3, 15) for _ in range(4000)]
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(len(found))


def test_unrelated_texts_are_compared_where_they_have_as_many_words():
    """Each with all others of its length, both ways round; what runs against each other counts as 0."""
    up, down = np.arange(5.0), -np.arange(5.0)
    found = unrelated([up, up, down, np.arange(6.0)], [up, up, up, np.arange(6.0)])
    assert found[:3] == pytest.approx([1, 1, 0])
    assert np.isnan(found[3])
    assert np.isnan(unrelated([np.arange(3.0)] * 2, [np.arange(3.0)] * 2)).all()


def test_a_text_without_ranks_is_nobody_s_company():
    """Constant attributions are left out on either side."""
    flat, up = np.ones(5), np.arange(5.0)
    assert unrelated([up, up, flat], [up, up, flat])[:2] == pytest.approx([1, 1])
    assert np.isnan(unrelated([up, flat], [up, flat])).all()


def test_attributions_that_share_a_habit_are_alike_without_a_reason():
    """If the last word always counts most, so it does in other texts: the control sees it."""
    random = rng("habit")
    habit = [np.append(random.normal(size=9), 9.0) for _ in range(40)]
    free = [random.normal(size=10) for _ in range(40)]
    assert np.mean(unrelated(habit, habit)) > np.mean(unrelated(free, free)) + 0.1


@pytest.mark.parametrize("words", [2, 5, EXACT, EXACT + 1, 12, 40])
def test_the_correlation_that_chance_gives_depends_on_the_number_of_words(words):
    """Of five words |rho| is .42 on average: above the margin that the sanity check has for long texts."""
    random, ranks = rng("chance", words), np.arange(words) - (words - 1) / 2
    drawn = random.permuted(np.tile(ranks, (20000, 1)), axis=1) @ ranks / (ranks @ ranks)
    wide = 4 * np.abs(drawn).std() / np.sqrt(len(drawn)) + (0 if words <= EXACT else 0.01)
    assert by_chance(words) == pytest.approx(np.abs(drawn).mean(), abs=max(wide, 1e-12))
