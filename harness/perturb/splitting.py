"""Where the sentences of a text begin and end.

By marks alone, in a time that grows with the text and for any script that ends sentences with marks.
A full stop after an abbreviation or an initial, or before a word in lower case, ends nothing: sentences
too long do less harm here than halves of them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from harness.perturb.sites import wordlist
from harness.text import Example

CLOSING = "\"'\u201d\u2019\u00bb)\\]"
MARKS = ".!?\u2026\u061f\u06d4\u0964"
WIDE = "\u3002\uff01\uff1f"
END = re.compile(rf"(?<![{MARKS}])[{MARKS}]++[{CLOSING}]*+(?=\s|$)|[{WIDE}]+[\u300d\u300f{CLOSING}]*|\n\s*\n")
"""What may end a sentence: marks before white space, full-width marks, or a blank line."""
NEARBY = 40
"""How long the word before a mark and what stands after it are at most."""


class Sentence(NamedTuple):
    """A stretch ``[start, end)`` of a field, without the white space around it."""

    start: int
    end: int
    text: str
    field: str

    @property
    def finished(self) -> bool:
        """Whether it ends with a mark, so that another sentence can follow."""
        return not self.text[-1].isalnum()

    @property
    def gap(self) -> str:
        """What stands between it and a sentence after it: nothing in scripts without spaces."""
        return "" if self.text[-1] in WIDE else " "


def sentences(text: str, name: str) -> list[Sentence]:
    """The sentences of a field, in order; none if it says nothing."""
    found, start = [], 0
    for match in END.finditer(text):
        if match.group().isspace() or _ends(text, match):
            found += _sentence(text, start, match.end(), name)
            start = match.end()
    return found + _sentence(text, start, len(text), name)


def _sentence(text: str, start: int, end: int, name: str) -> list[Sentence]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return [Sentence(start, end, text[start:end], name)] if start < end else []


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether a mark ends a sentence, rather than an abbreviation or what somebody said in one."""
    before, after = (
        text[max(0, match.start() - NEARBY) : match.start()],
        text[match.end() : match.end() + NEARBY],
    )
    if match.group() == "." and before[-1:].isspace():  # in texts whose tokens stand apart
        return True
    if after.lstrip()[:1].islower():
        return False
    return match.group() != "." or not _shortened(before.split()[-1:])


def _shortened(last: list[str]) -> bool:
    """Whether the last word before a full stop is an initial or an abbreviation: ``J``, ``U.S``, ``Dr``."""
    word = last[0].lstrip("([\"'\u201c\u2018") if last else ""
    dotted = all(len(part) == 1 and part.isalpha() for part in word.split("."))
    return word != "I" and (dotted or word.lower() in wordlist("abbreviations"))


def free(example: Example, name: str) -> list[Sentence]:
    """The sentences of a field that hold no gold span."""
    found = sentences(example.fields[name], name)
    return [one for one in found if not example.touched(name, one.start, one.end)]
