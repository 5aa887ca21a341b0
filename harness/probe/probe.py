"""The record of a probe: how an output moves around single texts, example by example (methods, section 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from harness.catalog import Extension
from harness.inference import predict
from harness.models.model import Model
from harness.prediction import Prediction
from harness.rows import Direction
from harness.tasks.task import Task
from harness.text import Edit, Example, Variant

Summary = Literal["mean", "ratio", "median", "p95"]


@dataclass(frozen=True)
class Reading:
    """A number that a probe takes of every example, and the result row that is made of it.

    Args:
        measure: Name of the row, of the property continuity.
        column: Which number of a :class:`Found` it is; NaN there counts as undefined and is left out.
        summary: Over the examples: their mean, a quantile, or the ``ratio`` of two sums.
        over: For ratios, the column of denominators.
        condition: What else tells the row from others of the same measure, such as ``{"radius": 2}``.
        direction: Which way is better.
        bounds: Range of the row's value.
        distance: Which distance decided the number, if any, for the row's signature.
        note: A remark for people.
    """

    measure: str
    column: str
    summary: Summary = "mean"
    over: str = ""
    condition: Mapping[str, str | int | float] = field(default_factory=dict)
    direction: Direction = "lower"
    bounds: tuple[float, float] = (0.0, 1.0)
    distance: str = ""
    note: str = ""


def columns(readings: Sequence[Reading]) -> tuple[str, ...]:
    """The columns that readings are taken from."""
    return tuple(dict.fromkeys(name for one in readings for name in (one.column, one.over) if name))


@dataclass(frozen=True)
class Jump:
    """Two texts near each other with what was said of them, worth showing to people.

    Args:
        made: The edits of the clean example that lead to the first.
        step: The edits of that text that lead to the second.
        said: The two answers.
        distance: How far they are apart, in [0, 1]; the largest of all are shown.
        note: What is to be said of it.
    """

    made: tuple[Edit, ...]
    step: tuple[Edit, ...]
    said: tuple[Prediction, Prediction]
    distance: float
    note: str = ""


@dataclass(frozen=True)
class Found:
    """What a probe found on one item of an example: the example as a whole, one of its entities, one path.

    Args:
        id: Of the example; several items of one example are resampled together.
        values: By column; every item of a probe has the same columns. NaN where undefined.
        operator: Whose edits were made, if any.
        note: What is to be said of it, kept with its numbers.
        jump: What is worth showing of it, if anything is.
    """

    id: str
    values: Mapping[str, float]
    operator: str = ""
    note: str = ""
    jump: Jump | None = None


@dataclass(frozen=True)
class Scene:
    """What a probe works on.

    Args:
        model: The model.
        task: What it answers.
        examples: Clean examples with gold.
        edited: By label of an operator and by example id, variants at the highest severity of the suite;
            only such as are evidence. Any of the edits of a variant can be made without the others.
        seed: The suite's; every draw is keyed by it, the probe, and what it is for.
    """

    model: Model
    task: Task
    examples: Sequence[Example]
    edited: Mapping[str, Mapping[str, Variant]]
    seed: int

    def ask(self, examples: Sequence[Example]) -> list[Prediction]:
        """Predictions in the order of the examples; ask as many as possible in one go."""
        return predict(self.model, examples)

    def distance(
        self, before: Prediction, after: Prediction, edits: Sequence[Edit], source: Example
    ) -> tuple[float, float, bool]:
        """How far an answer has moved: soft, hard, and whether it is another one (methods, section 1).

        Args:
            before: What was said of ``source``.
            after: What was said after the edits.
            edits: What leads from ``source`` to the text that ``after`` is about.
            source: The text that ``before`` is about.

        Returns:
            Distances in [0, 1]; where answers have no distribution the soft one is the hard one.
        """
        moved = self.task.scoring.moved(before, after, edits, source)
        hard = moved.hard / moved.hard_of if moved.hard_of else 0.0
        soft = moved.soft / moved.soft_of if moved.soft_of else hard
        return soft, hard, moved.flip > 0

    def peak(self, before: Prediction, after: Prediction, edits: Sequence[Edit], source: Example) -> float:
        """As the soft distance, but of the word that has moved most where an answer is one for each word."""
        peak = self.task.scoring.peak
        return peak(before, after, edits) if peak else self.distance(before, after, edits, source)[0]


def anything(model: Model, task: Task) -> str:
    """For probes that suit every model of every task."""
    return ""


def nothing_more(options: Mapping[str, Any]) -> tuple[Reading, ...]:
    """For probes that always take the same numbers."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Probe(Extension):
    """``function(scene, **options)`` returns a :class:`Found` for each item that it has looked at.

    Example:
        A probe of how far the answer moves when a text is written in capitals::

            @probe("shouting", Reading("shouting", "moved"))
            def shouting(scene):
                "Distance of the answer to the text in capitals."
                loud = [vary(e, capitals(e)) for e in scene.examples]
                ...

    Args:
        readings: The rows that are made of what it finds.
        unfit: ``unfit(model, task)``: why it cannot look at such a model; empty if it can.
        edits: Whether it reads :attr:`Scene.edited`.
        also: ``also(options)``: further readings, where they depend on its options.
    """

    kind: ClassVar[str] = "probe"
    readings: tuple[Reading, ...]
    unfit: Callable[[Model, Task], str] = anything
    edits: bool = False
    also: Callable[[Mapping[str, Any]], Sequence[Reading]] = nothing_more

    def read(self, options: Mapping[str, Any]) -> tuple[Reading, ...]:
        """All that is read off its findings, with these options."""
        return (*self.readings, *self.also(options))


def probe(
    name: str,
    *readings: Reading,
    unfit: Callable[[Model, Task], str] = anything,
    edits: bool = False,
    also: Callable[[Mapping[str, Any]], Sequence[Reading]] = nothing_more,
    version: int = 1,
) -> Callable[[Callable[..., Iterable[Found]]], Probe]:
    """Turn a function into a :class:`Probe`."""

    def record(function: Callable[..., Iterable[Found]]) -> Probe:
        return Probe(
            name=name,
            function=function,
            readings=readings,
            unfit=unfit,
            edits=edits,
            also=also,
            version=version,
        )

    return record
