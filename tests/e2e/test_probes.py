"""Probes from the suite to the rows, the gates and what is told of faults."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "probes.md"
PROBE = """\
from harness.probe.probe import Found, Reading, probe

@probe("length", Reading("characters", "size", bounds=(0, 1e9)), unfit=lambda model, task: {unfit!r})
def length(scene, *, factor=1.0):
    "How long texts are."
    return [Found({id}, {{"size": factor * len(e.text)}}) for e in scene.examples]
"""


def results(project) -> dict[str, Any]:
    (path,) = (project.folder / "reports").rglob("results.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def rows(project, probe: str) -> list[dict[str, Any]]:
    return [row for row in results(project)["rows"] if row["condition"].get("probe") == probe]


@pytest.fixture
def probed(project):
    """A project whose suite names probes: ``probed("path")``, with what else stands in the section."""

    def probed(probes: str, more: str = "", gate: str = "") -> Any:
        section = f"probe: {{probes: [{probes}]{more}}}\nstatistics:"
        project.edit("suite.yaml", "statistics:", section)
        project.edit(
            "suite.yaml", "  - score.score{split=test} >= 0.5\n", f"  - {gate}\n" if gate else "  []\n"
        )
        return project

    return probed


def test_probes_of_a_suite_become_rows_that_gates_can_ask_for(probed) -> None:
    """The rules flip when a key word is hit: seen along paths and by single edits, found from the store."""
    gate = "continuity.flip_hazard{probe=path:3, operator=keyboard, step=1} <= 0.9"
    project = probed("{path: 3}, first-edit", gate=gate)
    said = project("run", "suite.yaml")
    assert said.code == 0, said.err
    found = {row["measure"]: row for row in rows(project, "path:3") if row["condition"].get("step", 1) == 1}
    assert found["smoothness"]["condition"] == {
        "probe": "path:3",
        "operator": "keyboard",
        "family": "character",
    }
    assert 0 < found["jump_rate"]["value"] < 1
    assert found["cliff_share"]["value"] == 1  # labels only: every change is a jump
    assert found["smoothness"]["low"] < found["smoothness"]["value"] < found["smoothness"]["high"]
    assert {row["n"] for row in rows(project, "first-edit")} == {24}
    again = project("run", "suite.yaml", "--json")
    assert json.loads(again.out)["exit_code"] == 0


def test_a_probe_of_ones_own_is_run_as_it_is_documented(probed) -> None:
    """The page's probe, put into a file: rules in lower case do not know a word in capitals."""
    (snippet,) = re.findall(r"```python\n# plugin: probe\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    project = probed("shouting, {shouting: '!'}", ", examples: 10")
    project.write("mine.py", snippet)
    project.edit("suite.yaml", "suite: tiny", "suite: tiny\nplugins: [mine.py]")
    said = project("run", "suite.yaml")
    assert said.code == 0, said.err
    ((row,), (other,)) = (rows(project, name) for name in ("shouting", "shouting:!"))
    assert (row["measure"], row["n"], row["condition"]) == ("shouting", 10, {"probe": "shouting"})
    assert 0 < row["value"] < 1
    assert other["condition"] == {"probe": "shouting:!"}


@pytest.mark.parametrize(
    ("unfit", "id", "note"),
    [
        ("is a function", "e.id", "is a function"),
        ("", "'nobody'", "failed: BrokenPromise: probe length: every item is about an example it was given"),
    ],
)
def test_a_probe_that_tells_nothing_says_why(probed, unfit: str, id: str, note: str) -> None:
    """It does not suit the model, or has broken its promise: a row without a number has the reason."""
    project = probed("length")
    project.write("mine.py", PROBE.format(unfit=unfit, id=id))
    project.edit("suite.yaml", "suite: tiny", "suite: tiny\nplugins: [mine.py]")
    said = project("run", "suite.yaml")
    assert said.code == (0 if unfit else 3), said.err
    (row,) = rows(project, "length")
    assert (row["measure"], row["value"], row["status"]) == ("characters", None, "not_applicable")
    assert row["note"].startswith(note)


def test_faults_of_the_section_are_told_with_their_places(probed) -> None:
    """Unknown probes, options and operators, and gates on probes that are not there."""
    gate = "continuity.smoothness{probe=pth} >= 0.5"
    project = probed("pth, {path: {step: 3}}", ", operators: [keybord, keyboard, keyboard]", gate)
    said = project("validate", "suite.yaml")
    assert said.code == 2
    for told in (
        "suite.yaml:11:18: probe.probes.0: unknown probe 'pth'",
        "probe.probes.1: unknown option 'step' of path; did you mean 'steps'?",
        "probe.operators.0: 'keybord' is not an operator of this suite",
        "probe.operators.2: the operator 'keyboard' is there twice",
        "gates.0: no probe 'pth' in this suite",
    ):
        assert told in said.err


def test_probes_are_listed(project) -> None:
    """With what they do."""
    said = project("list", "probe")
    assert said.code == 0
    assert "first-edit" in said.out
