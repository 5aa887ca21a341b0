"""Splits fit together before anything is computed from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.check import check_splits, known, problems
from harness.text import Example, Span, example

TRAIN = [example("1", "good", "pos"), example("2", "bad", "neg")]
NAMED = [example("1", "in Paris", (Span(3, 8, "LOC"),)), example("2", "Ann", (Span(0, 3, "PER"),))]


def test_fitting_splits_have_no_faults() -> None:
    """The same id in two splits, a missing class and a text without entities are no faults."""
    assert check_splits({"train": TRAIN, "validation": TRAIN[:1], "test": TRAIN, "slang": TRAIN[1:]}) == ()
    assert check_splits({"train": NAMED, "test": [*NAMED, example("3", "x", ())]}) == ()


@pytest.mark.parametrize(
    ("splits", "field", "message"),
    [
        ({"test": TRAIN}, "data.train", "there is nothing to train on"),
        ({"train": [], "test": []}, "data.test", "no examples"),
        ({"train": TRAIN, "shift": []}, "data.shift", "no examples"),
        (
            {"train": [*TRAIN, TRAIN[0]]},
            "data.train",
            "example '1' has the id of an earlier one; ids should be unique",
        ),
        (
            {"train": TRAIN, "test": [example("7", "ok", "positive"), example("8", "ok", "positive")]},
            "data.test",
            "example '7' (and 1 more) has the label 'positive', which train does not have",
        ),
        (
            {"train": NAMED, "shift": [example("7", "Oslo", (Span(0, 4, "GPE"),))]},
            "data.shift",
            "example '7' has the label 'GPE', which train does not have",
        ),
        ({"train": TRAIN, "test": [*TRAIN, example("9", "x")]}, "data.test", "example '9' has no target"),
        (
            {"train": TRAIN, "test": NAMED},
            "data.test",
            "example '1' (and 1 more) has another kind of target than the first of the data, label",
        ),
        (
            {"train": NAMED, "test": [example("9", "x", ())]},
            "data.test",
            "has no span at all, so that there is nothing to learn or to score",
        ),
        (
            {"train": [*NAMED, example("9", "Rome", (Span(0, 5, "LOC"),))]},
            "data.train",
            "example '9': spans.0 [0, 5) is not inside a text of 4 characters",
        ),
        (
            {"train": [*TRAIN, example("9", " ", "pos")]},
            "data.train",
            "example '9': text is nothing but white space",
        ),
    ],
)
def test_each_misfit_is_named(splits: dict[str, list[Example]], field: str, message: str) -> None:
    """A fault says which split, which example and what is wrong with it."""
    assert (field, message) in [(fault.field, fault.message) for fault in check_splits(splits)]


def test_an_unseen_label_comes_with_the_nearest() -> None:
    """Most unseen labels are misspelt."""
    (fault,) = check_splits({"train": TRAIN, "test": [example("7", "ok", "poss")]})
    assert fault.hint == "did you mean 'pos'?"


def test_without_training_labels_are_not_compared() -> None:
    """A checkpoint brings its own labels, and needs no training data."""
    test = [example("7", "ok", "positive")]
    assert check_splits({"test": test}, trained=False) == ()
    assert check_splits({"train": TRAIN, "test": test}, trained=False) == ()


def test_one_cause_is_one_fault() -> None:
    """A thousand examples with one unseen label are one fault; a thousand labels are six."""
    same = [example(str(n), "x", "new") for n in range(1000)]
    assert len(check_splits({"train": TRAIN, "test": same})) == 1
    different = [example(str(n), "x", f"new-{n}") for n in range(1000)]
    found = check_splits({"train": TRAIN, "test": different})
    assert len(found) == 6
    assert (found[-1].field, found[-1].message) == ("data.test", "and 995 more like these")


@pytest.mark.parametrize(
    ("spans", "parts"),
    [
        ((Span(0, 2, "A"), Span(2, 4, "B")), []),
        ((Span(0, 3, "A"), Span(2, 4, "B")), ["spans.1"]),
        ((Span(2, 4, "A"), Span(0, 2, "B")), ["spans.1"]),
        ((Span(0, 2, "A"), Span(0, 2, "A", "title")), []),
        ((Span(0, 2, "A", "body"),), ["spans.0"]),
        ((Span(3, 3, "A"),), ["spans.0"]),
        ((Span(0, 1, ""),), ["spans.0.label"]),
    ],
)
def test_spans_of_a_field_are_sorted_and_apart(spans: tuple[Span, ...], parts: list[str]) -> None:
    """Spans may touch, and those of different fields have nothing to do with each other."""
    one = Example("1", {"text": "abcd", "title": "ab"}, spans)
    assert [part for part, _ in problems(one)] == parts


@pytest.mark.parametrize("value", ["", " \u2003", "a\0", "\udcff"])
def test_blank_and_unwritable_strings_are_found_everywhere(value: str) -> None:
    """Ids, texts and labels end up in files, which take neither."""
    found = problems(Example(value, {"question": value, "context": "fine"}, value))
    assert [part for part, _ in found] == ["id", "question", "label"]


def test_a_text_is_known_whatever_its_looks() -> None:
    """Case, compatibility forms and white space do not hide a copy; other words do."""
    train = [example("1", "The ﬁrst  one"), example("2", "another")]
    test = [example("a", " the FIRST one\n"), example("b", "the first two")]
    assert known(train, test) == [True, False]


def test_texts_of_several_fields_leak_together() -> None:
    """A known context with a new question is a new example."""
    train = [Example("1", {"question": "who", "context": "c"})]
    test = [
        Example("2", {"question": "why", "context": "c"}),
        Example("3", {"context": "C", "question": "Who"}),
    ]
    assert known(train, test) == [False, True]


@given(st.lists(st.text(min_size=1), min_size=1), st.lists(st.text(min_size=1), min_size=1))
def test_every_text_is_known_to_its_own_set(left: list[str], right: list[str]) -> None:
    """Whatever else is there; and no set knows more than it is asked about."""
    one = [example(str(n), text) for n, text in enumerate(left)]
    other = [example(str(n), text) for n, text in enumerate(right)]
    assert all(known(one, one))
    assert len(known(one, other)) == len(other)
    assert all(known(one + other, other))
