"""Beam search: several sets of edits are carried along, so that a first step need not be the best one."""

from __future__ import annotations

import numpy as np

from harness.attack.attack import attack
from harness.attack.moves.sets import named, ready
from harness.attack.recipes.common import Choice, editable, most, script
from harness.attack.search import Ask, Search
from harness.errors import Fault, UserError
from harness.text import Example


@attack("beam", control=("random", {"moves": ("character",)}), requires=ready)
def beam(
    example: Example,
    rng: np.random.Generator,
    *,
    moves: tuple[str, ...] = ("character",),
    source: str = "embedded",
    width: int = 4,
    share: float = 0.5,
    tries: int = 2,
    ranked: int = 50,
) -> Search:
    """Edit one more word at a time, in each of the most harmful texts so far.

    As Ebrahimi et al. 2018 (HotFlip) search, but without gradients. It finds smaller sets of edits than
    greedy search, and takes many more queries.

    Args:
        moves: Any of ``character``, ``synonym``, ``entity``; or ``all``.
        source: Where synonyms come from, see :mod:`harness.attack.moves.synonym`.
        width: Texts to carry along, at least 1; 1 is greedy search without any thrift.
        share: Largest share of words to edit, in (0, 1]; at least one word.
        tries: Edits of each place to try, at least 1.
        ranked: Places to look at, drawn at random from longer texts.
    """
    if min(width, tries) < 1:
        raise UserError(Fault(f"width and tries should be at least 1, found {width} and {tries}"))
    found = editable(example, named(moves, source), rng, ranked)
    held: list[Choice] = [{}]
    for _ in range(min(most(example, share), len(found))):
        longer = {
            script(one): one
            for choice in held
            for at, site in enumerate(found)
            if at not in choice
            for edit in site.edits[:tries]
            for one in ({**choice, at: edit},)
        }
        replies = yield Ask(list(longer))
        harms = dict(zip(longer, (reply.harm for reply in replies), strict=True))
        best = sorted(longer, key=lambda one: -harms[one])[:width]
        held = [longer[one] for one in best if harms[one] >= 0]
