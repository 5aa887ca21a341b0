"""Edits at random: what an attack without a search achieves, and any other has to beat."""

from __future__ import annotations

import numpy as np

from harness.attack.attack import attack
from harness.attack.moves.sets import named, ready
from harness.attack.recipes.common import editable, most, script
from harness.attack.search import Ask, Search
from harness.perturb.sites import pick
from harness.text import Example

BATCH = 8
"""Texts of a question."""


@attack("random", requires=ready)
def random(
    example: Example,
    rng: np.random.Generator,
    *,
    moves: tuple[str, ...] = ("character",),
    source: str = "embedded",
    share: float = 0.25,
    ranked: int = 1000,
) -> Search:
    """Edit random words until the budget is spent.

    Args:
        moves: Any of ``character``, ``synonym``, ``entity``; or ``all``.
        source: Where synonyms come from, see :mod:`harness.attack.moves.synonym`.
        share: Share of words to edit, in (0, 1]; at least one word, or all that can be edited.
        ranked: Places to draw from, themselves drawn at random from longer texts.
    """
    found = editable(example, named(moves, source), rng, ranked)
    count = min(most(example, share), len(found))
    while count:
        drawn = [rng.permutation(len(found))[:count].tolist() for _ in range(BATCH)]
        yield Ask([script({at: pick(rng, found[at].edits) for at in sites}) for sites in drawn])
