"""What is explained, and how it is followed through edits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.explain.goal import Word, choose, follow, place, value
from harness.prediction import Classes, Spans
from harness.tasks import classification, ner
from harness.text import Edit, Fate, Span, apply, carry, example, script

TEXT = "Angela Merkel visited Paris, then left."
CLASSES, NER = classification.TASK, ner.TASK
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def tagged(text, found, sure=0.9):
    """A tagger's answer: ``(start, end, tag, probability)`` for some words, O for the others."""
    import re

    offsets = np.array([m.span() for m in re.finditer(r"\w+|[^\w\s]", text)], np.int32).reshape(-1, 2)
    rows = np.full((len(offsets), len(TAGS)), (1 - sure) / 4, np.float32)
    rows[:, 0] = sure
    spans = []
    for start, end, tag, probability in found:
        at = int(np.flatnonzero(offsets[:, 0] == start)[0])
        rows[at] = (1 - probability) / 4
        rows[at, TAGS.index(tag)] = probability
        if tag.startswith("B"):
            spans.append(Span(start, end, tag[2:]))
        else:
            spans[-1] = Span(spans[-1].start, end, tag[2:])
    return Spans(TAGS, tuple(spans), offsets, rows)


SAID = tagged(TEXT, [(0, 6, "B-PER", 0.9), (7, 13, "I-PER", 0.4), (22, 27, "B-LOC", 0.7)])


def test_the_predicted_label_is_explained_by_its_probability():
    """For classification the goal is the most probable label."""
    goal = choose(CLASSES, example("a", "so so"), Classes(("bad", "good"), np.array([0.3, 0.7], np.float32)))
    assert (goal.target, goal.labels, goal.places) == ("good", (1,), ())
    assert goal.value == pytest.approx(0.7)


def test_the_surest_entity_is_explained_by_the_geometric_mean_of_its_tags():
    """.7 for one tag beats .9 and .4 for two, whose geometric mean is .6."""
    goal = choose(NER, example("a", TEXT), SAID)
    assert (goal.target, goal.places, goal.labels) == ("LOC: Paris", ((22, 27),), (3,))
    assert goal.value == pytest.approx(0.7)
    sure = tagged(TEXT, [(0, 6, "B-PER", 0.9), (7, 13, "I-PER", 0.4)])
    assert choose(NER, example("a", TEXT), sure).value == pytest.approx(0.6)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_text_without_words_has_nothing_to_explain(text):
    """There is no word to attribute anything to."""
    assert choose(CLASSES, example("a", text), Classes(("x", "y"), np.array([0.5, 0.5], np.float32))) is None


def test_nothing_is_explained_without_an_entity_a_choice_or_a_finite_answer():
    """No entity found, a single label, and a network that says NaN."""
    assert choose(NER, example("a", TEXT), tagged(TEXT, [])) is None
    assert choose(CLASSES, example("a", "so"), Classes(("x",), np.array([1.0], np.float32))) is None
    assert (
        choose(CLASSES, example("a", "so"), Classes(("x", "y"), np.array([np.nan, np.nan], np.float32)))
        is None
    )


def test_an_entity_is_found_again_where_a_mask_swallowed_its_word_and_a_comma():
    """The mask that stands for ``Paris,`` is asked for the tag of ``Paris``."""
    goal = choose(NER, example("a", TEXT), SAID)
    edits = (Edit(7, 13, "…"), Edit(22, 28, "…"))
    masked = apply(TEXT, edits)
    assert value(goal, tagged(masked, [(17, 18, "B-LOC", 0.25)]), edits) == pytest.approx(0.25)


def test_a_word_that_the_model_no_longer_sees_is_worth_nothing():
    """A tagger that drops the word gives its tag no probability."""
    goal = choose(NER, example("a", TEXT), SAID)
    said = tagged(TEXT[:22], [])
    assert value(goal, said, (Edit(22, 39, ""),)) == 0


def test_an_output_is_followed_if_it_is_the_same_and_hardly_less_sure():
    """The label stays and its probability moves by less than .1."""

    def said(p):
        return Classes(("bad", "good"), np.array([1 - p, p], np.float32))

    goal = choose(CLASSES, example("a", "so so"), said(0.55))
    after = example("a", "so soo")
    assert follow(CLASSES, goal, after, said(0.60), None).value == pytest.approx(0.60)
    assert follow(CLASSES, goal, after, said(0.70), None) is None
    assert follow(CLASSES, goal, after, said(0.48), None) is None


def test_an_entity_is_followed_to_where_the_edit_carried_it():
    """The same span of the same type has to be predicted there."""
    goal = choose(NER, example("a", TEXT), SAID)
    edits = (Edit(0, 0, "So "),)
    after = apply(TEXT, edits)
    there = carry(goal.span, edits)[0]
    assert (
        follow(NER, goal, example("a", after), tagged(after, [(25, 30, "B-LOC", 0.75)]), there).span == there
    )
    assert follow(NER, goal, example("a", after), tagged(after, [(25, 30, "B-PER", 0.75)]), there) is None
    assert follow(NER, goal, example("a", after), tagged(after, [(25, 30, "B-LOC", 0.75)]), None) is None


@given(st.data())
def test_a_place_is_where_carry_puts_a_span_that_it_does_not_refuse(data):
    """Both follow the same algebra; a place is found where carry gives up, too."""
    text = "abcdefghij"
    bounds = sorted(data.draw(st.lists(st.integers(0, 10), min_size=0, max_size=6, unique=True)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    edits = script(Edit(a, b, data.draw(st.sampled_from(["", "x", "xyz"]))) for a, b in pairs)
    start = data.draw(st.integers(0, 9))
    span = Span(start, data.draw(st.integers(start + 1, 10)), "X")
    left, right, _ = place(Word(span.start, span.end), edits)
    assert 0 <= left <= right <= len(apply(text, edits))
    moved, fate = carry(span, edits)
    if moved is not None:
        assert (left, right) == (moved.start, moved.end)
    elif fate is Fate.DROPPED:
        assert left == right
