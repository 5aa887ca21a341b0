"""What a search and the engine that drives it say to each other.

A search is a generator. It yields questions and is sent answers; it returns when it gives up, or a
:class:`Settled` if it has made up its mind itself. It never calls a model and never judges.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from harness.text import Edit, Example

Script = Sequence[Edit]
"""Edits of the clean example; ``()`` is the clean text."""


class Ask(NamedTuple):
    """How much harm do these edits do? Answered by a list of :class:`Reply`, one per script.

    Args:
        scripts: One script per text.
        probe: Whether to learn from the texts only, so that neither gold nor constraints matter much
            (a word is blanked, say). Otherwise each of them is a candidate: the attack has succeeded,
            and is over, if the goal is reached on one.
        stage: What to call the part of an attack that asks, if it has several.
    """

    scripts: Sequence[Script]
    probe: bool = False
    stage: str = ""


class Look(NamedTuple):
    """What does the model say of these texts? Answered by a list of predictions.

    For searches with a goal of their own; nothing is judged and no gold is carried.

    Args:
        texts: All fields of each text.
    """

    texts: Sequence[Mapping[str, str]]


class Estimate(NamedTuple):
    """How much harm would these edits do, to first order? Answered by an array, shape ``(scripts,)``.

    Taken from one forward and one backward pass on the base, which count as one query. Only differences
    mean anything; all zeros where the model has no gradients.

    Args:
        base: A script; where the gradient is taken.
        scripts: Each of them the base and one edit more.
    """

    base: Script
    scripts: Sequence[Script]


class Reply(NamedTuple):
    """What became of one script: its harm in [0, 1], and whether the attack's goal is reached."""

    harm: float
    broken: bool


REFUSED = Reply(-1.0, False)
"""The reply to a script that leaves no valid gold, meets a constraint or lies beyond the budget: below
every harm."""


class Settled(NamedTuple):
    """What a search with a mind of its own has come to.

    Args:
        edits: Those of the text it settles on, whether or not the goal is reached.
        queries: How many it counts itself, the clean text included.
    """

    edits: Script
    queries: int


Question = Ask | Look | Estimate
Search = Generator[Question, Any, Any]
"""Returns None or a :class:`Settled`."""
Searcher = Callable[[Example, np.random.Generator], Search]
