"""Labels of a model beside those of the data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.models.labels import comparison

LABELS = st.lists(st.text(min_size=1), unique=True, max_size=5)


def test_every_difference_has_a_line_that_says_which_it_is() -> None:
    """Other case, other prefix, another place, and what only one of both has."""
    table = comparison(["O", "B-PER", "LOC", "misc", "B-ORG"], ["O", "LOC", "PER", "MISC", "DATE"])
    assert table.splitlines() == [
        "  model  data  difference",
        "  LOC    LOC   number 2 of the model, 1 of the data",
        "  B-PER  PER   other prefix",
        "  misc   MISC  other case",
        "  -      DATE  the model lacks it",
        "  B-ORG  -     the data lacks it",
    ]


def test_where_labels_are_found_by_name_order_and_surplus_are_no_difference() -> None:
    """A checkpoint that knows more, in another order, can answer."""
    assert comparison(["c", "b", "a"], ["a", "b"], ordered=False) == ""
    assert "the model lacks it" in comparison(["b", "a"], ["a", "c"], ordered=False)


@given(LABELS, LABELS)
def test_there_is_a_table_exactly_when_they_differ(model: list[str], data: list[str]) -> None:
    """Of ordered labels, equality; of others, containment."""
    assert (comparison(model, data) == "") == (model == data)
    assert (comparison(model, data, ordered=False) == "") == (set(data) <= set(model))
