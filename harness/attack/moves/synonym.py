"""Synonyms in the place of words, of which a label should know nothing.

What keeps labels true: nothing inside gold spans or the arguments of a relation is touched; numbers,
negations, quantifiers, comparatives, modal verbs and what may be a name stay; an article still fits. The
embedded thesaurus has words that mean the same in nearly every sentence. WordNet's are synonyms in the
first sense of words with at most two. Those in any sense are what most published attacks draw from; many
are wrong in their sentence (a *film* becomes a *cinema*, but also a *plastic film*), so that a success has to
be read before it is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from harness.attack.moves.move import Moves, whole_words
from harness.errors import Fault, UserError, nearest
from harness.perturb import libraries, wordnet
from harness.perturb.lexical import REMEMBERED, Changes, agreeing, capital, placed, reworded
from harness.perturb.sites import Word, in_span
from harness.perturb.thesaurus import SOURCES as EMBEDDED_OR_WORDNET
from harness.perturb.thesaurus import groups
from harness.text import Edit, Example

SOURCES = (*EMBEDDED_OR_WORDNET, "any-sense")


def synonyms(source: str) -> Moves:
    """The move set.

    Args:
        source: ``embedded``; ``wordnet``, if it is on this machine; or ``any-sense``, WordNet's words in all
            senses of a word and of its base forms, as PWWS has them (Ren et al. 2019), if NLTK is, too.

    Raises:
        UserError: If the source is unknown or something that it needs is not on this machine.
    """
    if source not in SOURCES:
        raise UserError(Fault(f"unknown source of words {source!r}", hint=nearest(source, SOURCES)))
    if source == "any-sense":
        libraries.nltk("corpora/wordnet")
    place = wordnet.folder() if source == "wordnet" else Path()
    return Moves(_places, partial(_edits, partial(_changes, source, place)))


def _places(example: Example) -> list[Word]:
    return [word for word in whole_words(example) if not in_span(word, example)]


def _edits(
    known: Callable[[str], Changes], word: Word, example: Example, rng: np.random.Generator
) -> Sequence[Edit]:
    """All synonyms of a word that fit, in random order."""
    own = known(word.text)
    if not own or capital(word, example):
        return ()
    fitting = [placed(change, word) for change in agreeing(word, own, example)]
    return [fitting[at] for at in rng.permutation(len(fitting)).tolist()]


@lru_cache(maxsize=REMEMBERED)
def _changes(source: str, place: Path, word: str) -> Changes:
    if source == "embedded":
        return reworded(word, groups("synonyms").get)
    return reworded(word, _in_any_sense if source == "any-sense" else partial(wordnet.synonyms, place=place))


def _in_any_sense(word: str) -> Sequence[str]:
    senses = libraries.nltk("corpora/wordnet").corpus.wordnet.synsets(word)
    found = dict.fromkeys(name for sense in senses for name in sense.lemma_names())
    return [name for name in found if name != word and name.isalpha() and name.islower()]
