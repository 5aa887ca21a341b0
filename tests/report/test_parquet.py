"""results.parquet holds the rows as a tidy table."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from pyarrow import parquet as pq

from harness.errors import BrokenPromise
from harness.report.parquet import results_parquet

from .sample import empty, hostile_results, results


def read(content: bytes) -> list[dict[str, object]]:
    return pq.read_table(io.BytesIO(content)).to_pylist()


def test_each_row_is_a_line_with_its_condition_in_columns() -> None:
    """Values come back as they were, and a key that a row lacks is null."""
    given = results()
    lines = read(results_parquet.function(given)["results.parquet"])
    assert len(lines) == len(given.rows)
    for line, row in zip(lines, given.rows, strict=True):
        assert {key: line[key] for key in ("operator", "severity", "split") if line[key] is not None} == {
            key: value for key, value in row.condition.items() if key in ("operator", "severity", "split")
        }
        assert (line["value"], line["status"], line["n"]) == (row.value, row.status.value, row.n)


@pytest.mark.parametrize("given", [empty(), hostile_results()], ids=["empty", "hostile"])
def test_any_results_make_a_table(given: object) -> None:
    """Neither no rows nor hostile rows stop it."""
    assert len(read(results_parquet.function(given)["results.parquet"])) == len(given.rows)  # type: ignore[attr-defined]


def test_mixed_values_of_a_key_become_text() -> None:
    """A key that is a number here and a word there is a column of words."""
    given = results()
    row = given.rows[0]
    mixed = replace(given, rows=(replace(row, condition={"x": 1}), replace(row, condition={"x": "all"})))
    assert [line["x"] for line in read(results_parquet.function(mixed)["results.parquet"])] == ["1", "all"]


def test_a_condition_may_not_shadow_a_column() -> None:
    """A measure that calls a key `value` is told so."""
    given = results()
    shadow = replace(given, rows=(replace(given.rows[0], condition={"value": 1}),))
    with pytest.raises(BrokenPromise, match="'value'"):
        results_parquet.function(shadow)
