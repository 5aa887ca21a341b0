"""Parts of the input alone, from the suite to the verdict and the page."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from harness.report.json import load_results
from tests.measure.build import pick

SUITE = """\
suite: pairs
task: classification
models:
  - {name: rules, callable: "rules:judge"}
  - {name: bag, trainer: sklearn}
data:
  train: {jsonl: train.jsonl, fields: [premise, hypothesis]}
  validation: {jsonl: test.jsonl, fields: [premise, hypothesis]}
  test: {jsonl: test.jsonl, fields: [premise, hypothesis]}
  partial: [only-premise, only-hypothesis]
vary: {seeds: [0, 1]}
statistics: {resamples: 200}
gates:
  - generalization.artefact{partial=only-premise} <= 0.2
  - generalization.artefact{partial=only-hypothesis} <= 0.2
"""
RULES = '''\
def judge(pairs):
    """Whether both are about the same; without one of them they are not."""
    return ["same" if set(p["premise"].split()) & set(p["hypothesis"].split()) else "other" for p in pairs]
'''
SUBJECTS, DEEDS = ("cats", "dogs", "birds", "fish", "bears"), ("sleep", "eat", "swim", "wait")
WORLD = """\
suite: parts
task: {task}
models: [{models}]
data:
  train: {{builtin: {world}, split: train, limit: 60}}
  validation: {{builtin: {world}, split: validation, limit: 8}}
  test: {{builtin: {world}, split: test, limit: 24}}
  partial: [{kinds}]
vary: {{seeds: [0]}}
statistics: {{resamples: 100}}
"""
BAG, RETRIEVED = (
    "{name: bag, trainer: sklearn}",
    "{name: memory, trainer: retrieve}, {name: copy, trainer: copy}",
)


def pairs(split: str) -> str:
    """40 pairs; those who wrote them said "never" of all that differ, which gives them away."""
    found = []
    for at, (subject, deed) in enumerate(itertools.product(SUBJECTS, DEEDS)):
        other = DEEDS[(at + 1) % 4]
        found += [
            {"premise": f"{subject} {deed}", "hypothesis": f"they {deed} a lot ({split})", "label": "same"},
            {"premise": f"{subject} {deed}", "hypothesis": f"they never {other} ({split})", "label": "other"},
        ]
    return "".join(json.dumps({"id": str(at), **row}) + "\n" for at, row in enumerate(found))


@pytest.fixture
def leaking(project: Any) -> Any:
    """Pairs whose second text gives the label away; a model that reads both, and one that counts words."""
    project.write("rules.py", RULES)
    project.write("suite.yaml", SUITE)
    for split in ("train", "test"):
        project.write(f"{split}.jsonl", pairs(split))
    return project


def test_a_shortcut_in_the_data_is_found_and_gated(leaking: Any) -> None:
    """The bag of words needs no premise; who compares both texts knows nothing of one alone."""
    said = leaking("run", "suite.yaml", "--workers", "1")
    assert said.code == 1, said.out + said.err
    (path,) = (leaking.folder / "reports").glob("*/*/results.json")
    results = load_results(path.read_bytes())
    kept = {
        (row.model, row.condition["partial"]): row.value for row in results.rows if row.measure == "artefact"
    }
    assert kept == {
        ("rules", "only-premise"): 0,
        ("rules", "only-hypothesis"): 0,
        ("bag", "only-premise"): 0,
        ("bag", "only-hypothesis"): 1,
    }
    failed = [(gate.model, gate.condition) for gate in results.gates if gate.verdict == "fail"]
    assert (len(results.gates), failed) == (4, [("bag", {"partial": "only-hypothesis", "version": "light"})])
    assert leaking.work()["score"]["total"] == 3 * 3 + 2
    shown = [one for one in results.examples if one.kind == "partial"]
    assert {(one.model, one.condition["partial"]) for one in shown} == {
        ("rules", "only-premise"),
        ("rules", "only-hypothesis"),
        ("bag", "only-premise"),
        ("bag", "only-hypothesis"),
    }
    page = path.with_name("report.html").read_text("utf-8")
    assert "Parts of the input alone" in page
    assert "answered rightly by the part alone" in page
    assert leaking.missing() == {}


def test_models_are_trained_on_parts_alone_too(leaking: Any) -> None:
    """Which finds what those that were trained on both texts could not show: half of a shortcut is enough."""
    leaking.edit("suite.yaml", "vary: {seeds: [0, 1]}", "vary: {seeds: [0, 1], parts: true}")
    leaking.edit("suite.yaml", "only-hypothesis} <= 0.2", "only-hypothesis, version=full} <= 1.0")
    said = leaking("run", "suite.yaml", "--workers", "1")
    assert said.code == 0, said.out + said.err
    (path,) = (leaking.folder / "reports").glob("*/*/results.json")
    results = load_results(path.read_bytes())
    kept = {
        (row.condition["partial"], row.condition["version"]): (row.value, row.runs)
        for row in results.rows
        if (row.measure, row.model) == ("artefact", "bag")
    }
    assert kept == {
        ("only-premise", "light"): (0, 2),
        ("only-premise", "full"): (0, 2),
        ("only-hypothesis", "light"): (1, 2),
        ("only-hypothesis", "full"): (1, 2),
    }
    assert not [r for r in results.rows if r.model == "rules" and r.condition.get("version") == "full"]
    aside = [(one.model, one.seed, one.part) for one in results.models if one.part]
    assert aside == [("bag", seed, kind) for kind in ("only-premise", "only-hypothesis") for seed in (0, 1)]
    assert "the part</td>" in path.with_name("report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("task", "world", "models", "kinds"),
    [
        ("ner", "world/ner", BAG, "entities, context"),
        ("relation", "world/relation", BAG, "entities, context"),
        ("qa", "world/qa", BAG, "only-context"),
        ("multilabel", "world/topics", BAG, "first-sentence, empty"),
        ("response", "world/response", BAG, "only-candidates"),
        ("recommendation", "world/clicks", BAG, "only-candidates"),
        ("translation", "world/translation", RETRIEVED, "empty"),
        ("dialogue", "world/dialogue", RETRIEVED, "empty"),
        ("summarization", "world/summaries", RETRIEVED, "first-sentence, empty"),
    ],
)
def test_every_task_is_asked_its_parts(project: Any, task: str, world: str, models: str, kinds: str) -> None:
    """Emptied texts, blanks and lists of names get answers, and these a score."""
    project.write("suite.yaml", WORLD.format(task=task, world=world, models=models, kinds=kinds))
    said = project("run", "suite.yaml", "--workers", "1", "--quiet")
    assert said.code == 0, said.out + said.err
    (path,) = (project.folder / "reports").glob("*/*/results.json")
    rows = load_results(path.read_bytes()).rows
    for kind, model in itertools.product(
        kinds.split(", "), ("bag",) if models == BAG else ("memory", "copy")
    ):
        own = [row for row in rows if row.model == model]
        assert 0 <= pick(own, "partial_score", partial=kind).value <= 1
        assert 0 < pick(own, "partial_whole", partial=kind).n <= 24
        assert pick(own, "artefact", partial=kind).direction == "lower"


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        (
            "only-premise",
            "only-premis",
            "suite.yaml:10:13: data.partial.0",
            "no example of the test data has",
        ),
        ("only-premise,", "entities,", "suite.yaml:10:13: data.partial.0", "made for ner, relation"),
        ("only-premise,", "premise,", "suite.yaml:10:13: data.partial.0", "expected one of first-sentence"),
        ("only-premise,", "only-hypothesis,", "suite.yaml:10:30: data.partial.1", "is there twice"),
        ("only-premise", "first-sentence", "suite.yaml:10:13: data.partial.0", "that is not all of it"),
        (
            "{partial=only-premise}",
            "{partial=only-title}",
            "gates.0",
            "no partial 'only-title' in this suite",
        ),
        ("[only-premise, only-hypothesis]", "only-premise", "suite.yaml:10:12: data.partial", "valid list"),
        (
            "  partial: [only-premise, only-hypothesis]\nvary: {seeds: [0, 1]}",
            "vary: {parts: true}",
            "suite.yaml:10:15: vary.parts",
            "there is no kind of part to train on",
        ),
    ],
)
def test_what_is_wrong_with_parts_is_told_with_its_place(
    leaking: Any, old: str, new: str, place: str, message: str
) -> None:
    """A field, a kind of another task, no kind at all, the same again, nothing to cut off, and a gate."""
    leaking.edit("suite.yaml", old, new)
    said = leaking("validate", "suite.yaml")
    assert said.code == 2
    assert place in said.err, said.err
    assert message in said.err, said.err
