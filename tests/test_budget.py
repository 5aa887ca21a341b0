"""The adaptive budget: no more texts than it takes, and intervals that hold whenever it stops."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.assertion import parse
from harness.budget import ALL, DECIDED, NARROW, Look, look, spent, start
from harness.gate import judge
from harness.measure.statistics import clopper_pearson
from harness.measure.tables import level_of
from harness.plan import Plan, doubling, in_turn
from harness.rng import rng
from harness.rows import Row, Verdict
from harness.text import example

from .test_plan import make  # noqa: F401 - a fixture


@given(st.integers(1, 5000), st.integers(1, 300))
def test_parts_double_what_was_asked(size: int, first: int) -> None:
    """They follow on each other, leave nothing out, and none but the first is larger than all before it."""
    parts = doubling(size, first)
    assert (parts[0][0], parts[-1][1]) == (0, size)
    assert all(a[1] == b[0] for a, b in pairwise(parts))
    assert all(end - begin <= begin for begin, end in parts[1:])


def test_examples_are_asked_in_an_order_of_their_own() -> None:
    """At random, decided by the seed; those of a group one after the other."""
    plain = [example(str(n), f"text {n}", "a") for n in range(30)]
    examples = [replace(e, group=f"g{n // 6}" if n % 2 else "") for n, e in enumerate(plain)]
    turn = in_turn(examples, 7)
    assert sorted(e.id for e in turn) == sorted(e.id for e in examples)
    assert turn == in_turn(examples, 7) != in_turn(examples, 8)
    groups = [e.group for e in turn if e.group]
    assert sum(a != b for a, b in pairwise(groups)) == len(set(groups)) - 1


# -- when to stop --------------------------------------------------------------------------------

SPLITS = {
    name: [example(f"{name}-{n}", f"text {n}", "good" if n % 2 else "bad") for n in range(size)]
    for name, size in (("train", 8), ("validation", 4), ("test", 100))
}


def planned(make) -> Plan:  # noqa: F811
    return make(
        ("perturb: {severities: [5, 1], operators: [keyboard, upper, whitespace], examples: 4}",
         "budget: {first: 20}\nperturb: {severities: [1], operators: [keyboard, upper]}"),
        splits=SPLITS,
    )  # fmt: skip


def row(operator: str, value: float, reach: float, model: str = "rules", property: str = "robustness") -> Row:
    families = {"keyboard": "character", "upper": "format"}
    return Row(
        property=property, measure="retained_score" if property == "robustness" else "flip_rate", model=model,
        condition={"operator": operator, "family": families[operator], "severity": 1},
        value=value, low=value - reach, high=value + reach, n=20, signature="s",
    )  # fmt: skip


def test_a_condition_stops_when_its_gates_are_decided_or_it_is_known_well_enough(make) -> None:  # noqa: F811
    """And goes on where a gate that rests on it is undecided, or none does."""
    plan = planned(make)
    asked = start(plan)
    assert set(asked.values()) == {1}
    assert len(asked) == 4  # two models, two conditions
    rows = [row("keyboard", 0.8, 0.1), row("upper", 0.8, 0.01), row("keyboard", 0.5, 0.1, "words")]
    gates = judge([(parse("robustness.retained_score{operator=keyboard} >= 0.6"), 1)], rows)
    assert [gate.verdict for gate in gates] == [Verdict.PASS, Verdict.INCONCLUSIVE]
    seen = look(plan, asked, rows, gates, 0.025)
    keyboard, upper = ("test", "keyboard", "character", 1), ("test", "upper", "format", 1)
    assert seen.why == {("rules", keyboard): DECIDED, ("rules", upper): NARROW}
    assert not seen.over
    assert seen.more == {
        ("rules", keyboard): 1, ("rules", upper): 1, ("words", keyboard): 2, ("words", upper): 2
    }  # fmt: skip


def test_a_gate_on_a_headline_rests_on_every_condition(make) -> None:  # noqa: F811
    """As long as it is undecided, all of them go on."""
    plan = planned(make)
    headline = Row(property="robustness", measure="score", model="rules", value=0.7, low=0.6, high=0.8, n=20)
    gates = judge([(parse("robustness.score >= 0.65"), 1)], [headline])
    assert look(plan, start(plan), [row("keyboard", 0.8, 0.1)], gates, 0.025).why == {}
    gates = judge([(parse("robustness.score >= 0.55"), 1)], [headline])
    assert {model for model, _ in look(plan, start(plan), [], gates, 0.025).why} == {"rules"}


def test_a_gate_on_other_texts_keeps_no_condition_going(make) -> None:  # noqa: F811
    """Outliers, attacks and probes are asked in any case."""
    plan = planned(make)
    keyboard = row("keyboard", 0.8, 0.1)
    other = replace(keyboard, measure="outlier_auroc", condition={"outliers": "films", "by": "energy"})
    texts = ("robustness.retained_score >= 0.6", "robustness.outlier_auroc >= 0.75")
    gates = judge([(parse(text), 1) for text in texts], [keyboard, other])
    assert [gate.verdict for gate in gates] == [Verdict.PASS, Verdict.INCONCLUSIVE]
    why = look(plan, start(plan), [keyboard], gates, 0.025).why
    assert why == {("rules", ("test", "keyboard", "character", 1)): DECIDED}


def test_in_the_end_all_are_asked(make) -> None:  # noqa: F811
    """Nothing is decided and nothing narrow: five looks, then it is over, and the report says so."""
    plan = planned(make)
    last = Look(start(plan), {})
    for _ in range(plan.looks - 1):
        last = look(plan, last.more, [], [], 0.025)
    assert last.over
    assert set(last.why.values()) == {ALL}
    budget = spent(plan, last, 0.95)
    assert (budget.looks, budget.level, budget.asked, budget.whole) == (4, 1 - 0.05 / 4, 400, 400)


def test_a_plan_of_a_part_is_part_of_the_plan(make) -> None:  # noqa: F811
    """The units of the first look are among those of all of it."""
    plan = planned(make)
    whole, first = ({unit.key for unit in one.wanted()} for one in (plan, plan.only(start(plan))))
    assert first < whole


# -- whether it holds ----------------------------------------------------------------------------


def stopped(right, limit: float, looks: int) -> tuple[float, float, float, int]:
    """A rate with its interval at the look at which a gate on it is decided, or at the last one."""
    level = level_of("robustness", 0.95, looks)
    for _, end in doubling(len(right), len(right) // 2 ** (looks - 1)):
        found = clopper_pearson(int(right[:end].sum()), end, level)
        if found.low >= limit or found.high < limit:
            break
    return found.value, found.low, found.high, end


def test_intervals_hold_at_whichever_look_it_stops() -> None:
    """Stopping as soon as a limit at the truth itself is excluded: still 95 of 100 cover, and few are fooled."""
    draws = rng("budget", "coverage").uniform(0, 1, (2000, 1024)) < 0.8
    found = [stopped(right, 0.8, 5) for right in draws]
    missed = sum(not low <= 0.8 <= high for _, low, high, _ in found)
    assert missed / 2000 <= 0.06
    naive = 0
    for right in draws:
        seen = [clopper_pearson(int(right[:end].sum()), end) for _, end in doubling(1024, 64)]
        naive += any(one.low >= 0.8 or one.high < 0.8 for one in seen)
    assert naive / 2000 > 0.09  # what it would be without care


def test_where_there_is_room_it_takes_a_part_of_the_texts() -> None:
    """A rate of .9 against a limit of .8: a third of the texts on average, and never the wrong verdict."""
    draws = rng("budget", "saving").uniform(0, 1, (300, 1024)) < 0.9
    found = [stopped(right, 0.8, 5) for right in draws]
    assert np.mean([end for *_, end in found]) < 1024 / 3
    assert all(low >= 0.8 for _, low, _, _ in found)
