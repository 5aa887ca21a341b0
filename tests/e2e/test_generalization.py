"""Entities by what training has seen of them, and gaps taken apart, from the command."""

from __future__ import annotations

import json

import pytest

TAGGER = """\
suite: seen
task: ner
models: [{name: bag, trainer: sklearn}]
data:
  train: {builtin: world/ner, split: train, limit: 300}
  validation: {builtin: world/ner, split: validation, limit: 50}
  test: {builtin: world/ner, split: test, limit: 150}
  shifts:
    unseen: {builtin: world/ner, split: unseen-entities, limit: 100}
vary: {seeds: [0]}
statistics: {resamples: 100}
"""


def test_entities_are_parted_as_recall_of_seen_ones_says(project) -> None:
    """What is seen with its case and type is the same in both tables, and the parts make up the whole."""
    project.write("suite.yaml", TAGGER)
    assert project("run", "suite.yaml", "-q").code == 0
    rows = project.results()["rows"]

    def value(measure, **condition):
        found = [r for r in rows if r["measure"] == measure and condition.items() <= r["condition"].items()]
        assert len(found) == 1
        return found[0]

    def mentions(split, part):
        row = value("partition_recall", split=split, partition=part, case="exact")
        return int(row["note"].split()[0])

    for split in ("test", "unseen"):
        seen = value("seen_recall", split=split)
        assert (
            value("partition_recall", split=split, partition="seen", case="exact")["value"] == seen["value"]
        )
        unseen = sum(mentions(split, part) for part in ("type-shifted", "partial", "new"))
        assert seen["note"] == f"{mentions(split, 'seen')} seen and {unseen} unseen mentions"
    assert {r["condition"]["slice"] for r in rows if "slice" in r["condition"]} >= {
        "length",
        "entity_density",
    }


def test_a_gap_is_taken_apart(project) -> None:
    """The same texts with five times the negative ones: all of the gap is the balance of the labels."""
    lines = (project.folder / "test.jsonl").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    half = [{**one, "text": one["text"].replace("great", "so-so bad")} for one in told]  # some are mistaken
    more = [
        {**one, "id": f"{one['id']} {again}"}
        for one in half
        for again in range(5 if one["label"] == "negative" else 1)
    ]
    for name, rows in (("test.jsonl", half), ("more.jsonl", more)):
        project.write(name, "".join(json.dumps(row) + "\n" for row in rows))
    project.edit(
        "suite.yaml",
        "  test: {jsonl: test.jsonl}",
        "  test: {jsonl: test.jsonl}\n  shifts: {more: {jsonl: more.jsonl}}",
    )
    assert project("run", "suite.yaml", "-q").code == 0
    found = {
        row["measure"]: row["value"]
        for row in project.results()["rows"]
        if row["property"] == "generalization" and row["condition"] == {"shift": "more"}
    }
    assert found["gap"] < 0
    assert found["label_shift"] == pytest.approx(-found["gap"])
    assert found["shift_rest"] == pytest.approx(0)
    assert found["expected_bbse"] == pytest.approx(found["shift_score"])
