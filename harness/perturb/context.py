"""Other words around entities: names can be known by themselves or by their context, and this tells which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from harness.perturb.lexical import content
from harness.perturb.operator import operator
from harness.perturb.peers import Identity
from harness.perturb.sites import Word, in_any_order, pick, wordlist
from harness.rng import Random
from harness.text import WORD, Edit, Example

REACH = 3
"""How many words before and after an entity are its context."""
ENDING = re.compile(r"(?:ing|ed|ly|tions?|ments?|ness|ers?|ors?|ists?|ity|ies|al|ive|ous|ful|less|ss|s)$")
"""What tells forms and parts of speech apart, as far as the end of a word does."""
Shape = tuple[str, str]
"""How a word ends, and the function word before it: words that share both can mostly stand for each other."""


@operator(
    "entity-context",
    level="word",
    inside_spans=False,
    peers=True,
    only_for=frozenset({"ner"}),
    reference="Lin et al. 2021, RockNER",
)
def entity_context(example: Example, rng: Random, peers: Sequence[Example]) -> Iterator[Edit]:
    """Replace words next to entities by words that stand in the same place in other examples.

    In the same place are words with the same ending after the same function word. They are in lower
    case and part of no entity there, so that they are no names.
    """
    words = _words(Identity(peers))
    for word, shape in in_any_order(list(_near(example)), rng):
        other = pick(rng, words.get(shape, (word.text,)))
        yield from word.becomes(other)


def _near(example: Example) -> Iterator[tuple[Word, Shape]]:
    """The content words within reach of an entity, with their shapes."""
    for name, text in example.fields.items():
        if not any(span.field == name for span in example.anchors):
            continue
        found = list(WORD.finditer(text))
        inside = [bool(example.touched(name, one.start(), one.end())) for one in found]
        for at, one in enumerate(found):
            shape = _shape(one.group(), found[at - 1].group() if at else "")
            if shape and not inside[at] and any(inside[max(0, at - REACH) : at + REACH + 1]):
                yield Word(one.start(), one.end(), one.group(), name), shape


@lru_cache(maxsize=2)
def _words(peers: Identity) -> Mapping[Shape, Sequence[str]]:
    """The content words of a data set outside of its entities, by shape."""
    found: dict[Shape, dict[str, None]] = {}
    for example in peers.of:
        for name, text in example.fields.items():
            before = ""
            for one in WORD.finditer(text):
                shape = _shape(one.group(), before)
                if shape and not example.touched(name, one.start(), one.end()):
                    found.setdefault(shape, {})[one.group()] = None
                before = one.group()
    return {shape: tuple(words) for shape, words in found.items()}


@lru_cache(maxsize=2**16)
def _shape(word: str, before: str) -> Shape | None:
    """The shape of a content word in lower case; None for others."""
    if not word.islower() or len(word) < 4 or not content(word):
        return None
    ending, before = ENDING.search(word), before.lower()
    return ending.group() if ending else "", before if before in wordlist("function-words") else ""
