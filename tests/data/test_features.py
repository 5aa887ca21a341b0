"""What is known of examples without a model."""

from __future__ import annotations

import math

from harness.data.features import columns, features
from harness.text import Example, Span

TRAIN = [Example("t1", {"text": "A fine, fine film"}, "pos"), Example("t2", {"text": "a dull book"}, "neg")]


def test_texts_are_described_by_length_rarity_and_label():
    """Cases and punctuation are left aside; the rarest word is the one that training has least often."""
    found = features(
        [Example("a", {"text": "Fine film!"}, "pos"), Example("b", {"text": "dire"}, "neg")], TRAIN
    )
    assert found == {
        "length": [2.0, 1.0],
        "unseen_words": [0.0, 1.0],
        "rarest": [1.0, 0.0],
        "label": ["pos", "neg"],
    }


def test_of_many_labels_the_frequency_counts_as_well():
    """With a few labels it would say no more than the label."""
    many = [Example(str(at), {"text": "x"}, f"label {at}") for at in range(9)]
    assert features(many, [*many, many[0]])["label_frequency"] == [2.0] + [1.0] * 8


def test_entities_are_counted_per_word():
    """A text without any has no density: there is nothing to score it by."""
    texts = [
        Example("a", {"text": "Ada met Bob there"}, (Span(0, 3, "PER"), Span(8, 11, "PER"))),
        Example("b", {"text": "nobody came"}, ()),
    ]
    first, second = features(texts, [])["entity_density"]
    assert first == 0.5
    assert math.isnan(second)


def test_questions_are_described_by_overlap_and_by_what_training_has_of_the_answer():
    """The answer as such, a word of it, or nothing; and whether there is one."""

    def asked(name, question, context, *answers):
        spans = [(context.index(a), context.index(a) + len(a), a) for a in answers]
        fields = {"question": question, "context": context}
        return Example(name, fields, tuple(Span(*s, "context") for s in spans))

    train = [asked("t", "who?", "It was Ada Lovelace", "Ada Lovelace")]
    tested = [
        asked("a", "who was it?", "it was ADA LOVELACE", "ADA LOVELACE"),
        asked("b", "who came?", "later Ada Byron came", "Ada Byron"),
        asked("c", "who left?", "then Bob left", "Bob"),
        asked("d", "why?", "then Bob left"),
    ]
    found = features(tested, train)
    assert found["answer"] == ["seen", "partial", "new", "none"]
    assert found["overlap"] == [2 / 3, 1 / 2, 1 / 2, 0.0]
    assert "entity_density" not in found


def test_arguments_of_relations_are_seen_or_not():
    """All, some or none of them occur as arguments in training."""

    def related(name, text, *marks):
        return Example(name, {"text": text}, "r", marks=tuple(Span(*m) for m in marks))

    train = [related("t", "Ada hired Bob", (0, 3, "head"), (10, 13, "tail"))]
    tested = [
        related("a", "Bob hired Ada", (0, 3, "head"), (10, 13, "tail")),
        related("b", "Bob hired Eve", (0, 3, "head"), (10, 13, "tail")),
        related("c", "Joe hired Eve", (0, 3, "head"), (10, 13, "tail")),
    ]
    assert features(tested, train)["arguments"] == ["all seen", "some seen", "none seen"]


def test_a_dialogue_is_described_by_its_turns():
    """They are the fields that have a number and a speaker."""
    talk = Example("a", {"1 user": "hello", "2 agent": "hello", "3 user": "bye"}, ("ciao",))
    assert features([talk], [])["turns"] == [3.0]


def test_columns_of_ones_own_are_categories_unless_they_hold_many_numbers():
    """What is missing is an empty category, or not a number."""
    rows = [
        Example(str(at), {"text": "x"}, "l", meta={"year": str(1990 + at), "star": "1"}) for at in range(20)
    ]
    rows += [Example("last", {"text": "x"}, "l")]
    found = columns(rows, ["year", "star", "shop"])
    assert found["year"][:2] == [1990.0, 1991.0]
    assert math.isnan(found["year"][-1])
    assert (found["star"][-1], found["star"][0], found["shop"][0]) == ("", "1", "")
