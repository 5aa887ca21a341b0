"""An exported model: what others load it with says the same, and its card has the run's numbers."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.text import Example

SUITE = """\
suite: exported
task: {task}
models:
  - name: tiny
    pretrained: {pretrained}
    trainer: torch
    training: {{epochs: 8, learning_rate: 5.0e-3, batch_size: 8}}
  - {{name: bag, trainer: sklearn}}
data:
  train: {{jsonl: train.jsonl}}
  validation: {{jsonl: test.jsonl}}
  test: {{jsonl: test.jsonl}}
vary: {{seeds: [3, 4]}}
perturb: {{severities: [3], operators: [keyboard]}}
statistics: {{resamples: 100}}
gates:
  - score.score{{model=tiny, split=test}} >= 0.999
"""


def lines(examples: Sequence[Example]) -> str:
    """Examples as a JSONL file."""
    found = []
    for e in examples:
        spans = [{"start": s.start, "end": s.end, "label": s.label} for s in e.spans]
        gold = {"label": e.target} if isinstance(e.target, str) else {"spans": spans}
        found.append(json.dumps({"id": e.id, "text": e.text} | gold) + "\n")
    return "".join(found)


@pytest.fixture(scope="module", params=["classification", "ner"])
def trained(
    request: Any, tmp_path_factory: Any, tiny_pretrained: Path, tiny_ner: Any, tiny_sentiment: Any, make_project: Any
) -> Iterator[Any]:  # fmt: skip
    """A project whose suite has been run, once for all tests; it is the current folder."""
    folder, before = tmp_path_factory.mktemp(request.param), Path.cwd()
    os.chdir(folder)
    project = make_project(folder)
    examples = tiny_ner if request.param == "ner" else tiny_sentiment
    project.write("train.jsonl", lines(examples))
    project.write("test.jsonl", lines(examples[1::2]))
    project.write("suite.yaml", SUITE.format(task=request.param, pretrained=tiny_pretrained))
    project.task = request.param
    said = project("run", "suite.yaml", "--workers", "1", "--quiet")
    assert said.code in (0, 1), said.out + said.err
    yield project
    os.chdir(before)


def test_a_pipeline_loads_the_folder_and_says_what_the_run_said(trained: Any) -> None:
    """Not only the command's own comparison: every test text, against what `harness predict` says."""
    import transformers

    said = trained("export", "exported:tiny@4", "out")
    assert said.code == 0, said.err
    assert said.out.startswith("wrote tiny seed 4 to out; ")
    assert "answers equal the run's own" in said.out
    assert said.out.split("; ")[1].split(" of ")[0] == said.out.split(" of ")[1].split()[0]
    answers = [
        json.loads(line)
        for line in trained("predict", "exported:tiny@4", "-i", "test.jsonl").out.splitlines()
    ]
    texts = [json.loads(line)["text"] for line in (trained.folder / "test.jsonl").read_text().splitlines()]
    if trained.task == "ner":
        loaded = transformers.pipeline("token-classification", "out", aggregation_strategy="first")
        found = [[(e["entity_group"], e["start"], e["end"]) for e in loaded(text)] for text in texts]
        own = [[(s["label"], s["start"], s["end"]) for s in one["spans"]] for one in answers]
    else:
        loaded = transformers.pipeline("text-classification", "out")
        found, own = [one["label"] for one in loaded(texts)], [one["label"] for one in answers]
    assert found == own
    assert len({str(one) for one in own}) > 1


def test_the_card_has_the_numbers_of_the_results(trained: Any) -> None:
    """Headline, its interval, the five properties, the data, seeds, digest and what failed."""
    assert trained("export", "exported:tiny", "card").code == 0
    card = (trained.folder / "card" / "README.md").read_text("utf-8")
    results = trained.results()
    (row,) = [
        r
        for r in results["rows"]
        if (r["property"], r["measure"], r["model"], r["condition"]) == ("score", "score", "tiny", {"split": "test"})
    ]  # fmt: skip
    assert f"| {row['value']:.3f} | [{row['low']:.3f}, {row['high']:.3f}] |" in card
    for one in results["scorecard"]:
        if one["model"] == "tiny":
            assert f"| {one['property']} |" in card
            assert one["value"] is None or f"| {one['value']:.3f} |" in card
    assert results["suite"]["digest"] in card
    assert "Seeds that were trained: 3, 4; this is 3." in card
    assert "- Train: " in card
    assert "needs at least three" in card.replace("&#44;", ",")
    head = card.split("---\n")[1]
    facts = {key: json.loads(value) for key, _, value in (line.partition(": ") for line in head.splitlines())}
    (result,) = facts["model-index"][0]["results"]
    assert result["metrics"][0]["value"] == row["value"]


def test_a_bag_of_words_is_exported_as_it_is_with_a_note(trained: Any) -> None:
    """The snippet on its card loads it, and it answers."""
    said = trained("export", "exported:bag", "bag")
    assert said.code == 0
    assert "it is no model of transformers" in said.out
    card = (trained.folder / "bag" / "README.md").read_text("utf-8")
    snippet = card.split("```python\n")[1].split("```")[0].replace('"."', '"bag"')
    scope: dict[str, Any] = {}
    exec(snippet, scope)  # noqa: S102 - what a reader would type
    assert len(scope["model"].labels) > 1


def test_what_is_in_the_way_is_not_overwritten(trained: Any) -> None:
    """Without --force nothing is; with it an earlier export is, and nothing else."""
    assert trained("export", "exported:bag", "again").code == 0
    said = trained("export", "exported:bag", "again")
    assert (said.code, "again: is not empty" in said.err) == (2, True)
    assert trained("export", "exported:tiny", "again", "--force").code == 0
    assert (trained.folder / "again" / "config.json").is_file()
    assert not (trained.folder / "again" / "bag.json").exists()
    trained.write("mine/notes.txt", "keep me")
    said = trained("export", "exported:bag", "mine", "--force")
    assert (said.code, "something else than an export" in said.err) == (2, True)
    assert sorted(p.name for p in (trained.folder / "mine").iterdir()) == ["notes.txt"]
    said = trained("export", "exported:bag", "suite.yaml")
    assert (said.code, "is a file" in said.err) == (2, True)
    assert not [p for p in trained.folder.iterdir() if p.name.startswith(".") and p.name != ".harness"]


def test_a_callable_has_nothing_to_export(project: Any) -> None:
    """Exit code 2, and nothing is written."""
    project("run", "suite.yaml", "--workers", "1", "--quiet")
    said = project("export", "tiny", "out")
    assert (said.code, "there are no weights to export" in said.err) == (2, True)
    assert not (project.folder / "out").exists()


def test_onnx_is_written_or_it_is_said_what_is_missing(trained: Any) -> None:
    """With optimum there is a model that onnxruntime runs; without it, how to get it, and no folder."""
    said = trained("export", "exported:tiny", "onnx-out", "--onnx")
    if importlib.util.find_spec("optimum") is None:
        assert (said.code, "pip install 'continuity-harness[onnx]'" in said.err) == (2, True)
        assert not (trained.folder / "onnx-out").exists()
        return
    assert said.code == 0, said.err
    runtime = importlib.import_module("onnxruntime")
    session = runtime.InferenceSession(str(trained.folder / "onnx-out" / "onnx" / "model.onnx"))
    assert {one.name for one in session.get_inputs()} >= {"input_ids", "attention_mask"}
