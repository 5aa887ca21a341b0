"""Typos, misreadings and look-alikes: one small change in each chosen word.

Labels stay true for every task; gold spans are carried (methods, section 9.6). An edit of a whole
name is still that name, hence ``swaps``. Negations and words of fewer than three letters are left
alone, for a single wrong letter can turn them into other words.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial

from harness.errors import Fault, UserError, nearest
from harness.perturb.operator import operator
from harness.perturb.sites import LETTERS, Word, cased, core, in_any_order, letters, pick, shuffled, typable
from harness.rng import Random
from harness.text import Edit, Example

character = partial(operator, level="character", swaps=True)

ROWS: Mapping[str, tuple[str, str, str]] = {
    "qwerty": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "qwertz": ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    "azerty": ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    "dvorak": ("',.pyfgcrl", "aoeuidhtns", ";qjkxbmwvz"),
    "qwerty-es": ("qwertyuiop", "asdfghjklñ", "zxcvbnm"),
    "jcuken": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
}
"""Keys by row, from the left; marks are there to keep the letters of a row in their places."""


@cache
def neighbours(layout: str) -> Mapping[str, str]:
    """The letters beside, above and below each key; rows are staggered by half a key.

    Raises:
        UserError: If the layout is unknown.
    """
    if layout not in ROWS:
        raise UserError(Fault(f"unknown keyboard layout {layout!r}", hint=nearest(layout, tuple(ROWS))))
    rows = ROWS[layout]
    place = {key: (y, x) for y, row in enumerate(rows) for x, key in enumerate(row) if key.isalpha()}
    steps = ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1), (1, 0))
    at = {spot: key for key, spot in place.items()}
    return {
        k: "".join(at[y + v, x + h] for v, h in steps if (y + v, x + h) in at) for k, (y, x) in place.items()
    }


@character("keyboard")
def keyboard(example: Example, rng: Random, *, layout: str = "qwerty") -> Iterator[Edit]:
    """Hit a neighbouring key; layouts are qwerty, qwertz, azerty, dvorak, qwerty-es and jcuken."""
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
        at = pick(rng, letters(word.text))
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
        at = pick(rng, letters(word.text))
        yield word.edit(at, at + 1, word.text[at] * times)


@character("inner-shuffle", reference="Belinkov and Bisk 2018, Synthetic and Natural Noise Both Break NMT")
def inner_shuffle(example: Example, rng: Random) -> Iterator[Edit]:
    """Shuffle the letters of a word between its first and its last."""
    for word in typable(example, rng, 4):
        start, end = core(word.text)
        inner = word.text[start + 1 : end - 1]
        mixed = "".join(in_any_order(list(inner), rng))
        if mixed == inner:  # what chance has put back as it was is turned by one letter
            mixed = inner[1:] + inner[:1]
        if mixed != inner:
            yield word.edit(start + 1, end - 1, mixed)


@character("intrude", reference="Eger and Benz 2020, From Hero to Zéroe")
def intrude(example: Example, rng: Random, *, marks: str = ".-_*") -> Iterator[Edit]:
    """Put a mark between the letters of a word: ``m.o.v.i.e``; one of those given for each word."""
    if not marks or any(map(str.isalnum, marks)):
        raise UserError(Fault(f"intrude: marks should be one or more marks, such as '.-', found {marks!r}"))
    for word in typable(example, rng):
        start, end = core(word.text)
        if end - start > 1:
            yield word.edit(start + 1, end - 1, pick(rng, marks).join(word.text[start:end])[1:-1])


OCR: Mapping[str, str] = {
    "0": "O o", "1": "l I", "2": "Z", "5": "S", "6": "b", "8": "B", "9": "g",
    "B": "8", "D": "O", "E": "F", "G": "C 6", "I": "l 1", "O": "0 Q", "Q": "O", "S": "5", "Z": "2",
    "a": "o u", "b": "h 6", "c": "e o", "cl": "d", "d": "cl", "e": "c o", "f": "t", "fi": "h", "g": "q 9",
    "h": "b li", "i": "l j", "in": "m", "j": "i", "l": "1 I", "li": "h", "m": "rn nn", "n": "u ri", "o": "0 c",
    "q": "g", "rn": "m", "ri": "n", "s": "5", "t": "f l", "u": "v ii", "v": "u y", "vv": "w", "w": "vv", "y": "v",
}  # fmt: skip
"""What optical character recognition takes for what; a digit is never read as another digit."""
SHAPE = re.compile(f"({'|'.join(sorted(OCR, key=len, reverse=True))})")
READ: Mapping[str, tuple[str, ...]] = {shape: tuple(read.split()) for shape, read in OCR.items()}


@character("ocr")
def ocr(example: Example, rng: Random) -> Iterator[Edit]:
    """Misread a shape, such as ``rn`` for ``m`` or ``0`` for ``O``."""
    for word in typable(example, rng):
        if sites := _shapes(word.text):
            start, end = pick(rng, sites)
            yield word.edit(start, end, pick(rng, READ[word.text[start:end]]))


@lru_cache(maxsize=2**16)
def _shapes(word: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in SHAPE.finditer(word))


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
        bare = _stripped(word.text)
        if bare != word.text:
            yield from word.becomes(bare)
        else:
            edit = _one(word, rng, ACCENTS)
            if edit is not None:
                yield edit


def _stripped(word: str) -> str:
    return word if word.isascii() else "".join(map(_bare, word))


def _bare(char: str) -> str:
    """A letter without its accents; anything else as it is."""
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() and base.isalpha() else char


LEET = str.maketrans("aeiostAEIOST", "431057431057")


@character("leetspeak")
def leetspeak(example: Example, rng: Random) -> Iterator[Edit]:
    """Write a word with digits for letters: ``l337`` for ``leet``."""
    for word in typable(example, rng):
        yield from word.becomes(_leet(word.text))


@lru_cache(maxsize=2**16)
def _leet(word: str) -> str:
    start, end = core(word)
    return word[:start] + word[start:end].translate(LEET) + word[end:]


@character("vowels")
def vowels(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave out the inner vowels of a word: ``msg`` for ``message``."""
    for word in shuffled(example, rng, LETTERS):
        yield from word.becomes(_abridged(word.text))


@lru_cache(maxsize=2**16)
def _abridged(word: str) -> str:
    inner = word[1:-1]
    short = word[:1] + "".join(c for c in inner if c not in "aeiou") + word[-1:]
    return short if len(inner) >= 3 and len(short) >= 3 else word


def _replaced(example: Example, rng: Random, choices: Mapping[str, str]) -> Iterator[Edit]:
    for word in typable(example, rng):
        if edit := _one(word, rng, choices):
            yield edit


TRIES = 4
"""Letters that are drawn before those with a choice are looked for."""


def _one(word: Word, rng: Random, choices: Mapping[str, str]) -> Edit | None:
    """Replace one letter by one of its choices, looked up as it is or else in lower case."""
    text = word.text
    places: Sequence[int] = letters(text)
    for _ in range(TRIES):  # most letters have one, and all that have are equally likely
        at = pick(rng, places)
        if found := _found(text[at], choices):
            return word.edit(at, at + 1, _alike(pick(rng, found), text[at]))
    places = [at for at in places if _found(text[at], choices)]
    if not places:
        return None
    at = pick(rng, places)
    return word.edit(at, at + 1, _alike(pick(rng, _found(text[at], choices)), text[at]))


def _found(char: str, choices: Mapping[str, str]) -> str:
    return choices.get(char) or choices.get(char.lower(), "")


def _alike(new: str, char: str) -> str:
    return new if char.islower() else cased(new, char)
