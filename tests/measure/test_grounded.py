"""Outputs that lose their ground under an edit (methods, section 2.14): a worked example, properties, rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.continuity import measure as continuity
from harness.measure.grounded import jumps
from harness.tasks.scoring.grounding import grounding
from tests.measure.build import cell, model, noise, pick, right, run, tables

SOURCE = "The council approved the new stadium on Monday, after a debate of 3 hours."
SUMMARY = "Council approved new stadium Monday."


@pytest.mark.parametrize(
    ("before", "after", "could", "did"),
    [
        (SUMMARY, "Heavy storms closed several schools.", True, True),  # 4 of 4, then 0 of 5
        (SUMMARY, "Stadium approved, mayor says.", True, False),  # then 2 of 4
        (SUMMARY, "Stadium: mayor hesitates.", True, False),  # then 1 of 3, which is just enough
        (SUMMARY, "Stadium: mayor still hesitates.", True, True),  # then 1 of 4
        (SUMMARY, "", True, False),  # empty
        (SUMMARY, "No.", True, False),  # says nothing
        ("Mayor praises stadium decision, approved.", "Storms.", True, True),  # 2 of 5, then 0 of 1
        ("Mayor praises stadium decision.", "Storms.", False, False),  # 1 of 4 was never borne out
        ("", "Storms.", False, False),
    ],
)
def test_jumps_are_those_counted_by_hand(before, after, could, did):
    """At least 0.4 of the words are borne out before, and less than a third of that share after."""
    found = jumps(np.array(grounding(before, after, [SOURCE]), float))
    assert tuple(map(bool, found)) == (could, did)


COUNTS = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)).map(
    lambda n: (max(n[:2]), min(n[:2]), max(n[2:]), min(n[2:]))
)


@given(COUNTS)
def test_who_keeps_the_ground_does_not_jump_and_who_jumps_had_it(counts):
    """An output as it was never jumps; one that had words and has none of them left always does."""
    words, borne, words_after, _ = counts
    could, did = jumps(np.array(counts, float))
    assert could or not did
    assert not jumps(np.array((words, borne, words, borne), float))[1]
    assert bool(jumps(np.array((words, borne, words_after, 0), float))[1]) == (could and words_after > 0)


@given(COUNTS, st.integers(1, 5))
def test_longer_texts_with_the_same_shares_count_alike(counts, times):
    """It is shares that decide."""
    one, many = np.array(counts, float), np.array(counts, float) * times
    assert [bool(x) for x in jumps(one)] == [bool(x) for x in jumps(many)]


def written(counts):
    """Tables of a model that writes, with these counts in one condition."""
    size = len(counts)
    one = replace(cell(right(size, size), rate=0.1), grounding=np.asarray(counts, float))
    return tables(model(run(right(size, size), {noise("typo", 1): one})), n=size)


LOOSE, FIRM, NEVER = (4, 4, 5, 0), (4, 4, 4, 2), (4, 1, 5, 0)


def test_the_share_is_of_the_outputs_that_had_ground():
    """Ten of thirty lose it; twenty that never had any do not count, neither way."""
    row = pick(continuity(written([LOOSE] * 10 + [FIRM] * 20 + [NEVER] * 20)), "hallucination_jump")
    assert row.value == pytest.approx(1 / 3)
    assert row.low < row.value < row.high
    assert (row.n, row.direction, row.condition["operator"]) == (30, "lower", "typo")


def test_where_nothing_had_ground_there_is_nothing_to_lose():
    """The row says so, and has no value."""
    row = pick(continuity(written([NEVER] * 20)), "hallucination_jump")
    assert (row.value, row.n) == (None, 0)
    assert "nothing that is written about the clean texts is borne out" in row.note


def test_that_nothing_jumped_is_as_sure_as_the_outputs_that_could_are_many():
    """Clopper and Pearson of 0 of 30, however many texts there were."""
    row = pick(continuity(written([FIRM] * 30 + [NEVER] * 70)), "hallucination_jump")
    assert (row.value, row.low) == (0, 0)
    assert row.high == pytest.approx(1 - 0.025 ** (1 / 30))


def test_other_tasks_have_no_such_row():
    """Nothing is written where the answer is a label."""
    data = tables(model(run(right(9, 20), {noise("typo", 1): cell(right(9, 20), rate=0.1)})), n=20)
    assert "hallucination_jump" not in {row.measure for row in continuity(data)}
