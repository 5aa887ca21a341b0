"""The embedded world: a small generated world and texts about it, gold by construction.

The world's facts (:mod:`.facts`) are kept apart from the texts that tell them, one module per
collection, which are written by grammars (:mod:`.grammar`). A suite that uses it needs no data, no
network and no annotators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from zlib import crc32

import numpy as np

from harness.data.reader import reader
from harness.data.world import clicks, ner, qa, relation, sentiment, service, summaries, topics, translation
from harness.data.world.facts import world
from harness.data.world.grammar import Draw
from harness.data.world.splits import IN_DOMAIN, SPLITS, UNSEEN_PATTERNS, Brief, Document, Split, Writer
from harness.errors import Fault, UserError, nearest
from harness.rng import rng
from harness.text import Example


@dataclass(frozen=True, slots=True)
class Collection:
    """The splits of one collection and how its documents are written.

    Args:
        splits: By name.
        write: Writes one document.
        grouped: Whether a document holds several examples, whose group it then is.
        stream: Where the randomness comes from; collections that share it are written about the same
            documents, whose groups are the same.
    """

    splits: Mapping[str, Split]
    write: Writer
    grouped: bool = False
    stream: str = ""


PAIRS: Mapping[str, Split] = {
    **IN_DOMAIN,
    "unseen-names": Split(600, unseen_entities=True),
    **UNSEEN_PATTERNS,
    "longer": Split(600, special="longer"),
}
"""The splits of both directions of translation."""

COLLECTIONS: Mapping[str, Collection] = {
    "world/ner": Collection(SPLITS, ner.write),
    "world/sentiment": Collection(
        {**SPLITS, "unseen-topics": Split(600, unseen_topics=True)}, sentiment.write
    ),
    "world/relation": Collection(SPLITS, relation.write, grouped=True),
    "world/translation": Collection(PAIRS, translation.to_english, stream="world/translation"),
    "world/translation-en-de": Collection(PAIRS, translation.to_german, stream="world/translation"),
    "world/dialogue": Collection(service.SPLITS, service.dialogue, True, "world/service"),
    "world/response": Collection(service.SPLITS, service.response, True, "world/service"),
    "world/intents": Collection(service.SPLITS, service.intents, True, "world/service"),
    "world/clicks": Collection(clicks.SPLITS, clicks.write, grouped=True),
    "world/summaries": Collection(summaries.SPLITS, summaries.write),
    "world/topics": Collection(SPLITS, topics.write),
    "world/stream": Collection(topics.STREAM, topics.stream),
    "world/qa": Collection({**SPLITS, "longer": Split(600, special="longer")}, qa.write, grouped=True),
}


@reader("builtin", local=False)
def builtin(path: str, *, split: str = "train", limit: int = 0) -> list[Example]:
    """Texts about a small generated world, with gold that is right by construction.

    ``meta["pattern"]`` names the structure of the text, where it has one. Examples are independent draws,
    unless several are about one text, which is their ``group`` then.

    ======================  ==========================================================================
    ``world/ner``           Spans PER, ORG, LOC and PROD.
    ``world/sentiment``     Negative, neutral or positive; ``meta["topic"]`` is what it is about.
    ``world/relation``      Two marked names and the directed relation between them, of seven, or none.
    ``world/translation``   German sentences with their English translations.
    ``…/translation-en-de``  English sentences with their German translations.
    ``world/dialogue``      Conversations with a service desk and the agent's next reply.
    ``world/response``      The same conversations with ten replies, of which one is right.
    ``world/intents``       What their customers want: one of fifteen intents, or ``out_of_scope``.
    ``world/clicks``        Which of eight books a reader clicks, after what she has clicked before.
    ``world/summaries``     Short news of a firm and what they come down to.
    ``world/topics``        Texts about none to three of seven topics: several labels.
    ``world/stream``        Sentences as in ``world/sentiment`` with their ``meta["time"]``; splits ``steady``
                            and ``jump``, in which the negative share about service doubles on day 12.
    ``world/qa``            Questions about a paragraph; a quarter of them it does not answer.
    ======================  ==========================================================================

    Args:
        path: One of these collections.
        split: ``train``, ``validation``, ``test``, or a shift: ``unseen-entities`` (no name occurs in
            train), ``unseen-patterns`` (no structure occurs in train), ``unseen-topics`` (sentiment:
            travel and health instead of finance and service).
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
    return list(islice(_examples(path, split), min(limit, size) if limit else size))


def _examples(path: str, split: str) -> Iterator[Example]:
    """The endless stream of examples of a split."""
    collection = COLLECTIONS[path]
    prefix, stream = (f"{name.replace('/', '-')}-{split}" for name in (path, collection.stream or path))
    at = 0
    for number, one in enumerate(_documents(path, split)):
        group = f"{stream}-document-{number:05d}" if collection.grouped else ""
        for written in one.examples:
            yield Example(
                f"{prefix}-{at:05d}", written.fields, written.target, group, written.meta, written.marks
            )
            at += 1


def _documents(path: str, name: str) -> Iterator[Document]:
    """The endless stream of distinct documents whose home is the split of that name."""
    collection = COLLECTIONS[path]
    split = collection.splits[name]
    draw = _uniform(rng(collection.stream or path, name))
    here = world(split.unseen_entities)
    taken: set[str] = set()
    while True:
        one = collection.write(Brief(here, draw, split, len(taken)))
        if one.key not in taken and _home(one.key, collection.splits) == name:
            taken.add(one.key)
            yield one


def _home(key: str, splits: Mapping[str, Split]) -> str:
    """The one split that may hold this document: so no two splits share one, whichever is read."""
    at = crc32(key.encode()) % sum(split.size for split in splits.values())
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
