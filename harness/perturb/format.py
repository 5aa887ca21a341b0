"""Casing, spacing and marks: many characters change, little meaning does.

Labels stay true for every task. These operators form a family of their own and are never pooled
with typos (methods, section 8.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial

from harness.perturb.operator import operator
from harness.perturb.sites import Word, pick, preceding, shuffled
from harness.rng import Random
from harness.text import Edit, Example

formatting = partial(operator, level="format", swaps=True)


@formatting("lower")
def lower(example: Example, rng: Random) -> Iterator[Edit]:
    """Write words in lower case."""
    for word in shuffled(example, rng):
        yield from word.becomes(word.text.lower())


@formatting("upper")
def upper(example: Example, rng: Random) -> Iterator[Edit]:
    """Write words in capitals."""
    for word in shuffled(example, rng):
        yield from word.becomes(word.text.upper())


@formatting("title")
def title(example: Example, rng: Random) -> Iterator[Edit]:
    """Give words a capital first letter, which makes them look like names."""
    for word in shuffled(example, rng):
        first = next((i for i, c in enumerate(word.text) if c.isalpha()), 0)
        yield from word.becomes(word.text[:first] + word.text[first].upper() + word.text[first + 1 :])


@formatting("sentence-case")
def sentence_case(example: Example, rng: Random) -> Iterator[Edit]:
    """Write all but the first word of a sentence in lower case, names and titles too."""
    for word in shuffled(example, rng):
        first, later = _sentence_case(word.text)
        yield from word.becomes(first if _begins(word, example.fields[word.field]) else later)


ALONE = re.compile(r"\W*I(?:['’]|\W*$)")
"""What keeps its capital wherever it stands: ``I``, ``I'm``."""


@lru_cache(maxsize=2**16)
def _sentence_case(word: str) -> tuple[str, str]:
    """What becomes of a word at the beginning of a sentence, and later on."""
    if ALONE.match(word):
        return word, word
    at = next((i for i, c in enumerate(word) if c.isalpha()), 0) + 1
    return word[:at].upper() + word[at:].lower(), word.lower()


BETWEEN = frozenset(" \t\r\n\"'”’)]")


def _begins(word: Word, text: str) -> bool:
    """Whether a sentence begins with the word."""
    at = word.start - 1
    while at >= 0 and text[at] in BETWEEN:
        at -= 1
    return at < 0 or text[at] in ".?!…"


@formatting("random-case")
def random_case(example: Example, rng: Random) -> Iterator[Edit]:
    """Flip the case of about half the letters of a word."""
    for word in shuffled(example, rng):
        if sites := _with_case(word.text):
            letters = list(word.text)
            for at in [i for i in sites if rng.random() < 0.5] or [pick(rng, sites)]:
                letters[at] = letters[at].swapcase()
            yield from word.becomes("".join(letters))


@lru_cache(maxsize=2**16)
def _with_case(word: str) -> tuple[int, ...]:
    return tuple(i for i, c in enumerate(word) if c.swapcase() != c)


GAP = re.compile(r"\s(?<=\S\s)(?=\S)")
GAPS = ("  ", "  ", "\t", "\n", "\u00a0")


@formatting("whitespace", unit="character")
def whitespace(example: Example, rng: Random) -> Iterator[Edit]:
    """Double the space between two words, or make it a tab or a line break."""
    for gap in shuffled(example, rng, GAP):
        new = pick(rng, GAPS)
        yield gap.edit(1, 1, " ") if gap.text + " " == new else gap.edit(0, 1, new)


STOP = re.compile(r"(?<=\w)[,;:.]+(?=\s|$)")
OPEN = re.compile(r"\w(?=\s|$)")


@formatting("punctuation")
def punctuation(example: Example, rng: Random, *, drop: bool = True, add: bool = True) -> Iterator[Edit]:
    """Drop commas, stops and colons, and add commas and stops where there are none.

    Question and exclamation marks carry meaning and stay as they are (methods, section 9.6).
    """
    for word in shuffled(example, rng):
        stop = STOP.search(word.text)
        if stop and drop:
            yield word.edit(*stop.span(), "")
        elif add and OPEN.search(word.text):
            yield word.edit(len(word.text), len(word.text), pick(rng, ",,,;.-"))


QUOTE = re.compile("[\"'`]")
CURLY = {'"': "“”", "'": "‘’", "`": "‘’"}


@formatting("quotes")
def quotes(example: Example, rng: Random) -> Iterator[Edit]:
    """Make straight quotation marks and apostrophes curly."""
    for mark in shuffled(example, rng, QUOTE):
        before = preceding(mark, example)[-1:]
        opens = not before or before.isspace() or before in "([{"
        yield mark.edit(0, 1, CURLY[mark.text][0 if opens else 1])
