"""Changes to the gold entities themselves; texts without spans are left as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial

from harness.errors import Fault, UserError
from harness.perturb.character import keyboard
from harness.perturb.names import key
from harness.perturb.operator import operator
from harness.perturb.sites import Word, in_any_order, pick, shuffled, table
from harness.rng import Random
from harness.text import Edit, Example

WITHOUT = frozenset(
    ["classification", "multilabel", "response", "recommendation", "translation", "summarization", "dialogue"]
)
"""Tasks whose examples have no spans that could be swapped."""

entity = partial(operator, level="entity", swaps=True, invalid_for=WITHOUT)


@entity("entity-swap", graded=False, invalid_for=WITHOUT | {"qa"})
def entity_swap(
    example: Example, rng: Random, *, names: Mapping[str, Sequence[str]] | None = None
) -> Iterator[Edit]:
    """Put another name of the same type in the place of every entity.

    Not for answers, which the question asks for by what they are. The arguments of a relation, whose
    labels are ``head`` and ``tail``, are swapped for given names only: whether the label stays true
    then depends on the data, since a relation may be known rather than said.

    Args:
        names: Names by label, such as the training set's; others come from a small bank that
            knows persons, places, organisations, groups, products, works and events. Entities
            with any other label stay.

    Raises:
        UserError: If ``names`` is not a mapping of labels to lists of names.
    """
    bank = _bank(names or {})
    for span in in_any_order(list(example.anchors), rng):
        surface = example.fields[span.field][span.start : span.end]
        choices = [name for name in bank.get(key(span.label), ()) if name.lower() != surface.lower()]
        alike = [name for name in choices if len(name.split()) == len(surface.split())] or choices
        if alike:
            name = pick(rng, alike)
            shouted = len(surface) > 3 and surface.isupper()
            yield Edit(span.start, span.end, name.upper() if shouted else name, span.field)


@entity("entity-typo")
def entity_typo(example: Example, rng: Random) -> Iterator[Edit]:
    """Hit a neighbouring key inside entity names only."""
    for edit in keyboard.function(example, rng):
        if example.touched(edit.field, edit.start, edit.end):
            yield edit


@entity("entity-case")
def entity_case(example: Example, rng: Random) -> Iterator[Edit]:
    """Write words of entity names in lower case."""
    for word in shuffled(example, rng):
        for span in example.touched(word.field, word.start, word.end):
            start, end = max(word.start, span.start), min(word.end, span.end)
            part = Word(start, end, example.fields[span.field][start:end], span.field)
            yield from part.becomes(part.text.lower())


def _bank(names: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    if not isinstance(names, Mapping) or any(
        isinstance(v, str) or not all(isinstance(n, str) for n in v) for v in names.values()
    ):
        raise UserError(Fault(f"names should map labels to lists of names, found {names!r}"))
    return _packaged() | {key(label): tuple(values) for label, values in names.items()}


@cache
def _packaged() -> dict[str, Sequence[str]]:
    """The names of the small bank, by label."""
    return {label: names for labels, names in table("names").items() for label in labels.split()}
