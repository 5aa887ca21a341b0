"""Relations and questions the whole way through: marks and answers are carried by all that edits texts."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

PEOPLE, PLACES = ("alice", "bob", "carol", "dave"), ("paris", "rome", "oslo", "lima")
OPERATORS = "[keyboard, misspell, synonym, upper, whitespace, suffix-distractor, entity-typo, entity-case]"
SUITE = """\
suite: places
task: {task}
models:
  - {{name: words, trainer: sklearn, training: {{C: 10.0}}}}
  - name: tiny
    pretrained: {pretrained}
    trainer: torch
    training: {{epochs: {epochs}, learning_rate: 5.0e-3, batch_size: 8}}
  - {{name: rules, callable: "rules:say"}}
data:
  train: {{{reader}, shuffle: true, skip: 15}}
  validation: {{{reader}, shuffle: true, limit: 6}}
  test: {{{reader}, shuffle: true, skip: 6, limit: 9}}
vary: {{seeds: [0, 1]}}
perturb: {{severities: [5], operators: {operators}}}
attack: {{recipes: [greedy-character], examples: 3, budget: 30}}
explain: {{method: occlusion, examples: 2}}
statistics: {{resamples: 100}}
gates:
  - score.score{{model=rules, split=test}} >= 0.2
"""
RELATIONS = '''\
"""Who comes first is told by the marks, and whether there is a relation by a word."""


def say(inputs):
    said = []
    for one in inputs:
        (head, tail) = one["marks"]
        first = one["text"][head["start"] : head["end"]]
        assert head["label"] == "head" and first == first.strip() != ""
        if head["start"] > tail["start"]:
            said.append("visits(e2,e1)")
        else:
            said.append("Other" if " saw " in one["text"].lower() else "visits(e1,e2)")
    return said
'''
ANSWERS = '''\
"""The word before the stop of the sentence in which the person stands that the question ends with."""


def say(inputs):
    said = []
    for one in inputs:
        person = one["question"].split()[-2].lower()
        lines = [line.split() for line in one["context"].split(".")]
        found = [line[-1] for line in lines if line and line[0].lower() == person]
        said.append(found[0] if found else None)
    return said
'''


def relations() -> str:
    """Who goes where, told from either end, and who only saw whom, as JSON lines."""
    rows = []
    for at, (person, place) in enumerate(itertools.product(PEOPLE, PLACES)):
        for pattern, label in (
            ("{} really went to {} today .", "visits(e1,e2)"),
            ("{} is where people met {} .", "visits(e2,e1)"),
            ("{} saw that {} is a great place .", "Other"),
        ):
            first, second = (place, person) if label == "visits(e2,e1)" else (person, place)
            text = pattern.format(f"<e1>{first}</e1>", f"<e2>{second}</e2>")
            if label == "visits(e2,e1)":  # the head is the person, wherever it stands
                text = pattern.format(f"<e2>{first}</e2>", f"<e1>{second}</e1>")
            rows.append({"id": f"{at}-{label}", "text": text, "label": label})
    return "".join(json.dumps(row) + "\n" for row in rows)


def questions() -> str:
    """Who is where, two people to a paragraph, and one who is not mentioned."""
    paragraphs = []
    for n, (one, other) in enumerate(itertools.permutations(PEOPLE, 2)):
        here, there = PLACES[n % 4], PLACES[(n + 1) % 4]
        context = f"{one.title()} is really in {here} . {other.title()} went to {there} ."
        missing = next(p for p in PEOPLE if p not in (one, other))
        qas: list[dict[str, Any]] = [
            {
                "id": f"{n}-{person}",
                "question": f"Where is {person.title()} ?",
                "answers": [{"text": place, "answer_start": context.index(place)}],
            }
            for person, place in ((one, here), (other, there))
        ]
        qas.append(
            {"id": f"{n}-", "question": f"Where is {missing.title()} ?", "answers": [], "is_impossible": True}
        )
        paragraphs.append({"context": context, "qas": qas})
    return json.dumps({"data": [{"paragraphs": paragraphs}]})


TASKS = {
    "relation": ("jsonl: data.jsonl", relations, RELATIONS, 2),
    "qa": ("squad: data.json", questions, ANSWERS, 2),
}


@pytest.fixture(params=TASKS)
def places(request: pytest.FixtureRequest, project: Any, tiny_pretrained: Path) -> tuple[Any, str]:
    """A project for each task, with a bag of words, a transformer and a callable side by side."""
    reader, data, rules, epochs = TASKS[request.param]
    project.write(reader.split()[1], data())
    project.write("rules.py", rules)
    text = SUITE.format(
        task=request.param, pretrained=tiny_pretrained, reader=reader, epochs=epochs, operators=OPERATORS
    )
    project.write("suite.yaml", text)
    return project, request.param


def test_all_properties_are_measured_for_every_kind_of_model(places: tuple[Any, str]) -> None:
    """Gates hold, no edit loses a mark, the attack works on what is carried, and the report is written."""
    project, task = places
    said = project("run", "suite.yaml", "--workers", "1", "--quiet")
    results = project.results()
    assert not results["failures"], results["failures"]
    assert said.code == 0, said.out + said.err
    rows = results["rows"]
    scores = {run["model"]: run["test"] for run in results["models"]}
    assert scores["rules"] == 1.0
    assert scores["words"] > 0.6
    scored = {(one["property"], one["model"]): one["status"] for one in results["scorecard"]}
    for name in ("continuity", "robustness"):
        assert scored[name, "words"] != "not_applicable", scored
    assert scored["stability", "tiny"] != "not_applicable"
    attacked = [r for r in rows if r["condition"].get("attack") == "greedy-character"]
    assert {r["model"] for r in attacked} == {"words", "tiny", "rules"}
    flips = {
        r["condition"]["operator"]
        for r in rows
        if r["measure"] == "flip_rate" and "operator" in r["condition"]
    }
    assert {"keyboard", "suffix-distractor", "entity-typo"} <= flips
    details = {r["measure"] for r in rows if r["property"] == "score"}
    assert {"relation": {"macro_f1", "accuracy", "f1:Other"}, "qa": {"exact_match", "f1:unanswerable"}}[
        task
    ] <= details
    (page,) = (project.folder / "reports").glob("*/*/*.html")
    assert ("visits(e1,e2)" if task == "relation" else "oslo") in page.read_text("utf-8")


def test_bad_places_are_told_before_anything_is_computed(places: tuple[Any, str]) -> None:
    """With the file and the place in it; exit code 2."""
    project, task = places
    if task == "relation":
        project.edit("data.jsonl", "</e1> really", " really")
        wanted = "data.jsonl:1: text: </e1> should be there once, found none"
    else:
        project.edit("data.json", '"text": "paris"', '"text": "berlin"')
        wanted = "the answer 'berlin' to '0-alice' is not at 19"
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert wanted in " ".join((said.out + said.err).split())


def test_operators_that_do_not_keep_the_label_are_refused(places: tuple[Any, str]) -> None:
    """By name, on their line."""
    project, task = places
    operator = "drop-stopword" if task == "relation" else "entity-swap"
    project.edit("suite.yaml", "[keyboard, ", f"[{operator}, ")
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert f"{operator} does not preserve the labels of {task}" in " ".join((said.out + said.err).split())
