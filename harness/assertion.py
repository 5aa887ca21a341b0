"""The language of gates: one assertion on one kind of row."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

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
    "to",
    "over",
    "test",
    "shift",
    "outliers",
    "partial",
    "version",
    "by",
    "seed",
    "fraction",
    "subset",
    "order",
    "setting",
    "option",
    "of",
    "checkpoint",
    "cause",
    "trained",
    "tested",
    "label",
    "probe",
    "step",
    "radius",
    "slice",
    "bucket",
    "partition",
    "case",
)
GRAMMAR = (
    "property.measure{condition=value, …} and then >= number, <= number, 'no worse than baseline by number' or "
    "'same as baseline within number'; instead of the baseline the name of a model may stand"
)
BASELINE = "baseline"
_FORM = re.compile(
    r"""\s*(?P<property>\w+)\.(?P<measure>[\w:.-]+?)\s*
        (?:\{(?P<where>[^}]*)\})?\s*
        (?:(?P<operator>>=|<=)\s*(?P<limit>\S+)
          |no\ worse\ than\ (?P<better>\S+)\ by\ (?P<margin>\S+)
          |same\ as\ (?P<alike>\S+)\ within\ (?P<apart>\S+))\s*$""",
    re.VERBOSE,
)


Relation = Literal[">=", "<=", "no worse", "same"]


@dataclass(frozen=True)
class Assertion:
    """What a gate says about every row it selects.

    Args:
        text: As written.
        property: Of the rows.
        measure: Of the rows.
        where: Conditions that the rows must have; values compared as text.
        relation: What must hold of the row.
        limit: The number to compare with, or the difference that is allowed.
        against: What it is compared with besides a number: ``baseline``, or a model of the suite.
    """

    text: str
    property: str
    measure: str
    where: Mapping[str, str]
    relation: Relation
    limit: float
    against: str = ""


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
    where = _conditions(match["where"] or "")
    number = match["limit"] or match["margin"] or match["apart"]
    relation: Relation = "no worse" if match["margin"] else "same"
    if match["operator"]:
        relation = ">=" if match["operator"] == ">=" else "<="
    try:
        limit = float(number)
    except ValueError:
        raise ValueError(f"a limit should be a number, found {number!r}") from None
    if not math.isfinite(limit):
        raise ValueError(f"a limit should be a finite number, found {number!r}")
    if relation == "no worse" and limit < 0:
        raise ValueError(f"a margin should not be negative, found {number!r}")
    if relation == "same" and limit <= 0:
        raise ValueError(f"what counts as the same should be more than 0, found {number!r}")
    against = match["better"] or match["alike"] or ""
    return Assertion(text, match["property"], match["measure"], where, relation, limit, against)


def _conditions(text: str) -> dict[str, str]:
    where = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        key, equals, value = (x.strip() for x in part.partition("="))
        if not equals or not value:
            raise ValueError(f"a condition should be key=value, found {part!r}")
        if key not in CONDITIONS:
            raise ValueError(f"unknown condition {key!r}; {nearest(key, CONDITIONS)}")
        where[key] = value
    return where
