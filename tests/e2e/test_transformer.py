"""The whole way through on a real, if tiny, transformer: train, vary, attack, explain, measure, report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.execute.files import CHECKPOINT
from harness.text import Example

SUITE = """\
suite: whole
task: ner
models:
  - name: tiny
    pretrained: {pretrained}
    trainer: hf
    training: {{epochs: 12, learning_rate: 5.0e-3, batch_size: 8}}
  - name: wild
    pretrained: {pretrained}
    trainer: torch
    training: {{epochs: 2, learning_rate: 1.0e+30, gradient_clip: 0.0, warmup: 0.0}}
data:
  train: {{jsonl: train.jsonl}}
  validation: {{jsonl: validation.jsonl}}
  test: {{jsonl: test.jsonl}}
  shifts:
    unseen: {{jsonl: shift.jsonl}}
vary: {{seeds: [0, 1]}}
perturb: {{severities: [1, 5], operators: [keyboard, suffix-distractor]}}
attack: {{recipes: [greedy-character], examples: 4, budget: 40}}
explain: {{method: integrated-gradients, examples: 3}}
statistics: {{resamples: 200}}
gates:
  - score.score{{model=tiny, split=test}} >= 0.2
"""


def lines(examples: Sequence[Example]) -> str:
    """Examples as a JSONL file."""
    rows = [
        {
            "id": e.id,
            "text": e.text,
            "spans": [{"start": s.start, "end": s.end, "label": s.label} for s in e.spans],
        }
        for e in examples
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def whole(project: Any, tiny_ner: list[Example], tiny_pretrained: Path) -> Any:
    """A project whose suite trains a transformer that learns and one that cannot."""
    # Sentences of one pattern are the shift, so that the splits have no text in common.
    first, second, third = tiny_ner[0::3], tiny_ner[1::3], tiny_ner[2::3]
    project.write("train.jsonl", lines(first + second[0::2]))
    project.write("validation.jsonl", lines(second[1::2][:4]))
    project.write("test.jsonl", lines(second[1::2]))
    project.write("shift.jsonl", lines(third))
    project.write("suite.yaml", SUITE.format(pretrained=tiny_pretrained))
    return project


def test_a_transformer_goes_the_whole_way_and_a_diverged_seed_is_a_result(whole: Any) -> None:
    """All five properties of the one that learns; the other is counted as failed, and nothing crashes."""
    said = whole("run", "suite.yaml", "--workers", "1", "--quiet")
    results = whole.results()
    assert said.code == 0, said.out + said.err
    assert not results["failures"]
    runs = {(run["model"], run["seed"]): run for run in results["models"]}
    for seed in (0, 1):
        assert runs["tiny", seed]["after"] > (runs["tiny", seed]["before"] or 0)
        assert runs["wild", seed]["status"] == "diverged"
        assert "not finite" in runs["wild", seed]["note"] or "is nan" in runs["wild", seed]["note"]
    scored = {(one["property"], one["model"]): one for one in results["scorecard"]}
    for name in ("continuity", "robustness", "stability", "generalization"):
        assert scored[name, "tiny"]["status"] != "not_applicable", name
        assert scored[name, "wild"]["value"] is None
    (failed,) = [r for r in results["rows"] if r["measure"] == "failure_rate" and r["model"] == "wild"]
    assert failed["value"] == 1.0
    assert {"greedy-character"} == {
        r["condition"]["attack"] for r in results["rows"] if "attack" in r["condition"]
    }
    assert [one for one in results["explanations"] if one["model"] == "tiny"]


def test_a_checkpoint_is_measured_as_it_is_beside_the_model_it_came_from(whole: Any) -> None:
    """It gives the same score without training, and says why its stability cannot be measured."""
    whole("run", "suite.yaml", "--workers", "1", "--quiet")
    before = whole.results()
    (checkpoint,) = [
        path / CHECKPOINT
        for path in (whole.folder / ".harness" / "blobs").glob("*/*")
        if (path / CHECKPOINT / "model.safetensors").is_file()
        and "seed: 0" in (path / CHECKPOINT / "README.md").read_text("utf-8")
    ]
    text = SUITE.split("models:")[0] + (
        f"models:\n  - {{name: there, checkpoint: {checkpoint}}}\ndata:\n  test: {{jsonl: test.jsonl}}\n"
    )
    whole.write("there.yaml", text.replace("suite: whole", "suite: there"))
    said = whole("run", "there.yaml", "--workers", "1", "--quiet", "--reports", "there")
    assert said.code == 0, said.err
    after = whole.results("there")
    trained = next(run for run in before["models"] if (run["model"], run["seed"]) == ("tiny", 0))
    (given,) = after["models"]
    assert (given["status"], given["test"]) == ("given", trained["test"])
    stability = next(one for one in after["scorecard"] if one["property"] == "stability")
    assert (stability["value"], stability["status"]) == (None, "not_applicable")
    assert "two training runs" in stability["note"]


def test_a_checkpoint_with_other_labels_than_the_data_is_refused(whole: Any, tiny_pretrained: Path) -> None:
    """Before anything is computed, with a table: nothing is put in another order or drawn anew in silence."""
    whole.write(
        "bare.yaml",
        f"suite: bare\ntask: ner\nmodels:\n  - {{name: bare, checkpoint: {tiny_pretrained}}}\n"
        "data:\n  test: {jsonl: test.jsonl}\n",
    )
    said = whole("run", "bare.yaml", "--workers", "1", "--quiet", "--reports", "bare")
    assert said.code == 2
    assert "the labels of model 'bare' are not those of the data" in said.err
    assert "-        B-PER  the model lacks it" in said.err
    assert "LABEL_1  -      the data lacks it" in said.err
