"""Rows about what moves when the answer of a tagger moves (methods, section 2.15)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from harness.measure.continuity import measure
from harness.measure.tagged import kappa
from harness.rows import Status
from harness.tasks.scoring.tagging import COUNTS
from tests.measure.build import cell, model, noise, pick, right, run, tables

TAGS = ("O", "B-PER", "I-PER")
pairs = st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=2, max_size=40)


def counted(found):
    """The sums of some words' tags."""
    before, after = zip(*found, strict=True)
    own = [len(found), sum(a == b for a, b in found), 0, 0, 0, 0]
    return np.array([*own, *map(before.count, TAGS), *map(after.count, TAGS)], float)


@given(pairs)
def test_kappa_is_that_of_scikit_learn(found):
    """Of any tags of words, before and after; undefined where there is one tag alone."""
    before, after = zip(*found, strict=True)
    value = float(kappa(counted(found)))
    if len({*before, *after}) == 1:
        assert np.isnan(value)
    else:
        assert value == pytest.approx(cohen_kappa_score(before, after, labels=TAGS), abs=1e-12)


def rows_of(found, flips=None, n=40):
    """Rows of one condition in which each example has these sums."""
    tagging = np.tile(found, (n, 1)) if np.ndim(found) == 1 else np.asarray(found, float)
    one = replace(cell(right(n, n), distance=0.1, rate=0.1), tagging=tagging, flips=flips or {})
    return list(measure(tables(model(run(right(n, n), {noise("typo", 1): one})), n=n)))


def test_each_way_to_move_has_a_row_of_its_own():
    """Per text 10 words of which 9 keep their tag, 4 entities of which 2 keep their bounds, one of two its type."""
    rng = np.random.default_rng(0)
    sums = np.tile([10, 9, 4, 2, 2, 1, 7, 2, 1, 6, 3, 1], (40, 1)).astype(float)
    sums[:, 1] += rng.integers(-1, 2, 40) * (np.arange(40) % 2)
    rows = rows_of(sums)
    assert pick(rows, "boundary_agreement").value == pytest.approx(0.5)
    assert pick(rows, "type_agreement").value == pytest.approx(0.5)
    chance = (7 * 6 + 2 * 3 + 1 * 1) / 100
    share = sums[:, 1].mean() / 10
    row = pick(rows, "tag_kappa", operator="typo", severity=1)
    assert row.value == pytest.approx((share - chance) / (1 - chance))
    assert row.low < row.value < row.high


def test_types_that_become_others_are_told_by_name():
    """Of 100 words of people 8 become places and 2 nothing; words of no entity are not asked about."""
    flips = {("PER", "PER"): 90, ("PER", "LOC"): 8, ("PER", ""): 2, ("", "LOC"): 5, ("LOC", "LOC"): 9}
    rows = rows_of([10, 9, 4, 2, 2, 1, 7, 2, 1, 6, 3, 1], flips)
    assert pick(rows, "type_flips", label="PER", to="LOC").value == pytest.approx(0.08)
    assert pick(rows, "type_flips", label="PER", to="none").value == pytest.approx(0.02)
    assert len([r for r in rows if r.measure == "type_flips"]) == 2


def test_where_nothing_was_found_there_is_nothing_to_agree_on():
    """No number, and why."""
    assert len(COUNTS) == 6
    rows = rows_of([10, 10, 0, 0, 0, 0, 10, 0, 0, 10, 0, 0])
    row = pick(rows, "boundary_agreement")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert "no entity" in row.note
    assert pick(rows, "tag_kappa").note == "all words have the same tag"


def test_other_tasks_have_no_such_rows():
    """There are no tags of words where the answer is a label."""
    names = {row.measure for row in measure(tables(model(run(right(9, 20))), n=20))}
    assert not names & {"tag_kappa", "boundary_agreement", "type_agreement", "type_flips"}
