"""Lines that survive being cut off."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.journal import Journal

ROWS = [{"id": "a", "text": "naïve\u2028line"}, {"id": "b", "n": 1.5}, {"id": "c", "list": [1, None]}]


def test_what_was_added_is_there_when_it_is_opened_again(tmp_path):
    """In order, and folders are made."""
    path = tmp_path / "deep" / "rows.jsonl"
    journal = Journal(path)
    for row in ROWS:
        journal.add(row)
    assert Journal(path).rows == ROWS
    assert list(path.parent.iterdir()) == [path]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 200))
def test_a_file_cut_off_anywhere_keeps_its_whole_lines(tmp_path, cut):
    """The next line stands alone, wherever a kill has cut the last one."""
    path = tmp_path / f"{cut}.jsonl"
    whole = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
    path.write_bytes(whole[:cut])
    journal = Journal(path)
    kept = whole[:cut].count(b"\n")
    assert journal.rows == ROWS[:kept]
    journal.add({"id": "new"})
    assert Journal(path).rows == [*ROWS[:kept], {"id": "new"}]


def test_a_number_that_is_no_json_is_refused_before_anything_is_written(tmp_path):
    """NaN would make a line that others cannot read."""
    journal = Journal(tmp_path / "rows.jsonl")
    with pytest.raises(ValueError, match="JSON"):
        journal.add({"value": float("nan")})
    assert Journal(tmp_path / "rows.jsonl").rows == []
