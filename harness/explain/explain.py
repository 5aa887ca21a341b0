"""Explains predictions and measures the explanations: attribute, take words away, edit, compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise
from harness.explain.ask import blank, values, values_without, weighed
from harness.explain.checks import CHECKS, DRAWS, Case
from harness.explain.cost import Meter
from harness.explain.explainer import Attribution, Explainer
from harness.explain.faithfulness import chunks, faithfulness, removals
from harness.explain.goal import Goal, choose, follow
from harness.explain.gradients import has_gradients
from harness.explain.infidelity import all_removals, infidelity
from harness.explain.occlusion import occlusion
from harness.explain.stability import stability
from harness.inference import predict
from harness.models.model import Model
from harness.prediction import Text
from harness.rng import rng
from harness.tasks.task import Form, Task
from harness.text import Example, Variant, carry

SEGMENTS = 6
"""Groups of words whose removal is tried in all combinations: 64 questions a text."""
SEGMENTS_OF_TEXTS = 5
"""The same for generated texts, which are dear to score: 32 questions."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The attributions of one prediction, and what they are worth. ``asdict`` of it is JSON.

    Args:
        id: The example's.
        target: What is explained: a label, an entity such as ``PER: Angela Merkel``, an answer, a text.
        words: The whitespace-separated words of all fields, ``[start, end, field]`` each.
        weights: Their attributions, in the method's own units.
        faithfulness: Normalised faithfulness in [-1, 1] (methods, 6.3); None where no order of the
            words would make a difference.
        control: The same for a random order.
        completeness: Relative error of the weights' sum, at least 0; None where undefined.
        method: The explainer's name, or what was used instead of it.
        note: What it takes to read the numbers: baseline, steps, what words were replaced by.
        edited_fields: The fields after a small edit; None where there is none or the prediction moved.
        edited_words: Its words.
        edited_weights: Their attributions.
        stability: Spearman's rho between the attributions of the words that both texts share.
        kendall: Kendall's tau of the same.
        top: Overlap of their most important words, beyond chance.
        infidelity: Mean squared error of the loss of probability that scaled attributions foretell, over
            all sets of groups of words taken away (6.4).
        change: Mean square of that loss itself.
        comprehensiveness: Probability lost without the first words, for each share of them (6.2).
        sufficiency: Probability lost with them alone.
        turning: Share of the words without which the decision turns.
        again: Correlation with the attributions when asked once more, alone.
        randomised: Spearman's rho with the attributions by the same network with random weights (6.6).
        sensitivity: The most that noise at the word embeddings moves the attributions, relative (6.4).
        seconds: Time for one such explanation, on average.
        passes: Texts that the model read for it, on average, padding and repetition included.
    """

    id: str
    target: str
    words: list[list[int | str]]
    weights: list[float]
    faithfulness: float | None
    control: float | None
    completeness: float | None
    method: str
    note: str
    edited_fields: dict[str, str] | None = None
    edited_words: list[list[int | str]] | None = None
    edited_weights: list[float] | None = None
    stability: float | None = None
    kendall: float | None = None
    top: float | None = None
    infidelity: float | None = None
    change: float | None = None
    comprehensiveness: list[float] | None = None
    sufficiency: list[float] | None = None
    turning: float | None = None
    again: float | None = None
    randomised: float | None = None
    sensitivity: float | None = None
    seconds: float = field(default=0.0, compare=False)
    passes: float = field(default=0.0, compare=False)


def explain(
    model: Model,
    task: Task,
    examples: Sequence[Example],
    edited: Mapping[str, Variant],
    explainer: Explainer,
    options: Mapping[str, Any],
    *,
    seed: int,
    segments: int = 0,
    checks: Collection[str] = (),
    draws: int = DRAWS,
) -> list[Explanation]:
    """Explain one output for each example that has one: the label, the surest entity, the answer, ...

    A model without gradients is explained by occlusion, as are all texts that models write, and
    ``method`` says so.

    Args:
        model: What predicts.
        task: What it predicts.
        examples: What to explain; ids are unique.
        edited: By id, meaning-preserving variants to judge stability by.
        explainer: The attribution method.
        options: Its options, as bound by :meth:`Extension.bind`.
        seed: The suite's seed, for the random orders.
        segments: Groups of words for faithfulness, 1 to 10; costs ``2**segments`` questions a text.
            With 0 it is :data:`SEGMENTS`, or :data:`SEGMENTS_OF_TEXTS` where texts are generated.
        checks: Names of :data:`harness.explain.checks.CHECKS`, each at its own price.
        draws: Points around a text for max-sensitivity.

    Returns:
        In the order of the examples; those with no words or no predicted entity are left out, as are
        texts whose probability the model does not know.

    Raises:
        BrokenPromise: If the explainer does not answer with one finite weight a word.
    """
    segments = segments or (SEGMENTS_OF_TEXTS if task.form is Form.TEXT else SEGMENTS)
    method = explainer.name
    if explainer.gradients and not has_gradients(model):
        explainer, options, method = occlusion, {}, f"{occlusion.name} ({_why(task)})"
    answers = zip(examples, predict(model, examples), strict=True)
    goals = weighed(model, task, [g for e, said in answers if (g := choose(task, e, said))])
    variants = {id: variant for id, variant in edited.items() if not variant.noop}
    followed = _followed(model, task, goals, variants)

    def attribute(model: Model, goals: Sequence[Goal]) -> list[Attribution]:
        return list(explainer.function(model, task, goals, **options)) if goals else []

    cost = Meter(model)
    with cost:
        clean = _checked(explainer, goals, attribute(cost.model, goals))
    kept = list(followed.values())
    after = dict(zip(followed, _checked(explainer, kept, attribute(model, kept)), strict=True))
    worth = _worth(model, task, goals, clean, seed, segments)
    found = []
    for goal, own, more in zip(goals, clean, worth, strict=True):
        id = goal.example.id
        one = Explanation(
            id=id,
            target=goal.target,
            words=[list(word) for word in goal.words],
            weights=own.weights.tolist(),
            completeness=own.completeness,
            method=method,
            note=", ".join(note for note in (own.note, f"words replaced by {blank(model)}") if note),
            seconds=cost.seconds / len(goals),
            passes=cost.passes / len(goals),
            **more,
        )
        if id in followed:
            one = _compared(one, goal, own, followed[id], after[id], variants[id])
        elif id in variants:
            one = replace(one, note=f"{one.note}, the edit moved the prediction")
        found.append(one)
    case = Case(model, task, goals, clean, attribute, seed, draws)
    for name, check in CHECKS.items():
        if name in checks and found:
            found = [replace(one, **more) for one, more in zip(found, check(case), strict=True)]
    return found


def _why(task: Task) -> str:
    """Why another explainer than the one that was asked for does the work."""
    return "of a written text" if task.form is Form.TEXT else "no gradients"


def _compared(
    one: Explanation, goal: Goal, own: Attribution, same: Goal, after: Attribution, variant: Variant
) -> Explanation:
    """The explanation with that of the edited text beside it."""
    alike = stability(goal.words, own.weights, same.words, after.weights, variant.edits)
    return replace(
        one,
        edited_fields=dict(same.example.fields),
        edited_words=[list(word) for word in same.words],
        edited_weights=after.weights.tolist(),
        stability=alike.spearman if alike else None,
        kendall=alike.kendall if alike else None,
        top=alike.top if alike else None,
    )


def _followed(
    model: Model, task: Task, goals: Sequence[Goal], variants: Mapping[str, Variant]
) -> dict[str, Goal]:
    """By id, the same output after the edit, where it is still there."""
    kept = [goal for goal in goals if goal.example.id in variants]
    moved = [variants[goal.example.id] for goal in kept]
    examples, scripts = [v.example for v in moved], [v.edits for v in moved]
    # A text is not written anew: it is followed by how likely it is after the edit.
    said = [Text(goal.text) for goal in kept] if task.form is Form.TEXT else predict(model, examples)
    told = task.form in (Form.TEXT, Form.CHOICE)
    now = values(model, task, kept, examples, scripts).tolist() if told else [None] * len(kept)
    found = {}
    for goal, variant, answer, worth in zip(kept, moved, said, now, strict=True):
        carried = carry(goal.span, variant.edits)[0] if goal.span is not None else None
        same = follow(task, goal, variant.example, answer, carried, worth)
        if same is not None:
            found[goal.example.id] = same
    return found


def _checked(explainer: Explainer, goals: Sequence[Goal], said: list[Attribution]) -> list[Attribution]:
    """What the explainer says, its contract checked."""
    if len(said) != len(goals):
        raise BrokenPromise(f"explainer {explainer.name} answered {len(said)} times for {len(goals)} goals")
    for goal, one in zip(goals, said, strict=True):
        if one.weights.shape != (len(goal.words),) or not np.isfinite(one.weights).all():
            raise BrokenPromise(
                f"explainer {explainer.name}: {goal.example.id} has {len(goal.words)} words and needs as "
                f"many finite weights, found {one.weights.tolist()}"
            )
    return said


def _worth(
    model: Model,
    task: Task,
    goals: Sequence[Goal],
    said: Sequence[Attribution],
    seed: int,
    segments: int,
) -> list[dict[str, Any]]:
    """What the same removals say of each attribution: faithfulness, that of a random order, infidelity."""
    asked = [
        (goal, [goal.words[word] for word in gone])
        for goal in goals
        for gone in removals(len(goal.words), segments)
    ]
    lost, at, found = values_without(model, task, asked), 0, []
    for goal, one in zip(goals, said, strict=True):
        groups = chunks(len(goal.words), segments)
        own = lost[at : at + (1 << len(groups))]
        at += len(own)
        weights: NDArray[np.float64] = np.array(
            [one.weights[group.start : group.stop].sum() for group in groups]
        )
        drawn = rng(seed, "explain", goal.example.id).permutation(len(groups)).astype(float)
        foretold = infidelity(weights, all_removals(len(groups)), own[0] - own[1:])
        found.append(
            {
                "faithfulness": faithfulness(own, weights),
                "control": faithfulness(own, drawn),
                "infidelity": foretold.scaled,
                "change": foretold.change,
            }
        )
    return found
