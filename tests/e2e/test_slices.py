"""Slices from the command: cut by a column, gated, found when weak, and switched off."""

from __future__ import annotations

import itertools
import json

import pytest

SLICES = "slices: {features: [label], columns: [channel], contrast: pair}\n"


def lines():
    """240 opinions: of those by chat the rules understand hardly any, for they name no key word."""
    subjects = [f"item {at}" for at in range(60)]
    for at, (subject, channel) in enumerate(itertools.product(subjects, ("mail", "chat", "phone", "shop"))):
        good = at % 8 < 4
        word = ("fine" if good else "bad") if channel != "chat" else ("ace" if good else "dire")
        told = {"id": f"t{at}", "text": f"{subject} by {channel} was {word}"}
        told |= {"label": "positive" if good else "negative", "channel": channel}
        yield told | ({"pair": f"set {at // 8}"} if channel == "mail" else {})


@pytest.fixture
def sliced(project):
    """The project with a column in its test data, and slices by it."""
    (project.folder / "test.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines()), "utf-8")
    suite = (project.folder / "suite.yaml").read_text("utf-8")
    (project.folder / "suite.yaml").write_text(suite + SLICES, "utf-8")
    return project


def test_a_column_of_ones_own_is_sliced_gated_and_its_weak_part_found(sliced) -> None:
    """The rows, the verdict, the weakest slice with an example, and the page that shows it."""
    gate = "  - score.score{split=test} >= 0.5\n  - generalization.slice_score{slice=channel, bucket=mail} >= 0.9\n"
    worst = "  - generalization.worst_group{slice=channel} >= 0.9\n"
    sliced.edit("suite.yaml", "  - score.score{split=test} >= 0.5\n", gate + worst)
    assert sliced("run", "suite.yaml", "-q").code == 1
    results = sliced.results()
    verdicts = {one["expression"]: one["verdict"] for one in results["gates"]}
    assert list(verdicts.values()) == ["pass", "pass", "fail"]
    scores = {
        row["condition"]["bucket"]: row["value"]
        for row in results["rows"]
        if row["measure"] == "slice_score" and row["condition"]["slice"] == "channel"
    }
    assert scores == {"mail": 1, "phone": 1, "shop": 1, "chat": 0.5}
    (search,) = results["slices"]
    first = search["found"][0]
    assert sorted(first["parts"]) == [["channel", "chat"], ["label", "negative"]]
    assert first["p"] <= search["alpha"] == 0.05
    assert first["examples"][0]["gold"]["label"] != first["examples"][0]["said"]["label"]
    consistent = [r for r in results["rows"] if r["measure"] == "contrast_consistency"]
    assert (consistent[0]["value"], consistent[0]["n"]) == (1, 30)
    (report,) = (sliced.folder / "reports").glob("*/*/report.html")
    page = report.read_text("utf-8")
    assert "Weakest slices" in page
    assert "label negative and channel chat" in page
    assert "no gate can name them" in page


def test_a_shift_is_sliced_too_and_gated_by_its_name(sliced) -> None:
    """By the column that its reader keeps; the page shows where the shift is weakest."""
    sliced.edit(
        "suite.yaml",
        "  test: {jsonl: test.jsonl}\n",
        "  test: {jsonl: test.jsonl}\n  shifts: {web: {jsonl: test.jsonl, columns: [channel], limit: 200}}\n",
    )
    gate = "  - generalization.slice_score{shift=web, slice=channel, bucket=chat} >= 0.9\n"
    sliced.edit("suite.yaml", "gates:\n", f"gates:\n{gate}")
    assert sliced("run", "suite.yaml", "-q").code == 1
    results = sliced.results()
    assert [one["verdict"] for one in results["gates"]] == ["fail", "pass"]
    chat = [
        row["condition"].get("shift", "")
        for row in results["rows"]
        if row["measure"] == "slice_gap" and row["condition"]["bucket"] == "chat"
    ]
    assert chat == ["", "web"]
    (report,) = (sliced.folder / "reports").glob("*/*/report.html")
    assert "On shifted data" in report.read_text("utf-8")


def test_a_column_that_is_not_there_is_told_before_anything_is_done(sliced) -> None:
    """With the nearest one that is."""
    sliced.edit("suite.yaml", "[channel]", "[chanel]")
    said = sliced("run", "suite.yaml", "-q")
    assert said.code == 2
    assert "slices.columns.0" in said.err
    assert "chanel" in said.err


def test_a_gate_on_a_slice_that_nobody_cuts_is_told(sliced) -> None:
    """Before anything is done, with the nearest there is."""
    sliced.edit(
        "suite.yaml", "score.score{split=test} >= 0.5", "generalization.worst_group{slice=chanel} >= 0.9"
    )
    said = sliced("validate", "suite.yaml")
    assert said.code == 2
    assert "no slice 'chanel' in this suite" in said.err
    assert "channel" in said.err


def test_slices_can_be_switched_off(sliced) -> None:
    """An empty list of features and no columns."""
    sliced.edit("suite.yaml", SLICES, "slices: {features: []}\n")
    assert sliced("run", "suite.yaml", "-q").code == 0
    results = sliced.results()
    assert not [row for row in results["rows"] if "slice" in row["condition"]]
    assert results["slices"] == []
