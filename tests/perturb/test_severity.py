"""How severity decides how many of an operator's edits are made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.errors import BrokenPromise
from harness.perturb.operator import operator
from harness.perturb.severity import LADDER, perturb
from harness.perturb.sites import shuffled
from harness.rng import Random
from harness.text import Edit, Example, Span, example

TEXT = " ".join(f"word{i}" for i in range(20))


@operator("mark", level="word", inside_spans=False)
def mark(example: Example, rng: Random) -> Iterator[Edit]:
    """Mark every word."""
    for word in shuffled(example, rng):
        yield word.edit(0, 1, "W")


@operator("stray", level="word")
def stray(example: Example, rng: Random, *, field: str = "text") -> Iterator[Edit]:
    """Edit what is not there."""
    yield Edit(0, 10_000, "", field)


@operator("blunt", level="word")
def blunt(example: Example, rng: Random) -> Iterator[Edit]:
    """Change nothing, then cross a border, then do as one should, twice at one place."""
    yield Edit(0, 5, "word0")
    yield Edit(3, 8, "-")
    yield Edit(6, 7, "W")
    yield Edit(6, 7, "V")


@pytest.mark.parametrize("severity", LADDER)
def test_twenty_words_get_exactly_their_share(severity: int) -> None:
    """Where the share is a whole number of words, every draw edits exactly that many."""
    for draw in range(20):
        variant = perturb(example("a", TEXT), mark, severity, seed=0, draw=draw)
        assert len(variant.edits) == round(LADDER[severity] * 20)
        assert variant.rate == pytest.approx(LADDER[severity])


def test_short_texts_are_edited_as_often_as_their_share_says() -> None:
    """Five words at severity 1 are a quarter of an edit: one draw in four makes one."""
    counts = [len(perturb(example("a", "a b c d e"), mark, 1, seed=0, draw=d).edits) for d in range(1000)]
    assert set(counts) == {0, 1}
    assert sum(counts) / 1000 == pytest.approx(0.25, abs=0.05)


def test_edits_inside_gold_spans_are_skipped_where_an_operator_says_so() -> None:
    """The budget goes to other words, and the entity stays as it was."""
    source = example("a", TEXT, (Span(0, 5, "X"), Span(6, 11, "Y")))
    for draw in range(20):
        variant = perturb(source, mark, 5, seed=0, draw=draw)
        assert variant.example.text.startswith("word0 word1 ")
        assert len(variant.edits) == 8


def test_edits_that_change_nothing_cross_a_border_or_meet_another_do_not_count() -> None:
    """Only the edit that is left is made, and the gold survives."""
    source = example("a", TEXT, (Span(0, 5, "X"),))
    variant = perturb(source, blunt, 5, seed=0)
    assert variant.edits == (Edit(6, 7, "W"),)
    assert variant.refusal == ""


@pytest.mark.parametrize("field", ["text", "elsewhere"])
def test_an_operator_that_edits_what_is_not_there_breaks_its_promise(field: str) -> None:
    """Edits outside of the text or of an unknown field name the operator at fault."""
    with pytest.raises(BrokenPromise, match="stray"):
        perturb(example("a", TEXT), stray, 5, seed=0, options={"field": field})


def test_order_of_examples_does_not_matter() -> None:
    """A variant depends on its own example alone, not on what was perturbed before."""
    ids = [f"e{i}" for i in range(10)]
    forward = {i: perturb(example(i, TEXT), mark, 3, seed=0) for i in ids}
    backward = {i: perturb(example(i, TEXT), mark, 3, seed=0) for i in reversed(ids)}
    assert forward == backward
    assert len({variant.edits for variant in forward.values()}) > 1
