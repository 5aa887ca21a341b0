"""How steep a network is around a text, at its word embeddings (methods, section 2.9).

All numbers are multiplied by ``r_nn``, the median distance of a token to its nearest neighbour in the
vocabulary, which makes them the movement of the output for a step as far as to the nearest other token: only
so do networks of different size and scale compare. Raw gradient norms are told beside, for one network.

For transformers with a head, in float32 and without dropout. Only tokens of words move; special tokens, markers
and padding stay. What is moved is what the task predicts (:mod:`harness.probe.network`): of a tagger the mean
over words, of an answer its start and its end. A small number is no guarantee.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.errors import Fault, UserError
from harness.explain.gradients import has_gradients
from harness.models.model import Model
from harness.prediction import Prediction
from harness.probe.probe import Found, Reading, Scene, Summary, probe
from harness.rng import rng
from harness.tasks.task import Form, Task
from harness.text import Example

if TYPE_CHECKING:
    import torch

    from harness.probe.network import View

LEAST = 1e-3
"""Steps shorter than that, in ``r_nn``, drown in the rounding of single precision."""


def unfit(model: Model, task: Task) -> str:
    """Gradients at word embeddings are those of transformers with a head."""
    if task.form is Form.TEXT or not has_gradients(model):
        return "it needs a transformer with a head, into whose word embeddings it can look"
    return ""


def reading(measure: str, column: str, summary: Summary = "mean", note: str = "") -> Reading:
    """A slope or a quotient: 0 or more, the lower the better."""
    return Reading(measure, column, summary, bounds=(0.0, inf), note=note)


BOUND = "a lower bound of the steepest there is; the interval is that of drawing other texts"


@probe(
    "gradient-norm",
    reading("gradient_norm", "norm"),
    reading("gradient_norm_p95", "norm", "p95"),
    reading("embedding_sensitivity", "scaled"),
    reading("embedding_sensitivity_p95", "scaled", "p95"),
    reading("token_sensitivity", "token"),
    reading("margin_gradient_norm", "margin"),
    reading("margin_sensitivity", "scaled margin"),
    unfit=unfit,
    version=2,
)
def gradient_norm(scene: Scene) -> list[Found]:
    """The steepest slope of a probability at each text (methods, section 2.9 a).

    ``max_c ||grad_e p_c||_2`` over labels or candidates; of each predicted entity, the geometric mean of the
    probabilities of its tags; of an answer, that of its start and end. Of the one token that matters most it is
    what a step of that token alone does, which is what replacing a word is. Beside it, the same of the margin in
    nats between what is said and what is the likeliest otherwise: where a network is sure, probabilities
    have no slope although the text may be a step from another answer.
    """
    from harness.models.embedded import spacing
    from harness.probe.network import margin, outputs, probability

    unit, found = spacing(network(scene)), []
    for example, said, view in seen(scene):
        for one in outputs(view, said):
            tokens = view.token_slopes([probability(event) for event in one.events])
            norm, token = float(np.sqrt((tokens**2).sum(axis=(1, 2))).max()), float(tokens.max())
            ahead = float(view.slopes([margin(event) for event in one.said]).max())
            numbers = {"norm": norm, "scaled": norm * unit, "token": token * unit}
            numbers |= {"margin": ahead, "scaled margin": ahead * unit}
            found.append(Found(example.id, numbers, note=one.name))
    return found


@probe(
    "lipschitz",
    reading("lipschitz_random", "random", note=BOUND),
    reading("lipschitz_random_p95", "random", "p95", note=BOUND),
    reading("lipschitz_adversarial", "adversarial", note=BOUND),
    reading("lipschitz_adversarial_p95", "adversarial", "p95", note=BOUND),
    unfit=unfit,
)
def lipschitz(scene: Scene, *, radius: float = 0.1, directions: int = 10, steps: int = 15) -> list[Found]:
    """How far the answer moves for a small step, in directions at random and in the worst that is found.

    Total variation over distance on a sphere around each text (methods, section 2.9 c and d). Random
    directions miss the steep ones in so many dimensions; the worst is looked for by projected gradient
    ascent from the best of them.

    Args:
        scene: The texts.
        radius: Of the sphere, in ``r_nn``; at least 0.001, for single precision to tell.
        directions: At random, at least 1.
        steps: Of the ascent.

    Raises:
        UserError: If an option is out of range.
    """
    import torch

    from harness.models.embedded import spacing
    from harness.probe.climb import climb, on_sphere, quotients
    from harness.probe.network import variation

    _check(radius, directions, steps)
    model, found = network(scene), []
    unit = spacing(model)
    for example, _, view in seen(scene):
        before = view.asked(view.at.unsqueeze(0))[0]

        def distance(step: torch.Tensor, view: View = view, before: torch.Tensor = before) -> torch.Tensor:
            return variation(before, view.says(view.at + step).exp())

        drawn = rng(scene.seed, "lipschitz", example.id).standard_normal((directions, *view.at.shape))
        ways = on_sphere(torch.tensor(drawn).to(view.at) * view.free, radius * unit)
        rates = torch.cat([quotients(distance, part) for part in view.parts(ways)])
        worst = climb(distance, ways[int(rates.argmax())], radius * unit, steps, view.free)
        random = float(rates.max())
        numbers = {"random": random * unit, "adversarial": max(worst, random) * unit}
        found.append(Found(example.id, numbers))
    return found


def _check(radius: float, directions: int, steps: int) -> None:
    if not (radius >= LEAST and np.isfinite(radius)):
        raise UserError(Fault(f"a radius of at least {LEAST} is needed, found {radius}", field="radius"))
    if directions < 1:
        raise UserError(Fault(f"at least 1 direction is needed, found {directions}", field="directions"))
    if steps < 0:
        raise UserError(Fault(f"a number of steps is needed, found {steps}", field="steps"))


def network(scene: Scene) -> Any:
    """The model, known to be a transformer."""
    return scene.model


def seen(scene: Scene, most: int | None = None) -> Iterator[tuple[Example, Prediction, View]]:
    """The first so many texts that have words, what is said of them, and how they are read."""
    from harness.probe.network import views

    examples = scene.examples[:most]
    for example, said, view in zip(
        examples, scene.ask(examples), views(network(scene), examples), strict=True
    ):
        if bool(view.free.any()):
            yield example, said, view
