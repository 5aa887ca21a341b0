"""What a search may choose from."""

from __future__ import annotations

import pytest

from harness.space import corners, grid, overlaid, problems


def test_choices_and_ranges_are_a_space():
    """A list, a range of whole numbers, one with steps, and one on a logarithmic scale."""
    space = {
        "freeze": ["none", "embeddings"],
        "epochs": {"low": 1, "high": 3},
        "dropout": {"low": 0.0, "high": 0.3, "step": 0.1},
        "learning_rate": {"low": 1e-5, "high": 1e-3, "log": True},
    }
    assert not list(problems(space, grid=False))


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([], "should be a list of choices, found []"),
        ([float("nan")], "should be a list of choices, found [nan]"),
        ({"low": 0.0, "high": float("inf")}, "high should be finite, found inf"),
        ([[1]], "should be a list of choices, found [[1]]"),
        (3, "should be a list of choices, or {low, high} with step or log, found 3"),
        ({"low": 1}, "should be a list of choices, or {low, high} with step or log, found {'low': 1}"),
        ({"low": "1", "high": 2}, "low should be a number, found '1'"),
        ({"low": 2, "high": 1}, "low should be below high, found 2 and 1"),
        ({"low": 0, "high": 1, "step": 0}, "step should be above 0, found 0"),
        ({"low": 0, "high": 1, "log": True}, "log goes with a low above 0 and without a step"),
    ],
)
def test_what_is_no_space_is_named_with_what_was_found(given, complaint):
    """The option, and what would be right."""
    assert list(problems({"epochs": given}, grid=False)) == [("epochs", complaint)]


def test_a_grid_has_to_be_countable():
    """A range without steps has no end of values."""
    space = {"learning_rate": {"low": 0.1, "high": 1.0}}
    assert list(problems(space, grid=True)) == [
        ("learning_rate", "a grid needs a list of choices, or a range with a step")
    ]


def test_a_grid_is_all_combinations_ends_included():
    """Ranges include both of their ends."""
    found = grid({"a": [1, 2], "b": {"low": 0.0, "high": 0.2, "step": 0.1}})
    assert [(one["a"], round(one["b"], 9)) for one in found] == [
        (a, b) for a in (1, 2) for b in (0.0, 0.1, 0.2)
    ]


def test_the_ends_of_a_space_are_checked_one_option_at_a_time():
    """Choices all, ranges at their ends."""
    assert list(corners({"a": [1, 2], "b": {"low": 3, "high": 9}})) == [
        {"a": 1},
        {"a": 2},
        {"b": 3},
        {"b": 9},
    ]


def test_a_choice_takes_the_place_of_an_option_also_of_a_nested_one():
    """A dotted name reaches into a mapping and leaves its other keys alone."""
    before = {"epochs": 1, "lora": {"rank": 4, "alpha": 8}}
    after = overlaid(before, {"epochs": 2, "lora.rank": 16})
    assert after == {"epochs": 2, "lora": {"rank": 16, "alpha": 8}}
    assert before == {"epochs": 1, "lora": {"rank": 4, "alpha": 8}}


def test_a_key_of_an_option_that_has_none_is_left_to_the_trainer_to_refuse():
    """A plain value gives way to the mapping that the dotted name asks for."""
    assert overlaid({"rate": 0.1}, {"rate.peak": 1}) == {"rate": {"peak": 1}}
