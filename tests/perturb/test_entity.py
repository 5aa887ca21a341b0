"""Changes to the gold entities themselves."""

from __future__ import annotations

import pytest

from harness.errors import UserError
from harness.perturb import entity
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.text import Span, Variant, example

TEXT = "Angela Merkel visited Paris and the UNESCO in May."
SPANS = (Span(0, 13, "PER"), Span(22, 27, "LOC"), Span(36, 42, "organization"))
SOURCE = example("a", TEXT, SPANS)


def surfaces(variant: Variant) -> list[str]:
    return [variant.example.text[s.start : s.end] for s in variant.example.spans]


def test_every_entity_is_swapped_for_another_of_its_type() -> None:
    """Labels stay in order, surfaces change, and the text around them does not."""
    for draw in range(20):
        variant = perturb(SOURCE, entity.entity_swap, 0, seed=0, draw=draw)
        person, place, organisation = surfaces(variant)
        assert [s.label for s in variant.example.spans] == ["PER", "LOC", "organization"]
        assert variant.example.text == f"{person} visited {place} and the {organisation} in May."
        assert person != "Angela Merkel"
        assert place != "Paris"
        assert len(person.split()) == 2
        assert len(place.split()) == 1
        assert organisation.isupper()
        assert organisation != "UNESCO"


def test_names_of_the_users_own_are_used_first() -> None:
    """Given names replace the bank for their label only."""
    options = {"names": {"LOC": ["Atlantis"]}}
    person, place, _ = surfaces(perturb(SOURCE, entity.entity_swap, 0, seed=0, options=options))
    assert place == "Atlantis"
    assert person != "Angela Merkel"


def test_entities_of_an_unknown_type_stay() -> None:
    """Where no names are known there is nothing to swap."""
    assert perturb(example("a", TEXT, (Span(0, 13, "QUARK"),)), entity.entity_swap, 0, seed=0).noop


@pytest.mark.parametrize("names", [["Ada"], {"PER": "Ada"}, {"PER": [1]}])
def test_names_of_another_shape_are_the_users_error(names: object) -> None:
    """The fault says what would be right."""
    with pytest.raises(UserError, match="labels to lists of names"):
        perturb(SOURCE, entity.entity_swap, 0, seed=0, options={"names": names})


@pytest.mark.parametrize("operator", [entity.entity_swap, entity.entity_typo, entity.entity_case])
def test_texts_without_entities_are_left_as_they_are(operator: Operator) -> None:
    """There is nothing to do without gold spans, and classification is told so beforehand."""
    assert perturb(example("a", TEXT, "positive"), operator, 5, seed=0).noop
    assert "classification" in operator.invalid_for


@pytest.mark.parametrize("operator", [entity.entity_typo, entity.entity_case])
def test_only_names_are_edited(operator: Operator) -> None:
    """All edits lie inside gold spans, and the labels are carried along."""
    for draw in range(20):
        variant = perturb(SOURCE, operator, 5, seed=0, draw=draw)
        assert not variant.noop
        assert variant.refusal == ""
        assert all(any(s.start <= e.start and e.end <= s.end for s in SPANS) for e in variant.edits)


def test_names_are_written_in_lower_case() -> None:
    """At the highest severity every word of every name is."""
    assert surfaces(perturb(SOURCE, entity.entity_case, 5, seed=0)) == ["angela merkel", "paris", "unesco"]
