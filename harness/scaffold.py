"""Suites to start from."""

from __future__ import annotations

from importlib.resources import files

from harness.errors import Fault, UserError, nearest

TEMPLATES = ("ner", "classification")


def scaffold(task: str) -> str:
    """A commented suite for a task.

    Raises:
        UserError: If there is none for it.
    """
    if task not in TEMPLATES:
        raise UserError(Fault(f"no suite to start from for the task {task!r}", hint=nearest(task, TEMPLATES)))
    return (files("harness") / "scaffolds" / f"{task}.yaml").read_text("utf-8")
