"""Suites to start from."""

from __future__ import annotations

from importlib.resources import files

from harness.errors import Fault, UserError, nearest

ENDING = ".yaml"
PLACE = files("harness") / "scaffolds"
TEMPLATES = tuple(
    sorted(one.name.removesuffix(ENDING) for one in PLACE.iterdir() if one.name.endswith(ENDING))
)
"""The tasks that have one: a commented file each."""


def scaffold(task: str) -> str:
    """A commented suite for a task.

    Raises:
        UserError: If there is none for it.
    """
    if task not in TEMPLATES:
        raise UserError(Fault(f"no suite to start from for the task {task!r}", hint=nearest(task, TEMPLATES)))
    return (PLACE / f"{task}{ENDING}").read_text("utf-8")
