"""Other data sets with their labels called as in the suite's own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.data.others import labels, relabelled
from harness.text import Example, Span, example


def test_examples_of_an_unknown_label_are_left_out_and_counted():
    """Those that are known under another name are kept under ours."""
    found, out = relabelled(
        [example("a", "t", "good"), example("b", "t", "bad"), example("c", "t", "odd")],
        {"good": "positive"},
        {"positive", "bad"},
    )
    assert [(one.id, one.target) for one in found] == [("a", "positive"), ("b", "bad")]
    assert out == 1


def test_of_several_entities_only_the_unknown_ones_are_left_out():
    """The text stays, with nothing to find if nothing is left."""
    spans = (Span(0, 1, "person"), Span(2, 3, "song"))
    found, out = relabelled(
        [Example("a", {"text": "a b"}, spans), Example("b", {"text": "a b"}, spans[1:])],
        {"person": "PER"},
        {"PER"},
    )
    assert [one.target for one in found] == [(Span(0, 1, "PER"),), ()]
    assert out == 2


def test_of_several_labels_too():
    """An example without a target stays without one, to be complained of."""
    found, out = relabelled([example("a", "t", ("x", "y")), example("b", "t", None)], {"y": "z"}, {"z"})
    assert [one.target for one in found] == [("z",), None]
    assert out == 1


@given(st.lists(st.sampled_from("abc"), min_size=1))
def test_names_that_are_known_change_nothing(names):
    """And nothing is left out."""
    given_examples = [example(str(at), "t", name) for at, name in enumerate(names)]
    assert labels(given_examples) == set(names)
    assert relabelled(given_examples, {}, set(names)) == (given_examples, 0)
