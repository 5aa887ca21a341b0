"""Severity: 1 to 5 mean the same for every operator, a share of the text, realised exactly.

An operator yields its edits in random order; this module takes as many as a severity asks for.
So severities are nested (a higher one contains the lower one's edits), which makes severity curves
monotone in edits by construction and their differences precise (methods, sections 0.2.3 and 8.2).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.errors import BrokenPromise
from harness.perturb.operator import Operator
from harness.rng import dice
from harness.text import Edit, Example, Fate, Variant, carry, changed, variant

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
    random = dice(seed, "perturb", operator.name, source.id, draw)
    lift = random.random()  # the same for all severities, so that they are nested
    limit = LADDER[severity] * _size(source, operator) if operator.graded else math.inf
    given = (source, random, peers) if operator.peers else (source, random)
    taken: dict[str, list[Edit]] = {}
    if limit > 0:
        by_word, spent, step = operator.unit == "word", 0.0, 1 - lift
        guarded = bool(source.anchors) and not operator.whole
        for edit in operator.function(*given, **(options or {})):
            start, end, new, name = edit
            text = source.fields.get(name)
            if text is None or not 0 <= start <= end <= len(text):
                raise _broken(edit, source, operator)
            if text[start:end] == new or (guarded and not _allowed(edit, source, operator)):
                continue
            own = taken.setdefault(name, [])
            at = bisect_left(own, edit)
            # Edits that overlap, or are so close that their order would matter.
            if (at and own[at - 1].end >= start) or (at < len(own) and own[at].start <= end):
                continue
            if operator.graded:
                cost = max(1, changed(text, (edit,), by_word))
                # An edit that would go beyond the share is made with the probability that keeps the mean.
                if spent + cost * step > limit + ROUNDING:
                    break
                spent += cost
            own.insert(at, edit)
            if spent + step > limit + ROUNDING:
                break
    return variant(
        source,
        taken,
        by_word=operator.unit == "word",
        swaps=operator.swaps,
        alternatives=alternatives,
        check=check,
    )


def _size(source: Example, operator: Operator) -> int:
    texts = [t for name, t in source.fields.items() if operator.fields is None or name in operator.fields]
    return sum(len(text.split()) if operator.unit == "word" else len(text) for text in texts)


def _broken(edit: Edit, source: Example, operator: Operator) -> BrokenPromise:
    """What is wrong with an edit of something that is not there."""
    text = source.fields.get(edit.field)
    if text is None:
        return BrokenPromise(f"operator {operator.name} edited the unknown field {edit.field!r}")
    return BrokenPromise(f"operator {operator.name}: {edit} lies outside a text of {len(text)} characters")


def _allowed(edit: Edit, source: Example, operator: Operator) -> bool:
    """Whether the edit leaves every gold label true."""
    near = source.touched(edit.field, edit.start, edit.end)
    if not operator.inside_spans:
        return not near
    return all(carry(span, (edit,), operator.swaps)[1] is not Fate.REFUSED for span in near)
