"""The language of gates: one assertion on one kind of row."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.errors import nearest
from harness.rows import PROPERTIES

CONDITIONS = (
    "model",
    "split",
    "operator",
    "family",
    "severity",
    "attack",
    "budget",
    "constraint",
    "from",
    "from_seed",
    "over",
    "test",
    "shift",
    "seed",
    "fraction",
    "subset",
    "order",
    "setting",
    "cause",
    "trained",
    "tested",
    "label",
)
GRAMMAR = "property.measure{condition=value, …} >= number, <= number, or 'no worse than baseline by number'"
_FORM = re.compile(
    r"""\s*(?P<property>\w+)\.(?P<measure>[\w:.-]+?)\s*
        (?:\{(?P<where>[^}]*)\})?\s*
        (?:(?P<operator>>=|<=)\s*(?P<limit>\S+)
          |no\ worse\ than\ baseline\ by\ (?P<margin>\S+))\s*$""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Assertion:
    """What a gate says about every row it selects.

    Args:
        text: As written.
        property: Of the rows.
        measure: Of the rows.
        where: Conditions that the rows must have; values compared as text.
        operator: ``>=`` or ``<=``; empty if it compares with a baseline.
        limit: The number to compare with, or the margin allowed below the baseline.
    """

    text: str
    property: str
    measure: str
    where: Mapping[str, str]
    operator: str
    limit: float

    def relative(self) -> bool:
        """Whether it compares with a baseline."""
        return not self.operator


def parse(text: str) -> Assertion:
    """Read one gate.

    Raises:
        ValueError: Saying what is wrong and what would be right.
    """
    match = _FORM.match(text)
    if match is None:
        raise ValueError(f"not a gate: {text!r}; expected {GRAMMAR}")
    if match["property"] not in (*PROPERTIES, "score"):
        raise ValueError(
            f"unknown property {match['property']!r}; {nearest(match['property'], (*PROPERTIES, 'score'))}"
        )
    where = {}
    for part in filter(None, (p.strip() for p in (match["where"] or "").split(","))):
        key, equals, value = (x.strip() for x in part.partition("="))
        if not equals or not value:
            raise ValueError(f"a condition should be key=value, found {part!r}")
        if key not in CONDITIONS:
            raise ValueError(f"unknown condition {key!r}; {nearest(key, CONDITIONS)}")
        where[key] = value
    number = match["limit"] or match["margin"]
    try:
        limit = float(number)
    except ValueError:
        raise ValueError(f"a limit should be a number, found {number!r}") from None
    if not math.isfinite(limit):
        raise ValueError(f"a limit should be a finite number, found {number!r}")
    if match["margin"] and limit < 0:
        raise ValueError(f"a margin should not be negative, found {number!r}")
    return Assertion(text, match["property"], match["measure"], where, match["operator"] or "", limit)
