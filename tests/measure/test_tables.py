"""Conditions that were asked in parts are put together again."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from harness.measure.tables import Cell, whole
from tests.measure.build import cell, right


def part(start: int, **about: object) -> Cell:
    """Ten examples of a condition from this one on, every column filled."""
    found = cell(right(6, 10), index=np.arange(start, start + 10), invalid=1, noop=2)
    known = {f.name: np.arange(10.0) for f in fields(Cell) if getattr(found, f.name) is None}
    return replace(found, **known, **about)


def test_parts_of_a_condition_become_one_cell_column_by_column() -> None:
    """Columns follow each other, and counts are added up, those by type included."""
    first, second = part(0, flips={("PER", "LOC"): 2}), part(10, flips={("PER", "LOC"): 1, ("", "PER"): 4})
    found = whole([first, second])
    assert found.index.tolist() == list(range(20))
    assert (found.invalid, found.noop) == (2, 4)
    assert found.flips == {("PER", "LOC"): 3, ("", "PER"): 4}
    for one in fields(Cell):
        value = getattr(found, one.name)
        assert not isinstance(value, np.ndarray) or len(value) == 20


def test_columns_that_are_not_there_stay_away() -> None:
    """Nothing was asked of a sentence encoder in either part."""
    found = whole([replace(part(at), similarity=None) for at in (0, 10)])
    assert found.similarity is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_parts_does_not_matter(count: int) -> None:
    """One part is the cell itself."""
    parts = [part(10 * at) for at in range(count)]
    assert len(whole(parts).index) == 10 * count
