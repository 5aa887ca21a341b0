"""The attacks of our own: greedy misspelling, and the random baseline that it has to beat."""

from __future__ import annotations

import numpy as np

from harness.attack.attack import attack
from harness.attack.engine import Ask, Search
from harness.attack.moves import editable, misspellings
from harness.errors import Fault, UserError
from harness.perturb.sites import pick
from harness.text import Edit, Example, words

BLANK = "x"
"""Stands in for a word whose importance is probed: keeps the place of an entity, unlike deletion."""
BATCH = 8


@attack("greedy-character")
def greedy_character(
    example: Example, rng: np.random.Generator, *, share: float = 0.25, tries: int = 3, ranked: int = 50
) -> Search:
    """Misspell the words that matter most, one letter each, as long as it does harm.

    Words are ranked by the harm of leaving them out (Li et al. 2016, Understanding Neural Networks
    through Representation Erasure), then edited in that order, the best misspelling of each being
    kept, as in DeepWordBug (Gao et al. 2018).

    Args:
        share: Largest share of words to edit, in (0, 1]; at least one word.
        tries: Misspellings of each kind to try on a word: swap, deletion, insertion, slip of a key.
        ranked: Words to rank at most, drawn at random from longer texts.
    """
    if min(tries, ranked) < 1:
        raise UserError(Fault(f"tries and ranked should be at least 1, found {tries} and {ranked}"))
    found, most = editable(example), _most(example, share)
    drawn = [found[at] for at in sorted(rng.permutation(len(found))[:ranked].tolist())]
    blanks = [(word.edit(0, len(word.text), BLANK),) for word in drawn]
    (harm, _), *importance = yield Ask([(), *blanks], probe=True)
    script: tuple[Edit, ...] = ()
    for at in sorted(range(len(drawn)), key=lambda at: -importance[at].harm):
        scripts = [(*script, edit) for edit in misspellings(drawn[at], rng, tries)]
        replies = yield Ask(scripts)
        best = max(range(len(scripts)), key=lambda one: replies[one].harm)
        if replies[best].harm > harm:
            script, harm = scripts[best], replies[best].harm
        if len(script) == most:
            return


@attack("random-character")
def random_character(example: Example, rng: np.random.Generator, *, share: float = 0.25) -> Search:
    """Misspell random words until the budget is spent: what an attack without a search achieves.

    Args:
        share: Share of words to edit, in (0, 1]; at least one word.
    """
    found = editable(example)
    most = min(_most(example, share), len(found))
    while most:
        yield Ask(
            [
                tuple(
                    pick(rng, misspellings(found[at], rng, 1))
                    for at in rng.permutation(len(found))[:most].tolist()
                )
                for _ in range(BATCH)
            ]
        )


def _most(example: Example, share: float) -> int:
    """The words that may be edited: a share of all, but at least one."""
    if not 0 < share <= 1:
        raise UserError(Fault(f"share should be in (0, 1], found {share}"))
    return max(1, int(share * sum(len(words(text)) for text in example.fields.values())))
