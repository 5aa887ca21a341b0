"""After training, every task is served the same way: what a stream gets is what the run measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from harness.data.world import builtin
from harness.text import Example

SUITE = """\
suite: form
task: {task}
models:
  - {{name: model, trainer: {trainer}}}
data:
  train: {{builtin: {world}, split: train, limit: 60}}
  validation: {{builtin: {world}, split: validation, limit: 8}}
  test: {{builtin: {world}, split: test, limit: 12}}
vary: {{seeds: [0]}}
statistics: {{resamples: 100}}
"""
FORMS = {
    "ner": ("sklearn", "world/ner", "spans"),
    "relation": ("sklearn", "world/relation", "label"),
    "qa": ("sklearn", "world/qa", "n_best"),
    "response": ("sklearn", "world/response", "ranking"),
    "translation": ("retrieve", "world/translation", "text"),
    "dialogue": ("retrieve", "world/dialogue", "text"),
    "multilabel": ("sklearn", "world/topics", "labels"),
    "recommendation": ("sklearn", "world/clicks", "ranking"),
    "summarization": ("retrieve", "world/summaries", "text"),
}


def line(example: Example) -> dict[str, Any]:
    """An example as a user's stream has it: turns and candidates as lists, no gold."""
    turns = [{"speaker": n.partition(" ")[2], "text": t} for n, t in example.fields.items() if n[0].isdigit()]
    candidates = [text for name, text in example.fields.items() if name.startswith("candidate ")]
    marks = [{"start": m.start, "end": m.end} for m in example.marks]
    rest = {n: t for n, t in example.fields.items() if not n[0].isdigit() and not n.startswith("candidate ")}
    meta = {"speaker": example.meta["speaker"]} if "speaker" in example.meta else {}
    lists = {"turns": turns, "candidates": candidates, "marks": marks}
    return {"id": example.id, **meta, **rest, **{name: one for name, one in lists.items() if one}}


def said(answer: dict[str, Any], task: str) -> str:
    """An answer as ``predictions.parquet`` has it."""
    if task == "recommendation":
        likely = sorted(one["candidate"] for one in answer["ranking"] if one["probability"] > 0.5)
        return " + ".join(map(str, likely))
    if "n_best" in answer:
        own = [answer[key] for key in ("start", "end", "answer", "field")]
        return json.dumps([own] if answer["answer"] is not None else [])
    if "spans" in answer:
        return json.dumps([[s["start"], s["end"], s["label"], s["field"]] for s in answer["spans"]])
    if "ranking" in answer:
        return str(answer["ranking"][0]["candidate"])
    if "labels" in answer:
        return " + ".join(answer["labels"])
    return answer["label"] if "label" in answer else answer["text"]


def test_the_embedded_world_can_be_the_stream(project: Any) -> None:
    """By collection and split; the steady stream is like itself, so that there is no alarm."""
    suite = SUITE.format(task="classification", trainer="sklearn", world="world/sentiment")
    project.write("suite.yaml", suite)
    assert project("run", "suite.yaml", "--workers", "1", "--quiet").code == 0
    watch = ("watch", "form", "--label", "negative", "--by", "topic", "--reference", "world/stream:steady")
    steady = project(*watch, "--input", "world/stream:steady", "--json")
    assert (steady.code, steady.err) == (0, "")
    found = json.loads(steady.out)
    assert found["lines"] == sum(one["stream"]["n"] for one in found["watched"]) == 2000
    assert {one["group"] for one in found["watched"]} == {"finance", "service"}
    assert "no split 'jmup'" in project("predict", "form", "--input", "world/stream:jmup").err


@pytest.mark.parametrize("task", FORMS)
def test_a_stream_gets_what_the_run_measured(project: Any, task: str) -> None:
    """The test data as a stream: the same answers, in order; watched, nothing has risen; exported, it loads."""
    trainer, world, key = FORMS[task]
    project.write("suite.yaml", SUITE.format(task=task, trainer=trainer, world=world))
    ran = project("run", "suite.yaml", "--workers", "1", "--quiet")
    assert ran.code == 0, ran.out + ran.err
    examples = builtin.function(world, split="test", limit=12)
    project.write("stream.jsonl", "".join(json.dumps(line(e)) + "\n" for e in examples))
    answered = project("predict", "form", "--input", "stream.jsonl", "--batch", "5")
    assert answered.code == 0, answered.err
    found = [json.loads(one) for one in answered.out.splitlines()]
    (path,) = Path("reports").glob("form/*/predictions.parquet")
    table = [row for row in pq.read_table(path).to_pylist() if row["split"] == "test"]
    assert {one["id"]: said(one, task) for one in found} == {row["id"]: row["said"] for row in table}
    assert all(key in one for one in found)
    watched = project("watch", "form", "--input", "stream.jsonl", "--json")
    assert watched.code == 0, watched.err
    assert json.loads(watched.out)["lines"] == 12
    assert project("export", "form", "out").code == 0
    assert "harness predict" in Path("out/README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("task", "name", "broken", "part"),
    [
        ("relation", "marks", [{"start": 0, "end": 10_000}, {"start": 1, "end": 2}], "is not inside a text"),
        ("relation", "marks", [], "marks.0 (head) should be an object with start and end"),
        ("response", "candidates", ["a", 3], "candidate 2 should be a string, found 3"),
        ("response", "turns", [{"text": "hello"}], "speaker is missing"),
    ],
)
def test_a_line_that_lacks_a_part_says_which(
    project: Any, task: str, name: str, broken: Any, part: str
) -> None:
    """Marks, candidates and turns are checked one by one; the good line beside it is answered."""
    trainer, world, _ = FORMS[task]
    project.write("suite.yaml", SUITE.format(task=task, trainer=trainer, world=world))
    assert project("run", "suite.yaml", "--workers", "1", "--quiet").code == 0
    good = line(builtin.function(world, split="test", limit=1)[0])
    project.write("stream.jsonl", json.dumps(good | {name: broken}) + "\n" + json.dumps(good) + "\n")
    answered = project("predict", "form", "--input", "stream.jsonl")
    assert answered.code == 3
    assert part in answered.err
    assert "error" not in json.loads(answered.out.splitlines()[1])
