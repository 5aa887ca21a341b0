"""A search that calls, as one that is called."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from queue import SimpleQueue
from typing import Any, TypeVar

Found = TypeVar("Found")
Ask = Callable[[Any], Any]
"""Puts a question and waits for the answer."""


class _Abandoned(BaseException):
    """Unwinds a search that nobody waits for any more."""


class _Over:
    """There is no further question."""


def inside_out(
    search: Callable[[Ask], Found], turn: Callable[[], AbstractContextManager[object]]
) -> Generator[Any, Any, Found]:
    """A generator of the questions that ``search`` asks of the function it is called with.

    The search has a thread of its own, which moves only while the generator waits for the next question:
    two searches never run at the same time, nor one and whoever drives it. To go from one to the other
    and back takes 15 to 20 µs.

    Args:
        search: What it returns the generator returns, and what it raises the generator raises. If the
            generator is closed, the search is unwound.
        turn: What is entered each time the search goes on, and left when it has asked.
    """
    questions: SimpleQueue[Any] = SimpleQueue()
    answers: SimpleQueue[Any] = SimpleQueue()

    def ask(question: Any) -> Any:
        questions.put(question)
        answer = answers.get()
        if answer is _Over:
            raise _Abandoned
        return answer

    def started() -> Found:
        if answers.get() is _Over:
            raise _Abandoned
        return search(ask)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(started)
        running.add_done_callback(lambda _: questions.put(_Over))
        answer: Any = None
        try:
            while True:
                with turn():
                    answers.put(answer)
                    question = questions.get()
                if question is _Over:
                    return running.result()
                answer = yield question
        finally:
            answers.put(_Over)
