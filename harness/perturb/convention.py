"""Text as corpora of other kinds have it: cut into tokens, or written down from speech.

A model that was trained on the one kind and is used on the other meets all of this at once. Labels stay
true where casing and marks do not decide them (methods, section 9.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from harness.perturb.format import formatting
from harness.perturb.sites import Word, in_span, shuffled
from harness.rng import Random
from harness.text import WORD, Edit, Example

STOPS, CLOSING, APOSTROPHES = ",;:!?…", "\"'”’)\\]", "'’"
MARK = re.compile(rf"[{STOPS}.%$\"{APOSTROPHES}()\[\]{{}}]")
TOKEN = re.compile(
    rf"""
      (?P<negation> (?<=\wn) [{APOSTROPHES}] t\b )
    | (?P<clitic>   (?<=\w) [{APOSTROPHES}] (?:s|re|ve|ll|d|m)\b )
    | (?P<currency> \$ (?=\d) )
    | (?P<bracket>  (?<!\S) [()\[\]{{}}] (?!\S) )
    | (?P<opening>  (?<![^\s(\[{{]) [(\[{{"] (?=\S) )
    | (?P<glued>    (?<=\w) [(\[{{] (?=\w) )
    | (?P<closing>  (?<=[^\s:;=-]) [)\]}}"] (?!\w) )
    | (?P<mark>     (?<=\d) %
                  | (?<=[^\s{STOPS}.]) [{STOPS}]+ (?=[\s{CLOSING}]|$)
                  | (?<=[^\s{STOPS}.]) \.{{2,}} (?!\w)
                  | (?: (?<=[^\W_A-Z]{{2}}) | (?<=[%{CLOSING}]) | (?<=[{APOSTROPHES}][a-z]) )
                    \. (?=[{CLOSING}]{{,3}}(?:\s+["'“‘(]{{,2}}[^\Wa-z\d_]|\s*$)) )
    """,
    re.VERBOSE,
)
"""What the Penn Treebank takes for a token of its own, and where; looked for at marks only."""
NAMES = {"(": "-LRB-", ")": "-RRB-", "[": "-LSB-", "]": "-RSB-", "{": "-LCB-", "}": "-RCB-"}


@formatting("tokenised", language="en", reference="Marcus et al. 1993, Penn Treebank")
def tokenised(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave the traces of a tokeniser: ``do n't``, ``-LRB-``, a space before a mark."""
    for mark in shuffled(example, rng, MARK):
        found = TOKEN.match(example.fields[mark.field], mark.start)
        # A name that begins with the bracket would begin with the space before it.
        if found and not (found["glued"] and in_span(mark, example)):
            yield _apart(mark, str(found.lastgroup))


def _apart(mark: Word, kind: str) -> Edit:
    if kind == "bracket":
        return mark.edit(0, 1, NAMES[mark.text])
    if kind == "opening":
        return mark.edit(0, 1, f"{NAMES.get(mark.text, '``')} ")
    if kind == "glued":
        return mark.edit(0, 1, f" {NAMES[mark.text]} ")
    if kind == "closing":
        return mark.edit(0, 1, f" {NAMES.get(mark.text, QUOTES)}")
    at = {"negation": -1, "currency": 1}.get(kind, 0)
    return mark.edit(at, at, " ")


QUOTES = "''"

UNSPOKEN = re.compile(
    rf"(?:(?![{APOSTROPHES}](?:s|re|ve|ll|d|m|t)\b)[\]\[.,:;!?…\"“”„«»‹›¿¡(){{}}*~`|<>^\\_–—‘’'-])+"
)
"""Marks that nobody reads out; an apostrophe belongs to the ending that a tokeniser has split off."""
INNER = frozenset(".,:'’-_")
"""Marks that are part of a word, a number or a time if they stand inside of it."""


@formatting("transcript", graded=False, invalid_for=frozenset({"dialogue", "response"}))
def transcript(example: Example, rng: Random) -> Iterator[Edit]:
    """Write the text as a speech recogniser does: in lower case and without punctuation.

    Not for what somebody is to reply to: without its mark, a question may be none.
    """
    for name, text in example.fields.items():
        borders = {at for span in example.anchors if span.field == name for at in (span.start, span.end)}
        yield from _joined(_changes(text, name, example, borders), borders, name)


def _changes(text: str, name: str, example: Example, borders: set[int]) -> Iterator[tuple[int, str]]:
    """Every character that becomes another one, several or none, in order; none if nothing would be left."""
    found = [match.span() for match in WORD.finditer(text)]
    spoken = [at for at, (start, end) in enumerate(found) if not _silent(text[start:end])]
    for at, (start, end) in enumerate(found if spoken else ()):
        if not _silent(text[start:end]):
            yield from ((start + i, new) for i, new in _spoken(text[start:end]))
        elif not example.touched(name, start, end):
            # The white space before it goes too, or that behind it if a name or nothing precedes.
            before = found[at - 1][1]
            if at < spoken[0] or before in borders:
                before, end = start, found[at + 1][0] if at + 1 < len(found) else end
            yield from ((i, "") for i in range(before, end))


def _silent(word: str) -> bool:
    changes = _spoken(word)
    return len(changes) == len(word) and not any(new for _, new in changes)


@lru_cache(maxsize=2**16)
def _spoken(word: str) -> tuple[tuple[int, str], ...]:
    new = [c.lower() for c in word]
    for run in UNSPOKEN.finditer(word):
        start, end = run.span()
        inside = start > 0 and end < len(word)
        if not (inside and end - start == 1 and run.group() in INNER):
            new[start:end] = [" " if inside else "", *[""] * (end - start - 1)]
    return tuple(
        (at, after) for at, (before, after) in enumerate(zip(word, new, strict=True)) if before != after
    )


def _joined(changes: Iterable[tuple[int, str]], borders: set[int], name: str) -> Iterator[Edit]:
    """One edit for characters in a row, but none across the border of a span."""
    start, end, new = 0, 0, ""
    for at, after in changes:
        if at < end:
            continue  # white space between two marks, both of which would take it along
        if at > end or at in borders:
            if end:
                yield Edit(start, end, new, name)
            start, new = at, ""
        end, new = at + 1, new + after
    if end:
        yield Edit(start, end, new, name)
