"""What people said of perturbed texts: whether a careful reader would still give the original label.

A file is what `harness review` has written, with the column ``verdict`` filled in: yes, no or unsure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.data.lines import capped, read_lines, shown
from harness.errors import Fault, UserError, nearest

COLUMNS = ("operator", "severity", "id", "clean", "perturbed", "gold", "verdict", "reviewer")
NEEDED = ("operator", "severity", "id", "verdict")
YES, NO, UNSURE = "yes", "no", "unsure"
ANSWERS = (YES, NO, UNSURE)


@dataclass(frozen=True)
class Verdict:
    """One reviewer's answer on one perturbed text."""

    operator: str
    item: tuple[str, str]
    reviewer: str
    answer: str


@dataclass(frozen=True)
class Reviewed:
    """What reviewers found of an operator.

    Args:
        valid: Texts whose label every reviewer found still true; in doubt it is not.
        judged: Texts that were judged.
        reviewers: How many people judged.
        kappa: Cohen's kappa of the texts that two people judged, a mean over pairs of them; None if
            there are none, or if everybody always gave the same answer.
    """

    valid: int
    judged: int
    reviewers: int
    kappa: float | None


def read(paths: Sequence[str], operators: Sequence[str]) -> dict[str, Reviewed]:
    """What the files say of each operator that they judge.

    Args:
        paths: CSV files; each is the work of one person, unless its column ``reviewer`` says otherwise.
        operators: The operators that may be judged, as the suite calls them.

    Raises:
        UserError: If a file is not like that; with its lines.
    """
    found: list[Verdict] = []
    faults: list[Fault] = []
    for path in paths:
        for one in _each(path, operators):
            if isinstance(one, Fault):
                faults.append(one)
            else:
                found.append(one)
    if faults:
        raise UserError(capped(faults))
    by_operator: dict[str, list[Verdict]] = {}
    for verdict in found:
        by_operator.setdefault(verdict.operator, []).append(verdict)
    return {name: summed(verdicts) for name, verdicts in by_operator.items()}


def _each(path: str, operators: Sequence[str]) -> Iterable[Verdict | Fault]:
    rows = csv.DictReader(io.StringIO("\n".join(read_lines(path))), strict=True)
    try:
        header = rows.fieldnames or []
        if missing := [name for name in NEEDED if name not in header]:
            hint = f"a sheet of `harness review` has the columns {', '.join(COLUMNS)}"
            yield Fault(f"has no column {missing[0]!r}", path, 1, hint=hint)
            return
        for row in rows:
            yield from _one(row, path, rows.line_num, operators)
    except csv.Error as error:
        yield Fault(f"is not CSV: {error}", path, rows.line_num)


def _one(
    row: Mapping[str, str | None], path: str, line: int, operators: Sequence[str]
) -> Iterable[Verdict | Fault]:
    answer = (row["verdict"] or "").strip().lower()
    operator = row["operator"] or ""
    if not answer:  # not judged yet
        return
    if answer not in ANSWERS:
        said = f"should be {', '.join(ANSWERS)} or empty, found {shown(answer)}"
        yield Fault(said, path, line, field="verdict")
    elif operator not in operators:
        yield Fault(
            f"no operator {shown(operator)} in this suite", path, line, hint=nearest(operator, operators)
        )
    else:
        who = (row.get("reviewer") or "").strip() or path
        yield Verdict(operator, (row["id"] or "", row["severity"] or ""), who, answer)


def summed(verdicts: Sequence[Verdict]) -> Reviewed:
    """The verdicts on one operator, text by text; of two by one person on one text the later holds."""
    items: dict[tuple[str, str], dict[str, bool]] = {}
    for one in verdicts:
        items.setdefault(one.item, {})[one.reviewer] = one.answer == YES
    people = sorted({one.reviewer for one in verdicts})
    kappas = [
        found
        for a, b in combinations(people, 2)
        if (found := kappa([(said[a], said[b]) for said in items.values() if a in said and b in said]))
        is not None
    ]
    return Reviewed(
        valid=sum(all(said.values()) for said in items.values()),
        judged=len(items),
        reviewers=len(people),
        kappa=sum(kappas) / len(kappas) if kappas else None,
    )


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa of two people's answers (Cohen 1960); None without pairs, or if chance explains all."""
    if not pairs:
        return None
    n = len(pairs)
    agreed = sum(a == b for a, b in pairs) / n
    first, second = (sum(pair[at] for pair in pairs) / n for at in (0, 1))
    expected = first * second + (1 - first) * (1 - second)
    return None if expected == 1 else (agreed - expected) / (1 - expected)
