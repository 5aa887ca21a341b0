"""Other words around entities."""

from __future__ import annotations

from harness.perturb import context
from harness.perturb.severity import perturb
from harness.text import Span, Variant, example

TEXT = (
    "The old farmer slowly painted houses for Ada Berg in the winter before other people arrived with boxes"
)
SOURCE = example("a", TEXT, (Span(41, 49, "PER"),))
PEERS = [
    SOURCE,
    example(
        "b", "They quickly washed tables and the doctor in Paris met not many lawyers", (Span(45, 50, "LOC"),)
    ),
]


def vary(draw: int, severity: int = 5) -> Variant:
    return perturb(SOURCE, context.entity_context, severity, seed=0, draw=draw, peers=PEERS)


def test_words_near_an_entity_become_words_of_the_same_form() -> None:
    """``painted houses`` may become ``washed tables``; what is farther away than three words stays."""
    seen: dict[str, set[str]] = {}
    for draw in range(60):
        variant = vary(draw)
        for before, after in zip(TEXT.split(), variant.example.text.split(), strict=True):
            seen.setdefault(before, set()).add(after)
    changed = {before: after - {before} for before, after in seen.items() if after != {before}}
    assert changed == {"painted": {"washed", "arrived"}, "houses": {"tables"}}


def test_the_entity_stays() -> None:
    """Its place moves, its surface and type do not."""
    for draw in range(20):
        (span,) = vary(draw).example.spans
        assert vary(draw).example.text[span.start : span.end] == "Ada Berg"


def test_there_is_nothing_to_do_without_entities_or_peers() -> None:
    """And other tasks have no entities."""
    assert perturb(example("a", TEXT, ()), context.entity_context, 5, seed=0, peers=PEERS).noop
    assert perturb(SOURCE, context.entity_context, 5, seed=0).noop
    assert not context.entity_context.suits("classification")
