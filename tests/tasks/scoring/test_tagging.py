"""What two answers of a tagger have in common (methods, section 2.15)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.tags import from_tags, join, to_tags
from harness.prediction import Spans
from harness.tasks.scoring.tagging import COUNTS, NONE, compare
from harness.text import Edit, Span

TAGS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
some_tags = st.lists(st.sampled_from(TAGS), min_size=1, max_size=12)


def said(text, spans):
    """An answer about the words of a text."""
    offsets, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        offsets.append((start, at))
    return Spans(TAGS, tuple(spans), np.array(offsets, np.int32), np.zeros((len(offsets), 5), np.float32))


def told(one, other, edits=()):
    """The counts by name."""
    return dict(zip(COUNTS, compare(one, other, edits, TAGS).counts[: len(COUNTS)].tolist(), strict=True))


TEXT = "Ada Lovelace left Port Louis today"
ADA, LOUIS = Span(0, 12, "PER"), Span(18, 28, "LOC")


def test_bounds_and_types_move_on_their_own():
    """One entity keeps its bounds and changes its type, another keeps its type and loses a word."""
    before = said(TEXT, [ADA, LOUIS])
    after = said(TEXT, [Span(0, 12, "LOC"), Span(23, 28, "LOC")])
    found = told(before, after)
    assert (found["spans"], found["bounds"]) == (4, 2)
    assert (found["overlaps"], found["types"]) == (2, 1)
    assert (found["words"], found["same"]) == (6, 2)  # left, today; Louis begins an entity now
    flips = compare(before, after, (), TAGS).flips
    assert flips == {("PER", "LOC"): 2, ("LOC", NONE): 1, ("LOC", "LOC"): 1, (NONE, NONE): 2}


def test_answers_are_compared_where_the_edit_has_moved_them():
    """A word put in front shifts all the others, and is itself in one text only."""
    moved = said(f"Dr. {TEXT}", [Span(4, 16, "PER"), Span(22, 32, "LOC")])
    found = told(said(TEXT, [ADA, LOUIS]), moved, [Edit(0, 0, "Dr. ")])
    assert (found["words"], found["same"], found["bounds"], found["types"]) == (6, 6, 4, 2)


def test_an_entity_whose_bounds_an_edit_crosses_has_no_counterpart():
    """It counts among the entities and agrees with none; one that is edited inside is carried along."""
    shorter = said("Ada left Port Louis today", [Span(0, 3, "PER"), Span(9, 19, "LOC")])
    assert told(said(TEXT, [ADA, LOUIS]), shorter, [Edit(3, 12, "")])["bounds"] == 4
    crossed = told(said(TEXT, [ADA, LOUIS]), said("Adaft Port Louis today", []), [Edit(2, 15, "a")])
    assert (crossed["spans"], crossed["bounds"], crossed["overlaps"]) == (2, 0, 0)


@given(st.data())
def test_counts_are_those_of_the_tags(data):
    """Agreement and how often each tag occurs, word by word; and nothing moves from an answer to itself."""
    one = data.draw(some_tags)
    other = data.draw(st.lists(st.sampled_from(TAGS), min_size=len(one), max_size=len(one)))
    text, words = join([f"w{k}" for k in range(len(one))])
    before, after = (said(text, from_tags(words, tags)) for tags in (one, other))
    was, now = (to_tags(words, x.spans) for x in (before, after))
    found = compare(before, after, (), TAGS).counts
    assert found[1] == sum(a == b for a, b in zip(was, now, strict=True))
    marginals = found[len(COUNTS) :].reshape(2, -1)
    assert marginals.tolist() == [[tags.count(tag) for tag in TAGS] for tags in (was, now)]
    same = told(before, before)
    assert (same["same"], same["bounds"], same["types"]) == (len(one), same["spans"], same["overlaps"])


@pytest.mark.parametrize("which", [0, 1])
def test_nothing_found_in_one_text_agrees_with_nothing(which):
    """But the words outside of entities do."""
    pair = [said(TEXT, [ADA, LOUIS]), said(TEXT, [])]
    found = told(*(pair if which else reversed(pair)))
    assert (found["spans"], found["bounds"], found["overlaps"], found["same"]) == (2, 0, 0, 2)
