"""Sentences that look like English and come with gold spans, made from a seed."""

from __future__ import annotations

import pytest

from harness.rng import rng
from harness.text import Example, Span, example

NAMES = {
    "PER": ("Ada Lindqvist", "Tomas", "Noor El Amin"),
    "LOC": ("Bergen", "Port Louis"),
    "ORG": ("Acme Works",),
}
PLAIN = [
    "the",
    "teacher",
    "asked",
    "people",
    "about",
    "their",
    "beautiful",
    "garden",
    "because",
    "she",
    "wanted",
    "to",
    "know",
    "which",
    "flowers",
    "received",
    "water",
    "every",
    "morning",
    "and",
    "whether",
    "the",
    "government",
    "should",
    "separate",
    "old",
    "trees",
    "from",
    "new",
    "ones",
    "it",
    "is",
    "not",
    "clear",
    "what",
    "happened",
    "to",
    "a",
    "quick",
    "decision",
    "of",
    "12",
    "friends",
    "who",
    "started",
    "building",
    "houses",
    "near",
    "rivers",
    "where",
    "children",
    "usually",
    "play",
    "with",
    "great",
    "interest",
    "before",
    "dinner",
]


def sentence(seed: int) -> Example:
    """About twenty words with two entities, a comma and a full stop."""
    random = rng("sentence", seed)
    parts = [str(word) for word in random.choice(PLAIN, size=int(random.integers(14, 24)))]
    parts[0] = parts[0].capitalize()
    parts[5] += ","
    for at, label in ((3, "PER"), (9, str(random.choice(("LOC", "ORG"))))):
        parts[at] = f"{label}:{random.choice(NAMES[label])}"
    text, spans = "", []
    for part in parts:
        label, colon, name = part.partition(":")
        text += " " if text else ""
        if colon:
            spans.append(Span(len(text), len(text) + len(name), label))
        text += name if colon else part
    return example(f"s{seed}", f"{text}.", tuple(spans))


@pytest.fixture(scope="session")
def sentences() -> list[Example]:
    """Three hundred sentences with gold spans."""
    return [sentence(seed) for seed in range(300)]
