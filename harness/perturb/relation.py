"""Relations: noise where it says how two arguments are related, noise elsewhere, and arguments exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from harness.perturb.character import keyboard
from harness.perturb.operator import operator
from harness.perturb.sites import Word, preceding
from harness.rng import Random
from harness.text import Edit, Example, Span

relation = partial(operator, only_for=frozenset({"relation"}))


@relation("between-arguments", level="character", inside_spans=False)
def between_arguments(example: Example, rng: Random) -> Iterator[Edit]:
    """Hit a neighbouring key in words between the two arguments, which mostly say how they are related."""
    return _typed(example, rng, lambda edit, left, right: left.end <= edit.start and edit.end <= right.start)


@relation("outside-arguments", level="character", inside_spans=False)
def outside_arguments(example: Example, rng: Random) -> Iterator[Edit]:
    """Hit a neighbouring key in words before the first and after the second argument."""
    return _typed(example, rng, lambda edit, left, right: edit.end <= left.start or edit.start >= right.end)


def _typed(example: Example, rng: Random, suits: Callable[[Edit, Span, Span], bool]) -> Iterator[Edit]:
    if found := _arguments(example):
        for edit in keyboard.function(example, rng):
            if edit.field == found[0].field and suits(edit, *found):
                yield edit


@relation("swap-arguments", level="entity", graded=False, whole=True, swaps=True)
def swap_arguments(example: Example, rng: Random) -> Iterator[Edit]:
    """Exchange what the two arguments are called, so that the words between them have to say the relation.

    Head and tail stay where they are: ``the [bomb] caused the [fire]`` becomes ``the [fire] caused the
    [bomb]``, and still the head causes the tail. So the label stays, whether directed or not, but what the
    text says may no longer be so: a model that knows what things are like rather than reads is found
    out. Not where the relation is said by the arguments themselves, as in compounds (``coffee cup``) and
    with a genitive, nor where one is a name and the other is not, or they differ in number.
    """
    if found := _arguments(example):
        left, right = found
        text = example.fields[left.field]
        first, second = (Word(s.start, s.end, text[s.start : s.end], s.field) for s in found)
        if _says(text[left.end : right.start]) and _exchangeable(first, second, example):
            yield Edit(left.start, left.end, second.text, left.field)
            yield Edit(right.start, right.end, first.text, right.field)


def _arguments(example: Example) -> tuple[Span, Span] | None:
    """The arguments in order of place, if there are two that do not overlap."""
    if len(example.marks) != 2:
        return None
    left, right = sorted(example.marks)
    return (left, right) if left.field == right.field and left.end <= right.start else None


def _says(between: str) -> bool:
    """Whether there are words between two arguments that can say how they are related."""
    return any(word.isalpha() for word in between.split()) and not between.startswith(("'", "\u2019"))


def _exchangeable(left: Word, right: Word, example: Example) -> bool:
    """Whether each of two phrases can stand where the other does, as far as its form goes."""
    first, second = left.text, right.text
    return (
        first.lower() != second.lower()
        and first[:1].isupper() == second[:1].isupper()
        and _plural(first) == _plural(second)
        and (not _article(left, example) or _vowel(first) == _vowel(second))
        and (not _article(right, example) or _vowel(first) == _vowel(second))
    )


def _plural(phrase: str) -> bool:
    return phrase.endswith("s") and not phrase.endswith(("ss", "is", "us"))


def _vowel(phrase: str) -> bool:
    return phrase[:1].lower() in set("aeiou")


def _article(word: Word, example: Example) -> bool:
    """Whether ``a`` or ``an`` stands before a word."""
    before = preceding(word, example).split()
    return bool(before) and before[-1].lower() in ("a", "an")
