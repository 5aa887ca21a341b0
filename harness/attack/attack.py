"""The record of an adversarial attack."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from harness.attack import engine
from harness.attack.attacked import Rules
from harness.attack.constraint import Bound
from harness.attack.goal import Judge
from harness.attack.goals import UNTARGETED
from harness.attack.gradient import has_gradients
from harness.attack.outcome import Outcome
from harness.attack.search import Search, Searcher
from harness.catalog import Extension
from harness.errors import Fault, UserError
from harness.models.model import Model
from harness.tasks.task import Task
from harness.text import Example

EDITED = ("moves", "source")
"""Options that say what an attack edits and what it puts there."""


@dataclass(frozen=True, kw_only=True)
class Attack(Extension):
    """A search for harmful edits: ``function(example, rng, **options)`` is a generator.

    It yields questions and is sent answers, see :mod:`harness.attack.search`. It returns when it gives
    up; budget, gold labels, constraints and success are none of its business, for the engine stops it
    at success.

    Example:
        An attack that shouts one word after the other::

            @attack("shout")
            def shout(example, rng):
                "Write a word in capitals."
                for start, end in words(example.text):
                    yield Ask([[Edit(start, end, example.text[start:end].upper())]])

    Args:
        tasks: Names of the tasks it suits; None means all.
        needs: What must be there besides the core, such as ``textattack``.
        gradients: Whether it needs a model that gives gradients.
        control: The attack at random that it has to beat with as many queries, and its options; those
            that say what is edited are taken from its own.
        budget: Queries per example that it always has, whatever its caller says, so that its numbers
            can be compared; 0: the caller's.
        budgeted: Whether it keeps to the budget itself: it is given it as ``budget``.
        requires: ``requires(options)`` raises a UserError if something is missing that it reads.
        weights: Options that name weights or a file, whose content decides what it does.
    """

    kind: ClassVar[str] = "attack"
    tasks: frozenset[str] | None = None
    needs: str = ""
    gradients: bool = False
    control: tuple[str, Mapping[str, Any]] | None = None
    budget: int = 0
    budgeted: bool = False
    requires: Callable[[Mapping[str, Any]], None] | None = None
    weights: tuple[str, ...] = ()

    def suits(self, task: str) -> bool:
        """Whether it can attack models of the task."""
        return self.tasks is None or task in self.tasks

    def files(self, options: Mapping[str, Any]) -> Sequence[str]:
        """What else it reads on this machine, whose content decides what it does."""
        return ()

    def ready(self, options: Mapping[str, Any]) -> None:
        """Whether it has all that it reads, told before anything is run.

        Raises:
            UserError: If it lacks something.
        """
        if self.requires is not None:
            self.requires(options)

    def chance(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options of :attr:`control`, so that it edits the same things."""
        fixed = self.control[1] if self.control else {}
        return {**fixed, **{name: options[name] for name in EDITED if name in options}}

    def searcher(self, options: Mapping[str, Any], budget: int) -> Searcher:
        """What starts its search on an example."""
        own = {"budget": budget} if self.budgeted else {}
        search: Searcher = partial(self.function, **options, **own)
        return search

    def stream(
        self,
        model: Model,
        task: Task,
        examples: Iterable[Example],
        *,
        seed: int,
        budget: int,
        options: Mapping[str, Any] | None = None,
        goal: Judge | None = None,
        constraints: Sequence[Bound] = (),
        seconds: float = math.inf,
        control: Attack | None = None,
        finish: bool = False,
        in_flight: int = engine.IN_FLIGHT,
    ) -> Iterator[tuple[int, Outcome]]:
        """Attack examples, see :func:`harness.attack.engine.run`.

        Args:
            model: The victim.
            task: What it does.
            examples: Clean examples with gold; taken as they are needed.
            seed: Decides all random numbers.
            budget: Queries per example, unless the attack has its own.
            options: As bound by :meth:`Extension.bind`.
            goal: What counts as success; the task's own if there is none.
            constraints: What candidates have to meet.
            seconds: Time per example.
            control: The attack at random of :attr:`control`, if it is to be tried.
            finish: Whether to ask found answers once more and to look for the edits that they need.
            in_flight: Examples attacked at a time; does not change the outcomes.

        Yields:
            The place of an example and its outcome, as they come.

        Raises:
            UserError: If the attack does not suit the task or one of its options is wrong.
            BrokenPromise: If it breaks its contract.
        """
        options = dict(self.options if options is None else options)
        if not self.suits(task.name):
            suits = ", ".join(sorted(self.tasks or ()))
            raise UserError(Fault(f"attack {self.name} does not suit {task.name}, but {suits}"))
        self.ready(options)
        if self.gradients and not has_gradients(model):
            raise UserError(Fault(f"attack {self.name} needs gradients, which this model does not give"))
        budget = self.budget or budget
        rules = Rules(
            name=self.name,
            search=self.searcher(options, budget),
            judge=goal or UNTARGETED.judge(task),
            seed=seed,
            budget=budget,
            seconds=seconds,
            constraints=constraints,
            control=control.searcher(control.bind(self.chance(options)), budget) if control else None,
            finish=finish,
        )
        return engine.run(model, task, examples, rules, in_flight=in_flight)

    def run(self, model: Model, task: Task, examples: Iterable[Example], **how: Any) -> list[Outcome]:
        """As :meth:`stream`, all outcomes in the order of the examples."""
        found = dict(self.stream(model, task, examples, **how))
        return [found[at] for at in range(len(found))]


def attack(name: str, **claims: Any) -> Callable[[Callable[..., Search]], Attack]:
    """Turn a search into an :class:`Attack`; ``claims`` are its other fields."""

    def record(function: Callable[..., Search]) -> Attack:
        return Attack(name=name, function=function, **claims)

    return record
