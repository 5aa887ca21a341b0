"""Misspellings inside a word that a reader reads through.

First and last letters stay, as in Pruthi et al. 2019 (Combating Adversarial Misspellings with
Robust Word Recognition): readers hardly notice what happens between them. It also keeps every edit
off the boundaries of gold spans that begin and end with a word.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

import numpy as np

from harness.perturb.character import neighbours
from harness.perturb.sites import Word, cased, negates, pick
from harness.text import WORD, Edit, Example

LEAST = 4
"""Letters that a word must have: with fewer there is nothing to swap between first and last."""


def editable(example: Example) -> list[Word]:
    """The words that may be misspelt, without the marks around them, in order of place.

    Negations are left alone: a single wrong letter can turn them into their opposite.
    """
    whole = (
        Word(found.start(), found.end(), found.group(), name)
        for name, text in example.fields.items()
        for found in WORD.finditer(text)
    )
    return [word.core for word in whole if len(word.core.text) >= LEAST and not negates(word.text)]


def misspellings(word: Word, rng: np.random.Generator, each: int) -> list[Edit]:
    """Random misspellings of a word: at most ``each`` of swap, deletion, insertion and slip of a key."""
    return [
        edits[at]
        for edits in map(list, (_swaps(word), _deletions(word), _insertions(word, rng), _slips(word, rng)))
        for at in rng.permutation(len(edits))[:each].tolist()
    ]


def _inner(word: Word) -> range:
    return range(1, len(word.text) - 1)


def _swaps(word: Word) -> Iterator[Edit]:
    text = word.text
    for at in _inner(word)[:-1]:
        if text[at] != text[at + 1]:
            yield word.edit(at, at + 2, text[at + 1] + text[at])


def _deletions(word: Word) -> Iterator[Edit]:
    for at in _inner(word):
        yield word.edit(at, at + 1, "")


def _insertions(word: Word, rng: np.random.Generator) -> Iterator[Edit]:
    for at in range(1, len(word.text)):
        yield word.edit(at, at, cased(pick(rng, string.ascii_lowercase), word.text[at]))


def _slips(word: Word, rng: np.random.Generator) -> Iterator[Edit]:
    keys = neighbours("qwerty")
    for at in _inner(word):
        if word.text[at].lower() in keys:
            slip = pick(rng, keys[word.text[at].lower()])
            yield word.edit(at, at + 1, cased(slip, word.text[at]))
