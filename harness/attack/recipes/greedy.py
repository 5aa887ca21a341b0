"""Greedy attacks: edit what matters most, as long as it does harm, and leave out what was not needed.

A query is dear, so none is spent on ranking alone. Others blank every word to see how much it matters
(Li et al. 2016, Understanding Neural Networks through Representation Erasure; DeepWordBug, Gao et al. 2018;
PWWS, Ren et al. 2019) and then edit in that order. Here an edit *is* the probe: it says how much its word
matters and may already be enough. Most words matter little, so several are edited at once, as in group
testing (Dorfman 1943); what does harm is kept, and once the model gives in, what it did not take is put back.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.attack.attack import attack
from harness.attack.moves.move import Site
from harness.attack.moves.sets import named, ready
from harness.attack.recipes.common import Choice, editable, most, odds, script
from harness.attack.search import Ask, Question, Reply, Search
from harness.errors import Fault, UserError
from harness.text import Edit, Example

NOTICEABLE, DECISIVE = 0.05, 1.0
"""An edit is kept at once if it goes this part of the way that is left, in log-odds: a little, or all of it.
Others wait until all have been tried, and are then kept in order of harm: fewer edits, but more queries."""
HOPELESS = 0.3
"""If all words together went less than this part of the way, other edits of them are not tried."""


@attack("greedy-character", control=("random", {"moves": ("character",)}), version=2)
def greedy_character(
    example: Example,
    rng: np.random.Generator,
    *,
    share: float = 0.5,
    tries: int = 5,
    together: int = 2,
    ranked: int = 50,
) -> Search:
    """Misspell the words that matter most, one letter each, as long as it does harm.

    Args:
        share: Largest share of words to edit, in (0, 1]; at least one word.
        tries: Misspellings of a word to try, at least 1.
        together: Words to probe at once, at least 1; more save queries and miss words whose edits do good.
        ranked: Words to look at, drawn at random from longer texts.
    """
    reach = Reach(first=1, tries=tries, together=together, keep=NOTICEABLE)
    found = editable(example, named(["character"]), rng, ranked)
    return climbing(found, most(example, share), reach)


@attack("greedy-synonym", control=("random", {"moves": ("synonym",)}), requires=ready)
def greedy_synonym(
    example: Example,
    rng: np.random.Generator,
    *,
    source: str = "embedded",
    share: float = 0.5,
    tries: int = 10,
    ranked: int = 50,
) -> Search:
    """Replace the words that matter most by synonyms.

    Args:
        source: Where synonyms come from: ``embedded``, ``wordnet`` or ``any-sense``, see
            :mod:`harness.attack.moves.synonym` for what keeps labels true.
        share: Largest share of words to edit, in (0, 1]; at least one word.
        tries: Synonyms of a word to try, at least 1.
        ranked: Words to look at, drawn at random from longer texts.
    """
    reach = Reach(first=tries, tries=tries, together=1, keep=DECISIVE)
    found = editable(example, named(["synonym"], source), rng, ranked)
    return climbing(found, most(example, share), reach)


@attack("greedy-entity", tasks=frozenset({"ner", "relation"}), control=("random", {"moves": ("entity",)}))
def greedy_entity(
    example: Example, rng: np.random.Generator, *, share: float = 1.0, tries: int = 8, ranked: int = 50
) -> Search:
    """Swap the names that matter most for others of the same type.

    Args:
        share: Largest number of names to swap, as a share of all words, in (0, 1]; at least one name.
        tries: Names to try in each place, at least 1.
        ranked: Places to look at, drawn at random from longer texts.
    """
    reach = Reach(first=tries, tries=tries, together=1, keep=DECISIVE)
    found = editable(example, named(["entity"]), rng, ranked)
    return climbing(found, most(example, share), reach)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far a greedy search goes.

    Args:
        first: Edits of each site to try at once.
        tries: Edits to try in the end of those sites that matter.
        together: Sites to edit at once.
        keep: The part of the way that is left for which an edit is kept at once.
    """

    first: int
    tries: int
    together: int
    keep: float


def climbing(found: Sequence[Site], limit: int, reach: Reach) -> Search:
    """The search behind all of them.

    Args:
        found: Where it may edit, the most promising first.
        limit: Edits that it may make.
        reach: How far it goes.
    """
    if min(reach.tries, reach.together) < 1:
        tries = f"{reach.tries} and {reach.together}"
        raise UserError(Fault(f"tries and together should be at least 1, found {tries}"))
    (clean,) = yield Ask([()], probe=True)
    climb, start = Climb(found, limit, odds(clean.harm)), odds(clean.harm)
    size = min(reach.together, limit)
    groups = [range(at, min(at + size, len(found))) for at in range(0, len(found), size)]
    gains = {}
    for group in groups:
        gains[group] = yield from climb.step(group, range(reach.first), reach.keep)
    slight = [group for group in groups if gains[group] > 0 and not climb.has(group)]
    for group in sorted(slight, key=lambda group: -gains[group]):
        yield from climb.step(group, range(reach.first))
    if climb.level < start + HOPELESS * abs(start):
        return
    for number in range(reach.first, reach.tries):
        for site in climb.dearest():
            yield from climb.step([site], [number])
    for site in range(len(found)):
        if not climb.has([site]):
            yield from climb.step([site], [1])


@dataclass
class Climb:
    """The edits that a search keeps, and how far it has come.

    Args:
        sites: Where it may edit.
        limit: Edits that it may keep.
        level: Log-odds of the harm that they do.
        choice: The edits.
        won: What each of their sites added to the level when it was kept, in nats.
    """

    sites: Sequence[Site]
    limit: int
    level: float
    choice: Choice = field(default_factory=dict)
    won: dict[int, float] = field(default_factory=dict)

    def has(self, group: Iterable[int]) -> bool:
        """Whether all sites of a group are edited."""
        return all(at in self.choice for at in group)

    def dearest(self) -> list[int]:
        """The edited sites, those first that added most."""
        return sorted(self.choice, key=lambda at: -self.won[at])

    def step(
        self, group: Sequence[int], edits: Iterable[int], least: float = 0.0
    ) -> Generator[Question, Any, float]:
        """Try edits, by number, of a group of sites on top of what is kept, and keep the best.

        It has to go the share ``least`` of the way to even odds. Returns how far it went, in nats.
        """
        tries = [
            choice for at in edits if (choice := self._with(group, at)) is not None and choice != self.choice
        ]
        if not tries:
            return 0.0
        replies: list[Reply] = yield Ask([script(one) for one in tries], probe=True)
        best = max(range(len(tries)), key=lambda at: replies[at].harm)
        gain = odds(replies[best].harm) - self.level
        if replies[best].broken:
            yield from self._shrunk(tries[best], {**self.won, **dict.fromkeys(group, gain)})
        elif gain > least * abs(self.level):
            # Asking again is free, and tells whether a constraint refuses what a probe may ask.
            (kept,) = yield Ask([script(tries[best])])
            if kept.harm >= 0:
                self.won |= {at: gain / len(group) + self.won.get(at, 0.0) for at in group}
                self.choice, self.level = tries[best], self.level + gain
        return gain

    def _with(self, group: Sequence[int], number: int) -> dict[int, Edit] | None:
        """The choice with an edit of each site of a group, those that added least making room."""
        new = {at: own[number] for at in group if number < len(own := self.sites[at].edits)}
        if not new:
            return None
        kept = [at for at in self.dearest() if at not in new][: max(0, self.limit - len(new))]
        return {at: self.choice[at] for at in kept} | new

    def _shrunk(self, choice: dict[int, Edit], won: dict[int, float]) -> Search:
        """The model gives in: put back, one by one, what it did not take, least first."""
        for at in sorted(choice, key=lambda at: won[at]):
            fewer = {other: edit for other, edit in choice.items() if other != at}
            if fewer and fewer.keys() != self.choice.keys():
                (reply,) = yield Ask([script(fewer)], probe=True)
                choice = fewer if reply.broken else choice
        yield Ask([script(choice)])
        return None
