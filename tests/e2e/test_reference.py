"""Errors beside those of a reference, from the suite to the rows."""

from __future__ import annotations

import json

import pytest

from harness.report.json import load_results
from tests.measure.build import pick

TWO = """models:
  - {name: bag, trainer: sklearn}
"""


@pytest.fixture
def beside(project):
    """A bag of words beside the rules."""
    project.edit("suite.yaml", "models:\n", TWO)
    project.edit("suite.yaml", "data:\n", "vary: {seeds: [0]}\ndata:\n  validation: {jsonl: test.jsonl}\n")
    project.edit(
        "suite.yaml", "operators: [keyboard, upper]", "operators: [keyboard, upper]\n  reference: rules"
    )
    return project


def results(project):
    """Those of the only run there is."""
    (path,) = (project.folder / "reports").glob("*/*/results.json")
    return load_results(path.read_bytes())


def test_a_model_of_the_suite_is_the_reference(beside):
    """The other model's errors are told by operator and in the mean; `rules` makes none that is clean."""
    said = beside("run", "suite.yaml")
    assert said.code == 0, said.err
    rows = results(beside).rows
    scores = {
        (row.model, row.condition["severity"]): row.value
        for row in rows
        if row.measure == "retained_score" and row.condition["operator"] == "keyboard"
    }
    wanted = sum(1 - scores["bag", s] for s in (1, 5)) / sum(1 - scores["rules", s] for s in (1, 5))
    row = pick(rows, "corruption_error", operator="keyboard")
    assert (row.model, row.value) == ("bag", pytest.approx(wanted))
    assert pick(rows, "mean_corruption_error").model == "bag"


def test_a_baseline_file_is_the_reference(beside):
    """What `harness baseline` wrote of a model gives the same numbers as the model itself."""
    assert beside("run", "suite.yaml").code == 0
    (run,) = (beside.folder / "reports").glob("tiny/*/results.json")
    before = pick(results(beside).rows, "mean_corruption_error").value
    said = beside("baseline", str(run.parent), "--output", "published.json")
    assert said.code == 0, said.err
    beside.edit("suite.yaml", "reference: rules", "reference: {published.json: rules}")
    beside.edit("suite.yaml", '  - {name: rules, callable: "rules:judge"}\n', "")
    beside.edit("suite.yaml", "suite: tiny", "suite: later")
    assert beside("run", "suite.yaml").code == 0
    (path,) = (beside.folder / "reports").glob("later/*/results.json")
    row = pick(load_results(path.read_bytes()).rows, "mean_corruption_error")
    assert row.value == pytest.approx(before, abs=1e-3)
    assert "rules of published.json" in row.note


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("ruels", "no model 'ruels' in this suite to compare with"),
        ("{nowhere.json: rules}", "no such file"),
        ("{a.json: rules, b.json: bag}", "expected one {baseline file: model}"),
    ],
)
def test_a_reference_that_is_not_there_is_told_with_its_place(beside, new, message):
    """Before anything is computed."""
    beside.edit("suite.yaml", "reference: rules", f"reference: {new}")
    said = beside("validate", "suite.yaml")
    assert said.code == 2
    assert message in said.err
    assert "perturb.reference" in said.err


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({}, "tells nothing of how a model 'rules' does"),
        (
            {
                "rules/robustness.retained_score{family=format,operator=upper,severity=0}": {
                    "value": 0.5,
                    "low": 0.4,
                    "high": 0.6,
                    "signature": "entity_f1|strict|B=100|0.95|bca|v1",
                }
            },
            "was measured as entity_f1|strict, should be accuracy",
        ),
    ],
)
def test_a_file_that_cannot_be_compared_with_is_told_before_the_work(beside, rows, message):
    """It holds no such model, or another metric."""
    beside.write("old.json", json.dumps({"schema": 1, "suite": "tiny", "run": "a", "rows": rows}))
    beside.edit("suite.yaml", "reference: rules", "reference: {old.json: rules}")
    said = beside("run", "suite.yaml")
    assert said.code == 2
    assert message in said.err
    assert "old.json" in said.err
