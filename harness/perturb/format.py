"""Casing, spacing, marks and encodings: many characters change, little meaning does.

Labels stay true for every task. These operators form a family of their own and are never pooled
with typos (methods, section 8.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from html.entities import codepoint2name

from harness.perturb.operator import operator
from harness.perturb.sites import pick, preceding, shuffled
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


@formatting("random-case")
def random_case(example: Example, rng: Random) -> Iterator[Edit]:
    """Flip the case of about half the letters of a word."""
    for word in shuffled(example, rng):
        sites = [i for i, c in enumerate(word.text) if c.swapcase() != c]
        if sites:
            flipped = {i for i in sites if rng.random() < 0.5} or {pick(rng, sites)}
            yield from word.becomes(
                "".join(c.swapcase() if i in flipped else c for i, c in enumerate(word.text))
            )


GAP = re.compile(r"(?<=\S)\s(?=\S)")


@formatting("whitespace", unit="character")
def whitespace(example: Example, rng: Random) -> Iterator[Edit]:
    """Double the space between two words, or make it a tab or a line break."""
    for gap in shuffled(example, rng, GAP):
        new = pick(rng, ("  ", "  ", "\t", "\n", "\u00a0"))
        yield from gap.becomes(new)


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


FOREIGN = re.compile("[^\\x00-\\x7f]+|[\"']")


@formatting("mojibake")
def mojibake(example: Example, rng: Random) -> Iterator[Edit]:
    """Read the UTF-8 of accented letters, and of quotation marks as if curly, as Windows-1252."""
    for run in shuffled(example, rng, FOREIGN):
        curled = run.text.replace("'", "’").replace('"', "”")
        yield run.edit(0, len(run.text), _misread(curled))


def _misread(text: str) -> str:
    # Five bytes mean nothing in Windows-1252; browsers, like us, read those as Latin-1.
    raw = text.encode("utf-8", "surrogatepass")
    return "".join(bytes([b]).decode("cp1252" if b not in _UNDEFINED else "latin-1") for b in raw)


_UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")

INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff"


@formatting("zero-width")
def zero_width(example: Example, rng: Random) -> Iterator[Edit]:
    """Put an invisible character between two letters of a word."""
    for word in shuffled(example, rng):
        gaps = [i for i in range(1, len(word.text)) if word.text[i - 1 : i + 1].isalpha()]
        if gaps:
            at = pick(rng, gaps)
            yield word.edit(at, at, pick(rng, INVISIBLE))


@formatting("html")
def html(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave a character of a word escaped as in HTML: ``&amp;``, ``&#39;``, ``&eacute;``."""
    for word in shuffled(example, rng):
        special = [i for i, c in enumerate(word.text) if not c.isalnum() or not c.isascii()]
        at = pick(rng, special or range(len(word.text)))
        code = ord(word.text[at])
        yield word.edit(at, at + 1, f"&{codepoint2name.get(code, f'#{code}')};")
