"""Selectivity: whether a model reacts more to what changes the meaning than to what does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measure.continuity import measure
from harness.measure.selectivity import selectivity
from harness.measure.tables import TEST, Condition
from tests.measure.build import cell, model, noise, pick, right, run, tables

N = 60


def even(change: list[float], preserve: list[float]) -> float:
    """Without weights."""
    ones = [np.ones((1, len(values))) for values in (change, preserve)]
    return float(selectivity(np.array(change), np.array(preserve), *ones)[0])


def test_the_worked_example_of_the_methods() -> None:
    """Section 2.12: ten of twelve pairs in order."""
    assert even([0.60, 0.04, 0.80], [0.02, 0.05, 0.10, 0.03]) == pytest.approx(10 / 12)


def test_ties_count_half() -> None:
    """A model that reacts to nothing is at one half."""
    assert even([0.0, 0.0], [0.0, 0.0, 0.0]) == 0.5


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.integers(0, 3)), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.integers(0, 3)), min_size=1, max_size=6),
)
def test_weights_are_copies(change: list[tuple[float, int]], preserve: list[tuple[float, int]]) -> None:
    """A row that counts three times is three rows."""
    weighted = selectivity(
        *(np.array([d for d, _ in rows]) for rows in (change, preserve)),
        *(np.array([[float(w) for _, w in rows]]) for rows in (change, preserve)),
    )[0]
    copies = [[d for d, w in rows for _ in range(w)] for rows in (change, preserve)]
    if all(copies):
        assert weighted == pytest.approx(even(*copies))
    else:
        assert np.isnan(weighted)


def rows(changed: float, kept: float) -> list:
    """A model that moves by so much where the meaning changes, and where it does not."""
    index = np.arange(N)
    cells = {
        noise("keyboard", 1): cell(right(50, N), index=index, distance=np.full(N, kept), rate=0.1),
        Condition(TEST, "negation", "directional", 0): cell(
            right(50, N), index=index, distance=np.full(N, changed), rate=0.1
        ),
    }
    return list(measure(tables(model(run(right(50, N), cells)), n=N)))


def test_a_model_that_reads_is_told_from_one_that_does_not() -> None:
    """One half means that it reacts to both alike, one that it always reacts more to the change."""
    assert pick(rows(0.8, 0.1), "selectivity").value == 1.0
    assert pick(rows(0.1, 0.1), "selectivity").value == 0.5
    assert pick(rows(0.1, 0.8), "selectivity").value == 0.0


def test_directional_edits_are_no_part_of_continuity() -> None:
    """The headline is that of the edits that keep the meaning."""
    found = rows(0.9, 0.0)
    assert pick(found, "score").value == 1.0
    assert pick(found, "noticed", operator="negation").value == 1.0
    assert not [r for r in found if r.measure == "distance" and r.condition["operator"] == "negation"]
