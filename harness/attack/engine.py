"""Drives attacks: many searches at once, their questions merged into full batches.

A round gives every example that is under attack one answer of the model. Their texts go through it
together, each distinct one once, in batches of about the same length; so do their candidates through the
constraints. What one example is told depends on nothing but its own course, so outcomes are the same
however many are attacked at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Any, TypeVar

from harness.attack.attacked import Attacked, Candidates, Rules, Slopes, Texts, Want
from harness.attack.constraint import Bound, refusals
from harness.attack.gradient import estimates
from harness.attack.oracle import Answer, Oracle
from harness.attack.outcome import Outcome
from harness.models.model import Model
from harness.tasks.task import Task
from harness.text import Example

T = TypeVar("T")

IN_FLIGHT = 256
"""Examples attacked at a time."""


def run(
    model: Model, task: Task, examples: Iterable[Example], rules: Rules, *, in_flight: int = IN_FLIGHT
) -> Iterator[tuple[int, Outcome]]:
    """Attack every example.

    Args:
        model: The victim.
        task: What it does.
        examples: Clean examples with gold; taken as they are needed, so that memory does not grow with
            their number.
        rules: How.
        in_flight: Examples attacked at a time; does not change the outcomes.

    Yields:
        The place of an example and its outcome, as they come.

    Raises:
        BrokenPromise: If the search asks for something that is not a script on its example.
        UserError: If it cannot be run as it is asked to.
        Exception: What the model raises, if it answers for no example at all.
    """
    if rules.budget < 1 or in_flight < 1:
        raise ValueError(f"budget and in_flight should be at least 1, found {rules.budget} and {in_flight}")
    waiting = enumerate(examples)
    answering = _Answering(model, task, Oracle(model), rules.constraints)
    active: dict[int, _Driven] = {}
    try:
        while True:
            for at, example in islice(waiting, in_flight - len(active)):
                active[at] = _Driven(Attacked(example, task, rules))
            if not active:
                return
            answering.round(list(active.values()))
            for at, driven in tuple(active.items()):
                if driven.outcome is not None:
                    del active[at]
                    yield at, driven.outcome
    finally:
        for driven in active.values():
            driven.course.close()


class _Driven:
    """One example under attack: what it wants next, and in the end its outcome."""

    def __init__(self, attacked: Attacked) -> None:
        self.attacked = attacked
        self.course = attacked.run()
        self.outcome: Outcome | None = None
        self.want: Want | None = None
        self.go_on(None)

    def go_on(self, answer: Any) -> None:
        """Send an answer, and let it want the next."""
        start = perf_counter()
        try:
            self.want = self.course.send(answer)
        except StopIteration as end:
            self.want, self.outcome = None, end.value
        finally:
            self.attacked.spent += perf_counter() - start


@dataclass(frozen=True)
class _Answering:
    """Gives each example of a round what it wants."""

    model: Model
    task: Task
    oracle: Oracle
    constraints: Sequence[Bound]

    def round(self, driven: Sequence[_Driven]) -> None:
        """Answer until each of the examples has heard from the model once, or is done."""
        while wanting := [one for one in driven if isinstance(one.want, Candidates)]:
            self._answer(wanting, self._refusals)
        texts = [one for one in driven if isinstance(one.want, Texts)]
        slopes = [one for one in driven if isinstance(one.want, Slopes)]
        self._answer(texts, self._predictions)
        self._answer(slopes, self._slopes)

    def _answer(self, driven: Sequence[_Driven], answer: Callable[[list[Any]], list[list[Any]]]) -> None:
        """All at once; the time is shared by how much each of them asked."""
        if not driven:
            return
        start = perf_counter()
        answers = answer([one.want for one in driven])
        each = (perf_counter() - start) / max(1, sum(map(len, answers)))
        for one, own in zip(driven, answers, strict=True):
            one.attacked.spent += each * len(own)
            one.go_on(own)

    def _refusals(self, wants: list[Candidates]) -> list[list[str]]:
        flat = [one for want in wants for one in want.candidates]
        return _parted(refusals(self.constraints, flat), [len(want.candidates) for want in wants])

    def _predictions(self, wants: list[Texts]) -> list[list[Answer]]:
        flat = [text for want in wants for text in want.texts]
        fresh = [want.fresh for want in wants for _ in want.texts]
        return _parted(self.oracle.ask(flat, fresh), [len(want.texts) for want in wants])

    def _slopes(self, wants: list[Slopes]) -> list[list[float]]:
        found = estimates(self.model, self.task, [want.asked for want in wants])
        return [one.tolist() for one in found]


def _parted(flat: Sequence[T], sizes: Sequence[int]) -> list[list[T]]:
    left = iter(flat)
    return [list(islice(left, size)) for size in sizes]
