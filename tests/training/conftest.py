"""Training runs on the tiny model."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.tasks.task import Task
from harness.text import Example
from harness.training.trainer import Job

NewJob = Callable[..., Job]


@pytest.fixture
def new_job(
    tmp_path: Path, tiny_pretrained: Path, tiny_ner: list[Example], tiny_sentiment: list[Example]
) -> NewJob:
    """A training run on the tiny data, each in an empty folder of its own."""
    numbers = itertools.count()

    def new_job(
        task: Task = NER, seed: int = 0, examples: Sequence[Example] | None = None, **changes: Any
    ) -> Job:
        where = tmp_path / f"checkpoint-{next(numbers)}"
        where.mkdir()
        data = examples or (tiny_ner if task is NER else tiny_sentiment)
        given = {
            "pretrained": str(tiny_pretrained),
            "labels": task.function(data),
            "train": data,
            "validation": data,
            "device": "cpu",
        }
        return Job(task=task, seed=seed, where=where, **{**given, **changes})

    return new_job


@pytest.fixture(params=[NER, CLASSIFICATION], ids=lambda task: task.name)
def task(request: pytest.FixtureRequest) -> Task:
    """Each task."""
    found: Task = request.param
    return found
