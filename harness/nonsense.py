"""Texts that no model should be sure about, made of those it is tested on (methods, section 3.8).

They lose what makes a text a text and keep the rest: fields, white space, the number of words, and what
a question is about, such as the arguments of a relation. Nothing here knows a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from harness.rng import rng
from harness.text import Edit, Example, vary, words

READ, MADE = "outliers:", "nonsense:"
"""How the data sets of a plan begin that are outliers: read from a file, or made here."""

Maker = Callable[[Sequence[str], Sequence[str], np.random.Generator], Sequence[str]]


def _shuffled(own: Sequence[str], pool: Sequence[str], generator: np.random.Generator) -> Sequence[str]:
    return [own[at] for at in generator.permutation(len(own))]


def _any_words(own: Sequence[str], pool: Sequence[str], generator: np.random.Generator) -> Sequence[str]:
    return [pool[at] for at in generator.integers(0, len(pool), len(own))]


def _any_characters(own: Sequence[str], pool: Sequence[str], generator: np.random.Generator) -> Sequence[str]:
    return ["".join(pool[at] for at in generator.integers(0, len(pool), len(word))) for word in own]


KINDS: Mapping[str, Maker] = {
    "random-characters": _any_characters,
    "random-words": _any_words,
    "shuffled-words": _shuffled,
}
"""By name: what takes the place of a text's words. They are given the words and what may be drawn: for
characters every letter of all texts once, else every word as often as it occurs."""


def nonsense(kind: str, examples: Sequence[Example], seed: int) -> list[Example]:
    """Each text without its sense; those that stay what they were are left out.

    Args:
        kind: One of :data:`KINDS`.
        examples: What to make it of; ids, groups and marks are kept, targets are not.
        seed: The suite's. What becomes of a text depends on its id, not on its place.
    """
    slots = [list(_slots(example)) for example in examples]
    own = [
        [e.fields[name][start:end] for name, start, end in of] for e, of in zip(examples, slots, strict=True)
    ]
    pool = [word for many in own for word in many]
    if kind == "random-characters":
        pool = sorted({char for word in pool for char in word.lower() if char.isalpha()}) or ["x"]
    found = []
    for example, of, old in zip(examples, slots, own, strict=True):
        new = KINDS[kind](old, pool, rng(seed, "nonsense", kind, example.id))
        edits = [Edit(start, end, text, name) for (name, start, end), text in zip(of, new, strict=True)]
        made = vary(replace(example, target=None), edits).example
        if made.fields != example.fields:
            found.append(made)
    return found


def _slots(example: Example) -> Iterator[tuple[str, int, int]]:
    """The words of all fields, but for those that a mark lies on."""
    bare = replace(example, target=None)
    for name, text in example.fields.items():
        for start, end in words(text):
            if not bare.touched(name, start, end):
                yield name, start, end
