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
from harness.rng import rng
from harness.text import Edit, Example, Fate, Variant, carry, vary, words

LADDER: Mapping[int, float] = {1: 0.05, 2: 0.10, 3: 0.15, 4: 0.25, 5: 0.40}
"""Target share of the text edited, by severity."""


def perturb(
    source: Example,
    operator: Operator,
    severity: int,
    *,
    seed: int,
    draw: int = 0,
    options: Mapping[str, Any] | None = None,
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
        alternatives: Whether one of several gold spans is enough, see :func:`harness.text.vary`.
        check: What else invalidates the label, see there.

    Raises:
        BrokenPromise: If the operator yields an edit outside its field or of an unknown field.
    """
    random = rng(seed, "perturb", operator.name, source.id, draw)
    lift = float(random.random())  # the same for all severities: keeps the counts nested and exact on average
    budget = _budget(source, operator, severity, lift)
    taken: list[Edit] = []
    if budget > 0:
        for edit in operator.function(source, random, **(options or {})):
            _check(edit, source, operator)
            if _allowed(edit, source, operator) and not any(_meets(edit, other) for other in taken):
                taken.append(edit)
                if len(taken) >= budget:
                    break
    return vary(
        source,
        taken,
        by_word=operator.unit == "word",
        swaps=operator.swaps,
        alternatives=alternatives,
        check=check,
    )


def _budget(source: Example, operator: Operator, severity: int, lift: float) -> float:
    if not operator.graded:
        return math.inf
    texts = [t for name, t in source.fields.items() if operator.fields is None or name in operator.fields]
    size = sum(len(words(t)) if operator.unit == "word" else len(t) for t in texts)
    return math.floor(LADDER[severity] * size + lift)


def _check(edit: Edit, source: Example, operator: Operator) -> None:
    text = source.fields.get(edit.field)
    if text is None:
        raise BrokenPromise(f"operator {operator.name} edited the unknown field {edit.field!r}")
    if not 0 <= edit.start <= edit.end <= len(text):
        raise BrokenPromise(f"operator {operator.name}: {edit} lies outside a text of {len(text)} characters")


def _allowed(edit: Edit, source: Example, operator: Operator) -> bool:
    """Whether the edit changes something and leaves every gold label true."""
    if source.fields[edit.field][edit.start : edit.end] == edit.text:
        return False
    near = (s for s in source.anchors if s.field == edit.field and edit.start < s.end and s.start < edit.end)
    if not operator.inside_spans:
        return not any(near)
    return all(carry(span, (edit,), operator.swaps)[1] is not Fate.REFUSED for span in near)


def _meets(one: Edit, other: Edit) -> bool:
    """Whether two edits overlap, or are so close that their order would matter."""
    return one.field == other.field and one.start <= other.end and other.start <= one.end
