"""Suites to start from: one a task, valid as they are."""

from __future__ import annotations

import pytest

from harness import catalog
from harness.errors import UserError
from harness.scaffold import TEMPLATES, scaffold
from harness.suite import load


@pytest.mark.parametrize("task", TEMPLATES)
def test_a_suite_to_start_from_is_valid_and_about_its_task(task, tmp_path):
    """Everything it names is there, and it has all that five properties need."""
    (tmp_path / "suite.yaml").write_text(scaffold(task), "utf-8")
    suite = load(tmp_path / "suite.yaml")
    assert suite.spec.task == task
    assert suite.spec.suite == f"my-{task}"
    assert suite.operators
    assert suite.attacks
    assert suite.explainer is not None
    assert suite.spec.data.shifts
    assert len(suite.spec.vary.seeds) > 1
    assert suite.spec.gates


@pytest.mark.parametrize("task", TEMPLATES)
def test_a_suite_to_start_from_says_what_to_do_with_it(task):
    """Each opens with how to run it, and shows how to name data of one's own."""
    text = scaffold(task)
    assert text.startswith("# A suite for ")
    assert "harness run suite.yaml" in text
    assert "# Your own: {" in text
    assert max(map(len, text.splitlines())) <= 120


def test_there_is_one_for_every_task():
    """``harness init TASK`` knows what ``harness list task`` shows."""
    assert set(TEMPLATES) == set(catalog.every("task"))


def test_an_unknown_task_is_told_the_nearest():
    """As everywhere."""
    with pytest.raises(UserError, match=r"relatoin(.|\n)*did you mean 'relation'"):
        scaffold("relatoin")
