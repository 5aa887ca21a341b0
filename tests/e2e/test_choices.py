"""Sets of labels, pairs of texts, replies and slates go the whole way: three models each, from the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

GOOD, BAD = ("good", "great", "fine", "lovely"), ("bad", "awful", "poor", "sad")
PLACES = ("paris", "rome", "oslo", "lima")
SUITE = """\
suite: choices
task: {task}
models:
  - name: tiny
    pretrained: {pretrained}
    trainer: torch
    training: {{epochs: 3, learning_rate: 1.0e-3, batch_size: 16}}
  - {{name: bag, trainer: sklearn}}
  - {{name: rules, callable: "rules:judge"}}
data:
  train: {{{train}}}
  validation: {{{train}}}
  test: {{{test}}}
vary: {{seeds: [0, 1]}}
perturb: {{severities: [3], operators: [keyboard, upper]}}
attack: {{recipes: [greedy-character], examples: 4, budget: 20}}
statistics: {{resamples: 100}}
gates:
  - score.score{{model=rules, split=test}} >= 0.5
"""


def as_json(*rows: dict[str, Any]) -> str:
    """JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def sets_of_labels(split: str) -> str:
    """Praise, blame, both or neither."""
    words = [((), "day"), (("praise",), GOOD), (("blame",), BAD), (("blame", "praise"), GOOD)]
    return as_json(
        *(
            {"text": f"{split} {at} : {one} {' and '.join([BAD[at]] * (len(labels) > 1))}", "label": labels}
            for at in range(4)
            for labels, found in words
            for one in [found if isinstance(found, str) else found[at]]
        )
    )


def pairs_of_texts(split: str) -> str:
    """Whether two sentences name the same place."""
    rows = [
        f'"{split} {at} , alice is in {one}","bob went to {other}",{"yes" if one == other else "no"}'
        for at, one in enumerate(PLACES)
        for other in (one, one, *PLACES)
    ]
    return "\n".join(["premise,hypothesis,same", *rows, ""])


def conversations(split: str) -> str:
    """The reply names the place that was asked for."""
    return as_json(
        *(
            {"id": f"{split}-{at}", "turns": [{"speaker": "guest", "text": f"{split} {place} ?"}], "speaker": "desk",
             "reply": f"alice is in {place}", "distractors": [f"alice is in {other}" for other in PLACES if other != place]}
            for at, place in enumerate(PLACES * 4)
        )
    )  # fmt: skip


def log_of_clicks(split: str) -> str:
    """Users click where they have been."""
    rows = [
        f"{user},{split}-{user}-{at},{split} : {other} day,bob went to {place},{int(other == place)}"
        for user, place in enumerate(PLACES)
        for at in range(4)
        for other in PLACES
    ]
    return "\n".join(["user,slate,item,history,clicked", *rows, ""])


JUDGES = {
    "multilabel": """
        words = set(text.lower().split())
        said = [label for label, known in (("praise", GOOD), ("blame", BAD)) if words & known]
""",
    "classification": """
        said = "yes" if text["premise"].split()[-1] == text["hypothesis"].split()[-1] else "no"
""",
    "response": """
        asked = text["01 guest"].split()[-2]
        said = {name[10:]: 0.9 if asked in value else 0.1 for name, value in text.items() if "cand" in name}
""",
    "recommendation": """
        past = text["history"].split()[-1]
        said = {name[10:]: 0.9 if past in value else 0.1 for name, value in text.items() if "cand" in name}
""",
}
CASES = {
    "multilabel": (sets_of_labels, "jsonl: {}.jsonl", "f1|micro|labels"),
    "classification": (
        pairs_of_texts,
        "csv: {}.csv, fields: [premise, hypothesis], label: same",
        "accuracy",
    ),
    "response": (conversations, "responses: {}.jsonl, candidates: 4", "recall@1"),
    "recommendation": (log_of_clicks, "clicks: {}.csv", "ndcg@10"),
}


@pytest.mark.parametrize("task", CASES)
def test_three_kinds_of_models_go_the_whole_way(project: Any, tiny_pretrained: Path, task: str) -> None:
    """Trained, perturbed, attacked, agreed on, gated and reported; the rules are right and the gate passes."""
    make, read, metric = CASES[task]
    for split in ("train", "test"):
        project.write(read.split()[1].rstrip(",").format(split), make(split))
    judge = JUDGES[task]
    project.write(
        "rules.py",
        f"GOOD, BAD = set({GOOD!r}), set({BAD!r})\n\n\ndef judge(texts):\n    found = []\n"
        f"    for text in texts:{judge}        found.append(said)\n    return found\n",
    )
    project.write(
        "suite.yaml",
        SUITE.format(
            task=task, pretrained=tiny_pretrained, train=read.format("train"), test=read.format("test")
        ),
    )
    said = project("run", "suite.yaml", "--workers", "1", "--quiet")
    assert said.code == 0, said.out + said.err
    results = project.results()
    assert not results["failures"], results["failures"]
    assert said.code == 0, said.out + said.err
    assert results["suite"]["metric"] == metric
    rows = {
        (row["property"], row["measure"], row["model"]): row
        for row in results["rows"]
        if row["condition"].keys() <= {"split"} and row["condition"].get("split", "test") == "test"
    }
    assert rows["score", "score", "rules"]["value"] == 1.0
    if task != "classification":  # words alone do not say whether two texts agree
        assert rows["score", "score", "bag"]["value"] > rows["score", "chance", "bag"]["value"]
    scored = {(one["property"], one["model"]): one for one in results["scorecard"]}
    for model, name in (("tiny", "stability"), ("bag", "continuity"), ("rules", "robustness")):
        assert scored[name, model]["value"] is not None or scored[name, model]["note"]
    assert [one["level"] for one in results["labels"]] == ["label"] * (
        3 if "class" in task or "multi" in task else 0
    )
    assert {"tiny", "bag", "rules"} == {
        row["model"] for row in results["rows"] if "attack" in row["condition"] and row["value"] is not None
    }
    (page,) = (project.folder / "reports").glob("*/*/report.html")
    assert metric in page.read_text("utf-8")
