"""Misspellings inside a word that a reader reads through.

First and last letters stay, as in Pruthi et al. 2019 (Combating Adversarial Misspellings with
Robust Word Recognition): readers hardly notice what happens between them. It also keeps every edit
off the boundaries of gold spans that begin and end with a word. One letter is lost, added or other, or
two change places.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator
from itertools import chain

import numpy as np

from harness.attack.moves.move import Moves, whole_words
from harness.perturb.character import neighbours
from harness.perturb.sites import Word, cased, negates, pick
from harness.text import Edit, Example

LEAST = 3
"""Letters that a word must have: with fewer there is nothing between first and last."""
REACH = 16
"""Letters of a word that are looked at: what is longer is no word, and costs time."""


def editable(example: Example) -> list[Word]:
    """The words that may be misspelt, without the marks around them, in order of place.

    Negations are left alone: a single wrong letter can turn them into their opposite. So is wide script,
    such as Chinese, in which a letter is a word.
    """
    cores = [word.core for word in whole_words(example) if not negates(word.text)]
    return [core for core in cores if len(core.text) >= LEAST and not _wide(core.text)]


def _wide(text: str) -> bool:
    return not text.isascii() and any(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def misspellings(word: Word, example: Example, rng: np.random.Generator) -> list[Edit]:
    """All swaps and deletions, and an insertion and a slip of a key at each place, at random.

    Those near the beginning come first: sub-words are cut off from the left, so that a wrong second
    letter leaves least of a word.
    """
    found = list(chain(_swaps(word), _deletions(word), _insertions(word, rng), _slips(word, rng)))
    order = rng.permutation(len(found)).tolist()
    return [found[at] for at in sorted(order, key=lambda at: found[at].start)]


MOVES = Moves(editable, misspellings)


def _inner(word: Word) -> range:
    return range(1, min(len(word.text) - 1, REACH))


def _swaps(word: Word) -> Iterator[Edit]:
    text = word.text
    for at in _inner(word):
        if at + 2 < len(text) and text[at] != text[at + 1]:
            yield word.edit(at, at + 2, text[at + 1] + text[at])


def _deletions(word: Word) -> Iterator[Edit]:
    for at in _inner(word):
        yield word.edit(at, at + 1, "")


def _insertions(word: Word, rng: np.random.Generator) -> Iterator[Edit]:
    # a ligature is one letter, and three in capitals
    own = "".join(letter for letter in word.text.lower() if len(letter.upper()) == 1)
    letters = own if own and not word.text.isascii() else string.ascii_lowercase
    for at in range(1, min(len(word.text), REACH)):
        yield word.edit(at, at, cased(pick(rng, letters), word.text[at]))


def _slips(word: Word, rng: np.random.Generator) -> Iterator[Edit]:
    keys = neighbours("qwerty")
    for at in _inner(word):
        if word.text[at].lower() in keys:
            slip = pick(rng, keys[word.text[at].lower()])
            yield word.edit(at, at + 1, cased(slip, word.text[at]))
