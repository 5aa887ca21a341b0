"""Gold dealt out anew: as much of it as before, and nothing to be learned from it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from harness.rng import rng
from harness.shuffled import shuffled
from harness.text import Span, example


@given(st.lists(st.sampled_from(["good", "bad", ("a", "b"), ()]), min_size=1, max_size=30))
def test_each_label_is_there_as_often_and_texts_stay(targets):
    """One label or several; the same draw deals out the same."""
    data = [example(f"e{at}", f"text {at}", target) for at, target in enumerate(targets)]
    found = shuffled(data, rng("deal"))
    assert [(one.id, one.text) for one in found] == [(one.id, one.text) for one in data]
    assert Counter(one.target for one in found) == Counter(targets)
    assert found == shuffled(data, rng("deal"))


def test_spans_stay_and_their_labels_move():
    """A text without any keeps none."""
    data = [
        example("a", "Ada met Bob in Rome", (Span(0, 3, "PER"), Span(8, 11, "PER"), Span(15, 19, "LOC"))),
        example("b", "nobody", ()),
        example("c", "Oslo and Paris", (Span(0, 4, "LOC"), Span(9, 14, "LOC"))),
    ]
    found = shuffled(data, rng("deal", 1))
    assert [[(s.start, s.end) for s in one.spans] for one in found] == [
        [(s.start, s.end) for s in one.spans] for one in data
    ]
    assert Counter(s.label for one in found for s in one.spans) == {"PER": 2, "LOC": 3}
    assert [s.label for one in found for s in one.spans] != [s.label for one in data for s in one.spans]
    assert found[1].target == ()
