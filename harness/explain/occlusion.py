"""Attribution that works for every model: take one word away and ask again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.explain.ask import values_without
from harness.explain.explainer import Attribution, explainer
from harness.explain.goal import Goal
from harness.models.model import Model
from harness.tasks.task import Task


@explainer("occlusion")
def occlusion(model: Model, task: Task, goals: Sequence[Goal]) -> list[Attribution]:
    """Probability that is lost when one word is replaced by a mask.

    Methods, section 6.1. Weights are differences of probabilities, in [-1, 1]; they need not add
    up to anything, so that completeness is undefined.
    """
    values = values_without(model, task, [(goal, [word]) for goal in goals for word in goal.words])
    ends = np.cumsum([len(goal.words) for goal in goals])
    return [
        Attribution(goal.value - lost) for goal, lost in zip(goals, np.split(values, ends[:-1]), strict=True)
    ]
