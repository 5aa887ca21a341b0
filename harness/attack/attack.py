"""The record of an adversarial attack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from harness.attack import engine
from harness.attack.engine import Outcome, Search
from harness.catalog import Extension
from harness.errors import Fault, UserError
from harness.models.model import Model
from harness.tasks.task import Task
from harness.text import Example


@dataclass(frozen=True, kw_only=True)
class Attack(Extension):
    """A search for harmful edits: ``function(example, rng, **options)`` is a generator.

    It yields questions, :class:`harness.attack.engine.Ask`, and is sent a list of replies, one per
    script: how much harm it did, -1 if it was refused. It returns when it gives up; budget, gold
    labels and success are none of its business, for the engine stops it at success.

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
    """

    kind: ClassVar[str] = "attack"
    tasks: frozenset[str] | None = None
    needs: str = ""

    def run(
        self,
        model: Model,
        task: Task,
        examples: Sequence[Example],
        *,
        seed: int,
        budget: int,
        options: Mapping[str, Any] | None = None,
        in_flight: int = engine.IN_FLIGHT,
    ) -> list[Outcome]:
        """Attack every example, see :func:`harness.attack.engine.run`.

        Args:
            options: As bound by :meth:`Extension.bind`.

        Raises:
            UserError: If the attack does not suit the task or one of its options is wrong.
            BrokenPromise: If it breaks its contract.
        """
        if self.tasks is not None and task.name not in self.tasks:
            suits = ", ".join(sorted(self.tasks))
            raise UserError(Fault(f"attack {self.name} does not suit {task.name}, but {suits}"))
        return engine.run(
            model,
            task,
            examples,
            partial(self.function, **(options or {})),
            name=self.name,
            seed=seed,
            budget=budget,
            in_flight=in_flight,
        )


def attack(name: str, **claims: Any) -> Callable[[Callable[..., Search]], Attack]:
    """Turn a search into an :class:`Attack`; ``claims`` are its other fields."""

    def record(function: Callable[..., Search]) -> Attack:
        return Attack(name=name, function=function, **claims)

    return record
