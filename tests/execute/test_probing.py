"""What a probe claims is checked before it counts."""

from __future__ import annotations

import math

import pytest

from harness.errors import BrokenPromise
from harness.execute.probing import check
from harness.probe.probe import Found


def checked(*found: Found) -> None:
    check("odd", found, {"a", "b"}, ["keyboard"], ["moved", "of"])


def test_what_is_promised_is_accepted() -> None:
    """Several items of one example, undefined numbers, edits of an operator or of none."""
    checked(
        Found("a", {"moved": 0.5, "of": 1}, "keyboard"),
        Found("a", {"of": math.nan, "moved": 0}),
        Found("b", {"moved": -3.0, "of": 1e9}),
    )


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (
            Found("c", {"moved": 0, "of": 1}),
            "probe odd: every item is about an example it was given, found 'c'",
        ),
        (Found("a", {"moved": 0, "of": 1}, "upper"), "a is said to be edited by 'upper'"),
        (Found("a", {"moved": 0}), "has the columns moved, of, which are read off it, found moved for a"),
        (Found("a", {"moved": 0, "of": 1, "more": 2}), "found more, moved, of for a"),
        (Found("a", {}), "found none for a"),
        (Found("a", {"moved": math.inf, "of": 1}), "found inf as moved of a"),
    ],
)
def test_what_breaks_a_promise_is_refused(found: Found, why: str) -> None:
    """The message names the probe, the rule and what was found."""
    with pytest.raises(BrokenPromise, match=why):
        checked(Found("b", {"moved": 0, "of": 1}), found)
