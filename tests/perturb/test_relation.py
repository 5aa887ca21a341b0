"""Noise between and outside of two arguments, and arguments exchanged."""

from __future__ import annotations

import pytest

from harness.perturb import relation
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.text import Example, Span, Variant


def related(tagged: str) -> Example:
    """An example from a text with brackets around head and tail; the tail has round ones."""
    places, text = {}, ""
    for char in tagged:
        if char in "[](){}"[:4]:
            places[char] = len(text)
        else:
            text += char
    head, tail = Span(places["["], places["]"], "head"), Span(places["("], places[")"], "tail")
    return Example(tagged, {"text": text}, "Cause-Effect(e1,e2)", marks=(head, tail))


SOURCE = related("Yesterday morning the [fire] started because (bombs) exploded nearby, people said")


def vary(source: Example, operator: Operator, severity: int = 5, draw: int = 0) -> Variant:
    return perturb(source, operator, severity if operator.graded else 0, seed=0, draw=draw)


def arguments(one: Example) -> list[str]:
    return [one.text[mark.start : mark.end] for mark in one.marks]


@pytest.mark.parametrize(
    "source", [SOURCE, related("Then (bombs) really caused many more [fires] everywhere else")]
)
@pytest.mark.parametrize("operator", [relation.between_arguments, relation.outside_arguments])
def test_noise_is_where_it_is_said_to_be(source: Example, operator: Operator) -> None:
    """Between the arguments or outside of them, whichever comes first; arguments and label stay."""
    left, right = sorted(source.marks)
    made = [edit for draw in range(20) for edit in vary(source, operator, draw=draw).edits]
    assert made
    between = [left.end <= edit.start and edit.end <= right.start for edit in made]
    outside = [edit.end <= left.start or edit.start >= right.end for edit in made]
    assert all(between if operator is relation.between_arguments else outside)
    assert arguments(vary(source, operator).example) == arguments(source)


def test_arguments_are_exchanged_in_their_places() -> None:
    """Head and tail are where they were, and so is the label: what the text says of them has not changed."""
    source = related("The [bomb] caused the (fire).")
    after = vary(source, relation.swap_arguments).example
    assert after.text == "The fire caused the bomb."
    assert [(mark.label, mark.start, mark.end) for mark in after.marks] == [("head", 4, 8), ("tail", 20, 24)]
    assert after.target == source.target


@pytest.mark.parametrize(
    "tagged",
    [
        "The [coffee] (cup) fell.",
        "The [man]'s (hand) hurt.",
        "The [man] 's (hand) hurt.",
        "[Ada] crossed the (river).",
        "The [fire] came from the (bombs).",
        "A [fire] in an (oven) burns.",
        "The [fire] and the (Fire) burn.",
    ],
)
def test_arguments_stay_where_their_forms_say_the_relation_or_do_not_fit(tagged: str) -> None:
    """Compounds and genitives, a name for a thing, plurals for singulars, articles, the same word twice."""
    assert vary(related(tagged), relation.swap_arguments).noop


def test_overlapping_arguments_and_other_examples_are_left_alone() -> None:
    """There is nothing between arguments that share a word, and no argument in other tasks."""
    nested = Example(
        "a", {"text": "the old house fell"}, "x", marks=(Span(0, 13, "head"), Span(8, 13, "tail"))
    )
    for operator in (relation.between_arguments, relation.outside_arguments, relation.swap_arguments):
        assert vary(nested, operator).noop
        assert vary(Example("a", {"text": "the old house fell"}, "x"), operator).noop
        assert operator.suits("relation")
        assert not operator.suits("ner")
