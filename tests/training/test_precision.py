"""Precision: measured once per machine, known from then on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harness.prepare import prepare
from harness.training import precision
from harness.units import Train


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache of the test's own."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    return tmp_path


def test_a_machine_is_measured_once(folder, monkeypatch):
    """Both precisions are really timed; the second time the file answers."""
    found = precision.measured("cpu", 1)
    assert found.keys() == {"float32", "bfloat16"}
    assert all(0 < seconds < 30 for seconds in found.values())
    monkeypatch.setattr(precision, "measure", None)
    assert precision.measured("cpu", 1) == found
    assert [json.loads(path.read_text()) for path in folder.iterdir()] == [found]


@pytest.mark.parametrize(
    ("seconds", "chosen"), [(0.5, "bfloat16"), (0.95, "float32"), (1.0, "float32"), (4.0, "float32")]
)
def test_auto_is_what_proved_clearly_faster(seconds, chosen, monkeypatch):
    """A gain of less than a tenth is not worth the rounding."""
    monkeypatch.setattr(precision, "measure", lambda device, threads: {"float32": 1.0, "bfloat16": seconds})
    assert precision.resolve("auto", "cpu", 1) == chosen
    assert precision.resolve("float32", "cpu", 1) == "float32"


def test_a_file_that_is_not_whole_is_measured_again(folder, monkeypatch):
    """A kill while writing leaves nothing that could be believed."""
    told = {"float32": 1.0, "bfloat16": 0.5}
    monkeypatch.setattr(precision, "measure", lambda device, threads: told)
    precision.measured("cpu", 1)
    (path,) = folder.iterdir()
    path.write_text('{"float32": 1.0')
    assert precision.measured("cpu", 1) == told
    assert json.loads(path.read_text()) == told


def test_other_threads_are_another_measurement(folder, monkeypatch):
    """What is faster depends on them."""
    monkeypatch.setattr(precision, "measure", lambda device, threads: {"float32": 1.0, "bfloat16": 1.0})
    precision.measured("cpu", 1)
    precision.measured("cpu", 2)
    assert len(list(folder.iterdir())) == 2


def test_once_known_planning_needs_no_torch(monkeypatch):
    """Neither for a precision that is named nor for one that has been measured."""
    monkeypatch.setattr(precision, "measure", lambda device, threads: {"float32": 1.0, "bfloat16": 0.4})
    precision.measured("cpu", 1)
    code = (
        "import sys; from harness.training.precision import resolve;"
        "assert resolve('auto', 'cpu', 1) == 'bfloat16'; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


SUITE = """
suite: precise
task: classification
models: [{{name: model, pretrained: {pretrained}, trainer: torch, training: {{precision: {precision}}}}}]
data:
  train: {{builtin: world/sentiment, split: train, limit: 60}}
  validation: {{builtin: world/sentiment, split: validation, limit: 20}}
  test: {{builtin: world/sentiment, split: test, limit: 40}}
"""


def test_the_key_of_a_training_holds_what_auto_stands_for_here(tiny_pretrained, tmp_path, monkeypatch):
    """What was measured decides before planning, so that auto is the same unit as its value."""
    monkeypatch.setattr(precision, "measure", lambda device, threads: {"float32": 1.0, "bfloat16": 0.4})
    keys = {}
    for name in ("auto", "bfloat16", "float32"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(SUITE.format(pretrained=tiny_pretrained, precision=name))
        (keys[name],) = {u.key for u in prepare(path).plan.wanted() if isinstance(u, Train) and u.seed == 0}
    assert keys["auto"] == keys["bfloat16"] != keys["float32"]
