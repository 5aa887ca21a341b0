"""Every task is attacked end to end: gold is carried, budgets are kept, an attack cannot grade itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest

from harness import catalog
from harness.models.function import Function
from harness.tasks.task import Task
from harness.text import Example, Span, vary

BUDGET = 150
TEXT = "The painter Frida Kahlo was born in Coyoacan during a rather rainy summer"
BOXES = "Our parcel arrived yesterday evening with several broken glasses inside"


@dataclass(frozen=True)
class Case:
    """A task, what a black box says of its inputs, the labels it knows, and an example it gets right."""

    task: str
    says: Any
    labels: tuple[str, ...]
    example: Example

    @property
    def record(self) -> Task:
        """The task's record."""
        found = catalog.find("task", self.task)
        assert isinstance(found, Task)
        return found


def one(fields: dict[str, str], target: Any, *marks: Span, **meta: str) -> Example:
    """The example of a case."""
    return Example("a", fields, target, meta=meta, marks=marks)


def at(text: str, part: str, label: str, field: str = "text") -> Span:
    """The span of a part of a text."""
    return Span(text.index(part), text.index(part) + len(part), label, field)


def preferred(fields: dict[str, str]) -> dict[str, float]:
    """Candidates with a word of the query are liked."""
    asked = {word for name, text in fields.items() if "candidate" not in name for word in text.split()}
    odds = {name[10:]: text for name, text in fields.items() if "candidate" in name}
    return {slot: 0.9 if asked & set(text.split()) else 0.4 for slot, text in odds.items()}


def found(fields: dict[str, str]) -> str | None:
    """The name after ``painter``, if there is one."""
    match = re.search(r"painter (\w+ \w+)", fields["context"])
    return match.group(1) if match else None


SLOTS = tuple(str(slot) for slot in range(1, 11))
PLACED = {
    "candidate 1": "Thanks for waiting so patiently",
    "candidate 2": "Sorry, we shall replace the glasses",
    "candidate 3": "Please restart your router twice",
}
CASES = [
    Case(
        "classification",
        lambda fields: "yes" if "painter" in fields["premise"] else "no",
        ("no", "yes"),
        one({"premise": TEXT, "hypothesis": "Somebody painted there."}, "yes"),
    ),
    Case(
        "multilabel",
        lambda text: [label for label, word in (("damage", "broken"), ("time", "evening")) if word in text],
        ("damage", "time"),
        one({"text": BOXES}, ("damage", "time")),
    ),
    Case(
        "multilabel",
        lambda text: [] if "parcel" in text else ["damage"],
        ("damage", "time"),
        one({"text": BOXES}, ()),
    ),
    Case(
        "ner",
        lambda text: [(m.start(), m.end(), "LOC") for m in re.finditer("Coyoacan", text)],
        ("O", "B-LOC", "I-LOC"),
        one({"text": TEXT}, (at(TEXT, "Coyoacan", "LOC"),)),
    ),
    Case(
        "relation",
        lambda fields: "born-in(e1,e2)" if "summer" in fields["text"] else "no_relation",
        ("born-in(e1,e2)", "no_relation"),
        one({"text": TEXT}, "born-in(e1,e2)", at(TEXT, "Frida Kahlo", "head"), at(TEXT, "Coyoacan", "tail")),
    ),
    Case(
        "qa",
        found,
        ("start", "end"),
        one(
            {"question": "Who was born in Coyoacan?", "context": TEXT},
            (at(TEXT, "Frida Kahlo", "Frida Kahlo", "context"), at(TEXT, "Kahlo", "Kahlo", "context")),
        ),
    ),
    Case(
        "qa",
        lambda fields: None if "museum" in fields["question"] else "Coyoacan",
        ("start", "end"),
        one({"question": "Which museum shows her pictures?", "context": TEXT}, ()),
    ),
    Case(
        "translation",
        lambda text: "Das Paket kam gestern an" if "parcel" in text else "Hm?",
        (),
        one({"source": BOXES}, ("Das Paket kam gestern an",)),
    ),
    Case(
        "summarization",
        lambda text: "Glasses broke on their way" if "broken" in text else "Hm?",
        (),
        one({"source": BOXES}, ("Glasses broke on their way", "Broken glasses")),
    ),
    Case(
        "dialogue",
        lambda fields: "Which order is it about?" if "parcel" in fields["01 customer"] else "Hm?",
        (),
        one({"01 customer": BOXES}, ("Which order is it about?",), speaker="agent"),
    ),
    Case("response", preferred, SLOTS, one({"01 customer": BOXES} | PLACED, ("2",), speaker="agent")),
    Case("recommendation", preferred, SLOTS, one({"history": BOXES} | PLACED, ("2",))),
]
THIRD_PARTY = pytest.param(
    "textattack/deepwordbug",
    marks=pytest.mark.skipif(
        any(find_spec(name) is None for name in ("textattack", "flair", "nltk")),
        reason="TextAttack is not installed: pip install 'continuity-harness[textattack]'",
    ),
)
NAMES = [f"{case.task}-{at}" for at, case in enumerate(CASES)]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("name", ["greedy-character", "random", "beam", "genetic", "standard", THIRD_PARTY])
def test_every_task_is_attacked_and_its_gold_carried(case, name):
    """What the model got right it loses; marks, answers and labels are still those of the example."""
    task, attack = case.record, catalog.find("attack", name)
    asked: list[Any] = []

    def says(inputs: list[Any]) -> list[Any]:
        asked.extend(inputs)
        return [case.says(one) for one in inputs]

    model = Function(says, case.labels, task)
    (outcome,) = attack.run(model, task, [case.example], seed=0, budget=BUDGET, options=attack.bind({}))
    assert not outcome.skipped, outcome.note
    assert outcome.queries <= BUDGET
    assert len(asked) == outcome.queries  # one question a distinct text, none behind the engine's back
    after = vary(case.example, outcome.edits, alternatives=task.alternatives).example
    assert task.validate(after) == ""
    assert outcome.success == task.scoring.broken(after, outcome.final)
    assert 0 <= outcome.harm_before <= 1
    assert 0 <= outcome.harm_after <= 1
    assert [mark.label for mark in after.marks] == [mark.label for mark in case.example.marks]
    for before, now in zip(case.example.marks, after.marks, strict=True):
        own, kept = case.example.text[before.start : before.end], after.text[now.start : now.end]
        assert (own[0], own[-1], len(own.split())) == (kept[0], kept[-1], len(kept.split()))
    assert after.references == case.example.references
    assert bool(after.spans) == bool(case.example.spans)
    assert outcome.success or name not in ("greedy-character", "standard")


def test_all_tasks_that_there_are_stand_in_the_table():
    """A new task comes with a row."""
    there = set(catalog.every("task"))
    assert {case.task for case in CASES} == there
