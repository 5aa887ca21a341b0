"""Recipes of TextAttack 0.3.11, unchanged but for the goal, which is ours.

TextAttack's searches call the model; ours are called. Each of its searches therefore runs in a
thread that only moves while the engine waits for its next question, and so asks, is answered and is
merged into batches like any other. Its texts are brought back to edits by a diff, and gold is
carried through them. All that it asks is a probe; only the text it settles on is a candidate.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from queue import SimpleQueue
from typing import Any

import numpy as np

from harness.attack.attack import attack
from harness.attack.engine import Ask, Reply, Search
from harness.errors import Fault, UserError, nearest
from harness.perturb import libraries
from harness.perturb.foreign import anchored
from harness.rng import fenced
from harness.text import Edit, Example, diff

RECIPES: Mapping[str, str] = {"deepwordbug": "DeepWordBugGao2018", "pruthi": "Pruthi2019"}
"""The recipes that need no data and no second model, and make edits that leave labels true."""


@attack("textattack", needs="textattack")
def textattack(example: Example, rng: np.random.Generator, *, recipe: str = "deepwordbug") -> Search:
    """Run a recipe of TextAttack: deepwordbug (Gao et al. 2018) or pruthi (Pruthi et al. 2019).

    A query budget that runs out is a failure. The second tries every misspelling of every word, so
    that 200 queries end it before the middle of a long sentence.

    Raises:
        UserError: If the recipe is unknown or TextAttack is not installed.
    """
    if recipe not in RECIPES:
        raise UserError(
            Fault(f"unknown recipe {recipe!r} of textattack", hint=nearest(recipe, tuple(RECIPES)))
        )
    library = libraries.textattack()

    def search(ask: Callable[[Ask], list[Reply]]) -> None:
        def answer(texts: list[str | tuple[str, ...]]) -> list[Reply]:
            return ask(Ask([_script(example, text) for text in texts], probe=True))

        settled = _attack(library, recipe, answer).attack(OrderedDict(example.fields), "")
        ask(Ask([_script(example, settled.perturbed_result.attacked_text.tokenizer_input)]))

    return _inside_out(search, int(rng.integers(2**62)))


def _script(example: Example, text: str | tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits behind a text of TextAttack: a string, or one per field."""
    after = (text,) if isinstance(text, str) else text
    fields = zip(example.fields.items(), after, strict=True)
    return tuple(
        anchored(edit, example) for (name, before), now in fields for edit in diff(before, now, name)
    )


# -- a search that calls, as one that is called --------------------------------------------------


class _Abandoned(BaseException):
    """Unwinds a search that nobody waits for any more."""


def _inside_out(search: Callable[[Callable[[Ask], list[Reply]]], None], seed: int) -> Search:
    """A generator of the questions that ``search`` asks of the function it is called with.

    The search never runs at the same time as the caller, and draws from global generators that are
    seeded anew for each of its turns: other searches cannot disturb it, nor it the caller.
    """
    questions: SimpleQueue[Ask | None] = SimpleQueue()
    replies: SimpleQueue[list[Reply] | None] = SimpleQueue()

    def ask(question: Ask) -> list[Reply]:
        questions.put(question)
        said = replies.get()
        if said is None:
            raise _Abandoned
        return said

    def started() -> None:
        if replies.get() is not None:
            search(ask)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(started)
        running.add_done_callback(lambda _: questions.put(None))
        said: list[Reply] = []
        try:
            for turn in count():
                with fenced("textattack", seed, turn):
                    replies.put(said)
                    question = questions.get()
                if question is None:
                    break
                said = yield question
        finally:
            replies.put(None)
        running.result()  # raises what the search raised


# -- the library ---------------------------------------------------------------------------------


def _attack(library: Any, recipe: str, answer: Callable[..., list[Reply]]) -> Any:
    """The recipe with our goal in place of its own."""
    made = getattr(library.attack_recipes, RECIPES[recipe]).build(_Victim(answer))
    constraints = [*made.pre_transformation_constraints, *made.constraints]
    return library.Attack(_goal()(_Victim(answer)), constraints, made.transformation, made.search_method)


class _Victim:
    """What TextAttack takes for a wrapped model: it answers texts with replies."""

    model = None

    def __init__(self, answer: Callable[..., list[Reply]]) -> None:
        self.answer = answer

    def __call__(self, texts: list[Any]) -> list[Reply]:
        return self.answer(texts)


@cache
def _goal() -> Any:
    from textattack.goal_function_results import ClassificationGoalFunctionResult
    from textattack.goal_functions import GoalFunction

    class Harm(GoalFunction):  # type: ignore[misc]
        """The goal of the task, as the engine judges it."""

        def __init__(self, victim: _Victim) -> None:
            super().__init__(victim, use_cache=False, model_batch_size=2**30)  # the engine does both

        def _is_goal_complete(self, reply: Reply, _: Any) -> bool:
            return reply.broken

        def _get_score(self, reply: Reply, _: Any) -> float:
            return reply.harm

        def _goal_function_result_type(self) -> Any:
            return ClassificationGoalFunctionResult

        def _process_model_outputs(self, _: Any, replies: Sequence[Reply]) -> Sequence[Reply]:
            return replies

    return Harm
