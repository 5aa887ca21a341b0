"""Severity: 1 to 5 mean the same for every operator, a share of the text, realised exactly.

An operator yields its edits in random order; this module takes as many as a severity asks for.
So severities are nested (a higher one contains the lower one's edits), which makes severity curves
monotone in edits by construction and their differences precise (methods, sections 0.2.3 and 8.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.errors import BrokenPromise
from harness.perturb.operator import Operator
from harness.rng import Random
from harness.text import Edit, Example, Fate, Variant, carry, changed, distance, variant

LADDER: Mapping[int, float] = {1: 0.05, 2: 0.10, 3: 0.15, 4: 0.25, 5: 0.40}
"""Target share of the text edited, by severity."""
ROUNDING = 1e-9


def perturb(
    source: Example,
    operator: Operator,
    severity: int,
    *,
    seed: int,
    draw: int = 0,
    options: Mapping[str, Any] | None = None,
    peers: Sequence[Example] = (),
    alternatives: bool = False,
    check: Callable[[Example, Sequence[Edit]], str] | None = None,
) -> Variant:
    """One variant of an example.

    Args:
        source: The clean example with its gold.
        operator: What kind of edits to make.
        severity: 1 to 5, or 0 for all the edits that an operator without degrees makes.
        seed: The suite's seed. Severity is left out of the key, so that severities are nested.
        draw: Which of several independent variants.
        options: The operator's options, as bound by :meth:`Extension.bind`.
        peers: The data set, for operators that put something of other examples into one.
        alternatives: Whether one of several gold spans is enough, see :func:`harness.text.vary`.
        check: What else invalidates the label, see there.

    Raises:
        BrokenPromise: If the operator yields an edit outside its field or of an unknown field.
    """
    random = Random(seed, "perturb", operator.name, source.id, draw)
    lift = random.random()  # the same for all severities, so that they are nested
    by_word = operator.unit == "word"
    sizes = {name: len(text.split()) if by_word else len(text) for name, text in source.fields.items()}
    own_fields = sizes if operator.fields is None else sizes.keys() & operator.fields
    limit = LADDER[severity] * sum(sizes[name] for name in own_fields) if operator.graded else math.inf
    given = (source, random, peers) if operator.peers else (source, random)
    taken: dict[str, _Taken] = {}
    if limit > 0:
        spent, step = 0, 1 - lift
        guarded = bool(source.anchors) and not operator.whole
        for edit in operator.function(*given, **(options or {})):
            start, end, new, name = edit
            text = source.fields.get(name)
            if text is None or not 0 <= start <= end <= len(text):
                raise _broken(edit, source, operator)
            if text[start:end] == new or (guarded and not _allowed(edit, source, operator)):
                continue
            own = taken.get(name) or taken.setdefault(name, _Taken())
            if own.meets(start, end):
                continue
            if operator.graded:
                cost = _cost(text, edit, by_word)
                # An edit that would go beyond the share is made with the probability that keeps the mean.
                if spent + max(1, cost) * step > limit + ROUNDING:
                    break
                spent += max(1, cost)
                own.cost += cost
            own.add(edit)
            if spent + step > limit + ROUNDING:
                break
    return variant(
        source,
        {name: sorted(own.edits) for name, own in taken.items()},
        by_word=by_word,
        size=sum(sizes.values()),
        costs={name: own.cost for name, own in taken.items()} if operator.graded else {},
        swaps=operator.swaps,
        alternatives=alternatives,
        check=check,
    )


class _Taken:
    """The edits of one field that are made, and where they are: to ask costs what an edit is long."""

    __slots__ = ("chars", "cost", "edits", "points")

    def __init__(self) -> None:
        self.cost = 0
        self.edits: list[Edit] = []
        self.chars: set[int] = set()
        self.points: set[int] = set()

    def meets(self, start: int, end: int) -> bool:
        """Whether an edit overlaps one of them, or touches one so that their order would matter."""
        chars, points = self.chars, self.points
        if start == end:
            return start in chars or start - 1 in chars or start in points
        if end - start == 1:
            return start in chars or start in points or end in points
        return not (chars.isdisjoint(range(start, end)) and points.isdisjoint(range(start, end + 1)))

    def add(self, edit: Edit) -> None:
        """Make an edit that meets none."""
        self.edits.append(edit)
        if edit.start == edit.end:
            self.points.add(edit.start)
        else:
            self.chars.update(range(edit.start, edit.end))


def _cost(text: str, edit: Edit, by_word: bool) -> int:
    """How many words or characters an edit changes by itself."""
    start, end, new, _ = edit
    if not by_word:
        return distance(text[start:end], new)
    return 1 if (text[start:end] + new).isalnum() else changed(text, (edit,), True)


def _broken(edit: Edit, source: Example, operator: Operator) -> BrokenPromise:
    """What is wrong with an edit of something that is not there."""
    text = source.fields.get(edit.field)
    if text is None:
        return BrokenPromise(f"operator {operator.name} edited the unknown field {edit.field!r}")
    return BrokenPromise(f"operator {operator.name}: {edit} lies outside a text of {len(text)} characters")


def _allowed(edit: Edit, source: Example, operator: Operator) -> bool:
    """Whether the edit leaves every gold label true."""
    near = source.touched(edit.field, edit.start, edit.end)
    if not near or not operator.inside_spans:
        return not near
    return all(carry(span, (edit,), operator.swaps)[1] is not Fate.REFUSED for span in near)
