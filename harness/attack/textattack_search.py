"""Runs TextAttack's searches in our engine.

TextAttack's searches call the model; ours are called. Each of its searches therefore runs turned inside
out (:mod:`harness.attack.inside_out`), and so asks, is answered and is merged into batches like any other.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from inspect import Parameter
from pathlib import Path
from typing import Any

import numpy as np

from harness import rng as generators
from harness.attack.attack import Attack
from harness.attack.inside_out import inside_out
from harness.attack.search import Ask, Look, Reply, Search, Searcher, Settled
from harness.attack.textattack_readers import furnished, tagging
from harness.attack.textattack_resources import NEEDS, missing, places
from harness.attack.textattack_victims import victim
from harness.errors import Fault, UserError
from harness.models.model import Model
from harness.perturb import libraries
from harness.perturb.foreign import anchored, brief
from harness.prediction import Classes
from harness.text import Edit, Example, diff


@dataclass(frozen=True, kw_only=True)
class Recipe(Attack):
    """A recipe of TextAttack.

    Args:
        made: Its class in ``textattack.attack_recipes``.
        given: What its ``build`` has to be told.
        reads: What it reads, by its name in :data:`harness.attack.textattack_resources.NEEDS`.
        never: Why it cannot be run anywhere, if so.
        ours: Whether our goal stands in the place of its own on classifiers too.
        seen: The model whose gradients it sees.
    """

    made: str
    given: Mapping[str, Any]
    reads: tuple[str, ...] = ()
    never: str = ""
    ours: bool = False
    seen: Model | None = None

    def missing(self, options: Mapping[str, Any] | None = None) -> list[Fault]:
        """What it lacks on this machine to be run with these options; without TextAttack being imported."""
        if self.never:
            return [Fault(f"cannot be run: {self.never}")]
        return missing(self.reads, options or self.options)

    def ready(self, options: Mapping[str, Any]) -> None:
        """Whether it has all that it reads; see :meth:`missing`.

        Raises:
            UserError: If it lacks something: all of it.
        """
        if faults := self.missing(options):
            raise UserError(faults)

    def files(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """Files and folders that it reads with these options, whose content decides what it does.

        Raises:
            UserError: If something is missing.
        """
        own = [place for _, place in places(self.reads, options) if Path(place).exists()]
        # TextAttack reads a list of stop words when it is imported; ours stands in where there is none
        stops = (libraries.nltk_place(f"corpora/stopwords{one}") for one in ("/english", ""))
        return (*own, *[place for place in stops if place][:1])

    @property
    def problem(self) -> str:
        """Why it cannot be run here as it is, in a line; empty if it can."""
        return ", ".join(fault.message.partition(";")[0] for fault in self.missing())

    def stream(self, model: Model, *args: Any, **how: Any) -> Iterator[Any]:
        """As :meth:`Attack.stream`; it sees the model if it asks for gradients."""
        told = replace(self, seen=model) if self.gradients else self
        return super(Recipe, told).stream(model, *args, **how)

    def searcher(self, options: Mapping[str, Any], budget: int) -> Searcher:
        """What starts its search on an example."""
        return partial(_search, self, dict(options), budget)


def recipe(
    name: str,
    made: str,
    summary: str,
    *,
    reads: Sequence[str] = (),
    given: Mapping[str, Any] | None = None,
    moves: str = "all",
    **claims: Any,
) -> Recipe:
    """The record of a recipe, with the options that name stand-ins for what it reads.

    ``moves`` are those of the edits at random that it has to beat.
    """
    options = tuple(dict.fromkeys(NEEDS[one].option for one in reads if NEEDS[one].option))

    def search(example: Example, rng: np.random.Generator, **options: str) -> Search:
        return found.searcher(options, 0)(example, rng)

    asked = [Parameter(one, Parameter.POSITIONAL_OR_KEYWORD) for one in ("example", "rng")]
    stand_ins = [Parameter(one, Parameter.KEYWORD_ONLY, default="", annotation=str) for one in options]
    search.__signature__ = inspect.Signature([*asked, *stand_ins])  # type: ignore[attr-defined]
    search.__doc__ = summary
    found: Recipe = Recipe(
        name=f"textattack/{name}",
        function=search,
        made=made,
        given=given or {},
        reads=tuple(reads),
        needs="textattack",
        control=("random", {"moves": (moves,)}),
        weights=tuple(one for one in options if one != "tagger"),
        **claims,
    )
    return found


def seed_of(seed: int, name: str, id: str) -> int:
    """What the global generators are seeded with for an example, as ``AttackArgs.random_seed`` takes it.

    Args:
        seed: The attack's.
        name: Its name, such as ``textattack/pwws``.
        id: The example's.
    """
    return _drawn(generators.rng(seed, "attack", name, id))


def _drawn(rng: np.random.Generator) -> int:
    return int(rng.integers(2**32))


# -- a search ------------------------------------------------------------------------------------


def _search(
    recipe: Recipe, options: Mapping[str, str], budget: int, example: Example, rng: np.random.Generator
) -> Search:
    """TextAttack's search on an example; a budget of 0 is none."""
    own = places(recipe.reads, options)
    attack = _made(recipe.made, tuple(recipe.given.items()), own, recipe.seen)  # type: ignore[arg-type]
    draws = generators.Resumed(_drawn(rng))

    @contextmanager
    def turn() -> Iterator[None]:
        with draws.turn(), tagging(dict(own)):
            yield

    (clean,) = yield Look([example.fields])
    theirs = isinstance(clean, Classes) and clean.exclusive and not example.anchors and not recipe.ours
    search: Callable[[Put], Settled | None]
    if theirs and example.target in clean.labels:
        search = partial(_theirs, recipe, attack, budget, example, clean.labels.index(example.target))
    else:
        search = partial(_ours, attack, example)
    return (yield from inside_out(search, turn))


Put = Callable[[Any], Any]


def _theirs(recipe: Recipe, attack: Any, budget: int, example: Example, gold: int, ask: Put) -> Settled:
    """The recipe with its own goal, which counts queries and keeps to the budget in its own way."""
    import torch

    def answer(texts: Sequence[Any]) -> Any:
        said = ask(Look([dict(zip(example.fields, _tuple(text), strict=True)) for text in texts]))
        probabilities = np.array([one.probabilities for one in said], np.float64)
        return torch.from_numpy(probabilities / probabilities.sum(axis=1, keepdims=True))

    goal = copy(attack.goal_function)  # with a cache of its own
    goal.model = victim(answer, recipe.seen, _by_word(recipe.made))
    goal.query_budget = budget or float("inf")
    goal.batch_size = 2**30
    result = _with(attack, goal).attack(OrderedDict(example.fields), gold)
    text = result.perturbed_result.attacked_text.tokenizer_input
    return Settled(script(example, text), result.num_queries)


def _ours(attack: Any, example: Example, ask: Put) -> None:
    """The recipe with our goal: all that it asks is a probe, and the text it settles on is a candidate."""

    def answer(texts: Sequence[Any]) -> list[Reply]:
        found: list[Reply] = ask(Ask([script(example, text) for text in texts], probe=True))
        return found

    result = _with(attack, _goal()(victim(answer))).attack(OrderedDict(example.fields), "")
    ask(Ask([script(example, result.perturbed_result.attacked_text.tokenizer_input)]))


def script(example: Example, text: str | tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits behind a text of TextAttack: a string, or one per field."""
    fields = zip(example.fields.items(), _tuple(text), strict=True)
    return tuple(
        anchored(edit, example) for (name, before), now in fields for edit in diff(before, now, name)
    )


def _tuple(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


# -- the library ---------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def _made(
    made: str, given: tuple[tuple[str, Any], ...], places: tuple[tuple[str, str], ...], seen: Any
) -> Any:
    """The recipe, with transformations and constraints that searches share, as they keep no state.

    The last two are kept, with the models that they see.
    """

    def refuse(texts: Sequence[Any]) -> Any:
        raise AssertionError(f"a recipe asks nothing while it is made, found {len(texts)} texts")

    found = getattr(libraries.textattack().attack_recipes, made)
    libraries.nltk()
    try:
        with furnished(found, dict(places)):
            attack = found.build(victim(refuse, seen, _by_word(made)), **dict(given))
    except UserError:
        raise
    except Exception as error:
        raise UserError(Fault(f"TextAttack cannot make {made}: {brief(error)}")) from error
    for constraint in attack.constraints:
        if hasattr(constraint, "_tfhub_url"):
            constraint._tfhub_url = dict(places)["encoder"]  # or else it would be downloaded when asked
    return attack


def _by_word(made: str) -> bool:
    return made == "HotFlipEbrahimi2017"


def _with(attack: Any, goal: Any) -> Any:
    """The recipe for one example: goal and search hold what they know of it, and it has its own caches."""
    constraints = [*attack.pre_transformation_constraints, *attack.constraints]
    return libraries.textattack().Attack(goal, constraints, attack.transformation, copy(attack.search_method))


@cache
def _goal() -> Any:
    from textattack.goal_function_results import ClassificationGoalFunctionResult
    from textattack.goal_functions import GoalFunction

    class Harm(GoalFunction):  # type: ignore[misc]
        """The goal of the task, as the engine judges it."""

        def __init__(self, victim: Any) -> None:
            super().__init__(victim, model_batch_size=2**30)  # the engine fills batches

        def _is_goal_complete(self, reply: Reply, _: Any) -> bool:
            return reply.broken

        def _get_score(self, reply: Reply, _: Any) -> float:
            return reply.harm

        def _goal_function_result_type(self) -> Any:
            return ClassificationGoalFunctionResult

        def _process_model_outputs(self, _: Any, replies: Sequence[Reply]) -> Sequence[Reply]:
            return replies

    return Harm
