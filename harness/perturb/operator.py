"""The record of a perturbation operator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from harness.catalog import Extension
from harness.text import Edit

DIRECTIONAL = "directional"
"""The family of operators after which another answer is right."""
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
        whole: Whether its edits belong together, as those of a rewritten text do: one that would
            make a gold span untrue is not skipped then, but the variant is refused.
        directional: Whether the right answer is another one afterwards, as after a negation. Such
            edits test that a model notices; they are no part of robustness or continuity.
        inside_spans: Whether it may edit inside gold spans. If not, such edits are skipped.
        swaps: Whether an edit of exactly a whole gold span leaves its label true.
        only_for: Tasks that it is made for; empty for all.
        invalid_for: Tasks whose labels it makes untrue, so that it cannot be used there.
        fields: The fields it edits; None means all of them.
        peers: Whether it is given the other examples of the data set, as a third argument.
        language: The code of the only language that it knows, or empty if it is for all.
        needs: What must be there besides the core, such as ``wordnet`` or ``nlpaug``.
        weights: Options that name weights or a file, whose content decides what the operator does.
        reference: Where the idea comes from, if somebody has published it.
    """

    kind: ClassVar[str] = "operator"
    level: Level
    unit: Literal["word", "character"] = "word"
    graded: bool = True
    whole: bool = False
    directional: bool = False
    inside_spans: bool = True
    swaps: bool = False
    only_for: frozenset[str] = frozenset()
    invalid_for: frozenset[str] = frozenset()
    fields: frozenset[str] | None = None
    peers: bool = False
    language: str = ""
    needs: str = ""
    weights: tuple[str, ...] = ()
    reference: str = ""

    @property
    def family(self) -> str:
        """What its conditions are counted with: its level, or :data:`DIRECTIONAL`."""
        return DIRECTIONAL if self.directional else self.level

    def suits(self, task: str) -> bool:
        """Whether labels of the task stay true, or are known to change."""
        return task not in self.invalid_for and (not self.only_for or task in self.only_for)


def operator(
    name: str, *, level: Level, **claims: Any
) -> Callable[[Callable[..., Iterable[Edit]]], Operator]:
    """Turn a generator of edits into an :class:`Operator`; ``claims`` are its other fields."""

    def record(function: Callable[..., Iterable[Edit]]) -> Operator:
        return Operator(name=name, function=function, level=level, **claims)

    return record
