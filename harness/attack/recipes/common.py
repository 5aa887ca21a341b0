"""What searches over edits share: where they may edit, and which edits they have chosen so far.

A choice is a mapping of sites, by number, to the edit made there: never more than one each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from harness.attack.moves.move import Moves, Site, sites
from harness.attack.search import Script
from harness.errors import Fault, UserError
from harness.perturb.lexical import content
from harness.text import Edit, Example, words

Choice = Mapping[int, Edit]
FURTHEST = 1e-6
"""Harms this close to 0 or 1 cannot be told apart: they are rounded."""


def script(choice: Choice) -> Script:
    """The edits of a choice, in order of place."""
    return tuple(choice[at] for at in sorted(choice))


def odds(harm: float) -> float:
    """Log-odds of a harm, in nats: edits add up there, as probabilities do not; least for a refused one."""
    if harm < 0:
        return -math.inf
    held = min(max(harm, FURTHEST), 1 - FURTHEST)
    return math.log(held / (1 - held))


def editable(example: Example, moves: Sequence[Moves], rng: np.random.Generator, ranked: int) -> list[Site]:
    """At most so many sites, the most promising first: content words before others, long ones first.

    Raises:
        UserError: If none may be looked at.
    """
    if ranked < 1:
        raise UserError(Fault(f"ranked should be at least 1, found {ranked}"))
    found = sites(example, moves, rng, ranked)
    return sorted(found, key=lambda site: (not content(site.place.core.text), -len(site.place.text)))


def most(example: Example, share: float) -> int:
    """The words that may be edited: a share of all, but at least one.

    Raises:
        UserError: If the share is not in (0, 1].
    """
    if not 0 < share <= 1:
        raise UserError(Fault(f"share should be in (0, 1], found {share}"))
    return max(1, int(share * sum(len(words(text)) for text in example.fields.values())))
