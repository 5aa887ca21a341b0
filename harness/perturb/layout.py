"""Where words, lines and sentences begin: split and joined words, hard line breaks, lists and tables.

The words are those of the clean text, laid out as by a careless writer, a text file or a page that was
copied from. Labels stay true for every task, but for lists and tables in translation: those would have to
be laid out in the references too. Words are never split or joined within a gold span or at its border
(methods, sections 9.3 and 9.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from harness.errors import Fault, UserError, nearest
from harness.perturb.format import formatting
from harness.perturb.sites import following, negates, pick, preceding, shuffled, typable, wordlist
from harness.perturb.splitting import sentences
from harness.rng import Random
from harness.text import WORD, Edit, Example

TRANSLATION = frozenset({"translation"})


@formatting("split-word", inside_spans=False, reference="Li et al. 2019, TextBugger")
def split_word(example: Example, rng: Random) -> Iterator[Edit]:
    """Put a space into a word."""
    for word in typable(example, rng, 4):
        if seams := _seams(word.text):
            at = pick(rng, seams)
            yield word.edit(at, at, " ")


@formatting("hyphenation", inside_spans=False)
def hyphenation(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave the hyphen of a line's end in a word, as in text out of columns: ``exam-ple``, ``exam- ple``."""
    for word in typable(example, rng, 5):
        if seams := _seams(word.text)[1:-1]:
            at = pick(rng, seams)
            yield word.edit(at, at, pick(rng, ("-", "- ", "-\n")))


SHORT = 12
"""No word that is protected is longer."""


@lru_cache(maxsize=2**16)
def _seams(word: str) -> tuple[int, ...]:
    """Where a word may come apart: between two letters, and so that neither part is a protected word."""
    size = len(word)
    return tuple(
        i
        for i in range(1, size)
        if word[i - 1 : i + 1].isalpha()
        and not (i <= SHORT and _guarded(word[:i]))
        and not (size - i <= SHORT and _guarded(word[i:]))
    )


def _guarded(part: str) -> bool:
    plain = "".join(filter(str.isalpha, part)).lower()
    return plain in wordlist("negations") or plain in wordlist("protected")


JOINT = re.compile(r" (?<=[^\W\d_] )(?=[^\W\d_])")
"""The space between two letters: figures that were joined would be another number."""


@formatting("merge-words", inside_spans=False, reference="Eger and Benz 2020, From Hero to Zéroe")
def merge_words(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave out the space between two words; never of three in a row, and not where one of them says no."""
    joined: set[tuple[str, int]] = set()
    for gap in shuffled(example, rng, JOINT):
        left = preceding(gap, example).rsplit(maxsplit=1)[-1]
        right = following(gap, example).split(maxsplit=1)[0]
        both = {(gap.field, gap.start - len(left)), (gap.field, gap.end)}
        # A name that is glued to its neighbour is no word any more: its border is as bad as its inside.
        near = example.touched(gap.field, gap.start - 1, gap.end + 1)
        if not near and joined.isdisjoint(both) and not (negates(left) or negates(right)):
            joined |= both
            yield gap.edit(0, 1, "")


@formatting("line-breaks", graded=False, unit="character")
def line_breaks(example: Example, rng: Random, *, width: int = 40) -> Iterator[Edit]:
    """Break the text into lines of some width at its spaces, as old mail and text files are.

    Args:
        width: How many characters a line has at most; where in a line the text begins is drawn.

    Raises:
        UserError: If the width is not at least 1.
    """
    if width < 1:
        raise UserError(Fault(f"line-breaks: width should be at least 1, found {width}"))
    for name, text in example.fields.items():
        column, end = int(rng.random() * width), 0
        for start, stop in (match.span() for match in WORD.finditer(text)):
            column += stop - end
            if "\n" in text[end:start]:
                column = stop - start
            elif column > width and end:
                column = stop - start
                yield Edit(end, start, "\n", name)
            end = stop


EDGES = (" ", "  ", "    ", "\t", "\n")


@formatting("indent", graded=False, unit="character")
def indent(example: Example, rng: Random) -> Iterator[Edit]:
    """Put white space before and after the text, or strip what there is."""
    for name, text in example.fields.items():
        if text.strip():
            start, end = len(text) - len(text.lstrip()), len(text.rstrip())
            yield Edit(0, start, "" if start else pick(rng, EDGES), name)
            yield Edit(end, len(text), "" if end < len(text) else pick(rng, EDGES), name)


@formatting("bullets", graded=False, inside_spans=False, invalid_for=TRANSLATION)
def bullets(example: Example, rng: Random, *, mark: str = "") -> Iterator[Edit]:
    """Make a list of the text: each sentence or line on its own, behind a bullet.

    Args:
        mark: The bullet; if empty, ``-``, ``*`` or ``•`` is drawn for each text.
    """
    bullet = mark or pick(rng, "-*•")
    for name, text in example.fields.items():
        end = 0
        for at, (start, stop) in enumerate(_rows(text, name)):
            yield Edit(end if at else start, start, f"\n{bullet} " if at else f"{bullet} ", name)
            end = stop


BORDERS: Mapping[str, tuple[str, str, str]] = {
    "pipes": ("| ", " | ", " |"),
    "wiki": ("|| ", " || ", " ||"),
    "tabs": ("\t", "\t", ""),
}
"""What a table has before, between and behind the cells of a row."""
CELL = re.compile(r"(?<=[,;:])\s+(?=\S)")


@formatting("table-layout", graded=False, inside_spans=False, invalid_for=TRANSLATION)
def table_layout(example: Example, rng: Random, *, style: str = "any") -> Iterator[Edit]:
    """Lay the text out as a table: a row for each sentence or line, a cell for each clause.

    Args:
        style: pipes, wiki (two pipes), tabs, or any, which draws one for each text.

    Raises:
        UserError: If the style is unknown.
    """
    if style not in (*BORDERS, "any"):
        raise UserError(Fault(f"unknown style {style!r}", hint=nearest(style, (*BORDERS, "any"))))
    before, between, behind = BORDERS[pick(rng, tuple(BORDERS)) if style == "any" else style]
    for name, text in example.fields.items():
        end = -1
        for start, stop in _rows(text, name):
            new = before if end < 0 else f"{behind}\n{before}"
            yield Edit(start if end < 0 else end, start, new, name)
            for gap in CELL.finditer(text, start, stop):
                yield Edit(*gap.span(), between, name)
            end = stop
        if end >= 0:
            yield Edit(end, end, behind, name)


LINE = re.compile(r"\S(?:[^\n]*\S)?")


def _rows(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a field stand, those of several lines line by line."""
    for one in sentences(text, name):
        for line in LINE.finditer(text, one.start, one.end):
            yield line.span()
