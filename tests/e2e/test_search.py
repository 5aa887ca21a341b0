"""A suite that searches for hyperparameters before it trains."""

from __future__ import annotations

import json

SUITE = """\
suite: tuned
task: classification
models:
  - name: words
    trainer: sklearn
    training: {max_iter: 50}
    search: {trials: 4, sampler: random, space: {C: {low: 0.0001, high: 100.0, log: true}}}
data:
  train: {jsonl: train.jsonl}
  validation: {jsonl: test.jsonl}
  test: {jsonl: test.jsonl}
vary: {seeds: [0, 1]}
statistics: {resamples: 100}
"""


def test_a_search_is_made_once_and_serves_every_seed(project):
    """The report says what was spent and chosen; run again, nothing is searched."""
    project.write("suite.yaml", SUITE)
    assert project("run", "suite.yaml", "--quiet").code == 0
    results = project.results()
    (found,) = results["searches"]
    assert (found["model"], found["complete"], found["pruned"], found["diverged"]) == ("words", 4, 0, 0)
    assert 0.0001 <= found["chosen"]["C"] <= 100
    assert project.work()["search"]["done"] == 1
    assert project.work()["train"]["done"] == 2
    budgets = [r for r in results["rows"] if r["measure"] == "expected_validation"]
    assert [row["condition"]["trials"] for row in budgets] == [1, 2]
    assert budgets[0]["value"] <= budgets[1]["value"] <= found["score"]
    page = next((project.folder / "reports").glob("*/*/report.html")).read_text("utf-8")
    assert "Expected best validation score" in page
    assert project("run", "suite.yaml", "--quiet").code == 0
    assert project.missing() == {}


def test_another_space_is_another_search_and_other_models(project):
    """What was chosen decides the weights, so that it is part of their key."""
    project.write("suite.yaml", SUITE)
    assert project("run", "suite.yaml", "--quiet").code == 0
    project.edit("suite.yaml", "high: 100.0", "high: 10.0")
    assert {"search words, 4 trials", "train words seed 0"} <= project.missing().keys()


def test_every_fault_of_a_space_is_named_with_its_place(project):
    """Unknown options, values that the trainer refuses, and ranges that are none."""
    project.write("suite.yaml", SUITE)
    project.edit(
        "suite.yaml", "{C: {low: 0.0001, high: 100.0, log: true}}", "{D: [1.0], max_iter: [x], C: {low: 1}}"
    )
    said = project("validate", "suite.yaml", "--json")
    assert said.code == 2
    faults = {fault["field"]: fault for fault in json.loads(said.out)["errors"]}
    place = "models.0.search.space"
    assert faults.keys() == {f"{place}.D", f"{place}.max_iter", f"{place}.C"}
    assert all(fault["line"] == 7 for fault in faults.values())
    assert "unknown option 'D' of sklearn" in faults[f"{place}.D"]["message"]


def test_a_model_that_is_there_is_not_searched(project):
    """There is nothing to choose for it."""
    project.edit("suite.yaml", '"rules:judge"}', '"rules:judge", search: {space: {C: [1.0]}}}')
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "callable models are not trained here" in said.err
