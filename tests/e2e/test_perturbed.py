"""Perturbed texts outside of a run: frozen for others, judged by people, and tests of behaviour."""

from __future__ import annotations

import csv
import json
import shutil

import pytest

from harness.data.frozen import frozen

TESTS = """
lexicons: {good: [good, great, fine, lovely], when: [day, night, week, year], bad: [bad, awful], name: [Ann, Bob, Cem]}
tests:
  - {name: plain, kind: MFT, template: "a {bad} evening", label: negative}
  - {name: names, kind: INV, template: "{name} had a {good} day", vary: name}
  - {name: turned, kind: INV, template: "a {good} {when}", after: "a {good} {when} after a bad one"}
"""


def test_frozen_sets_can_be_scored_on(project) -> None:
    """One file for each operator and severity, a manifest, and a reader for them."""
    said = project("perturb", "suite.yaml", "--freeze", "sets", "--json")
    assert said.code == 0, said.err
    assert [one["file"] for one in json.loads(said.out)] == [
        "keyboard-1.jsonl",
        "keyboard-5.jsonl",
        "upper-1.jsonl",
        "upper-5.jsonl",
    ]
    folder = project.folder / "sets"
    clean = frozen.function(str(folder / "clean.jsonl"))
    loud = frozen.function(str(folder / "upper-5.jsonl"))
    assert {e.id for e in loud} <= {e.id for e in clean}
    assert any(e.text != e.text.lower() for e in loud)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert all(
        one["changed"] + one["unchanged"] + one["refused"] == len(clean) for one in manifest["files"][1:]
    )
    again = project("perturb", "suite.yaml", "--freeze", "sets")
    assert again.code == 2
    assert "holds a frozen set already" in again.err
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert project("perturb", "suite.yaml", "--freeze", "sets", "--force").code == 0
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_frozen_set_is_data_of_another_suite(project) -> None:
    """As a shift, so that its score stands beside the clean one."""
    project("perturb", "suite.yaml", "--freeze", "sets")
    project.edit(
        "suite.yaml",
        "  test: {jsonl: test.jsonl}",
        "  test: {jsonl: test.jsonl}\n  shifts: {loud: {frozen: sets/upper-5.jsonl}}",
    )
    assert project("run", "suite.yaml", "-q").code == 0
    rows = project.results()["rows"]
    assert [r for r in rows if r["condition"].get("shift") == "loud" or r["condition"].get("split") == "loud"]


def test_a_folder_with_something_else_is_left_alone(project) -> None:
    """Nothing is deleted that was not frozen here."""
    (project.folder / "mine").mkdir()
    (project.folder / "mine" / "thesis.txt").write_text("years of work", "utf-8")
    said = project("perturb", "suite.yaml", "--freeze", "mine", "--force")
    assert said.code == 2
    assert "something else than a frozen set" in said.err
    assert (project.folder / "mine" / "thesis.txt").exists()


def test_what_people_say_comes_back_as_an_interval(project) -> None:
    """A sheet is written, filled in, named by the suite, and bounds the scores; no model is asked again."""
    assert project("run", "suite.yaml", "-q").code == 0
    assert project("review", "suite.yaml", "-o", "sheet.csv", "--each", "10").code == 0
    sheet = project.folder / "sheet.csv"
    rows = list(csv.DictReader(sheet.read_text("utf-8").splitlines()))
    assert {row["operator"] for row in rows} == {"keyboard", "upper"}
    assert {row["severity"] for row in rows} == {"5"}
    assert all(row["clean"] != row["perturbed"] and row["gold"] for row in rows)
    for row in rows:
        row["verdict"] = "yes"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    shutil.rmtree(project.folder / "reports")
    project.edit("suite.yaml", "  severities: [1, 5]", "  severities: [1, 5]\n  reviews: [sheet.csv]")
    assert project("run", "suite.yaml", "-q").code == 0
    found = {r["measure"]: r for r in project.results()["rows"] if r["condition"].get("operator") == "upper"}
    count = sum(row["operator"] == "upper" for row in rows)
    assert found["label_preservation"]["n"] == count
    assert found["label_preservation"]["value"] == 1.0
    assert found["valid_score"]["low"] <= found["retained_score"]["value"] <= found["valid_score"]["high"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("review", "suite.yaml", "-o", "sheet.docx"), "should end in .html or .csv, found '.docx'"),
        (("perturb", "keyboard"), "no text for keyboard to edit"),
        (("perturb", "nowhere.yaml", "--freeze", "sets"), "no such file"),
    ],
)
def test_wrong_use_is_told(project, arguments: tuple[str, ...], said: str) -> None:
    """With what would be right."""
    answer = project(*arguments)
    assert answer.code == 2
    assert said in answer.err


def test_tests_of_behaviour_are_measured_and_gated(project) -> None:
    """A minimum that is met, an invariance that holds, and one that does not."""
    gates = "  - robustness.failure_rate{test=turned} <= 0.5\n"
    project.edit("suite.yaml", "gates:\n", f"{TESTS.lstrip()}gates:\n{gates}")
    assert project("run", "suite.yaml", "-q").code == 1
    rates = {
        r["condition"]["test"]: r["value"]
        for r in project.results()["rows"]
        if r["measure"] == "failure_rate" and r["condition"]
    }
    assert rates["names"] == 0.0
    assert rates["turned"] == 1.0
    (report,) = project.folder.glob("reports/*/*/report.html")
    page = report.read_text("utf-8")
    assert "Tests of behaviour" in page
    assert "fails the test: INV" in page


def test_an_operator_that_does_not_speak_the_language_is_refused(project) -> None:
    """Before anything runs, with its place in the file."""
    project.edit("suite.yaml", "task: classification", "task: classification\nlanguage: de")
    project.edit("suite.yaml", "operators: [keyboard, upper]", "operators: [keyboard, contraction]")
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "contraction speaks 'en' only, the texts are 'de'" in said.err


def test_what_a_library_stumbles_over_is_among_the_warnings(project) -> None:
    """With the operator, what was raised and how often; the run goes on."""
    project.write(
        "mine.py",
        "from harness.perturb.foreign import stumbled\n"
        "from harness.perturb.operator import operator\n\n"
        '@operator("clumsy", level="word")\n'
        "def clumsy(source, rng):\n"
        '    """Stumbles over every text."""\n'
        "    stumbled('library', IndexError('no such letter'))\n"
        "    yield from ()\n",
    )
    project.edit(
        "suite.yaml", "operators: [keyboard, upper]", "operators: [keyboard, clumsy]\nplugins: [mine.py]"
    )
    assert project("run", "suite.yaml", "-q", "--workers", "1").code == 0
    warnings = project.results()["run"]["warnings"]
    assert [w for w in warnings if w.startswith("clumsy: library: IndexError: no such letter (48 times")]
