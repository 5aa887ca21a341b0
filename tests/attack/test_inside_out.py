"""A search that calls becomes one that is called, and numbers that it draws are its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from harness.attack.inside_out import inside_out
from harness.rng import Resumed

Ask = Callable[[Any], Any]


def test_what_a_search_asks_is_yielded_and_what_is_sent_is_its_answer() -> None:
    """Until it returns, which is what the generator returns."""

    def sums(ask: Ask) -> int:
        return ask("one") + ask("two")

    search = inside_out(sums, nullcontext)
    assert next(search) == "one"
    assert search.send(3) == "two"
    with pytest.raises(StopIteration) as end:
        search.send(4)
    assert end.value.value == 7


def test_a_search_that_asks_nothing_is_over_at_once() -> None:
    """And has an answer all the same."""
    with pytest.raises(StopIteration) as end:
        next(inside_out(lambda ask: "nothing", nullcontext))
    assert end.value.value == "nothing"


def test_a_search_that_raises_raises_where_it_is_driven() -> None:
    """An error in a thread must not pass for a search that gave up."""

    def broken(ask: Ask) -> None:
        ask("one")
        raise ZeroDivisionError

    search = inside_out(broken, nullcontext)
    next(search)
    with pytest.raises(ZeroDivisionError):
        search.send(None)


def test_an_abandoned_search_is_unwound() -> None:
    """Its own clean-up runs before the caller goes on, and its thread ends."""
    unwound = []

    def waiting(ask: Ask) -> None:
        try:
            ask("one")
        finally:
            unwound.append(True)

    before = threading.active_count()
    search = inside_out(waiting, nullcontext)
    next(search)
    search.close()
    assert unwound == [True]
    assert threading.active_count() == before


def test_a_search_that_was_never_begun_is_never_run() -> None:
    """A generator that nobody asks does nothing."""
    begun = []
    inside_out(lambda ask: begun.append(True), nullcontext).close()
    assert begun == []


def test_each_turn_of_a_search_is_entered_and_left() -> None:
    """Also the one that ends it."""
    told: list[str] = []

    class Turn:
        def __enter__(self) -> None:
            told.append("in")

        def __exit__(self, *_: object) -> None:
            told.append("out")

    search = inside_out(lambda ask: told.append(ask("one")), Turn)
    next(search)
    told.append("between")
    with pytest.raises(StopIteration):
        search.send("answer")
    assert told == ["in", "out", "between", "in", "answer", "out"]


def test_only_one_search_moves_at_a_time() -> None:
    """What a search draws depends on its seed alone, not on the others."""

    def drawing(into: list[float]) -> Callable[[Ask], None]:
        def search(ask: Ask) -> None:
            for _ in range(3):
                into.append(float(np.random.random()))  # noqa: NPY002
                ask(len(into))

        return search

    def drive(*seeds: int) -> list[list[float]]:
        drawn: list[list[float]] = [[] for _ in seeds]
        searches = [
            inside_out(drawing(into), Resumed(seed).turn) for into, seed in zip(drawn, seeds, strict=True)
        ]
        for search in searches:
            next(search)
        for _ in range(2):
            for search in searches:
                search.send(None)
        for search in searches:
            search.close()
        return drawn

    (alone,), (one, other) = drive(1), drive(1, 2)
    assert len(set(alone)) == 3
    assert one == alone
    assert one != other
