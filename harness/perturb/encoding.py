"""Characters encoded otherwise, wrongly or once too often, as happens on the way between programs.

A reader sees the same text, or a well-known kind of damage to it. Labels stay true for every task. As all
of the format family, these are never pooled with typos (methods, section 8.2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from html.entities import codepoint2name
from typing import Literal, get_args

from harness.errors import Fault, UserError, nearest
from harness.perturb.format import formatting
from harness.perturb.sites import in_span, pick, shuffled
from harness.rng import Random
from harness.text import Edit, Example

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
        at = pick(rng, _special(word.text))
        yield word.edit(at, at + 1, f"&{_entity(word.text[at])};")


@lru_cache(maxsize=2**16)
def _special(word: str) -> Sequence[int]:
    """What is escaped in a word, if it has such a character; or else any."""
    found = tuple(i for i, c in enumerate(word) if not c.isalnum() or not c.isascii())
    return found or range(len(word))


def _entity(char: str) -> str:
    return codepoint2name.get(ord(char), f"#{ord(char)}")


def _backslashed(char: str) -> str:
    if char in "\"'\\/":
        return f"\\{char}"
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def _percented(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


ESCAPES: Mapping[str, Callable[[str], str]] = {
    "backslash": _backslashed,
    "percent": _percented,
    "double": lambda char: f"&amp;{_entity(char)};",
}


@formatting("escape")
def escape(example: Example, rng: Random, *, style: str = "backslash") -> Iterator[Edit]:
    r"""Leave a character of a word escaped as in JSON or a URL, or in HTML twice over.

    Args:
        style: ``backslash`` for ``\"`` and ``\u00e9``, ``percent`` for ``%C3%A9``, or ``double`` for
            ``&amp;eacute;``, which takes two readings to undo.

    Raises:
        UserError: If the style is unknown.
    """
    if style not in ESCAPES:
        raise UserError(Fault(f"unknown style {style!r}", hint=nearest(style, tuple(ESCAPES))))
    for word in shuffled(example, rng):
        at = pick(rng, _special(word.text))
        yield word.edit(at, at + 1, ESCAPES[style](word.text[at]))


Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = get_args(Form)


@formatting("unicode-form")
def unicode_form(example: Example, rng: Random, *, form: str = "NFD") -> Iterator[Edit]:
    """Write words in another normal form of Unicode, such as accents as characters of their own.

    Args:
        form: NFC, NFD, NFKC or NFKD. Plain ASCII is the same in all of them.

    Raises:
        UserError: If the form is unknown.
    """
    if form not in FORMS:
        raise UserError(Fault(f"unknown normal form {form!r}", hint=nearest(form, FORMS)))
    for word in shuffled(example, rng):
        if not word.text.isascii():
            yield from word.becomes(unicodedata.normalize(form, word.text))


FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@formatting("fullwidth")
def fullwidth(example: Example, rng: Random) -> Iterator[Edit]:
    """Write a word in the full-width characters of East Asian typing."""
    for word in shuffled(example, rng):
        # The marks around a name are no part of it, and an edit of both would cross its border.
        part = word.core if example.anchors and in_span(word, example) else word
        yield from part.becomes(part.text.translate(FULL_WIDTH))
