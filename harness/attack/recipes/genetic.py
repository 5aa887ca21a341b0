"""A genetic search: texts are crossed and changed, and those that do most harm have children."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.attack.attack import attack
from harness.attack.moves.move import Site
from harness.attack.moves.sets import named, ready
from harness.attack.recipes.common import Choice, editable, most, script
from harness.attack.search import Ask, Search
from harness.errors import Fault, UserError
from harness.perturb.sites import pick
from harness.text import Edit, Example


@attack("genetic", control=("random", {"moves": ("synonym", "character")}), requires=ready)
def genetic(
    example: Example,
    rng: np.random.Generator,
    *,
    moves: tuple[str, ...] = ("synonym", "character"),
    source: str = "embedded",
    population: int = 20,
    generations: int = 20,
    share: float = 0.25,
    ranked: int = 50,
) -> Search:
    """Cross and change sets of edits, as Alzantot et al. 2018 do with synonyms.

    For words that only do harm together, which no search that goes one word at a time finds.

    Args:
        moves: Any of ``character``, ``synonym``, ``entity``; or ``all``.
        source: Where synonyms come from, see :mod:`harness.attack.moves.synonym`.
        population: Texts of a generation, at least 2.
        generations: How many there are at most, at least 1.
        share: Largest share of words to edit, in (0, 1]; at least one word.
        ranked: Places to look at, drawn at random from longer texts.
    """
    if population < 2 or generations < 1:
        raise UserError(
            Fault(f"at least 2 texts and 1 generation are needed, found {population} and {generations}")
        )
    found, limit = editable(example, named(moves, source), rng, ranked), most(example, share)
    if not found:
        return
    people: list[Choice] = [_changed({}, found, limit, rng) for _ in range(population)]
    for _ in range(generations):
        replies = yield Ask([script(one) for one in people])
        harms = np.array([max(reply.harm, 0.0) for reply in replies])
        best = people[int(harms.argmax())]
        chances = (harms + 1e-6) / (harms + 1e-6).sum()  # who does more harm has more children
        parents = rng.choice(population, (population - 1, 2), p=chances)
        people = [best] + [
            _changed(_crossed(people[a], people[b], limit, rng), found, limit, rng)
            for a, b in parents.tolist()
        ]


def _crossed(one: Choice, other: Choice, limit: int, rng: np.random.Generator) -> dict[int, Edit]:
    """At each site the edit of either parent, or its absence."""
    places = sorted({*one, *other})
    halves = [(at, one if rng.random() < 0.5 else other) for at in places]
    child = {at: parent[at] for at, parent in halves if at in parent}
    kept = sorted(rng.permutation(len(child))[:limit].tolist())
    return {at: child[at] for at in (list(child)[place] for place in kept)}


def _changed(choice: Choice, found: Sequence[Site], limit: int, rng: np.random.Generator) -> dict[int, Edit]:
    """Another edit at a random site, in the place of some other one if there are as many as may be."""
    at = int(rng.integers(len(found)))
    kept = dict(choice)
    if at not in kept and len(kept) >= limit:
        del kept[pick(rng, sorted(kept))]
    return kept | {at: pick(rng, found[at].edits)}
