"""Words in the place of others: synonyms, and what a thing is a kind of.

Numbers, negations, quantifiers, comparatives and modal verbs stay (methods, section 8.1), and an article
before a word still fits the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path

from harness.errors import Fault, UserError, nearest
from harness.perturb import wordnet
from harness.perturb.forms import with_s
from harness.perturb.lexical import (
    REMEMBERED,
    Changes,
    agreeing,
    capital,
    english,
    placed,
    reworded,
    sites,
)
from harness.perturb.sites import lines, pick
from harness.rng import Random
from harness.text import Edit, Example

SOURCES = ("embedded", "wordnet")


@english("synonym", version=2)
def synonym(example: Example, rng: Random, *, source: str = "embedded") -> Iterator[Edit]:
    """Replace a word by a synonym.

    Args:
        source: ``embedded``, a small thesaurus without antonyms or negations, or
            ``wordnet``, WordNet's words with at most two senses, if WordNet is on this machine.

    Raises:
        UserError: If the source is unknown or WordNet is not found.
    """
    for word, own in sites(example, rng, synonyms(source)):
        if fitting := agreeing(word, own, example):
            yield placed(pick(rng, fitting), word)


def synonyms(source: str) -> Callable[[str], Changes]:
    """What tells the changes that make a word, as it stands in a text, one of its synonyms.

    Raises:
        UserError: If the source is unknown or WordNet is not found.
    """
    known_source(source)
    return _embedded if source == "embedded" else partial(_of_wordnet, wordnet.folder())


def known_source(source: str) -> None:
    """Check where words are to come from.

    Raises:
        UserError: If it is none of :data:`SOURCES`.
    """
    if source not in SOURCES:
        raise UserError(Fault(f"unknown source of words {source!r}", hint=nearest(source, SOURCES)))


@lru_cache(maxsize=REMEMBERED)
def _embedded(word: str) -> Changes:
    return reworded(word, groups("synonyms").get)


@lru_cache(maxsize=REMEMBERED)
def _of_wordnet(place: Path, word: str) -> Changes:
    return reworded(word, partial(wordnet.synonyms, place=place))


@cache
def groups(name: str) -> Mapping[str, tuple[str, ...]]:
    """The other words by word, from lines of words whose forms (``go/goes/went``) stand in the same order."""
    found: dict[str, list[str]] = {}
    for line in lines(name):
        group = [forms.split("/") for forms in line.split()]
        for same in zip(*group, strict=True):
            for word in same:
                found.setdefault(word, []).extend(w for w in same if w != word)
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}


@english(
    "hypernym",
    needs="wordnet",
    invalid_for=frozenset(
        {"relation", "qa", "translation", "summarization", "dialogue", "response", "recommendation"}
    ),
)
def hypernym(example: Example, rng: Random, *, levels: int = 1) -> Iterator[Edit]:
    """Say what a thing is a kind of: ``dog`` for ``poodle``, ``building`` for ``restaurant``.

    Nouns for concrete things with at most two senses in WordNet, and their plurals; nothing that only
    says ``object`` or ``thing``. Less is said than before, so it is not for tasks whose answer may name
    the thing.

    Args:
        levels: How many steps up, at least 1.

    Raises:
        UserError: If there are fewer levels or WordNet is not found.
    """
    if levels < 1:
        raise UserError(Fault(f"hypernym: levels should be at least 1, found {levels}"))
    for word, own in sites(example, rng, partial(_kinds, wordnet.folder(), levels)):
        if not capital(word, example) and (fitting := agreeing(word, own, example)):
            yield placed(pick(rng, fitting), word)


@lru_cache(maxsize=REMEMBERED)
def _kinds(place: Path, levels: int, word: str) -> Changes:
    return reworded(word, partial(_above, place, levels))


def _above(place: Path, levels: int, word: str) -> list[str]:
    if word in JUDGED:
        return []
    one = wordnet.singular(word, place)
    kinds = wordnet.hypernyms(one or word, levels, place)[:1]  # the first is the most typical
    return [with_s(kind) if one else kind for kind in kinds]


JUDGED = frozenset({
    "masterpiece", "masterpieces", "schlock", "kitsch", "junk", "garbage", "trash", "rubbish", "gem",
    "gems", "treasure", "dump"
})  # fmt: skip
"""Things whose very name is a judgement, which would be lost."""
