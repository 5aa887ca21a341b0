"""Answers that move by themselves, from the suite to the rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SUITE = """\
suite: floor
task: classification
models:
  - {name: fickle, callable: "moody:judge"}
  - {name: steady, callable: "rules:judge"}
data:
  test: {builtin: world/sentiment, split: test, limit: 60}
perturb: {severities: [1, 3], operators: [keyboard], noise_floor: 30}
statistics: {resamples: 100}
"""
MOODY = """\
import itertools
asked = itertools.count()

def judge(texts):
    return [{"negative": p, "positive": 1 - p} for p in (0.3 + 0.1 * (next(asked) % 7) for _ in texts)]
"""
RULES = """\
def judge(texts):
    return [{"negative": p, "positive": 1 - p} for p in (0.1 + 0.8 * ("not" in text) for text in texts)]
"""


def test_a_fickle_model_is_told_from_one_that_edits_move(project: Any) -> None:
    """The floor of a model that never says the same twice is high, that of a function of the text is 0."""
    project.write("suite.yaml", SUITE)
    project.write("moody.py", MOODY)
    project.write("rules.py", RULES)
    ran = project("run", "suite.yaml", "--workers", "1", "--quiet")
    assert ran.code == 0, ran.out + ran.err
    (path,) = Path("reports").glob("floor/*/results.json")
    rows = json.loads(path.read_text("utf-8"))["rows"]
    floor = {r["model"]: r for r in rows if r["measure"] == "noise_floor"}
    assert floor["fickle"]["value"] > 0.05
    assert floor["fickle"]["n"] == 30
    assert floor["steady"]["value"] == 0
    assert {r["model"] for r in rows if r["measure"] == "distance_above_floor"} == {"fickle"}
