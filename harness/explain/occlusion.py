"""Attribution that works for every model: take one word away and ask again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.explain.ask import values_without
from harness.explain.explainer import Attribution, explainer
from harness.explain.faithfulness import chunks
from harness.explain.goal import Goal
from harness.models.model import Model
from harness.tasks.task import Form, Task

GROUPS = 24
"""Stretches that are taken away from the sources of texts, whose scores are dear; words share theirs."""


@explainer("occlusion")
def occlusion(model: Model, task: Task, goals: Sequence[Goal]) -> list[Attribution]:
    """Probability that is lost when one word is replaced by a mask.

    Methods, section 6.1. Weights are differences of probabilities, in [-1, 1]; they need not add
    up to anything, so that completeness is undefined. Of the sources of generated texts, stretches of
    words are replaced at once where there are more than :data:`GROUPS` words.
    """
    most = GROUPS if task.form is Form.TEXT else 2**31
    groups = [chunks(len(goal.words), most) for goal in goals]
    asked = [
        (goal, [goal.words[at] for at in group])
        for goal, own in zip(goals, groups, strict=True)
        for group in own
    ]
    ends = np.cumsum([len(own) for own in groups])
    lost = np.split(values_without(model, task, asked), ends[:-1])
    return [_shared(goal, own, values) for goal, own, values in zip(goals, groups, lost, strict=True)]


def _shared(goal: Goal, groups: Sequence[range], values: NDArray[np.float64]) -> Attribution:
    """What a stretch is worth, in equal parts for its words."""
    sizes = [len(group) for group in groups]
    longest = max(sizes)
    note = f"words in stretches of up to {longest}" if longest > 1 else ""
    return Attribution(np.repeat((goal.value - values) / sizes, sizes), note=note)
