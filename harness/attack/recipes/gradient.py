"""A white-box attack: a gradient says where it pays to edit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.attack.attack import attack
from harness.attack.moves.move import Site
from harness.attack.moves.sets import named, ready
from harness.attack.recipes.common import editable, most
from harness.attack.recipes.greedy import NOTICEABLE, Reach, climbing
from harness.attack.search import Estimate, Search
from harness.text import Edit, Example

TRIED = 5
"""Edits of a place that are asked for in the end."""


@attack("gradient", gradients=True, control=("random", {"moves": ("character",)}), requires=ready)
def gradient(
    example: Example,
    rng: np.random.Generator,
    *,
    moves: tuple[str, ...] = ("character",),
    source: str = "embedded",
    share: float = 0.5,
    tries: int = 12,
    together: int = 1,
    ranked: int = 50,
) -> Search:
    """Edit the words at which the gradient is steepest, after HotFlip (Ebrahimi et al. 2018).

    One gradient, which counts as a query, estimates all edits of all words to first order (see
    :mod:`harness.attack.gradient`). Which way a word that is cut into other sub-words will go, it can
    hardly tell; how much depends on the word, it can. So words come in order of their steepest edit, and
    the edits of a word in order of promise; the rest is greedy search, see
    :mod:`harness.attack.recipes.greedy`.

    Args:
        moves: Any of ``character``, ``synonym``, ``entity``; or ``all``.
        source: Where synonyms come from, see :mod:`harness.attack.moves.synonym`.
        share: Largest share of words to edit, in (0, 1]; at least one word.
        tries: Edits of each place to estimate, at least 1.
        together: Places to edit at once, at least 1.
        ranked: Places to look at, drawn at random from longer texts.
    """
    reach = Reach(first=1, tries=min(tries, TRIED), together=together, keep=NOTICEABLE)
    limit = most(example, share)
    found = editable(example, named(moves, source), rng, ranked)
    edits = [(at, edit) for at, site in enumerate(found) for edit in site.edits[:tries]]
    if not edits:
        return None
    promised: NDArray[np.float64] = yield Estimate((), [(edit,) for _, edit in edits])
    steepest, ordered = np.zeros(len(found)), {at: list[Edit]() for at in range(len(found))}
    for place in np.argsort(-promised, kind="stable").tolist():
        at, edit = edits[place]
        ordered[at].append(edit)
        if np.isfinite(promised[place]):  # gold does not survive all of them
            steepest[at] = max(steepest[at], abs(promised[place]))
    sites = [
        Site(found[at].place, tuple(ordered[at])) for at in np.argsort(-steepest, kind="stable").tolist()
    ]
    return (yield from climbing(sites, limit, reach))
