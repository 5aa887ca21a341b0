"""The adaptive budget: which conditions need more examples, after those that have been asked.

A condition is asked on a first part of the perturbed examples and then on as many again, until a gate that
rests on it is decided, or its interval is narrow enough, or all are asked. To stop when it looks good is
what a fixed interval does not allow (methods, section 7.7); so that whichever look is the last, the
intervals are made for all of them together, see :func:`harness.measure.tables.level_of`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.assertion import parse
from harness.measure.tables import LOOKED_AT, level_of
from harness.plan import Plan, Where
from harness.rows import Budget, GateResult, Row, Spent, Verdict

Asked = Mapping[tuple[str, Where], int]
"""By model and condition, of how many parts."""

DECIDED, NARROW, ALL = "its gates are decided", "its intervals are narrow enough", "all were asked"
ELSEWHERE = {"attack", "outliers", "partial", "probe", "shift", "split", "test"}
"""Conditions of rows that rest on other texts than the perturbed ones."""
RATES = {"robustness": "retained_score", "continuity": "flip_rate"}
"""The rows of a condition that tell how much is known of it."""


@dataclass(frozen=True)
class Look:
    """What one look at the results says.

    Args:
        asked: What was asked before it.
        why: Why conditions need no more, those that do need more excepted.
    """

    asked: Asked
    why: Mapping[tuple[str, Where], str]

    @property
    def more(self) -> Asked:
        """What to ask next: one part more of every condition that needs it."""
        return {key: parts + (key not in self.why) for key, parts in self.asked.items()}

    @property
    def over(self) -> bool:
        """Whether no condition needs more."""
        return self.why.keys() == self.asked.keys()


def start(plan: Plan) -> Asked:
    """The first part of every condition."""
    return dict.fromkeys(_sizes(plan), 1)


def look(plan: Plan, asked: Asked, rows: Sequence[Row], gates: Sequence[GateResult], width: float) -> Look:
    """Which conditions need more.

    Args:
        plan: With all parts.
        asked: What has been asked.
        rows: What was measured on it.
        gates: The verdicts on that.
        width: Half the width of an interval that is narrow enough.
    """
    sizes = _sizes(plan)
    perturbed = [
        gate
        for gate in gates
        if parse(gate.expression).property in LOOKED_AT and not gate.condition.keys() & ELSEWHERE
    ]
    told: dict[tuple[str, str, str, int], list[Row]] = {}
    for row in rows:
        if RATES.get(row.property) == row.measure:
            told.setdefault((row.model, *_place(row.condition)), []).append(row)
    why = {}
    for (model, where), parts in asked.items():
        _, operator, family, severity = where
        if parts == len(sizes[model, where]):
            why[model, where] = ALL
        elif _settled(perturbed, model, operator, family, severity):
            why[model, where] = DECIDED
        elif _narrow(told.get((model, operator, family, severity), []), width):
            why[model, where] = NARROW
    return Look(asked, why)


def spent(plan: Plan, last: Look, level: float) -> Budget:
    """What it came to, for the report.

    Args:
        plan: With all parts.
        last: The last look.
        level: Of the suite's intervals.
    """
    sizes = _sizes(plan)
    return Budget(
        looks=plan.looks,
        level=level_of(LOOKED_AT[0], level, plan.looks),
        spent=tuple(
            Spent(
                model=model,
                condition={"operator": where[1], "family": where[2], "severity": where[3]},
                examples=sum(sizes[model, where][:parts]),
                of=sum(sizes[model, where]),
                why=last.why[model, where],
            )
            for (model, where), parts in last.asked.items()
        ),
    )


def _sizes(plan: Plan) -> dict[tuple[str, Where], list[int]]:
    """The number of examples of each part of each condition of each model."""
    found: dict[tuple[str, Where], list[int]] = {}
    for (model, _, _), cells in plan.scores.items():
        for where, parts in cells.items():
            if where[1]:
                spans = [getattr(unit.said.examples, "part", None) for unit in parts]
                found[model, where] = [
                    len(plan.data["perturbed"]) if span is None else span[1] - span[0] for span in spans
                ]
    return found


def _place(condition: Mapping[str, str | int | float]) -> tuple[str, str, int]:
    operator, family, severity = (condition.get(name, "") for name in ("operator", "family", "severity"))
    return str(operator), str(family), int(severity or 0)


def _settled(gates: Sequence[GateResult], model: str, operator: str, family: str, severity: int) -> bool:
    """Whether some of the gates rest on a condition, and all of these are decided."""
    own = {"operator": operator, "family": family, "severity": severity}
    resting = [
        gate
        for gate in gates
        if gate.model == model
        and all(gate.condition.get(name, value) == value for name, value in own.items())
    ]
    return bool(resting) and all(gate.verdict is not Verdict.INCONCLUSIVE for gate in resting)


def _narrow(rows: Sequence[Row], width: float) -> bool:
    return bool(rows) and all(
        row.low is not None and row.high is not None and (row.high - row.low) / 2 <= width for row in rows
    )
