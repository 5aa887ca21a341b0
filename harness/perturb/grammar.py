"""Slips of grammar that readers hardly stumble over: a wrong form, a word that sounds like the right one.

What is meant stays clear, as with a typo, so labels stay true for every task. A word with a capital that
no sentence begins with may be a name, and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from harness.perturb.forms import slips, without_s
from harness.perturb.lexical import APOSTROPHE, REMEMBERED, Changes, capital, english, placed, sites
from harness.perturb.sites import Word, cased, lines, pick, protected, wordlist
from harness.rng import Random
from harness.text import Edit, Example


@english("inflection", reference="Tan et al. 2020, Morpheus")
def inflection(example: Example, rng: Random) -> Iterator[Edit]:
    """Use a wrong form of a word, as learners do: ``she walk``, ``two child``, ``he goed``.

    Number, person and tense slip, and irregular words are inflected by rule. Nothing that is present
    becomes past. Forms come from lists of common verbs and nouns; other words only lose a plural's -s.
    """
    for word, own in sites(example, rng, _inflected):
        if not capital(word, example):
            yield placed(pick(rng, own), word)


@lru_cache(maxsize=REMEMBERED)
def _inflected(word: str) -> Changes:
    return _instead(word, _slips(word))


def _slips(word: str) -> Sequence[str]:
    """The wrong forms of a word, which may have marks around it."""
    plain = _bare(word).text
    if known := slips().get(plain.lower()):
        return known
    # Going by its spelling alone, a word with a capital could be a name: Williams.
    stem = without_s(plain) if plain.islower() and plain not in wordlist("function-words") else ""
    return (stem,) if stem else ()


@english("homophone")
def homophone(example: Example, rng: Random) -> Iterator[Edit]:
    """Write a word that sounds like the right one: ``there`` for ``their``, ``its`` for ``it's``."""
    for word, own in sites(example, rng, _sounding):
        if not capital(word, example):
            yield placed(pick(rng, own), word)


@lru_cache(maxsize=REMEMBERED)
def _sounding(word: str) -> Changes:
    return _instead(word, _homophones().get(_bare(word).text.lower().replace(APOSTROPHE, "'"), ()))


@cache
def _homophones() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in lines("homophones"):
        right, _, wrong = line.partition(" > ")
        for word in right.split():
            found.setdefault(word, []).extend(w for w in (wrong or right).split() if w != word)
    return {word: tuple(others) for word, others in found.items()}


BARE = re.compile(rf"[^\W\d_]+(?:['{APOSTROPHE}][^\W\d_]+)*")


def _bare(word: str) -> Word:
    """The word without the marks around it; empty if it is none, but several or with digits in it."""
    found = BARE.search(word)
    if found is None or any(map(str.isalnum, word[: found.start()] + word[found.end() :])):
        return Word(0, 0, "", "")
    return Word(*found.span(), found.group(), "")


def _instead(word: str, others: Sequence[str]) -> Changes:
    """Changes of a word, without the marks around it, into others; none that carry a truth of their own."""
    if not others or protected(word):
        return ()
    bare = _bare(word)
    return tuple(edit for one in others if not protected(one) for edit in bare.becomes(cased(one, bare.text)))
