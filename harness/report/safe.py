"""Text from data, models and plug-ins is hostile: made harmless here, once per kind of output.

What would act on the reader's terminal, parser or eyes (control sequences, markup, reordering
of the line) is made visible rather than removed, since it may be what fooled the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# C0 but for \n and \t, DEL and C1; Arabic letter mark, directional marks, line and paragraph separators,
# embeddings, overrides and isolates; surrogates, which no encoding can write.
_ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Nothing to be seen although Unicode counts them as letters, marks or symbols: fillers, selectors, blanks.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"})
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_ILLEGAL_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def terminal(text: str) -> str:
    r"""The text with what a terminal or a CI log would obey written as ``\x1b`` or ``\u202e``.

    Newlines and tabs stay. Put the result into a ``rich.text.Text``, which parses no markup.
    """
    return _ACTS.sub(_escape, text)


def line(text: str) -> str:
    r"""As :func:`terminal`, on one line: newlines and tabs become ``\n`` and ``\t``."""
    return terminal(text).replace("\n", "\\n").replace("\t", "\\t")


def encodable(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD, so that UTF-8 can hold it."""
    return _SURROGATE.sub("\ufffd", text)


def xml(text: str) -> str:
    """The text without the characters that XML 1.0 forbids or discourages."""
    return _ILLEGAL_XML.sub("", text)


def markdown(text: str) -> str:
    """The text on one line with all ASCII punctuation as character references.

    A reference never counts as markup (CommonMark, section 2.5), so neither tables, links and HTML nor
    workflow commands such as ``::error::`` survive.
    """
    return _PUNCTUATION.sub(lambda m: f"&#{ord(m.group())};", line(text))


class Glyph(NamedTuple):
    """A stretch of a text as a page shows it; ``code`` and ``name`` only if it cannot be seen."""

    text: str
    code: str = ""
    name: str = ""


def glyphs(text: str) -> Iterator[Glyph]:
    """The text in stretches, each either visible or a single invisible character.

    Invisible are controls, format characters (zero width, bidirectional, tags), spaces other
    than U+0020, separators, surrogates, unassigned code points and blank letters.
    """
    visible: list[str] = []
    for character in text:
        if not _unseen(character):
            visible.append(character)
            continue
        if visible:
            yield Glyph("".join(visible))
            visible = []
        yield Glyph("", f"U+{ord(character):04X}", unicodedata.name(character, "control character"))
    if visible:
        yield Glyph("".join(visible))


def _unseen(character: str) -> bool:
    if " " <= character <= "~":
        return False
    if character in _BLANK or 0xE0100 <= ord(character) <= 0xE01EF:
        return True
    return unicodedata.category(character) in _INVISIBLE
