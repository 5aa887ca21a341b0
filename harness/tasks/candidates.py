"""Examples with candidates: which field is in which slot, and what a model reads of it.

The slots are ``"1"`` to ``"10"``, and the field ``"candidate 3"`` is in slot ``"3"``. A candidate is
read on its own beside the query and gets a number of its own, so that its slot cannot inform.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise
from harness.prediction import Floats
from harness.tasks.reading import Reading, Segment, field
from harness.text import CANDIDATE, Example

SLOTS = tuple(str(at) for at in range(1, 11))


def candidates(example: Example) -> list[str]:
    """The fields of the candidates, in the order of their slots."""
    return [name for slot in SLOTS if (name := CANDIDATE + slot) in example.fields]


def query(example: Example) -> list[str]:
    """All other fields, in their order."""
    return [name for name in example.fields if not name.startswith(CANDIDATE)]


def flaw(example: Example) -> str:
    """What is wrong with the candidates or the slots that are right; empty if nothing is."""
    found, named = candidates(example), [name for name in example.fields if name.startswith(CANDIDATE)]
    if strange := sorted(set(named) - set(found)):
        return f"the field {strange[0]!r} is in no slot; slots are {CANDIDATE}1 to {CANDIDATE}{len(SLOTS)}"
    if found != [CANDIDATE + slot for slot in SLOTS[: len(found)]]:
        return f"slots should be filled from 1 on, found {', '.join(found)}"
    if len(found) < 2:
        return f"at least two candidates are needed, found {len(found)}"
    if not query(example):
        return "there is nothing but candidates"
    target = example.target
    if not isinstance(target, tuple) or not target or example.spans or len(set(target)) < len(target):
        return f"the slots that are right were expected, such as ('3',), found {target!r}"
    if empty := [slot for slot in example.references if CANDIDATE + slot not in found]:
        return f"the right slot {empty[0]!r} holds no candidate"
    return ""


def readings(example: Example, asked: Segment) -> list[Reading]:
    """One reading a candidate: the query and the candidate."""
    return [(asked, field(example, name)) for name in candidates(example)]


def right(example: Example) -> list[int]:
    """1 for each candidate that is right, 0 for the others."""
    return [int(name.removeprefix(CANDIDATE) in example.references) for name in candidates(example)]


def slotted(values: NDArray[Any]) -> Floats:
    """Numbers of the candidates, shape ``(candidates,)``, as numbers of all slots; 0 for empty ones."""
    row = np.zeros(len(SLOTS), np.float32)
    row[: len(values)] = values
    return row


def told(example: Example, said: Any) -> Floats:
    """What a callable says of the candidates: a slot, or a mapping of slots to numbers in [0, 1].

    Returns:
        Shape ``(candidates,)``; 0 for candidates it does not mention.

    Raises:
        BrokenPromise: If it names another slot or says something else.
    """
    given = dict(said) if isinstance(said, Mapping) else {said: 1.0}
    held = [name.removeprefix(CANDIDATE) for name in candidates(example)]
    named = {str(slot): value for slot, value in given.items()}
    if unknown := sorted(set(named) - set(held)):
        raise BrokenPromise(
            f"the callable said {unknown[0]!r} for {example.id}; its candidates are {', '.join(held)}"
        )
    row = np.array([float(named.get(slot, 0.0)) for slot in held], np.float32)
    if not ((row >= 0) & (row <= 1)).all():
        raise BrokenPromise(f"the callable's probabilities for {example.id} are not in [0, 1]: {said!r}")
    return row
