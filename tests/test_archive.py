"""Past runs, without a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.archive import compare, find, history
from harness.errors import UserError
from harness.report.json import FILE, results_json
from harness.rows import Results, Row, Run, SuiteInfo
from harness.store import Store

ROW = Row(property="robustness", measure="score", model="a", value=0.5, low=0.4, high=0.6, n=9, signature="s")


def results(run: str = "0123abcd", *rows: Row) -> Results:
    return Results(
        run=Run(id=run, started="2026-01-01", seconds=1.0, command="", harness="0", versions={}, machine={}, seeds=(0,)),
        suite=SuiteInfo(
            name="tiny", file="suite.yaml", digest="", task="ner", metric="f1", description="",
            baseline="baselines/tiny.json", resolved={"gates": []}, data={},
        ),
        exit_code=0, scorecard=(), rows=rows or (ROW,), gates=(), models=(), units=(),
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that knows two runs of one suite."""
    opened = Store(tmp_path / "store")
    for run, started in (("0123abcd", "2026-01-01"), ("4567abcd", "2026-01-02")):
        folder = tmp_path / "reports" / run
        folder.mkdir(parents=True)
        (folder / FILE).write_bytes(results_json.function(results(run))[FILE])
        opened.record(run, "tiny", str(folder), 0, started)
    opened.close()
    return opened.root


@pytest.mark.parametrize(
    ("name", "run"), [("0123abcd", "0123abcd"), ("45", "4567abcd"), ("tiny", "4567abcd"), ("reports/0123abcd", "0123abcd")]
)  # fmt: skip
def test_a_run_is_found(store: Path, monkeypatch: pytest.MonkeyPatch, name: str, run: str) -> None:
    """By id or its beginning, by its suite's name (the newest), or by its folder."""
    monkeypatch.chdir(store.parent)
    folder, found = find(name, store)
    assert (folder.name, found) == (run, results(run))


def test_a_run_that_is_not_there_is_refused(store: Path) -> None:
    """Never run, or its folder deleted."""
    with pytest.raises(UserError, match=r"no run 'tinny'.*\n.*did you mean 'tiny'"):
        find("tinny", store)
    (store.parent / "reports" / "0123abcd" / FILE).unlink()
    with pytest.raises(UserError, match="the results are gone"):
        find("0123abcd", store)


def test_looking_for_runs_makes_no_store(tmp_path: Path) -> None:
    """Where there is none, there is no run, and still no store."""
    assert history(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("value", "direction", "verdict"),
    [
        (0.7, "higher", "better"),
        (0.3, "higher", "worse"),
        (0.7, "lower", "worse"),
        (0.3, "lower", "better"),
        (0.6, "higher", "no difference shown"),
        (0.7, "none", "different"),
    ],
)
def test_a_difference_is_shown_when_its_interval_leaves_out_zero(
    value: float, direction, verdict: str
) -> None:
    """Half widths of 0.1 each: of the difference, 0.141."""
    first = replace(ROW, direction=direction)
    second = replace(first, value=value, low=value - 0.1, high=value + 0.1)
    (row,) = compare(results("a", first), results("b", second))
    assert row["verdict"] == verdict
    assert row["high"] - row["low"] == pytest.approx(2 * 0.02**0.5)


def test_only_what_can_be_compared_is_compared() -> None:
    """Rows of both, with a number, not of single seeds; another signature says so."""
    others = [
        replace(ROW, model="b"),
        replace(ROW, condition={"seed": 1}),
        replace(ROW, measure="m", value=None),
    ]
    assert compare(results("a", *others[1:]), results("b", *others)) == []
    (row,) = compare(results("a", ROW), results("b", replace(ROW, signature="t")))
    assert row["verdict"] == "not comparable"
