"""Certificates and probes into a network, from a suite to the rows, the gates and the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.text import Example
from tests.e2e.test_transformer import lines

GATE = "continuity.certified_consistency{model=bag, probe=bounds, radius=0} >= 0.5"
SUITE = """\
suite: deep
task: ner
models:
  - name: tiny
    pretrained: {pretrained}
    trainer: hf
    training: {{epochs: 12, learning_rate: 5.0e-3, batch_size: 8}}
  - {{name: bag, trainer: sklearn}}
data:
  train: {{jsonl: train.jsonl}}
  validation: {{jsonl: validation.jsonl}}
  test: {{jsonl: test.jsonl}}
perturb: {{severities: [5], operators: [keyboard]}}
probe:
  examples: 6
  probes:
    - {{deletion: {{samples: 60}}}}
    - {{masking: {{samples: 60}}}}
    - gradient-norm
    - jacobian
    - {{lipschitz: {{directions: 3, steps: 3}}}}
    - {{interpolation: {{points: 5}}}}
    - clever
statistics: {{resamples: 200}}
gates:
  - continuity.certified_consistency{{model=tiny, radius=0}} >= 0.01
  - continuity.lipschitz_adversarial{{model=tiny}} <= 100
"""


@pytest.fixture
def deep(project: Any, tiny_ner: list[Example], tiny_pretrained: Path) -> Any:
    """A project whose suite puts all of these probes to a transformer and to a bag of words."""
    project.write("train.jsonl", lines(tiny_ner[0::2]))
    project.write("validation.jsonl", lines(tiny_ner[1::4]))
    project.write("test.jsonl", lines(tiny_ner[3::4]))
    project.write("suite.yaml", SUITE.format(pretrained=tiny_pretrained))
    return project


def test_what_is_certified_and_how_steep_a_network_is_become_rows_of_continuity(deep: Any) -> None:
    """Certificates for both models, slopes for the one that has a network; gates may ask for a radius."""
    said = deep("run", "suite.yaml", "--workers", "1", "--quiet")
    results = deep.results()
    assert said.code in (0, 1, 4), said.out + said.err
    assert not results["failures"]
    rows = [row for row in results["rows"] if "probe" in row["condition"]]
    assert {row["property"] for row in rows} == {"continuity"}
    found = {
        (
            row["model"],
            row["condition"]["probe"].partition(":")[0],
            row["measure"],
            row["condition"].get("radius"),
        ): row
        for row in rows
    }
    for model in ("tiny", "bag"):
        for probe in ("deletion", "masking"):
            by_radius = [found[model, probe, "certified_consistency", r]["value"] for r in range(6)]
            assert by_radius == sorted(by_radius, reverse=True)
            assert found[model, probe, "abstention", None]["value"] == pytest.approx(1 - by_radius[0])
            right = found[model, probe, "certified_accuracy", 0]
            assert right["value"] <= by_radius[0]
            assert "of the smoothed model" in right["note"]
    slopes = found["tiny", "lipschitz", "lipschitz_adversarial", None]
    assert 0 < found["tiny", "lipschitz", "lipschitz_random", None]["value"] < slopes["value"]
    assert found["tiny", "gradient-norm", "embedding_sensitivity", None]["value"] > 0
    steepest = found["tiny", "jacobian", "jacobian_sensitivity", None]
    assert 0 < steepest["value"] <= found["tiny", "jacobian", "jacobian_sensitivity_p95", None]["value"]
    walk = found["tiny", "interpolation", "max_slope", None]
    assert walk["condition"]["operator"] == "keyboard"
    assert walk["value"] >= found["tiny", "interpolation", "interpolation_change", None]["value"] > 0
    for name, measure in (
        ("gradient-norm", "gradient_norm"),
        ("jacobian", "jacobian_norm"),
        ("lipschitz", "lipschitz_random"),
    ):
        row = found["bag", name, measure, None]
        assert (row["value"], row["status"]) == (None, "not_applicable")
        assert "it needs a transformer with a head" in row["note"]
    assert "it is about texts with one label" in found["tiny", "clever", "clever", None]["note"]
    verdicts = {gate["expression"].partition("{")[0]: gate["verdict"] for gate in results["gates"]}
    assert verdicts["continuity.lipschitz_adversarial"] == "pass"
    assert verdicts["continuity.certified_consistency"] != "error"


def test_a_rate_that_is_no_rate_is_told(project: Any) -> None:
    """The unit fails with what was found, and the run is incomplete."""
    project.edit("suite.yaml", "statistics:", "probe: {probes: [{deletion: {rate: 1.5}}]}\nstatistics:")
    said = project("run", "suite.yaml", "--quiet")
    assert said.code == 3
    (error,) = {failure["error"] for failure in project.results()["failures"]}
    assert "rate: a number between 0 and 1 is needed, found 1.5" in error


def test_what_synonyms_cannot_change_of_a_bag_of_words_is_certified(project: Any) -> None:
    """Of the model itself, by radius, and gates may ask for it; a callable has no such bounds."""
    project.edit("suite.yaml", "models:\n", "models:\n  - {name: bag, trainer: sklearn}\n")
    project.edit("suite.yaml", "statistics:", "probe: {examples: 24, probes: [bounds]}\nstatistics:")
    project.edit("suite.yaml", "  test:", "  validation: {jsonl: train.jsonl}\n  test:")
    project.edit("suite.yaml", "gates:\n", f"gates:\n  - {GATE}\n")
    said = project("run", "suite.yaml", "--workers", "1", "--quiet")
    results = project.results()
    assert not results["failures"], said.out + said.err
    rows = [row for row in results["rows"] if row["condition"].get("probe") == "bounds"]
    bag = {(row["measure"], row["condition"].get("radius")): row for row in rows if row["model"] == "bag"}
    by_radius = [bag["certified_consistency", radius]["value"] for radius in range(6)]
    assert by_radius[0] == 1
    assert by_radius == sorted(by_radius, reverse=True)
    assert by_radius[5] == bag["certified_throughout", None]["value"] < 1
    assert bag["certified_radius", None]["n"] == bag["certified_accuracy", 1]["n"] > 0
    assert {row["note"] for row in bag.values()} == {"of the model itself"}
    (none,) = (row for row in rows if row["model"] == "rules")
    assert (none["value"], none["status"]) == (None, "not_applicable")
    assert "it needs a bag of words" in none["note"]
    assert {gate["expression"]: gate["verdict"] for gate in results["gates"]}[GATE] == "pass"
