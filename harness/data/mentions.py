"""How much of an entity training has seen: its name, its parts, or nothing (methods, section 5.4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.text import Example, Span

PARTITIONS = ("seen", "type-shifted", "partial", "new")
"""The name with this type; with other types only; a word of it inside an entity of this type; neither."""
EXACT, FOLDED = "exact", "folded"
CASES = (EXACT, FOLDED)
"""Whether case counts."""


@dataclass(frozen=True)
class Known:
    """The entities of the training data.

    Args:
        names: With their type.
        forms: Without it.
        parts: Words inside of entities, with the type.
        fold: Whether case is left aside.
    """

    names: frozenset[tuple[str, str]]
    forms: frozenset[str]
    parts: frozenset[tuple[str, str]]
    fold: bool

    def partition(self, name: str, label: str) -> int:
        """Which of :data:`PARTITIONS` a mention belongs to, gold or predicted, by its own name and type."""
        name = name.lower() if self.fold else name
        if (name, label) in self.names:
            return 0
        if name in self.forms:
            return 1
        return 2 if any((word, label) in self.parts for word in name.split()) else 3


def known(train: Sequence[Example], fold: bool) -> Known:
    """What training has seen of entities."""
    names = {(_name(e, s).lower() if fold else _name(e, s), s.label) for e in train for s in e.spans}
    parts = {(word, label) for name, label in names for word in name.split()}
    return Known(frozenset(names), frozenset(n for n, _ in names), frozenset(parts), fold)


def counted(example: Example, said: Collection[Span], of: Known) -> list[int]:
    """Of each partition: spans found, spans said that are none, spans missed; ``12`` numbers.

    A predicted span belongs to the partition of its own name and type: where it is right, that is the
    gold span's.
    """
    row = [0] * (3 * len(PARTITIONS))
    gold, found = set(example.spans), set(said)
    for at, spans in enumerate((gold & found, found - gold, gold - found)):
        for span in spans:
            row[3 * of.partition(_name(example, span), span.label) + at] += 1
    return row


def confusable(examples: Sequence[Example]) -> frozenset[str]:
    """Names that bear several types within these examples, case left aside."""
    types: dict[str, set[str]] = {}
    for example in examples:
        for span in example.spans:
            types.setdefault(_name(example, span).lower(), set()).add(span.label)
    return frozenset(name for name, labels in types.items() if len(labels) > 1)


def found_confusable(example: Example, said: Collection[Span], names: Collection[str]) -> list[int]:
    """Mentions with such a name that were found, and all of them."""
    those = [span for span in example.spans if _name(example, span).lower() in names]
    return [sum(span in said for span in those), len(those)]


def _name(example: Example, span: Span) -> str:
    return example.fields[span.field][span.start : span.end]
