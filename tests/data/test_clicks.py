"""Logs of clicks become slates of candidates."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.data.clicks import clicks
from harness.errors import Fault
from harness.tasks.recommendation import TASK
from harness.text import Example

Write = Callable[..., str]
LOG = """user,slate,item,history,clicked,price
ann,s1,a film about ants,a film about bees,1,3
ann,s1,a kettle,a film about bees,0,20
bob,s2,a kettle,,0,20
bob,s2,a pot,,yes,15.5
bob,s3,a pot,,0,15.5
bob,s3,a pan,,0,9
cid,s4,a pan,soup,1,9
"""


def faults(write: Write, content: str, name: str, **options: Any) -> tuple[Fault, ...]:
    """What is wrong with a log."""
    from harness.errors import UserError

    with pytest.raises(UserError) as caught:
        clicks.function(write(content, name), **options)
    return caught.value.faults


def as_json(content: str) -> str:
    """The same log as JSON lines."""
    header, *rows = (line.split(",") for line in content.splitlines())
    return "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("content", "name"),
    [(LOG, "log.csv"), (LOG.replace(",", "\t"), "log.tsv"), (as_json(LOG), "log.jsonl")],
)
def test_rows_of_a_slate_become_one_example(write: Write, content: str, name: str) -> None:
    """Columns stand after the item; slates without a click or with one item are left out."""
    found = clicks.function(write(content, name), columns=("price",))
    assert found == [
        Example(
            "s1",
            {
                "history": "a film about bees",
                "candidate 1": "a film about ants; price: 3",
                "candidate 2": "a kettle; price: 20",
            },
            ("1",),
            "ann",
        ),
        Example(
            "s2",
            {
                "history": "nothing yet",
                "candidate 1": "a kettle; price: 20",
                "candidate 2": "a pot; price: 15.5",
            },
            ("2",),
            "bob",
        ),
    ]
    assert [TASK.validate(one) for one in found] == ["", ""]


def test_numbers_truth_values_and_lists_of_past_items_are_read_from_json(write: Write) -> None:
    """JSON has types of its own."""
    rows = [
        {"user": 7, "slate": 1, "item": "a", "history": ["x", "y"], "clicked": True},
        {"user": 7, "slate": 1, "item": "b", "history": ["x", "y"], "clicked": 0},
    ]
    (found,) = clicks.function(write("".join(json.dumps(row) + "\n" for row in rows), "log.jsonl"))
    fields = {"history": "x\ny", "candidate 1": "a", "candidate 2": "b"}
    assert found == Example("1", fields, ("1",), "7")


def test_what_is_wrong_is_named_with_line_and_column(write: Write) -> None:
    """A click that is neither, a user or a history that changes within a slate."""
    content = LOG.replace("bees,0,20", "bees,maybe,20").replace("bob,s2,a pot", "eve,s2,a pot")
    found = faults(write, content, "log.csv")
    assert [(one.line, one.field) for one in found] == [(3, "clicked"), (5, "user")]
    assert "should be 0 or 1, found 'maybe'" in found[0].message
    (missing,) = faults(write, as_json(LOG).replace('"slate": "s4"', '"slat": "s4"'), "log.jsonl")
    assert (missing.line, missing.field) == (7, "slate")
    assert "did you mean 'slat'" in missing.hint


def test_long_slates_are_faults_or_keep_their_clicks_and_some_others(write: Write) -> None:
    """Ten at most; what is drawn depends on the key alone, and the order of the file is kept."""
    rows = "".join(f"ann,s,item {at:02},past,{int(at in (3, 12))}\n" for at in range(15))
    path = write("user,slate,item,history,clicked\n" + rows, "log.csv")
    (fault,) = faults(write, "user,slate,item,history,clicked\n" + rows, "log.csv")
    assert "the slate 's' has 15 items, at most 10" in fault.message
    assert "sample: true" in fault.hint
    (found,), (again,), (other,) = (clicks.function(path, sample=True, seed=seed) for seed in (0, 0, 1))
    offered = [found.fields[f"candidate {slot}"] for slot in range(1, 11)]
    assert found == again != other
    assert offered == sorted(offered)
    assert [found.fields[f"candidate {slot}"] for slot in found.target] == ["item 03", "item 12"]


def test_more_than_ten_clicks_in_a_slate_are_a_fault_in_any_case(write: Write) -> None:
    """None of them can be left out."""
    rows = "".join(f"ann,s,item {at},past,1\n" for at in range(11))
    (fault,) = faults(write, "user,slate,item,history,clicked\n" + rows, "log.csv", sample=True)
    assert "11 clicked items" in fault.message


def test_a_log_without_any_click_holds_no_examples(write: Write) -> None:
    """There is nothing to learn from it."""
    (fault,) = faults(write, "user,slate,item,history,clicked\nann,s,a,b,0\nann,s,c,b,0\n", "log.csv")
    assert fault.message == "no examples"
