"""The suites that come with the project: each is valid and opens by saying what it shows and costs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from harness import catalog
from harness.suite import load

FOLDER = Path(__file__).parents[1] / "suites"
READY, REAL = sorted(FOLDER.glob("*.yaml")), sorted((FOLDER / "real").glob("*.yaml"))


def named(path: Path) -> str:
    return path.stem


def opening(path: Path) -> str:
    """The comment before the suite."""
    return path.read_text("utf-8").partition("\nsuite:")[0]


@pytest.mark.parametrize("path", READY, ids=named)
def test_a_ready_suite_is_valid_and_says_what_it_shows_and_costs(path):
    """Everything that it names is there, and its name is that of its file."""
    suite = load(path)
    assert suite.spec.suite == path.stem
    assert suite.gates
    assert "\n# Shows: " in opening(path)


@pytest.mark.parametrize("path", READY + REAL, ids=named)
def test_a_suite_says_what_it_costs(path):
    """Before anybody starts it."""
    assert re.search(r"\n# Costs: about .* on two CPU cores", opening(path))


@pytest.mark.real
@pytest.mark.parametrize("path", REAL, ids=named)
def test_a_suite_on_real_data_is_valid(path):
    """Readers, columns and options fit the files that are there."""
    if "HARNESS_DATA" not in os.environ:
        pytest.skip("HARNESS_DATA is not set: it names the folder of real data sets")
    assert load(path).spec.suite == path.stem


def test_there_is_a_ready_suite_for_every_task():
    """Whatever `harness list task` shows can be run at once, without any data."""
    assert {load(path).task.name for path in READY} == set(catalog.every("task"))
