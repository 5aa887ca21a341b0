"""What an attack is after: the record of a goal.

A goal is a function of what was and what is: ``function(task, before, after, **options)`` gives how near
the edited text comes, and whether it is there. Gold has been carried through the edits by then, so that
``after.example`` says what is still right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple

from harness.attack.search import Reply
from harness.catalog import Extension
from harness.errors import Fault, UserError
from harness.prediction import Prediction
from harness.tasks.task import Task
from harness.text import Example

DECIMALS = 6
"""Searches see rounded harms, so that which texts share a batch cannot decide a tie."""


class Seen(NamedTuple):
    """An example with its gold, and what the model says of it."""

    example: Example
    prediction: Prediction


Judge = Callable[[Seen, Seen], Reply | None]
"""``judge(before, after)``; None where the goal makes no sense for the example."""


@dataclass(frozen=True, kw_only=True)
class Goal(Extension):
    """What counts as success: ``function(task, before, after, **options)``.

    It returns a :class:`~harness.attack.search.Reply`: harm in [0, 1], the more the nearer, and whether
    the goal is reached; or None if the clean example gives nothing to attack. An example on whose clean
    text it is reached is not attacked.

    Args:
        tasks: Names of the tasks it makes sense for; None means all.
        partial: Whether it may be sought where the model is not wholly right on the clean text.
        required: Options that have to be given.
    """

    kind: ClassVar[str] = "goal"
    tasks: frozenset[str] | None = None
    partial: bool = False
    required: tuple[str, ...] = ()

    def judge(self, task: Task, options: Mapping[str, Any] | None = None) -> Judge:
        """The goal for a task.

        Args:
            options: As bound by :meth:`Extension.bind`; None: the defaults.

        Raises:
            UserError: If it makes no sense for the task, or lacks an option.
        """
        options = dict(self.options if options is None else options)
        if self.tasks is not None and task.name not in self.tasks:
            suits = ", ".join(sorted(self.tasks))
            raise UserError(Fault(f"the goal {self.name} makes no sense for {task.name}, but for {suits}"))
        for name in self.required:
            if not options[name]:
                hint = f"goal: {{{self.name}: {{{name}: …}}}}"
                raise UserError(Fault(f"the goal {self.name} needs its {name}", field=name, hint=hint))
        return partial(self._judged, task, options)

    def _judged(self, task: Task, options: Mapping[str, Any], before: Seen, after: Seen) -> Reply | None:
        if before.example.target is None:
            return None
        if after is before and not self.partial and task.scoring.broken(before.example, before.prediction):
            return Reply(1.0, True)
        found: Reply | None = self.function(task, before, after, **options)
        return found and found._replace(harm=round(found.harm, DECIMALS))


def goal(name: str, **claims: Any) -> Callable[[Callable[..., Reply | None]], Goal]:
    """Turn a function into a :class:`Goal`; ``claims`` are its other fields."""

    def record(function: Callable[..., Reply | None]) -> Goal:
        return Goal(name=name, function=function, **claims)

    return record
