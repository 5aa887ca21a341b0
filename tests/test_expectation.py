"""Tests of behaviour: texts from templates, and what is wrong with a test."""

from __future__ import annotations

import pytest

from harness.expectation import Expectation
from harness.template import filled, fillings, slots
from harness.text import Span

LEXICONS = {"name": ["Ann", "Bob", "Cem"], "city": ["Oslo", "Lima"]}


def test_slots_are_filled_and_marked() -> None:
    """A slot with a label becomes a gold span; others do not."""
    texts, spans = filled(
        "{name:PER} met {name2:PER} in {city}.", {"name": "Ann", "name2": "Bob", "city": "Oslo"}
    )
    assert texts == {"text": "Ann met Bob in Oslo."}
    assert spans == (Span(0, 3, "PER"), Span(8, 11, "PER"))


def test_several_fields_have_templates_of_their_own() -> None:
    """The answer to a question is a slot of its context."""
    template = {"question": "Where is {name}?", "context": "{name} is in {city:answer}."}
    assert slots(template) == ("name", "city")
    texts, spans = filled(template, {"name": "Ann", "city": "Lima"})
    assert texts["question"] == "Where is Ann?"
    assert spans == (Span(10, 14, "answer", "context"),)


def test_all_fillings_are_made_once_and_never_with_one_word_twice() -> None:
    """Three names in two slots of one lexicon are six pairs."""
    found = fillings(["name1", "name2"], LEXICONS, 100, "test")
    assert len({tuple(one.items()) for one in found}) == len(found) == 6
    assert all(one["name1"] != one["name2"] for one in found)


def test_large_lexicons_are_drawn_from() -> None:
    """Of a hundred million combinations as many as asked for, the same each time."""
    many = {name: [f"{name}{at}" for at in range(100)] for name in ("a", "b", "c", "d")}
    found = fillings(many, many, 20, "test")
    assert len(found) == 20 == len({tuple(one.items()) for one in found})
    assert found == fillings(many, many, 20, "test")


def test_a_minimum_functionality_test_has_gold() -> None:
    """The label that is given, or else the spans of the slots."""
    one = Expectation("a", "MFT", "{name} is glad.", LEXICONS, label="positive")
    assert {e.target for e in one.texts(0)} == {"positive"}
    spans = Expectation("a", "MFT", "{name:PER} left.", LEXICONS)
    assert {e.text[e.spans[0].start : e.spans[0].end] for e in spans.texts(0)} == set(LEXICONS["name"])


def test_an_invariance_test_fills_one_slot_anew() -> None:
    """Each pair differs in the varied slot alone, and is a group of its own."""
    texts = Expectation("a", "INV", "{name} is in {city}.", LEXICONS, vary="name").texts(0)
    assert len(texts) == 12
    for before, after in zip(texts[::2], texts[1::2], strict=True):
        assert before.group == after.group
        assert before.text.split()[0] != after.text.split()[0]
        assert before.text.split()[1:] == after.text.split()[1:]
        assert (before.meta["role"], after.meta["role"]) == ("before", "after")


def test_a_directional_test_has_a_template_for_afterwards() -> None:
    """With the same words in its slots."""
    one = Expectation("a", "DIR", "{name} is glad.", LEXICONS, label="positive", after="{name} is very glad.")
    before, after = one.texts(0)[:2]
    assert after.text == before.text.replace("glad", "very glad")


@pytest.mark.parametrize(
    ("given", "key", "said"),
    [
        ({"kind": "MFT", "template": "{who} left."}, "template", "no lexicon for the slot {who}"),
        ({"kind": "MFT", "template": "{name} left.", "vary": "name"}, "vary", "an MFT changes nothing"),
        ({"kind": "INV", "template": "{name} left."}, "kind", "needs either vary"),
        (
            {"kind": "INV", "template": "{name} left.", "vary": "city"},
            "vary",
            "should be a slot of the template",
        ),
        ({"kind": "DIR", "template": "{name}", "after": "{name}!"}, "label", "DIR needs the label"),
        (
            {"kind": "INV", "template": "{name}", "after": "{city}"},
            "after",
            "slots that the template has not: city",
        ),
    ],
)
def test_a_test_that_makes_no_sense_is_told(given: dict[str, str], key: str, said: str) -> None:
    """Key and reason."""
    found = list(Expectation(name="a", lexicons=LEXICONS, **given).problems())  # type: ignore[arg-type]
    assert any(where == key and said in why for where, why in found), found


def test_a_directional_test_without_a_label_may_expect_a_change() -> None:
    """Then any other answer will do."""
    one = Expectation("a", "DIR", "{name} left.", LEXICONS, after="{name} stayed.", expect="changes")
    assert list(one.problems()) == []
