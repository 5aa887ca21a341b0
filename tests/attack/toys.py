"""Small victims: a classifier by keywords, a tagger by gazetteer, and a count of their work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from harness.models.function import Function
from harness.models.model import Piece
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Example, Span, example

GOOD, BAD = ("wonderful", "brilliant", "charming"), ("dreadful", "boring", "clumsy")
PLACES = ("Bergen", "Port Louis", "Lisbon")
FILLER = "this film about several people from another country seemed rather long yesterday evening"


class Counted(Function):
    """A function as a model that remembers how many batches and texts it saw."""

    batches = 0
    texts = 0

    def forward(self, pieces: Sequence[Piece]) -> Sequence[Any]:
        """Count, then answer."""
        self.batches, self.texts = self.batches + 1, self.texts + len(pieces)
        return super().forward(pieces)


def sentiment() -> Counted:
    """Says how many of its keywords are good; one more keyword outweighs all smoothing."""

    def said(text: str) -> dict[str, float]:
        seen = re.findall(r"\w+", text)
        good, bad = (sum(word in seen for word in words) for words in (GOOD, BAD))
        p = (good + 0.5) / (good + bad + 1.1)  # without keywords it leans to the bad
        return {"neg": 1 - p, "pos": p}

    return Counted(lambda texts: [said(text) for text in texts], ("neg", "pos"), CLASSIFICATION)


def tagger() -> Counted:
    """Finds the places that it knows by heart."""
    pattern = re.compile(rf"\b({'|'.join(PLACES)})\b")

    def said(text: str) -> list[tuple[int, int, str]]:
        return [(*match.span(), "LOC") for match in pattern.finditer(text)]

    return Counted(lambda texts: [said(text) for text in texts], ("O", "B-LOC", "I-LOC"), NER)


def reviews(count: int) -> list[Example]:
    """Texts with one or two good keywords in different places, labelled ``pos``."""
    made = []
    for at in range(count):
        text = FILLER.split()
        text.insert(at % len(text), GOOD[at % 3])
        if at % 2:
            text.insert(0, GOOD[(at + 1) % 3])
        made.append(example(f"r{at}", " ".join(text), "pos"))
    return made


def trips(count: int) -> list[Example]:
    """Sentences about a place, with its span."""
    made = []
    for at in range(count):
        place, start = PLACES[at % 3], f"Several friends of number {at} visited "
        text = f"{start}{place} yesterday."
        made.append(example(f"t{at}", text, (Span(len(start), len(start) + len(place), "LOC"),)))
    return made
