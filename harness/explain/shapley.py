"""Attributions for every model from taking many words away at once (methods, section 6.1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.errors import Fault, UserError
from harness.explain.ask import values_without
from harness.explain.explainer import Attribution, explainer
from harness.explain.faithfulness import chunks
from harness.explain.goal import Goal
from harness.explain.occlusion import GROUPS
from harness.models.model import Model
from harness.rng import rng, seed_of
from harness.tasks.task import Form, Task

Array = NDArray[np.float64]

WIDTH = 0.25
"""Width of the kernel by which LIME weighs texts, in cosine distance of which words they keep."""


@explainer("shapley")
def shapley(model: Model, task: Task, goals: Sequence[Goal], *, orders: int = 10) -> list[Attribution]:
    """Mean loss of probability when a word goes after others, over random orders of the words.

    Castro et al. 2009, with each order followed by its reverse, which cancels much of the noise.
    Words are replaced by a mask. Weights add up to what is lost with all words, whatever the orders. Of the
    sources of generated texts, stretches of words are replaced at once, as for occlusion.

    Args:
        model: The model.
        task: What it answers.
        goals: What to explain.
        orders: Orders that are tried, reverses included; each costs a question a word.

    Raises:
        UserError: If there is not at least one order.
    """
    if orders < 1:
        raise UserError(Fault(f"at least 1 order is needed, found {orders}", field="orders"))
    stretches = [_groups(task, goal) for goal in goals]
    plans = [_orders(goal, len(groups), orders) for goal, groups in zip(goals, stretches, strict=True)]
    asked = [
        (goal, [goal.words[at] for group in order[: k + 1] for at in groups[group]])
        for goal, groups, tried in zip(goals, stretches, plans, strict=True)
        for order in tried.tolist()
        for k in range(len(order))
    ]
    left, found = values_without(model, task, asked), []
    for goal, groups, tried in zip(goals, stretches, plans, strict=True):
        own, left = left[: tried.size].reshape(tried.shape), left[tried.size :]
        before = np.column_stack([np.full(len(tried), goal.value), own[:, :-1]])
        of_group = np.bincount(tried.ravel(), (before - own).ravel(), len(groups)) / len(tried)
        found.append(Attribution(_spread(groups, of_group), note=f"{orders} orders"))
    return found


@explainer("lime")
def lime(
    model: Model, task: Task, goals: Sequence[Goal], *, samples: int = 100, alpha: float = 1.0
) -> list[Attribution]:
    """Weights of a linear model of the probability, fitted where random words are taken away.

    LIME, Ribeiro et al. 2016, by Captum: ridge regression, with texts that keep more words counting more
    (``exp(-cosine distance² / 2 width²)``, width 0.25 as the authors' own). Words are replaced by a mask.

    Args:
        model: The model.
        task: What it answers.
        goals: What to explain.
        samples: Texts to fit on, one question each.
        alpha: How strongly weights are drawn to 0.

    Raises:
        UserError: If there are not at least two samples.
    """
    if samples < 2:
        raise UserError(Fault(f"at least 2 samples are needed, found {samples}", field="samples"))
    return [_lime(model, task, goal, samples, alpha) for goal in goals]


def _lime(model: Model, task: Task, goal: Goal, samples: int, alpha: float) -> Attribution:
    import torch
    from captum._utils.models.linear_model import SkLearnRidge
    from captum.attr import Lime
    from captum.attr._core.lime import get_exp_kernel_similarity_function

    groups = _groups(task, goal)

    def worth(kept: torch.Tensor) -> torch.Tensor:
        asked = [
            (
                goal,
                [
                    goal.words[at]
                    for group, stays in zip(groups, row, strict=True)
                    if not stays
                    for at in group
                ],
            )
            for row in kept.tolist()
        ]
        return torch.tensor(values_without(model, task, asked))

    method = Lime(worth, SkLearnRidge(alpha=alpha), get_exp_kernel_similarity_function("cosine", WIDTH))
    with torch.random.fork_rng(devices=[]):  # Captum draws from the global generator
        torch.manual_seed(seed_of("lime", goal.example.id) % 2**63)
        found = method.attribute(
            torch.ones(1, len(groups)), n_samples=samples, perturbations_per_eval=samples
        )
    return Attribution(_spread(groups, found[0].double().numpy()), note=f"{samples} samples")


def _groups(task: Task, goal: Goal) -> list[range]:
    """The words that are taken away together: single ones, except where questions are dear."""
    return chunks(len(goal.words), GROUPS if task.form is Form.TEXT else len(goal.words))


def _orders(goal: Goal, groups: int, count: int) -> NDArray[np.int64]:
    """Shape ``(count, groups)``: random orders, each followed by its reverse."""
    random = rng("shapley", goal.example.id)
    drawn = [random.permutation(groups) for _ in range((count + 1) // 2)]
    return np.array([order for one in drawn for order in (one, one[::-1])][:count])


def _spread(groups: Sequence[range], weights: Array) -> Array:
    """What a stretch is worth, in equal parts for its words."""
    sizes = [len(group) for group in groups]
    return np.repeat(weights / sizes, sizes)
