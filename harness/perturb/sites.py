"""What operators share: the words of an example in random order, protected words, word lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple, Protocol, TypeVar

from harness.rng import Random
from harness.text import WORD, Edit, Example

T = TypeVar("T")

LETTERS = re.compile(r"[^\W\d_]+")


class Word(NamedTuple):
    """A stretch of one field, usually a whitespace-separated word."""

    start: int
    end: int
    text: str
    field: str

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Replace ``[start, end)``, counted from the start of the word."""
        return Edit(self.start + start, self.start + end, text, self.field)

    def becomes(self, after: str) -> Iterator[Edit]:
        """The smallest single edit that turns the word into ``after``; none if it is the same."""
        before = self.text
        if after == before:
            return
        start, stop = 0, min(len(before), len(after))
        while start < stop and before[start] == after[start]:
            start += 1
        tail = 0
        while tail < stop - start and before[-1 - tail] == after[-1 - tail]:
            tail += 1
        yield self.edit(start, len(before) - tail, after[start : len(after) - tail])

    @property
    def core(self) -> Word:
        """The longest run of letters in the word, without the marks around it; may be empty."""
        start, end = core(self.text)
        return Word(self.start + start, self.start + end, self.text[start:end], self.field)


@lru_cache(maxsize=2**16)
def core(word: str) -> tuple[int, int]:
    """Where the longest run of letters of a word begins and ends."""
    runs = [m.span() for m in LETTERS.finditer(word)]
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))


@lru_cache(maxsize=2**16)
def letters(word: str) -> tuple[int, ...]:
    """Where the letters of a word are."""
    return tuple(at for at, char in enumerate(word) if char.isalpha())


def shuffled(
    example: Example,
    rng: Random,
    pattern: re.Pattern[str] = WORD,
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Word]:
    """All matches of ``pattern`` in all fields that are wanted, in random order."""
    random, fields = rng.random, example.fields
    if len(fields) == 1:  # the usual case, a third faster
        ((name, text),) = fields.items()
        spans = [match.span() for match in pattern.finditer(text)]
        for left in range(len(spans), 0, -1):
            at = int(random() * left)
            start, end = spans[at]
            spans[at] = spans[left - 1]
            found = text[start:end]
            if wanted is None or wanted(found):
                yield Word(start, end, found, name)
        return
    places = [(name, *match.span()) for name, text in fields.items() for match in pattern.finditer(text)]
    for name, start, end in in_any_order(places, rng):
        found = fields[name][start:end]
        if wanted is None or wanted(found):
            yield Word(start, end, found, name)


def in_any_order(found: list[T], rng: Random) -> Iterator[T]:
    """The elements in random order, drawn one by one as they are asked for; empties the list."""
    random = rng.random
    for left in range(len(found), 0, -1):
        at = int(random() * left)
        found[at], last = found[-1], found[at]
        found.pop()
        yield last


def typable(example: Example, rng: Random, least: int = 3) -> Iterator[Word]:
    """Words of at least so many letters in which a typo leaves the meaning readable."""
    return shuffled(example, rng, wanted=_typable(least))


@cache
def _typable(least: int) -> Callable[[str], bool]:
    @lru_cache(maxsize=2**16)
    def typable(word: str) -> bool:
        return len(letters(word)) >= least and not negates(word)

    return typable


def in_span(word: Word, example: Example) -> bool:
    """Whether the word and a gold span have a character in common."""
    return bool(example.touched(word.field, word.start, word.end))


NEARBY = 100
"""How many characters around a word are looked at, so that long texts cost no more than their length."""


def preceding(word: Word, example: Example) -> str:
    """The text shortly before a word; empty at the beginning of its field."""
    return example.fields[word.field][max(0, word.start - NEARBY) : word.start]


def following(word: Word, example: Example) -> str:
    """The text shortly after a word; empty at the end of its field."""
    return example.fields[word.field][word.end : word.end + NEARBY]


def without(word: Word, example: Example) -> Edit:
    """Leave a word out, and the white space with it, so that what is left has single gaps."""
    text = example.fields[word.field]
    if gap := GAP.match(text, word.end):
        return Edit(word.start, gap.end(), "", word.field)
    before = preceding(word, example)
    return word.edit(len(before.rstrip()) - len(before), len(word.text), "")


GAP = re.compile(r"\s+")


class Uniform(Protocol):
    """What gives numbers between 0 and 1: a generator of Python's or of numpy's."""

    def random(self) -> float:
        """A number in [0, 1)."""


def pick(rng: Uniform, choices: Sequence[T]) -> T:
    """One of the choices, all equally likely."""
    return choices[int(rng.random() * len(choices))]


def cased(text: str, like: str) -> str:
    """``text`` in the casing of ``like``: all capitals, first letter capital, or as it is."""
    if len(like) > 1 and like.isupper():
        return text.upper()
    return text[:1].upper() + text[1:] if like[:1].isupper() else text


# -- words that carry the truth of a sentence (methods, section 8.1) -----------------------------


@lru_cache(maxsize=2**16)
def negates(word: str) -> bool:
    """Whether a word says no: ``not``, ``never``, ``don't``."""
    plain = _plain(word)
    return plain in wordlist("negations") or plain.endswith("n't")


@lru_cache(maxsize=2**16)
def protected(word: str) -> bool:
    """Whether a word may not be replaced, dropped or doubled by what should preserve meaning.

    Numbers, negations, quantifiers, comparatives and modal verbs (methods, section 8.1).
    """
    if any(map(str.isnumeric, word)) or negates(word):
        return True
    plain = _plain(word)
    return plain in wordlist("protected") or plain.partition("'")[0] in wordlist("protected")


def _plain(word: str) -> str:
    return word.lower().replace("\u2019", "'").strip(_MARKS)


_MARKS = ".,;:!?\"'()[]\u2026\u201c\u201d\u2018"


# -- word lists ----------------------------------------------------------------------------------


@cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of a packaged list, without comments and empty lines."""
    text = files("harness.perturb").joinpath("resources", f"{name}.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def wordlist(name: str) -> frozenset[str]:
    """The words of a packaged list, however many there are on a line."""
    return frozenset(word for line in lines(name) for word in line.split())


@cache
def table(name: str) -> Mapping[str, tuple[str, ...]]:
    """A packaged list of ``key: value, value`` lines."""
    pairs = (line.partition(":") for line in lines(name))
    return {key: tuple(value.strip() for value in values.split(",")) for key, _, values in pairs}
