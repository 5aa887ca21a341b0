"""What our operators do is pinned, so that nobody changes it without raising the version."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from harness import catalog
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.text import Example, Span

GOLDEN = Path(__file__).with_name("golden.json")
TEXTS = (
    "Angela Merkel visited Paris in May, and she didn't receive the 12 ministers.",
    "Naïve café owners in São Paulo couldn’t believe “the news” from U.S. banks…",
    "it is definitely not going to be their best work tomorrow , but thanks anyway",
    "The quick brown fox really jumps over 3 lazy dogs because you are great!",
)
EXAMPLES = [Example(f"golden-{at}", {"text": text}, ()) for at, text in enumerate(TEXTS)]
EXAMPLES[0] = Example("golden-0", {"text": TEXTS[0]}, (Span(0, 13, "PER"), Span(22, 27, "LOC")))
OPERATORS = [o for o in catalog.every("operator").values() if isinstance(o, Operator) and not o.needs]


def digest(operator: Operator) -> str:
    """A hash of all edits the operator makes on the texts above."""
    made = [
        [[e.start, e.end, e.text] for e in perturb(one, operator, severity, seed=7, draw=draw).edits]
        for one in EXAMPLES
        for severity in ((1, 3, 5) if operator.graded else (0,))
        for draw in range(2)
    ]
    return hashlib.blake2b(json.dumps(made).encode(), digest_size=8).hexdigest()


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda o: o.name)
def test_an_operator_that_does_something_else_has_another_version(operator: Operator) -> None:
    """Results of an operator are kept under its version: new output needs a new version.

    If this fails on purpose, raise ``version`` of the operator and put the new values into golden.json.
    """
    golden = json.loads(GOLDEN.read_text("utf-8"))
    assert golden[operator.name] == [operator.version, digest(operator)]
