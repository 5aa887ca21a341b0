"""What an adversarial text may not do: the record of a constraint, and how several are applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from harness.catalog import Extension
from harness.errors import BrokenPromise
from harness.text import Example, Variant


class Candidate(NamedTuple):
    """A clean example and what an attack would make of it."""

    source: Example
    variant: Variant


@dataclass(frozen=True, kw_only=True)
class Constraint(Extension):
    """``function(candidates, **options)`` says of each candidate whether it may be tried.

    It is given those of many examples at once, so that what is slow one by one (an encoder, a tagger)
    can work in batches. Probes of a search are not its business, and gold is: candidates whose gold
    cannot be carried never come here.

    Args:
        needs: What must be there besides the core, such as ``nltk``.
        weights: Options that name weights or a file, whose content decides what it does.
    """

    kind: ClassVar[str] = "constraint"
    needs: str = ""
    weights: tuple[str, ...] = ()


def constraint(name: str, **claims: Any) -> Callable[[Callable[..., Sequence[bool]]], Constraint]:
    """Turn a function into a :class:`Constraint`; ``claims`` are its other fields."""

    def record(function: Callable[..., Sequence[bool]]) -> Constraint:
        return Constraint(name=name, function=function, **claims)

    return record


class Bound(NamedTuple):
    """A constraint with its options, and what to call it."""

    constraint: Constraint
    options: Mapping[str, Any]
    label: str


def refusals(bound: Sequence[Bound], candidates: Sequence[Candidate]) -> list[str]:
    """For each candidate the first constraint that it does not meet, by label; empty if it meets all.

    Later constraints are not asked about what an earlier one refuses, so the cheap ones should come first.

    Raises:
        BrokenPromise: If a constraint does not answer for each candidate.
    """
    found = [""] * len(candidates)
    for one in bound:
        left = [at for at, why in enumerate(found) if not why]
        answers = (
            list(one.constraint.function([candidates[at] for at in left], **one.options)) if left else []
        )
        if len(answers) != len(left):
            raise BrokenPromise(
                f"constraint {one.label} answered for {len(answers)} of {len(left)} candidates"
            )
        for at, fine in zip(left, answers, strict=True):
            if not fine:
                found[at] = one.label
    return found
