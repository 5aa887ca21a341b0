"""Explanations of several runs, from the suite to the rows and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SUITE = """\
suite: explained
task: classification
models:
  - {name: bag, trainer: sklearn}
data:
  train: {builtin: world/sentiment, split: train, limit: 200}
  validation: {builtin: world/sentiment, split: validation, limit: 8}
  test: {builtin: world/sentiment, split: test, limit: 40}
vary: {seeds: [0, 1], train_fraction: [1.0, 0.5]}
explain: {method: occlusion, examples: 12, runs: 2, fractions: true, shuffled: true, checks: []}
statistics: {resamples: 100}
gates:
  - interpretability.fraction_agreement{fraction=0.5} >= 0.0
"""


def test_explanations_of_seeds_and_of_parts_of_the_data_are_compared(project: Any) -> None:
    """The same reasons for the same answers: by another seed, and by half of the training data."""
    project.write("suite.yaml", SUITE)
    ran = project("run", "suite.yaml", "--workers", "1", "--quiet")
    assert ran.code == 0, ran.out + ran.err
    (path,) = Path("reports").glob("explained/*/results.json")
    rows = json.loads(path.read_text("utf-8"))["rows"]
    found = {r["measure"]: r for r in rows if r["property"] == "interpretability"}
    for kind in ("seed", "fraction"):
        assert found[f"{kind}_agreement"]["value"] > found[f"{kind}_agreement_control"]["value"]
        assert -1 <= found[f"{kind}_top_words"]["value"] <= 1
    assert found["fraction_agreement"]["condition"] == {"fraction": 0.5}
    assert found["random_labels"]["runs"] == 2
    assert found["score"]["runs"] == 2
    page = path.with_name("report.html").read_text("utf-8")
    assert page.count("faithfulness") > 0


def test_gold_that_is_of_its_example_alone_is_not_shuffled(project: Any) -> None:
    """Answers lie in their texts."""
    text = SUITE.replace("task: classification", "task: qa").replace("world/sentiment", "world/qa")
    project.write("suite.yaml", text)
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "explain.shuffled: gold of the task 'qa' cannot be dealt out anew" in said.err


def test_parts_that_no_run_is_trained_on_cannot_be_explained(project: Any) -> None:
    """The message says where, and what would be right."""
    project.write("suite.yaml", SUITE.replace(", train_fraction: [1.0, 0.5]", ""))
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "explain.fractions: no run is on a part of the training data" in said.err
    assert "vary: {train_fraction: [1.0, 0.5]}" in said.err
