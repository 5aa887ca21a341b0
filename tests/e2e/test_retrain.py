"""Retraining: drift is told, and the new model takes the old one's place only if it is not worse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.data.world import builtin
from harness.rng import rng

SUITE = """\
suite: again
task: classification
models:
  - {name: bag, trainer: sklearn}
data:
  train: {jsonl: train.jsonl}
  validation: {jsonl: validation.jsonl}
  test: {jsonl: test.jsonl}
vary: {seeds: [0]}
statistics: {resamples: 200}
"""
OLD, FRESH = (("good", "great", "fine"), ("bad", "awful", "poor")), (("superb", "neat"), ("dire", "grim"))
FILLERS = ("the", "food", "room", "staff", "day", "trip", "view", "was", "seems", "so", "very", "again")


def opinions(purpose: str, size: int, words: Any = OLD, wrong: bool = False) -> str:
    """Lines whose one telling word is good or bad, among random others; with wrong labels if asked."""
    random = rng("opinions", purpose)
    found = []
    for at in range(size):
        kind = int(random.integers(2))
        text = [*random.choice(FILLERS, 6), random.choice(words[kind]), *random.choice(FILLERS, 4)]
        label = ("positive", "negative")[kind ^ wrong]
        found.append({"id": f"{purpose}{at}", "text": " ".join(map(str, text)), "label": label})
    return "".join(json.dumps(one) + "\n" for one in found)


@pytest.fixture
def before(project: Any) -> Any:
    """A project whose bag of words knows six words."""
    project.write("suite.yaml", SUITE)
    for split, size in (("train", 150), ("validation", 20), ("test", 150)):
        project.write(f"{split}.jsonl", opinions(split, size))
    return project


def retrained(project: Any, *more: str) -> tuple[int, dict[str, Any]]:
    said = project("retrain", "suite.yaml", "--new", "new.jsonl", "--workers", "1", "--json", *more)
    assert said.out, said.err
    return said.code, json.loads(said.out)


def test_new_words_are_drift_and_learning_them_is_better(before: Any) -> None:
    """The inputs have drifted and the old model fails on them; the new one does not, and loses nothing."""
    before.write("new.jsonl", opinions("new", 300, FRESH))
    code, found = retrained(before)
    assert code == 0
    assert found["models"]["bag"]["old test data"]["verdict"] in ("not worse", "better")
    assert found["models"]["bag"]["new test data"]["verdict"] == "better"
    drift = {one["what"]: one for one in found["drift"]}
    assert drift["inputs"]["drifted"]
    assert drift["inputs"]["effect"] > 0.8
    assert not drift["length of inputs"]["drifted"]
    new = found["models"]["bag"]["new test data"]
    assert new["new"] > 0.95 > 0.8 > new["old"]
    assert new["difference"]["low"] > 0
    assert found["new_data"]["train"] + found["new_data"]["test"] == 300
    page = (Path(found["folder"]) / "retrain.md").read_text("utf-8")
    assert "✓ better" in page
    assert "| inputs | yes |" in page


def test_wrong_labels_make_it_worse_and_what_is_lost_is_listed(before: Any) -> None:
    """Exit code 1 because of the old test data, however well it does on the new."""
    before.write("new.jsonl", opinions("wrong", 500, OLD, wrong=True))
    code, found = retrained(before)
    old = found["models"]["bag"]["old test data"]
    assert (code, found["exit_code"], old["verdict"]) == (1, 1, "worse")
    assert old["right_to_wrong"]["value"] == pytest.approx(len(old["flips"]) / 150)
    assert {(one["old"], one["new"]) for one in old["flips"]} <= {
        ("positive", "negative"),
        ("negative", "positive"),
    }
    said = before("retrain", "suite.yaml", "--new", "new.jsonl", "--workers", "1", "--quiet")
    assert said.code == 1
    assert "bag on old test data: worse" in said.out
    assert "keep the old one" in said.out
    page = (Path(found["folder"]) / "retrain.md").read_text("utf-8")
    assert "right before, wrong now" in page


OTHERS = {
    "qa": ("{jsonl: FILE, answers: answers}", "sklearn"),
    "translation": ("{jsonl: FILE, source: source, target: target}", "retrieve"),
}


def written(task: str, split: str, size: int) -> str:
    """Questions and answers, or texts and their translations, of the embedded world as lines."""
    lines = []
    for one in builtin.function(f"world/{task}", split=split, limit=size):
        row: dict[str, Any] = {"id": one.id, **one.fields}
        if task == "qa":
            row["answers"] = [{"text": span.label, "answer_start": span.start} for span in one.spans]
        else:
            row["target"] = list(one.references)
        lines.append(json.dumps(row) + "\n")
    return "".join(lines)


@pytest.mark.parametrize("task", OTHERS)
def test_answers_and_texts_are_retrained_alike(project: Any, task: str) -> None:
    """A shift of the embedded world comes in as new data: tested on both, nothing is left undecided silently."""
    source, trainer = OTHERS[task]
    suite = SUITE.replace("classification", task).replace("sklearn", trainer)
    for split, size in (("train", 80), ("validation", 10), ("test", 40)):
        suite = suite.replace(f"{{jsonl: {split}.jsonl}}", source.replace("FILE", f"{split}.jsonl"))
        project.write(f"{split}.jsonl", written(task, split, size))
    project.write("suite.yaml", suite)
    project.write("new.jsonl", written(task, "unseen-patterns", 80))
    code, found = retrained(project)
    assert code in (0, 1)
    new, old = (found["models"]["bag"][f"{which} test data"] for which in ("new", "old"))
    assert {new["verdict"], old["verdict"]} <= {"better", "not worse", "worse", "inconclusive"}
    assert new["new"] > new["old"]
    assert found["new_data"]["train"] + found["new_data"]["test"] == 80
    assert {one["what"] for one in found["drift"]} >= {"inputs", "length of inputs"}


def test_too_little_new_data_is_inconclusive_and_a_strict_failure(before: Any) -> None:
    """Exit code 0, or 4 with --strict."""
    before.write("new.jsonl", opinions("few", 20))
    code, found = retrained(before)
    assert (code, found["models"]["bag"]["new test data"]["verdict"]) == (0, "inconclusive")
    assert retrained(before, "--strict")[0] == 4


def test_what_was_tested_on_is_not_learnt_and_a_grown_file_keeps_its_sides(before: Any) -> None:
    """Texts of the old test data are left out of training, those of the training data out of the test."""
    known = (before.folder / "test.jsonl").read_text("utf-8").splitlines()[:40]
    known += (before.folder / "train.jsonl").read_text("utf-8").splitlines()[:40]
    before.write("new.jsonl", "\n".join(known) + "\n" + opinions("more", 60))
    _, found = retrained(before)
    data = found["new_data"]
    assert data["left_out_of_training"] > 10
    assert data["left_out_of_the_test"] > 5
    assert data["left_out_of_training"] + data["left_out_of_the_test"] + data["train"] + data["test"] == 140
    before.write("new.jsonl", opinions("more", 60) + opinions("still more", 60))
    _, grown = retrained(before)
    assert grown["new_data"]["test"] > 10


def test_the_new_model_can_be_asked_and_exported(before: Any) -> None:
    """The folder of the account stands for a run."""
    before.write("new.jsonl", opinions("new", 120, FRESH))
    _, found = retrained(before)
    folder = found["folder"]
    before.write("ask.txt", "so very grim again\nthe neat staff\n")
    said = before("predict", f"{folder}:bag", "--input", "ask.txt", "--format", "text")
    assert said.code == 0, said.err
    assert [json.loads(line)["label"] for line in said.out.splitlines()] == ["negative", "positive"]
    assert before("export", folder, "out").code == 0
    assert "It was retrained" in (before.folder / "out" / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "arguments", "part"),
    [
        ('{"id": "a", "text": "fine", "label": 3.5}\n', (), "new.jsonl:1: label"),
        ('{"id": "a", "text": "fine", "label": "positive"}\n', (), "no example is left for"),
        ("", (), "new.jsonl: no examples"),
        ('{"id": "a", "text": "fine", "label": "positive"}\n', ("--from", "first"), "unknown origin 'first'"),
        ('{"id": "a", "text": "fine", "label": "positive"}\n', ("--margin", "2"), "between 0 and 1"),
        ('{"id": "a", "text": "fine", "label": "positive"}\n', ("--reader", "jsnol"), "no reader"),
    ],
)
def test_new_data_that_will_not_do_are_refused(
    before: Any, content: str, arguments: tuple[str, ...], part: str
) -> None:
    """Exit code 2, naming the file and the line; nothing is trained."""
    before.write("new.jsonl", content)
    said = before("retrain", "suite.yaml", "--new", "new.jsonl", *arguments)
    assert said.code == 2, said.out
    assert part in said.err


TRANSFORMER = """\
suite: again
task: classification
models:
  - name: tiny
    pretrained: {pretrained}
    trainer: torch
    training: {{epochs: 2, learning_rate: 2.0e-3, batch_size: 16}}
data:
  train: {{jsonl: train.jsonl, limit: 60}}
  validation: {{jsonl: validation.jsonl}}
  test: {{jsonl: test.jsonl, limit: 60}}
vary: {{seeds: [0, 1]}}
statistics: {{resamples: 200}}
"""


def test_training_goes_on_from_the_last_checkpoint(before: Any, tiny_pretrained: Path) -> None:
    """Each seed from its own; the result differs from that of starting anew. Unknown labels are refused."""
    before.write("suite.yaml", TRANSFORMER.format(pretrained=tiny_pretrained))
    before.write("new.jsonl", opinions("new", 60))
    _, last = retrained(before, "--from", "last")
    _, anew = retrained(before, "--from", "scratch")
    assert (last["from"], anew["from"]) == ("last", "scratch")
    assert last["id"] != anew["id"]
    one, other = (x["models"]["tiny"]["old test data"] for x in (last, anew))
    assert one["old"] == other["old"]
    assert len(one["by_seed"]) == 2
    about = json.loads((Path(last["folder"]) / "run.json").read_text("utf-8"))
    assert {m["base"].split(":")[0] for m in about["models"]} == {"unit"}
    mixed = opinions("mixed", 30).replace("negative", "mixed").replace("positive", "mixed")
    before.write("new.jsonl", opinions("new", 60) + mixed)
    said = before("retrain", "suite.yaml", "--new", "new.jsonl", "--from", "last")
    assert said.code == 2
    assert "the last checkpoint does not know the label 'mixed'" in said.err


def test_a_label_that_is_new_is_learnt_from_scratch(before: Any) -> None:
    """The old model is counted as wrong where it is the gold."""
    mixed = opinions("mixed", 90, FRESH).replace("negative", "mixed").replace("positive", "mixed")
    before.write("new.jsonl", mixed)
    code, found = retrained(before)
    new = found["models"]["bag"]["new test data"]
    assert (code, new["old"], new["verdict"]) == (0, 0.0, "better")
