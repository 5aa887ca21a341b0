"""The attack, goal and constraint that the documentation writes are run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from harness.attack.constraint import Bound
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.text import example

from .toys import sentiment

PAGE = Path(__file__).parents[2] / "docs" / "attacks.md"


def written() -> dict:
    """What the Python on the page defines."""
    found: dict = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), found)  # noqa: S102 - our own page
    return found


def test_the_documented_attack_goal_and_constraint_work_together():
    """A keyword in capitals is no keyword any more; less certain is enough for the goal."""
    page = written()
    shorter = Bound(page["shorter"], {}, "shorter")
    texts = [example("a", "a wonderful and brilliant film", "pos"), example("b", "a wonderful film", "pos")]
    loud = page["shout"].run(sentiment(), CLASSIFICATION, texts, seed=0, budget=50)
    assert [o.success for o in loud] == [False, True]
    options = page["shout"].bind(True)
    twice = page["shout"].run(
        sentiment(), CLASSIFICATION, texts, seed=0, budget=50, options=options, constraints=[shorter]
    )
    assert [o.success for o in twice] == [True, True]
    assert [len(o.edits) for o in twice] == [2, 1]
    assert all(not o.refused.get("shorter") for o in twice)
    unsure = page["unsure"].judge(CLASSIFICATION, {"below": 0.8})
    found = page["shout"].run(sentiment(), CLASSIFICATION, texts, seed=0, budget=50, goal=unsure)
    assert found[0].success
    assert max(found[0].final.probabilities) < 0.8
