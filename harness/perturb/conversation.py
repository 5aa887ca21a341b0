"""Conversations: turns that got lost, came in another order, or begin with pleasantries.

Only early turns are lost or moved: what is replied to are the last ones. A turn cannot be taken out of an
example, since labels and edits name it; a lost one is empty, and models read that somebody said nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from harness.errors import Fault, UserError
from harness.perturb.operator import operator
from harness.perturb.sites import in_any_order, lines, pick
from harness.rng import Random
from harness.tasks.reading import speaker
from harness.text import TURN, Edit, Example

SANKAR = "Sankar et al. 2019, Do Neural Dialog Systems Use the Conversation History Effectively?"
RESPONSE = frozenset({"response"})
DIALOGUE = RESPONSE | {"dialogue"}

turn = partial(operator, level="sentence")


@turn("drop-turn", only_for=DIALOGUE, reference=SANKAR)
def drop_turn(example: Example, rng: Random, *, keep: int = 2) -> Iterator[Edit]:
    """Leave an early turn empty, as if its text had not arrived.

    Args:
        keep: How many turns at the end always stay.

    Raises:
        UserError: If the last turn would not stay.
    """
    for name in in_any_order(_early(example, "drop-turn", keep), rng):
        yield Edit(0, len(example.fields[name]), "", name)


@turn("shuffle-turns", graded=False, only_for=RESPONSE, reference=SANKAR)
def shuffle_turns(example: Example, rng: Random, *, keep: int = 2) -> Iterator[Edit]:
    """Exchange early turns of the same speaker, so that the conversation is told in the wrong order.

    Which of several replies fits best is still clear then; what a reply should say word for word is not.

    Args:
        keep: How many turns at the end always stay.

    Raises:
        UserError: If the last turn would not stay.
    """
    by_speaker: dict[str, list[str]] = {}
    for name in _early(example, "shuffle-turns", keep):
        by_speaker.setdefault(speaker(name), []).append(name)
    for names in by_speaker.values():
        order = list(in_any_order(list(names), rng))
        if order == names:
            order = order[1:] + order[:1]
        for old, new in zip(names, order, strict=True):
            yield Edit(0, len(example.fields[old]), example.fields[new], old)


@turn("small-talk", only_for=DIALOGUE, language="en")
def small_talk(example: Example, rng: Random) -> Iterator[Edit]:
    """Begin a turn with a pleasantry that asks nothing and tells nothing."""
    for name in in_any_order(_turns(example), rng):
        yield Edit(0, 0, f"{pick(rng, lines('smalltalk'))} ", name)


def _early(example: Example, operator: str, keep: int) -> list[str]:
    """The turns before the last ones."""
    if keep < 1:
        raise UserError(Fault(f"{operator}: keep should be at least 1, found {keep}"))
    return _turns(example)[:-keep]


def _turns(example: Example) -> list[str]:
    """The fields of turns that say anything, in order."""
    return [name for name, text in example.fields.items() if text.strip() and TURN.fullmatch(name)]
