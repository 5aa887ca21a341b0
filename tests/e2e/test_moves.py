"""What moves when an answer moves, from the suite to the rows: tags, bounds and types; lengths of texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SUITE = """\
suite: moves
task: {task}
models:
  - {{name: model, trainer: {trainer}}}
data:
  train: {{builtin: {world}, split: train, limit: 120}}
  validation: {{builtin: {world}, split: validation, limit: 8}}
  test: {{builtin: {world}, split: test, limit: 40}}
vary: {{seeds: [0]}}
perturb: {{severities: [1, 3], operators: [misspell, keyboard]{judge}}}
statistics: {{resamples: 100}}
gates:
  - {gate}
"""


def measured(project: Any, judge: str = "", **about: str) -> list[dict[str, Any]]:
    """The rows of a run, whose gate passes."""
    project.write("suite.yaml", SUITE.format(judge=judge, **about))
    ran = project("run", "suite.yaml", "--workers", "1", "--quiet")
    assert ran.code == 0, ran.out + ran.err
    (path,) = Path("reports").glob("moves/*/results.json")
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["rows"]
    return rows


def test_a_tagger_is_told_what_moves(project: Any) -> None:
    """Tags beyond chance, bounds and types in each condition, and gates may name what a type becomes."""
    rows = measured(
        project,
        task="ner",
        trainer="sklearn",
        world="world/ner",
        gate="continuity.boundary_agreement{operator=keyboard, severity=1} >= 0.01",
    )
    for name in ("tag_kappa", "boundary_agreement", "type_agreement"):
        found = {
            (r["condition"]["operator"], r["condition"]["severity"]): r for r in rows if r["measure"] == name
        }
        assert set(found) == {("misspell", 1), ("misspell", 3), ("keyboard", 1), ("keyboard", 3)}
        assert all(r["value"] is None or -1 <= r["value"] <= 1 for r in found.values())
    assert any(r["value"] is not None and r["value"] < 1 for r in rows if r["measure"] == "tag_kappa")
    flips = [r for r in rows if r["measure"] == "type_flips"]
    assert flips
    assert all(0 < r["value"] <= 1 and r["condition"]["label"] != r["condition"]["to"] for r in flips)


def test_a_model_that_writes_is_told_how_its_texts_change(project: Any) -> None:
    """Length, emptiness and the score relative to that of undisturbed texts."""
    rows = measured(
        project,
        task="translation",
        trainer="retrieve",
        world="world/translation",
        gate="continuity.emptied{operator=keyboard, severity=1} <= 0.5",
    )
    for name in ("length_jump", "emptied", "hallucination_jump", "relative_score"):
        assert len([r for r in rows if r["measure"] == name and r["value"] is not None]) == 4, name
    for name in ("length_jump", "hallucination_jump"):
        assert any(r["value"] > 0 for r in rows if r["measure"] == name), name


def test_a_model_that_writes_is_told_how_far_meanings_move(project: Any, tiny_pretrained: Path) -> None:
    """With a sentence encoder to judge by, in every condition."""
    rows = measured(
        project,
        judge=f", similarity: {{encoder: {tiny_pretrained}, least: -1.0}}",
        task="translation",
        trainer="retrieve",
        world="world/translation",
        gate="continuity.meaning_distance{operator=keyboard, severity=1} <= 1.0",
    )
    found = [r["value"] for r in rows if r["measure"] == "meaning_distance"]
    assert len(found) == 4
    assert all(0 <= value <= 1 for value in found)
    assert max(found) > 0
