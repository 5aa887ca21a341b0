"""What the tasks that ask for a text have in common: references in the data, a text as the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise
from harness.prediction import Prediction, Text
from harness.tasks.reading import Reading, field
from harness.text import SOURCE, Example


def no_reference(example: Example) -> str:
    """Why the target is not a tuple of references; empty if it is one."""
    if not isinstance(example.target, tuple) or not example.target or example.spans:
        return f"one or more reference texts were expected, found {example.target!r}"
    empty = [at for at, one in enumerate(example.references) if not one.strip()]
    return f"reference {empty[0] + 1} of {len(example.references)} is empty" if empty else ""


def validate(example: Example) -> str:
    """There is a source, and at least one reference, none of them empty."""
    if list(example.fields) != [SOURCE]:
        return f"the only field should be {SOURCE!r}, found {', '.join(example.fields)}"
    return no_reference(example)


def inputs(example: Example) -> list[Reading]:
    """The source."""
    return [(field(example, SOURCE),)]


def gold(example: Example, words: NDArray[np.int32], labels: tuple[str, ...]) -> str:
    """The first reference."""
    return example.references[0]


def decode(example: Example, words: NDArray[np.int32], output: Any, labels: tuple[str, ...]) -> Prediction:
    """The text as it is."""
    assert isinstance(output, Text)
    return output


def answer(example: Example, said: Any, labels: tuple[str, ...]) -> Prediction:
    """A callable says a text, or several of which the first is the best, or a :class:`Text` with more."""
    if isinstance(said, Sequence) and not isinstance(said, str) and said:
        said = said[0]
    if isinstance(said, Text):
        return said
    if not isinstance(said, str):
        raise BrokenPromise(
            f"the callable said {said!r} for {example.id}; a text or a list of texts was expected"
        )
    return Text(said)
