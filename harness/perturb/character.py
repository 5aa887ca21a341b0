"""Typos, misreadings and look-alikes: one small change in each chosen word.

Labels stay true for every task; gold spans are carried (methods, section 9.6). An edit of a whole
name is still that name, hence ``swaps``. Negations and words of fewer than three letters are left
alone, for a single wrong letter can turn them into other words.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, partial

from harness.errors import Fault, UserError, nearest
from harness.perturb.operator import operator
from harness.perturb.sites import LETTERS, Word, cased, pick, shuffled, typable
from harness.rng import Random
from harness.text import Edit, Example

character = partial(operator, level="character", swaps=True)

ROWS: Mapping[str, tuple[str, str, str]] = {
    "qwerty": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "qwertz": ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    "azerty": ("azertyuiop", "qsdfghjklm", "wxcvbn"),
}


@cache
def neighbours(layout: str) -> Mapping[str, str]:
    """The letters beside, above and below each key; rows are staggered by half a key.

    Raises:
        UserError: If the layout is unknown.
    """
    if layout not in ROWS:
        raise UserError(Fault(f"unknown keyboard layout {layout!r}", hint=nearest(layout, tuple(ROWS))))
    rows = ROWS[layout]
    place = {key: (y, x) for y, row in enumerate(rows) for x, key in enumerate(row)}
    steps = ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1), (1, 0))
    at = {spot: key for key, spot in place.items()}
    return {
        k: "".join(at[y + v, x + h] for v, h in steps if (y + v, x + h) in at) for k, (y, x) in place.items()
    }


@character("keyboard")
def keyboard(example: Example, rng: Random, *, layout: str = "qwerty") -> Iterator[Edit]:
    """Hit a neighbouring key; layouts are qwerty, qwertz and azerty."""
    yield from _replaced(example, rng, neighbours(layout))


OTHERS: Mapping[str, str] = {c: string.ascii_lowercase.replace(c, "") for c in string.ascii_lowercase}


@character("substitute")
def substitute(example: Example, rng: Random) -> Iterator[Edit]:
    """Replace a letter by another one."""
    yield from _replaced(example, rng, OTHERS)


@character("swap")
def swap(example: Example, rng: Random) -> Iterator[Edit]:
    """Swap two adjacent letters."""
    for word in typable(example, rng):
        text = word.text
        pairs = [i for i in range(len(text) - 1) if text[i : i + 2].isalpha() and text[i] != text[i + 1]]
        if pairs:
            at = pick(rng, pairs)
            yield word.edit(at, at + 2, text[at + 1] + text[at])


@character("delete")
def delete(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave out a letter."""
    for word in typable(example, rng):
        at = pick(rng, _letters(word))
        yield word.edit(at, at + 1, "")


@character("insert")
def insert(example: Example, rng: Random) -> Iterator[Edit]:
    """Type a random letter between two letters."""
    for word in typable(example, rng):
        # Between two letters, never at a word's edge: there it would lie outside of a name.
        gaps = [i for i in range(1, len(word.text)) if word.text[i - 1 : i + 1].isalpha()]
        if gaps:
            at = pick(rng, gaps)
            yield word.edit(at, at, pick(rng, string.ascii_lowercase))


@character("repeat")
def repeat(example: Example, rng: Random, *, times: int = 2) -> Iterator[Edit]:
    """Type a letter twice, or as many times as said."""
    if times < 2:
        raise UserError(Fault(f"repeat: times should be at least 2, found {times}"))
    for word in typable(example, rng):
        at = pick(rng, _letters(word))
        yield word.edit(at, at + 1, word.text[at] * times)


OCR: Mapping[str, str] = {
    "0": "O o", "1": "l I", "2": "Z", "5": "S", "6": "b", "8": "B", "9": "g",
    "B": "8", "D": "O", "E": "F", "G": "C 6", "I": "l 1", "O": "0 Q", "Q": "O", "S": "5", "Z": "2",
    "a": "o u", "b": "h 6", "c": "e o", "cl": "d", "d": "cl", "e": "c o", "f": "t", "fi": "h", "g": "q 9",
    "h": "b li", "i": "l j", "in": "m", "j": "i", "l": "1 I", "li": "h", "m": "rn nn", "n": "u ri", "o": "0 c",
    "q": "g", "rn": "m", "ri": "n", "s": "5", "t": "f l", "u": "v ii", "v": "u y", "vv": "w", "w": "vv", "y": "v",
}  # fmt: skip
"""What optical character recognition takes for what; a digit is never read as another digit."""
SHAPE = re.compile(f"({'|'.join(sorted(OCR, key=len, reverse=True))})")


@character("ocr")
def ocr(example: Example, rng: Random) -> Iterator[Edit]:
    """Misread a shape, such as ``rn`` for ``m`` or ``0`` for ``O``."""
    for word in typable(example, rng):
        sites = [match.span(1) for match in SHAPE.finditer(word.text)]
        if sites:
            start, end = pick(rng, sites)
            yield word.edit(start, end, pick(rng, OCR[word.text[start:end]].split()))


HOMOGLYPHS: Mapping[str, str] = dict(
    zip("aceijopsxyABCEHIKMOPSTXYZ", "асеіјорѕхуАВСЕНІКМОРЅТХΥΖ", strict=True)
)
"""Latin letters and the Cyrillic or Greek ones that look the same."""


@character("homoglyph")
def homoglyph(example: Example, rng: Random) -> Iterator[Edit]:
    """Replace a letter by one of another script that looks the same."""
    yield from _replaced(example, rng, HOMOGLYPHS)


ACCENTS: Mapping[str, str] = {
    "a": "áàâäã", "c": "ç", "e": "éèêë", "i": "íìîï", "n": "ñ", "o": "óòôöõ", "u": "úùûü", "y": "ýÿ", "z": "ž", "s": "š"
}  # fmt: skip


@character("diacritics")
def diacritics(example: Example, rng: Random) -> Iterator[Edit]:
    """Put an accent on a letter, or strip the accents of a word that has some."""
    for word in typable(example, rng):
        bare = "".join(c if c.isascii() else _bare(c) for c in word.text)
        if bare != word.text:
            yield from word.becomes(bare)
        else:
            edit = _one(word, rng, ACCENTS)
            if edit is not None:
                yield edit


LEET = str.maketrans("aeiostAEIOST", "431057431057")


@character("leetspeak")
def leetspeak(example: Example, rng: Random) -> Iterator[Edit]:
    """Write a word with digits for letters: ``l337`` for ``leet``."""
    for word in typable(example, rng):
        yield from word.core.becomes(word.core.text.translate(LEET))


@character("vowels")
def vowels(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave out the inner vowels of a word: ``msg`` for ``message``."""
    for word in shuffled(example, rng, LETTERS):
        inner = word.text[1:-1]
        short = word.text[:1] + "".join(c for c in inner if c not in "aeiou") + word.text[-1:]
        if len(inner) >= 3 and len(short) >= 3:
            yield from word.becomes(short)


def _letters(word: Word) -> list[int]:
    return [i for i, c in enumerate(word.text) if c.isalpha()]


def _bare(char: str) -> str:
    """A letter without its accents; anything else as it is."""
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() and base.isalpha() else char


def _replaced(example: Example, rng: Random, choices: Mapping[str, str]) -> Iterator[Edit]:
    for word in typable(example, rng):
        if edit := _one(word, rng, choices):
            yield edit


def _one(word: Word, rng: Random, choices: Mapping[str, str]) -> Edit | None:
    """Replace one character by one of its choices, looked up as it is or else in lower case."""
    text = word.text
    sites = [i for i, c in enumerate(text) if c in choices or c.lower() in choices]
    if not sites:
        return None
    at = pick(rng, sites)
    char = text[at]
    found = choices.get(char) or choices[char.lower()]
    return word.edit(at, at + 1, cased(pick(rng, found), char))
