"""Contrast sets, and scores without what training nearly has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.contrast import by_set
from harness.measure.generalization import measure
from harness.measure.tables import TEST, Condition
from harness.rows import Status
from tests.measure.build import cell, model, pick, profile, right, run, tables


def contrasted(correct, sets):
    """The rows of one run on these sets."""
    n = len(correct)
    one = run(correct)
    clean = replace(cell(correct), right=np.asarray(correct, bool))
    one = replace(one, cells={Condition(TEST): clean})
    return list(measure(tables(model(one), n=n, profiles={TEST: profile(n, sets=sets)})))


def test_consistency_is_the_published_number():
    """Methods, section 5.6: sets (1,1), (1,0), (0,0): originals 2/3, edits 1/3, consistency 1/3."""
    rows = contrasted(np.array([1.0, 1, 1, 0, 0, 0]), ["a", "a", "b", "b", "c", "c"])
    found = [pick(rows, f"contrast_{name}") for name in ("original", "edited", "consistency")]
    assert [row.value for row in found] == pytest.approx([2 / 3, 1 / 3, 1 / 3])
    assert found[2].n == 3


def test_sets_of_one_and_examples_without_a_set_are_left_out():
    """There is nothing to be consistent with."""
    rows = contrasted(np.array([1.0, 1, 0, 0]), ["a", "a", "b", ""])
    assert pick(rows, "contrast_consistency").value == 1
    row = pick(contrasted(np.array([1.0, 0]), ["a", "b"]), "contrast_consistency")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["", "a", "b", "c"])), min_size=1, max_size=30))
def test_consistency_is_at_most_either_accuracy(pairs):
    """A set in which all are right has its original right, and each edit."""
    table = by_set(np.array([p for p, _ in pairs]), np.array([s for _, s in pairs], str))
    assert (table[:, 0] <= table[:, 2]).all()
    assert (table[:, 0] * table[:, 5] <= table[:, 4]).all()


def test_the_score_without_what_training_nearly_has_is_told_beside_its_share():
    """A tenth is nearly known and all right; the others are right three times in four."""
    near = np.arange(200) < 20
    correct = np.concatenate([np.ones(20), right(135, 180)])
    about = {"overlap": {TEST: 0.0}, "profiles": {TEST: profile(200, near=near)}}
    rows = list(measure(tables(model(run(correct)), n=200, **about)))
    share, score = pick(rows, "near_leakage"), pick(rows, "unleaked_score")
    assert (share.value, share.direction) == (0.1, "lower")
    assert "but for a few words" in share.note
    assert (score.value, score.n) == (0.75, 180)
    assert score.low < 0.75 < score.high
    assert score.note.startswith("without 20 of 200")
