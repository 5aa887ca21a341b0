"""Inputs that no model should be sure about, from the suite to the report."""

from __future__ import annotations

import json

import pytest

from harness.report.json import load_results
from tests.measure.build import pick

SETS = """\
  outliers:
    garbage: {made: random-characters}
    news: {jsonl: news.jsonl, label: topic}
    unlabelled: {jsonl: plain.jsonl, label: ""}
"""


@pytest.fixture
def wary(project):
    """A bag of words beside the rules, and three sets of outliers."""
    news = [
        {"id": f"n{at}", "text": f"shares of number {at} fell on monday", "topic": "money"}
        for at in range(12)
    ]
    project.write("news.jsonl", "".join(json.dumps(row) + "\n" for row in news))
    project.write("plain.jsonl", "".join(json.dumps({"text": row["text"]}) + "\n" for row in news))
    project.edit("suite.yaml", "data:\n", "data:\n  validation: {jsonl: test.jsonl}\n" + SETS)
    project.edit("suite.yaml", "models:\n", "models:\n  - {name: bag, trainer: sklearn}\n")
    project.edit("suite.yaml", "perturb:", "vary: {seeds: [0]}\nperturb:")
    project.edit(
        "suite.yaml",
        "gates:\n",
        "gates:\n  - robustness.outlier_auroc{outliers=garbage, by=energy, model=bag} >= 0.6\n",
    )
    return project


def test_outliers_are_told_from_the_test_data(wary):
    """By every score that a model has; their labels need not be known, nor be there at all."""
    said = wary("run", "suite.yaml")
    assert said.code in (0, 4), said.out + said.err
    (path,) = (wary.folder / "reports").glob("*/*/results.json")
    results = load_results(path.read_bytes())
    found = {
        (r.condition["outliers"], r.condition.get("by"))
        for r in results.rows
        if r.measure == "outlier_auroc" and r.model == "bag"
    }
    assert found == {
        (name, by)
        for name in ("garbage", "news", "unlabelled")
        for by in ("probability", "energy", "entropy")
    }
    garbage = pick(results.rows, "outlier_auroc", outliers="garbage", by="probability")
    assert garbage.value is not None
    assert garbage.value > 0.8
    same = [
        pick(results.rows, "outlier_auroc", outliers=name, by="energy").value
        for name in ("news", "unlabelled")
    ]
    assert same[0] == same[1]
    bare = [r for r in results.rows if r.measure == "outlier_auroc" and r.model == "rules"]
    assert [r.value for r in bare] == [None] * 3
    work = wary.work()
    again = wary("run", "suite.yaml")
    assert again.code == said.code
    assert work["familiar"]["total"] == 8


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("made: random-characters", "made: random-letters", "made should be one of random-characters"),
        ("made: random-characters", "made: random-words, limit: 3", "unknown key 'limit'"),
        ("{jsonl: plain.jsonl, label: \"\"}", "{jsonl: nowhere.jsonl}", "nowhere.jsonl"),
        ("{jsonl: plain.jsonl, label: \"\"}", "{jsonl: plain.jsonl, label: \"\", fields: [text, id]}", "should be a string"),
        ("outliers=garbage", "outliers=rubbish", "no outliers 'rubbish'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_outliers_is_told_with_its_place(wary, old, new, message):
    """The kind, its options, the file, what it holds, and a gate about another set."""
    wary.edit("suite.yaml", old, new)
    said = wary("validate", "suite.yaml")
    assert said.code == 2
    assert message in said.err


def test_outliers_with_other_fields_cannot_be_read_by_the_models(wary):
    """A pair of texts is no single text."""
    wary.write("plain.jsonl", '{"one": "a text", "two": "another"}\n')
    wary.edit("suite.yaml", 'label: ""}', 'label: "", fields: [one, two]}')
    said = wary("validate", "suite.yaml")
    assert said.code == 2
    assert "has other fields than the test data" in said.err
    assert "data.outliers.unlabelled" in said.err
