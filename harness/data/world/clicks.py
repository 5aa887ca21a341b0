"""Which of eight books a reader clicks, after what she has clicked before.

A reader has a favourite category, one she avoids, a favourite mood and a price she likes. Her utility of a
book is the sum of what it has of these, and she clicks it with the probability ``sigmoid(2 * (utility - 1))``:
clicks are noisy, so that even a ranking by the true utility is not perfect. How good it is on the very slates
is in ``meta["best"]``, whose mean no model can be expected to exceed. The category and the price are
written beside the title; the mood is only in its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import exp, log2

from harness.data.world.grammar import Draw
from harness.data.world.names import lines, part
from harness.data.world.splits import Brief, Document, Split, Written
from harness.rng import rng

CANDIDATES = 8
SLATES = 3
"""Slates per reader, all after the same history."""
NOUNS = {
    "crime": lines("Harbour, Witness, Alibi, Inspector, Verdict, Stranger, Cellar, Ransom"),
    "cooking": lines("Kitchen, Spoon, Lemon, Bread, Oven, Pepper, Market, Supper"),
    "travel": lines("Road, Island, Map, Train, Coast, Desert, Suitcase, Ferry"),
    "space": lines("Orbit, Moon, Signal, Star, Rocket, Comet, Station, Galaxy"),
    "garden": lines("Rose, Orchard, Seed, Hedge, Pond, Tulip, Meadow, Beehive"),
    "history": lines("Queen, Castle, Empire, Letter, Crown, Battle, Abbey, Treaty"),
}
"""Categories, and what their titles are about."""
MOODS = {
    "dark": lines("Silent, Cold, Last, Black, Broken, Hollow"),
    "funny": lines("Silly, Wobbly, Upside-Down, Merry, Hiccuping, Ticklish"),
    "gentle": lines("Quiet, Little, Golden, Warm, Patient, Kindly"),
    "thrilling": lines("Racing, Burning, Sudden, Final, Deadly, Stolen"),
}
"""Moods, and the words that tell them."""
PRICES = {"cheap": (4, 5, 6, 7, 8), "fair": (12, 13, 14, 15, 16), "dear": (24, 26, 28, 32, 36)}

SPLITS = {
    "train": Split(4000),
    "validation": Split(500),
    "test": Split(1000),
    "unseen-items": Split(600, unseen_entities=True),
    "cold-start": Split(600, special="cold-start"),
}


@dataclass(frozen=True, slots=True)
class Book:
    """A book with what readers care about."""

    title: str
    category: str
    mood: str
    level: str
    price: int

    @property
    def text(self) -> str:
        """The book as a candidate: its title and its columns."""
        return f"{self.title}; category: {self.category}; price: {self.price} euros"

    @property
    def short(self) -> str:
        """The book as part of a history."""
        return f"{self.title} ({self.category}, {self.price} euros)"


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader likes."""

    category: str
    avoided: str
    mood: str
    level: str

    def utility(self, book: Book) -> float:
        """At most 3.2, at least -1.5."""
        return (
            1.5 * (book.category == self.category)
            - 1.5 * (book.category == self.avoided)
            + 1.0 * (book.mood == self.mood)
            + 0.7 * (book.level == self.level)
        )

    def probability(self, book: Book) -> float:
        """How probably the reader clicks the book when she sees it."""
        return 1 / (1 + exp(-2 * (self.utility(book) - 1)))


@cache
def books(unseen: bool) -> tuple[Book, ...]:
    """The shelf: the books of training, or those that training has not."""
    random = rng("world", "books")
    shelf = []
    for (category, nouns), (mood, words) in product(NOUNS.items(), MOODS.items()):
        for noun, word in product(nouns, words):
            level = tuple(PRICES)[int(random.integers(len(PRICES)))]
            price = PRICES[level][int(random.integers(5))]
            shelf.append(Book(f"The {word} {noun}", category, mood, level, price))
    kept = set(part([book.title for book in shelf], unseen))
    return tuple(book for book in shelf if book.title in kept)


def _one(many: Sequence[str], draw: Draw) -> str:
    return many[int(draw() * len(many))]


def _reader(draw: Draw) -> Reader:
    category = _one(tuple(NOUNS), draw)
    avoided = _one([other for other in NOUNS if other != category], draw)
    return Reader(category, avoided, _one(tuple(MOODS), draw), _one(tuple(PRICES), draw))


def _clicked(reader: Reader, shelf: Sequence[Book], count: int, draw: Draw) -> list[Book]:
    """Books the reader came across and clicked."""
    found: list[Book] = []
    while len(found) < count:
        book = shelf[int(draw() * len(shelf))]
        if book not in found and draw() < reader.probability(book):
            found.append(book)
    return found


def write(brief: Brief) -> Document:
    """A reader and three slates of books she is shown."""
    draw, shelf = brief.draw, books(brief.split.unseen_entities)
    reader = _reader(draw)
    count = 1 + int(draw() * 2) if brief.split.special == "cold-start" else 5 + int(draw() * 6)
    history = _clicked(reader, shelf, count, draw)
    text = "; ".join(book.short for book in history)
    return Document(text, (_slate(reader, shelf, history, text, draw) for _ in range(SLATES)))


def _slate(reader: Reader, shelf: Sequence[Book], history: Sequence[Book], text: str, draw: Draw) -> Written:
    """Eight books, not all and not none of which are clicked."""
    while True:
        slate: list[Book] = []
        while len(slate) < CANDIDATES:
            book = shelf[int(draw() * len(shelf))]
            if book not in slate and book not in history:
                slate.append(book)
        clicks = [draw() < reader.probability(book) for book in slate]
        if 0 < sum(clicks) < CANDIDATES:
            break
    fields = {"history": text} | {
        f"candidate {number}": book.text for number, book in enumerate(slate, start=1)
    }
    order = sorted(range(CANDIDATES), key=lambda at: -reader.utility(slate[at]))
    meta = {
        "clicked before": str(len(history)),
        "taste": f"{reader.category}, {reader.mood}, {reader.level}",
        "best": f"{ndcg([clicks[at] for at in order]):.4f}",
    }
    return Written(fields, tuple(str(at + 1) for at in range(CANDIDATES) if clicks[at]), meta)


def ndcg(ranked: Sequence[bool]) -> float:
    """Normalised discounted cumulative gain of clicks in the order of a ranking (Järvelin and Kekäläinen, 2002)."""
    gain = sum(1 / log2(at + 2) for at, clicked in enumerate(ranked) if clicked)
    return gain / sum(1 / log2(at + 2) for at in range(sum(ranked)))
