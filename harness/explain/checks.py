"""What else attributions are put to, at the price of further questions: one function for each check."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.explain.ask import values, without
from harness.explain.erasure import descending, lost, prefixes, sizes, turning
from harness.explain.explainer import Attribution
from harness.explain.goal import Goal
from harness.explain.infidelity import moved
from harness.explain.stability import spearman
from harness.models.model import Model
from harness.rng import rng, seed_of
from harness.tasks.task import Form, Task

if TYPE_CHECKING:
    import torch

    from harness.models.transformer import Transformer

Array = NDArray[np.float64]

AGAIN = 5
"""Texts that are explained a second time."""
REDRAWN = 20
"""Texts that are explained with weights drawn at random; see :func:`redrawn`."""
DRAWS = 50
"""Points around a text at which it is explained, for max-sensitivity."""
RADIUS = 0.02
"""How far they are from it in each coordinate, in standard deviations of all word embeddings."""


@dataclass(frozen=True)
class Case:
    """Attributions that are to be checked.

    Args:
        model: What was explained.
        task: What it answers.
        goals: What was explained of it.
        said: The attributions, one a goal.
        attribute: Asks the same explainer again, about a model and some goals of it.
        seed: The suite's.
        draws: Points around a text for max-sensitivity.
    """

    model: Model
    task: Task
    goals: Sequence[Goal]
    said: Sequence[Attribution]
    attribute: Callable[[Model, Sequence[Goal]], Sequence[Attribution]]
    seed: int
    draws: int = DRAWS


Found = list[dict[str, Any]]
"""For each goal fields of :class:`harness.explain.explain.Explanation`; empty where a check says nothing."""


def erasure(case: Case) -> Found:
    """Comprehensiveness, sufficiency, and where the decision turns (methods, section 6.2)."""
    plans = [
        _removals(one.weights, case.task.form is not Form.TEXT)  # that of texts cannot be seen to turn
        for one in case.said
    ]
    asked = [
        (goal, [goal.words[at] for at in gone])
        for goal, plan in zip(case.goals, plans, strict=True)
        for gone in itertools.chain(*plan)
    ]
    answers = zip(*(column.tolist() for column in without(case.model, case.task, asked)), strict=True)
    found: Found = []
    for goal, plan in zip(case.goals, plans, strict=True):
        top, rest, steps = (list(itertools.islice(answers, len(part))) for part in plan)
        taken, still = [len(gone) for gone in plan.steps], [stands for _, stands in steps]
        found.append(
            {
                "comprehensiveness": lost(goal.value, [value for value, _ in top]),
                "sufficiency": lost(goal.value, [value for value, _ in rest]),
                "turning": turning(taken, still, len(goal.words)) if steps else None,
            }
        )
    return found


class _Removals(NamedTuple):
    """Words to take away: the first few, all but the first few, and step by step all of them."""

    top: list[list[int]]
    rest: list[list[int]]
    steps: list[list[int]]


def _removals(weights: Array, turns: bool) -> _Removals:
    order = descending(weights)
    counts, steps = sizes(len(order)), prefixes(len(order)) if turns else []
    return _Removals([order[:k] for k in counts], [order[k:] for k in counts], [order[:k] for k in steps])


def again(case: Case) -> Found:
    """The control: the first few texts asked once more, each alone, have to be explained as before."""
    found: Found = [{} for _ in case.goals]
    for at, (goal, one) in enumerate(zip(case.goals[:AGAIN], case.said, strict=False)):
        (second,) = case.attribute(case.model, [goal])
        found[at] = {"again": correlation(one.weights, second.weights)}
    return found


def correlation(x: Array, y: Array) -> float | None:
    """Pearson's r of two attributions, which unlike that of ranks does not mind rounding.

    Returns:
        In [-1, 1]; 1 if both are constant and equal; None if one alone is constant, or not finite.
    """
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    a, b = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    if scale == 0:
        return 1.0 if np.allclose(x, y) else None
    return float(np.clip(a @ b / scale, -1, 1))


def randomised(case: Case) -> Found:
    """The sanity check: with weights drawn at random, attributions should be others (methods, section 6.6).

    Adebayo et al. 2018. Says nothing of models without a network to look into.
    """
    model = redrawn(case.model, case.seed)
    goals = case.goals[:REDRAWN]
    found: Found = [{} for _ in case.goals]
    if model is None or not goals:
        return found
    for at, (one, other) in enumerate(zip(case.said, _elsewhere(case, model, goals), strict=False)):
        if np.isfinite(other.weights).all():
            found[at] = {"randomised": spearman(one.weights, other.weights)}
    return found


def redrawn(model: Model, seed: int) -> Model | None:
    """The same model with all its weights drawn at random: normal, with the mean and spread of each tensor.

    They keep their sizes, so that outputs still depend on the text, but nothing that was learned.

    Returns:
        None if the model has no network.
    """
    network = getattr(model, "network", None)
    if network is None:
        return None
    import torch

    random = torch.Generator().manual_seed(seed_of(seed, "redrawn") % 2**63)
    network = copy.deepcopy(network)
    with torch.no_grad():
        for tensor in network.parameters():
            if tensor.is_floating_point():
                mean, spread = float(tensor.mean()), float(tensor.std(correction=0))
                tensor.copy_(torch.empty(tensor.shape).normal_(mean, spread, generator=random))
    other: Any = copy.copy(model)
    other.network = network
    return other  # type: ignore[no-any-return]


def sensitivity(case: Case) -> Found:
    """Max-sensitivity: how far noise at the word embeddings moves attributions (methods, section 6.4).

    Uniform noise of at most :data:`RADIUS` standard deviations of the embeddings in each coordinate, the
    same for all texts and methods; special tokens, and what stands for words taken away, get none. Says
    nothing of models other than transformers with a head.
    """
    from harness.explain.gradients import has_gradients

    if not has_gradients(case.model) or not case.goals:
        return [{} for _ in case.goals]
    most = np.zeros(len(case.goals))
    for draw in range(case.draws):
        with shaken(case.model, case.seed, draw):  # type: ignore[arg-type]
            noisy = _elsewhere(case, case.model, case.goals)
        most = np.maximum(
            most, [moved(one.weights, two.weights) for one, two in zip(case.said, noisy, strict=True)]
        )
    return [{"sensitivity": float(one) if np.isfinite(one) else None} for one in most]


@contextmanager
def shaken(model: Transformer, seed: int, draw: int, radius: float = RADIUS) -> Iterator[None]:
    """Within, the model reads word embeddings with noise that depends on seed, draw and place alone."""
    import torch

    from harness.models.embedded import embedded

    table = model.network.get_input_embeddings().weight.detach()
    size = radius * float(table.float().std(correction=0))
    shape = (model.length, table.shape[1])
    noise = torch.tensor(rng(seed, "shaken", draw).uniform(-size, size, shape), dtype=table.dtype)
    noise = noise.to(table.device)
    still = torch.tensor(sorted(set(model.tokenizer.all_special_ids)), device=table.device)

    def shake(ids: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
        return output + noise[: ids.shape[-1]] * ~torch.isin(ids, still).unsqueeze(-1)

    with embedded(model.network, shake):
        yield


def _elsewhere(case: Case, model: Model, goals: Sequence[Goal]) -> Sequence[Attribution]:
    """The attributions of the same outputs by a model that may think otherwise of them."""
    worth = values(model, case.task, goals, [goal.example for goal in goals], [()] * len(goals))
    there = [replace(goal, value=float(one)) for goal, one in zip(goals, worth, strict=True)]
    return case.attribute(model, there)


CHECKS: Mapping[str, Callable[[Case], Found]] = {
    "erasure": erasure,
    "again": again,
    "randomised": randomised,
    "sensitivity": sensitivity,
}
"""All checks by the name that a suite gives them."""

_ALWAYS = ("kendall", "top", "infidelity", "change")
_TOLD = {
    "erasure": ("comprehensiveness", "sufficiency", "turning"),
    "again": ("again",),
    "randomised": ("randomised",),
    "sensitivity": ("sensitivity",),
}


def told_by(checks: Collection[str]) -> list[str]:
    """The further numbers of an explanation for which so many checks were made."""
    return [*_ALWAYS, *(name for check in CHECKS if check in checks for name in _TOLD[check])]
