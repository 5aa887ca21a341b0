"""What becomes of right and of wrong answers: counts, shares, and whether chance would do as much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from harness.measure.robustness import measure
from harness.measure.tables import TEST, Condition
from harness.measure.transitions import ANSWERS, OUTCOMES, outcomes, tables
from harness.rows import Status
from tests.measure import build
from tests.measure.build import model, noise, pick, run

LETTERS = {"r": (1, 1), "b": (1, 0), "m": (0, 1), "w": (0, 0)}


def course(letters, changed=None, index=None, seed=0):
    """A run on texts that stay right, break, are mended or stay wrong, and under one perturbation."""
    before, after = np.array([LETTERS[one] for one in letters], float).T
    flips = before != after if changed is None else np.asarray(changed, float)
    at = np.arange(len(letters)) if index is None else np.asarray(index)
    edited = replace(build.cell(after[at], index=at, flips=flips[at], rate=0.1), right=after[at].astype(bool))
    found = run(before, {noise("keyboard", 3): edited}, seed=seed)
    clean = replace(found.cells[Condition(TEST)], right=before.astype(bool))
    return replace(found, cells={**found.cells, Condition(TEST): clean})


def rows(*runs, n, **about):
    """All rows of robustness of a model with these runs."""
    return list(measure(build.tables(model(*runs), n=n, **about)))


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1))
def test_every_variant_is_in_one_place_of_each_table(told):
    """Whatever was right and whatever changed."""
    found = outcomes(*np.array(told, float).T)
    assert (found[:, :4].sum(axis=1) == 1).all()
    assert (found[:, 4:].sum(axis=1) == 1).all()
    assert (found[:, [0, 2]].sum(axis=1) == found[:, 4:6].sum(axis=1)).all()


def test_shares_are_of_what_was_right_and_of_what_was_wrong():
    """Ten of forty break, one of five is mended."""
    letters = "r" * 30 + "b" * 10 + "m" + "w" * 4
    found = rows(course(letters), n=45)
    broken = pick(found, "broken_share", operator="keyboard", severity=3)
    assert (broken.value, broken.direction) == (0.25, "lower")
    assert pick(found, "mended_share").value == pytest.approx(0.2)
    assert "kept 30, broken 10, mended 1, still wrong 4" in broken.note
    assert f"McNemar p = {binomtest(1, 11).pvalue:.2g}" in broken.note
    assert broken.low < 0.25 < broken.high


def test_a_changed_answer_may_be_another_wrong_one():
    """Of four changes one is right; of six answers that stay five are."""
    found = rows(course("rrrrrbmwww", [0, 0, 0, 0, 0, 1, 1, 1, 1, 0]), n=10)
    assert pick(found, "right_if_changed").value == pytest.approx(1 / 4)
    assert pick(found, "right_if_same").value == pytest.approx(5 / 6)


def test_a_share_of_nothing_has_no_value():
    """Where nothing was wrong, nothing can be mended."""
    row = pick(rows(course("rrrb" * 10), n=40), "mended_share")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)


def test_variants_are_compared_with_their_own_clean_text():
    """Only the second half of the texts has a variant."""
    found = rows(course("rrwwbbmm" * 5, index=np.arange(20, 40)), n=40)
    broken = pick(found, "broken_share")
    assert "kept 4, broken 6, mended 6, still wrong 4" in broken.note


def test_tables_add_up_runs_and_take_the_run_that_tells_least():
    """One run breaks ten texts and mends none, the other breaks two."""
    one, other = course("r" * 20 + "b" * 10, seed=0), course("r" * 28 + "b" * 2, seed=1)
    (found,) = tables(build.tables(model(one, other), n=30))
    assert (found.kept, found.broken, found.mended, found.wrong) == (48, 12, 0, 0)
    assert (found.same_right, found.other_wrong, found.runs) == (48, 12, 2)
    assert found.p == pytest.approx(0.5)
    assert found.q == pytest.approx(0.5)


def test_many_conditions_that_were_looked_at_are_corrected_for():
    """The same p-value counts for less among four conditions of which three show nothing."""
    first = course("r" * 20 + "b" * 8)
    more = {noise("keyboard", s): course("r" * 28).cells[noise("keyboard", 3)] for s in (1, 2, 4)}
    found = tables(build.tables(model(replace(first, cells={**first.cells, **more})), n=28))
    shown = next(one for one in found if one.severity == 3)
    assert shown.q == pytest.approx(4 * shown.p)


def test_texts_of_one_document_have_no_p_value():
    """McNemar's test takes every text to stand for itself."""
    groups = {TEST: np.repeat(np.arange(10), 3)}
    made = build.tables(model(course("rrb" * 10)), n=30, groups=groups)
    assert tables(made)[0].p is None
    assert "McNemar" not in pick(measure(made), "broken_share").note


def test_there_are_as_many_names_as_columns():
    """A table of gold and one of answers."""
    assert outcomes(*np.zeros((3, 5))).shape == (5, len(OUTCOMES) + len(ANSWERS))
