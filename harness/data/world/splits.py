"""What a split of the embedded world holds back from training, and what its writers hand over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from harness.data.world.facts import World
from harness.data.world.grammar import Draw
from harness.text import TEXT, Span, Target


@dataclass(frozen=True, slots=True)
class Split:
    """How large a split is, and in what it differs from the training data.

    Args:
        size: How many examples it holds.
        unseen_entities: Every name (or item, or German name) is new.
        unseen_patterns: Only constructions that training has not.
        unseen_topics: Only topics that training has not.
        special: A shift that only this collection knows, such as ``longer`` or ``chatty``.
    """

    size: int
    unseen_entities: bool = False
    unseen_patterns: bool = False
    unseen_topics: bool = False
    special: str = ""


IN_DOMAIN: Mapping[str, Split] = {"train": Split(4000), "validation": Split(500), "test": Split(1000)}
"""The splits every task has."""
UNSEEN_ENTITIES: Mapping[str, Split] = {"unseen-entities": Split(600, unseen_entities=True)}
UNSEEN_PATTERNS: Mapping[str, Split] = {"unseen-patterns": Split(600, unseen_patterns=True)}
SPLITS: Mapping[str, Split] = {**IN_DOMAIN, **UNSEEN_ENTITIES, **UNSEEN_PATTERNS}
"""The splits most tasks have."""


@dataclass(frozen=True, slots=True)
class Written:
    """An example without its identity: fields, gold answer, columns for slicing, and arguments."""

    fields: Mapping[str, str]
    target: Target
    meta: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What is written in one go: the examples about one text, which stay together.

    Args:
        key: What no two documents of any splits may have in common, such as the text.
        examples: At least one; they are asked for once, and only if the document is taken.
    """

    key: str
    examples: Iterable[Written]


def document(text: str, target: Target, meta: Mapping[str, str]) -> Document:
    """A document of one example with the single field ``text``."""
    return Document(text, (Written({TEXT: text}, target, meta),))


@dataclass(frozen=True, slots=True)
class Brief:
    """What a writer is asked for.

    Args:
        world: The world to write about; all its names are unseen if the split says so.
        draw: Where all randomness comes from.
        split: What the split holds back.
        at: How many documents of the split there are already.
    """

    world: World
    draw: Draw
    split: Split
    at: int


Writer = Callable[[Brief], Document]
"""Writes one document, as the split allows."""
