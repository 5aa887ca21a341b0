"""The embedded world: a small generated world and sentences about it, gold by construction.

The world's facts (:mod:`.facts`) are kept apart from the sentences that tell them (:mod:`.ner`,
:mod:`.sentiment`), which are written by grammars (:mod:`.grammar`). A suite that uses it needs no
data, no network and no annotators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from zlib import crc32

import numpy as np

from harness.data.reader import reader
from harness.data.world import ner, sentiment
from harness.data.world.facts import world
from harness.data.world.grammar import Draw
from harness.data.world.splits import SPLITS, Split, Writer, Written
from harness.errors import Fault, UserError, nearest
from harness.rng import rng
from harness.text import TEXT, Example


@dataclass(frozen=True, slots=True)
class Collection:
    """The splits of one task and how its sentences are written."""

    splits: Mapping[str, Split]
    write: Writer


COLLECTIONS: Mapping[str, Collection] = {
    "world/ner": Collection(SPLITS, ner.write),
    "world/sentiment": Collection(
        {**SPLITS, "unseen-topics": Split(600, unseen_topics=True)}, sentiment.write
    ),
}


@reader("builtin", local=False)
def builtin(path: str, *, split: str = "train", limit: int = 0) -> list[Example]:
    """Sentences about a small generated world, with gold that is right by construction.

    Examples are independent draws, so ``group`` stays empty; ``meta["pattern"]`` names the structure
    of the sentence (and ``meta["topic"]`` what it is about, for sentiment).

    Args:
        path: ``world/ner`` (spans PER, ORG, LOC, PROD) or ``world/sentiment`` (negative, neutral, positive).
        split: ``train``, ``validation``, ``test``, ``unseen-entities`` (no name occurs in train),
            ``unseen-patterns`` (no sentence structure occurs in train), and for sentiment
            ``unseen-topics`` (travel and health instead of finance and service).
        limit: The first so many, a fair sample since the order is random; 0 for all.

    Raises:
        UserError: If path or split is unknown, or the limit negative.
    """
    faults = []
    collection = COLLECTIONS.get(path)
    if collection is None:
        faults.append(
            Fault(f"unknown built-in data {path!r}", field="builtin", hint=nearest(path, tuple(COLLECTIONS)))
        )
    elif split not in collection.splits:
        hint = nearest(split, tuple(collection.splits))
        faults.append(Fault(f"{path} has no split {split!r}", field="split", hint=hint))
    if limit < 0:
        faults.append(Fault(f"should be 0 (all) or more, found {limit}", field="limit"))
    if faults or collection is None:
        raise UserError(faults)
    size = collection.splits[split].size
    return [
        Example(f"{path.replace('/', '-')}-{split}-{at:05d}", {TEXT: one.text}, one.target, meta=one.meta)
        for at, one in enumerate(islice(_written(path, split), min(limit, size) if limit else size))
    ]


def _written(path: str, name: str) -> Iterator[Written]:
    """The endless stream of distinct sentences whose home is the split of that name."""
    collection = COLLECTIONS[path]
    split = collection.splits[name]
    draw = _uniform(rng(path, name))
    here = world(split.unseen_entities)
    taken: set[str] = set()
    while True:
        one = collection.write(here.scene(draw), draw, split)
        if one.text not in taken and _home(one.text, collection.splits) == name:
            taken.add(one.text)
            yield one


def _home(text: str, splits: Mapping[str, Split]) -> str:
    """The one split that may hold this text: so no two splits share a sentence, whichever is read."""
    at = crc32(text.encode()) % sum(split.size for split in splits.values())
    for name, split in splits.items():
        if at < split.size:
            return name
        at -= split.size
    raise AssertionError("unreachable: the remainder is less than the sum")


def _uniform(random: np.random.Generator) -> Draw:
    """Uniform numbers one by one, drawn in blocks since single draws are slow."""

    def stream() -> Iterator[float]:
        while True:
            yield from random.random(4096).tolist()

    return stream().__next__
