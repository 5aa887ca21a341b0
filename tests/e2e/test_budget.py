"""An adaptive budget from a suite."""

from __future__ import annotations

import json

from harness.budget import DECIDED


def test_a_suite_stops_early_and_says_so(project) -> None:
    """Fewer texts, the same verdict; run again, the same from the store; judged again, the same."""
    project.edit("suite.yaml", "score.score{split=test} >= 0.5", "robustness.retained_score >= 0.1")
    project.edit("suite.yaml", "statistics:", "budget: {first: 20}\nstatistics:")
    said = project("run", "suite.yaml", "--workers", "1")
    assert said.code == 0, said.err
    assert "asked 80 of 96 perturbed texts (83%): 4 of 4 conditions were stopped early" in " ".join(
        said.out.split()
    )
    again = json.loads(project("run", "suite.yaml", "--workers", "1", "--json").out)
    assert again["exit_code"] == 0
    results = json.loads((project.folder / again["folder"] / "results.json").read_text())
    assert {one["why"] for one in results["budget"]["spent"]} == {DECIDED}
    assert [gate["verdict"] for gate in json.loads(project("gate", "tiny", "--json").out)] == ["pass"] * 4
    page = (project.folder / again["folder"] / "report.html").read_text()
    assert "How many texts of each condition were asked" in page


def test_asked_to_the_end_it_gives_what_a_fixed_budget_gives(project) -> None:
    """The same texts, answers and numbers; only the intervals are wider."""
    first = rows_of(project)
    project.edit("suite.yaml", "statistics:", "budget: {first: 20, width: 0.0001}\nstatistics:")
    second = rows_of(project)
    assert first.keys() == second.keys()
    assert all(abs(one["value"] - second[name]["value"]) < 1e-12 for name, one in first.items())
    assert any(one["high"] < second[name]["high"] for name, one in first.items() if one["high"])


def rows_of(project) -> dict[str, dict]:
    said = json.loads(project("run", "suite.yaml", "--workers", "1", "--json").out)
    rows = json.loads((project.folder / said["folder"] / "results.json").read_text())["rows"]
    return {
        str((row["property"], row["measure"], row["condition"])): row
        for row in rows
        if row["property"] in ("continuity", "robustness") and row["value"] is not None
    }
