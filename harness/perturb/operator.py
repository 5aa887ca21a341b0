"""The record of a perturbation operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from harness.catalog import Extension
from harness.text import Edit

Level = Literal["character", "word", "sentence", "format", "entity"]


@dataclass(frozen=True, kw_only=True)
class Operator(Extension):
    """A stream of edits: ``function(example, rng, **options)`` yields edits in random order.

    Edits refer to the clean text, touch one unit each (usually one word), and come in an order
    drawn from ``rng`` alone: severity takes the first so many of them. An edit that meets one
    already taken, changes nothing or crosses the boundary of a gold span is skipped. The function
    never has to think about budgets or gold labels.

    Args:
        level: What it works on; doubles as the family in scores.
        unit: What severity counts, ``word`` unless the operator edits single marks in a text.
        graded: Whether it has degrees. If not, all its edits are made and severity is 0.
        inside_spans: Whether it may edit inside gold spans. If not, such edits are skipped.
        swaps: Whether an edit of exactly a whole gold span leaves its label true.
        invalid_for: Tasks whose labels it makes untrue, so that it cannot be used there.
        needs: What must be there besides the core, such as ``wordnet`` or ``nlpaug``.
        fields: The fields it edits; None means all of them.
    """

    kind: ClassVar[str] = "operator"
    level: Level
    unit: Literal["word", "character"] = "word"
    graded: bool = True
    inside_spans: bool = True
    swaps: bool = False
    invalid_for: frozenset[str] = frozenset()
    needs: str = ""
    fields: frozenset[str] | None = None


def operator(
    name: str, *, level: Level, **claims: Any
) -> Callable[[Callable[..., Iterator[Edit]]], Operator]:
    """Turn a generator of edits into an :class:`Operator`; ``claims`` are its other fields."""

    def record(function: Callable[..., Iterator[Edit]]) -> Operator:
        return Operator(name=name, function=function, level=level, **claims)

    return record
