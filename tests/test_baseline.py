"""Baselines: written by people's decision, read with suspicion."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.baseline import accept, read
from harness.errors import UserError
from harness.rows import Failure

from .test_archive import results


def test_a_run_becomes_a_baseline_unless_it_is_incomplete(tmp_path: Path) -> None:
    """A file that can be reviewed: sorted, one row after the other, with a final newline."""
    path = tmp_path / "new" / "baseline.json"
    assert accept(results(), path, {}) == 1
    text = path.read_text()
    assert text.endswith("}\n")
    assert json.loads(text)["rows"]["a/robustness.score"]["value"] == 0.5
    with pytest.raises(UserError, match="incomplete: 1 units failed"):
        accept(replace(results(), failures=(Failure(unit="u", error="e"),)), path, {})


def test_what_was_accepted_can_be_read(tmp_path: Path) -> None:
    """A row stands on a line of its own, so that a change to it reads like one."""
    path = tmp_path / "baseline.json"
    accept(results(), path, {})
    found = read(path)
    assert found is not None
    (name,) = found["rows"]
    (line,) = [line for line in path.read_text().splitlines() if name in line]
    assert json.loads("{" + line.strip().rstrip(",") + "}") == found["rows"]


def test_a_baseline_that_is_not_there_is_missed_only_if_it_was_named(tmp_path: Path) -> None:
    """The default place may be empty; a file that somebody named may not."""
    assert read(tmp_path / "none.json") is None
    with pytest.raises(UserError, match="no such baseline"):
        read(tmp_path / "none.json", required=True)
