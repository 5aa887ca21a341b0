"""Sources of translations and summaries, written carelessly.

What has to be copied is spared: numbers, and words with capitals other than those that begin a sentence. So
references stay true, and what is lost in the output has been lost by the model.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from harness.perturb.character import neighbours
from harness.perturb.operator import operator
from harness.perturb.sites import Word, following, negates, pick, preceding, shuffled, wordlist
from harness.rng import Random
from harness.text import Edit, Example

LEAST = 4
"""Letters of a word in which a typo leaves the word readable."""


@operator("source-noise", level="character", only_for=frozenset({"translation", "summarization"}))
def source_noise(example: Example, rng: Random) -> Iterator[Edit]:
    """Lose accents, the capital of a sentence, its full stop, or a letter; spare numbers and names."""
    for word in shuffled(example, rng):
        if ways := _ways(word.text):
            yield from pick(rng, ways)(word, example, rng)


Way = Callable[[Word, Example, Random], Iterator[Edit]]


@lru_cache(maxsize=2**16)
def _ways(text: str) -> tuple[Way, ...]:
    """What can happen to a word by what it looks like."""
    if negates(text) or any(map(str.isnumeric, text)):
        return ()
    letters = text.strip(".,;:!?\"'()")
    found: list[Way] = []
    if letters.islower() and letters.isalpha() and len(letters) >= LEAST:
        found.append(_mistyped)
    if letters.islower() and _bare(text) != text:
        found.append(_unaccented)
    if letters.istitle() and letters.lower() in wordlist("beginners"):
        found.append(_uncapitalised)
    if text.endswith(".") and text.count(".") == 1:
        found.append(_unstopped)
    return tuple(found)


def _mistyped(word: Word, example: Example, rng: Random) -> Iterator[Edit]:
    """Leave out a letter, type it twice or a neighbouring one, or take it before the one in front of it."""
    core = word.core
    at = 1 + int(rng.random() * (len(core.text) - 1))
    letter, before = core.text[at], core.text[at - 1]
    near = neighbours("qwerty").get(letter, letter * 2)
    if letter != before and rng.random() < 0.25:
        yield core.edit(at - 1, at + 1, letter + before)
    else:
        yield core.edit(at, at + 1, pick(rng, ("", letter * 2, pick(rng, near))))


def _unaccented(word: Word, example: Example, rng: Random) -> Iterator[Edit]:
    yield from word.becomes(_bare(word.text))


def _uncapitalised(word: Word, example: Example, rng: Random) -> Iterator[Edit]:
    before = preceding(word, example).rstrip()
    if not before or before[-1] in ".!?":
        yield from word.becomes(word.text.lower())


def _unstopped(word: Word, example: Example, rng: Random) -> Iterator[Edit]:
    """Only the last full stop of a text: elsewhere, it would be unclear where sentences end."""
    if not following(word, example).strip():
        at = len(word.text) - 1
        yield word.edit(at, at + 1, "")


def _bare(text: str) -> str:
    """A word without its accents."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(char for char in apart if not unicodedata.combining(char)))
