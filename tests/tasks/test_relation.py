"""Relations between two marked arguments: what a model reads, and what edits may do to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import catalog
from harness.perturb.severity import perturb
from harness.prediction import Classes
from harness.tasks.relation import TASK
from harness.text import Example, Span

TEXT = "The company fabricates plastic chairs for 12 schools."
MARKS = (Span(4, 11, "head"), Span(23, 37, "tail"))
EXAMPLE = Example("1", {"text": TEXT}, "Product-Producer(e2,e1)", marks=MARKS)


def read(example: Example) -> str:
    """What a model is shown."""
    ((segment,),) = TASK.inputs(example)
    return segment.text


def test_both_arguments_stand_between_markers_that_tell_them_apart() -> None:
    """Head and tail are read as such, whichever comes first, and also where they touch."""
    assert read(EXAMPLE) == "The @ company @ fabricates # plastic chairs # for 12 schools."
    swapped = (Span(23, 37, "head"), Span(4, 11, "tail"))
    assert read(Example("1", {"text": TEXT}, "x", marks=swapped)) == (
        "The # company # fabricates @ plastic chairs @ for 12 schools."
    )
    adjacent = Example("1", {"text": "sunburn"}, "x", marks=(Span(0, 3, "head"), Span(3, 7, "tail")))
    assert read(adjacent) == "@ sun @# burn #"


@given(st.text(max_size=40), st.data())
def test_all_that_is_read_can_be_traced_to_the_text_except_for_the_markers(text: str, data) -> None:
    """Each character of the text is read once, at the place it came from."""
    cuts = sorted(data.draw(st.integers(0, len(text))) for _ in range(4))
    marks = (Span(cuts[0], cuts[1], "head"), Span(cuts[2], cuts[3], "tail"))
    ((segment,),) = TASK.inputs(Example("1", {"text": text}, "x", marks=marks))
    told = "".join(segment.text[part.start : part.end] for part in segment.parts)
    assert told == text
    for part in segment.parts:
        assert segment.text[part.start : part.end] == text[part.at : part.at + part.end - part.start]
    assert len(segment.text) == len(text) + 8


WRONG = {
    "no label": (Example("1", {"text": TEXT}, None, marks=MARKS), "a label was expected, found None"),
    "no arguments": (Example("1", {"text": TEXT}, "x"), "found none"),
    "one argument": (Example("1", {"text": TEXT}, "x", marks=MARKS[:1]), "found 'head'"),
    "the wrong order": (Example("1", {"text": TEXT}, "x", marks=MARKS[::-1]), "found 'tail' and 'head'"),
    "two fields": (
        Example("1", {"text": TEXT, "b": TEXT}, "x", marks=(MARKS[0], Span(0, 3, "tail", "b"))),
        "one field",
    ),
}


@pytest.mark.parametrize(("wrong", "why"), WRONG.values(), ids=WRONG)
def test_what_is_no_relation_is_refused_in_words(wrong: Example, why: str) -> None:
    """An example needs a label, a head and a tail."""
    assert TASK.validate(EXAMPLE) == ""
    assert why in TASK.validate(wrong)


def test_gold_and_answers_are_those_of_one_label() -> None:
    """Labels are sorted; a callable may say one, or a distribution."""
    labels = TASK.function([EXAMPLE, Example("2", {"text": TEXT}, "Other", marks=MARKS)])
    assert labels == ("Other", "Product-Producer(e2,e1)")
    assert TASK.gold(EXAMPLE, np.zeros((0, 2), np.int32), labels) == 1
    said = TASK.answer(EXAMPLE, {"Other": 3, "Product-Producer(e2,e1)": 1}, labels)
    assert isinstance(said, Classes)
    assert said.label == "Other"


SUITED = [
    op
    for op in catalog.every("operator").values()
    if op.suits("relation") and not op.needs and not op.directional
]


@pytest.mark.parametrize("operator", SUITED, ids=lambda op: op.name)
def test_arguments_are_carried_through_every_operator_that_suits_relations(operator) -> None:
    """Both are still there, in order; what they mark is what it was, but for edits inside of it."""
    for draw in range(15):
        variant = perturb(EXAMPLE, operator, 5 if operator.graded else 0, seed=0, draw=draw)
        assert variant.refusal == ""
        assert TASK.validate(variant.example) == ""
        head, tail = (variant.example.text[m.start : m.end] for m in variant.example.marks)
        inside = [e for e in variant.edits if any(m.start <= e.start and e.end <= m.end for m in MARKS)]
        if not inside or operator.level in ("word", "sentence"):
            assert (head, tail) == ("company", "plastic chairs")
        assert "@" in read(variant.example)


def test_names_are_swapped_only_if_the_user_knows_better_ones() -> None:
    """There is no bank of heads and tails, and no preposition is dropped from between them."""
    swap = catalog.find("operator", "entity-swap")
    assert perturb(EXAMPLE, swap, 0, seed=0).noop
    given = perturb(EXAMPLE, swap, 0, seed=0, options={"names": {"head": ["carpenter"]}})
    assert given.example.text == TEXT.replace("company", "carpenter")
    assert given.example.marks[0] == Span(4, 13, "head")
    assert "relation" in catalog.find("operator", "drop-stopword").invalid_for
