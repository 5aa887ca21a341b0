"""What is left of an example when a part of it is shown alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.partial import BLANK, KINDS, absent, parts, problem
from harness.perturb.splitting import sentences
from harness.text import CANDIDATE, Example, Span, example

PAIR = Example("p", {"premise": "A man sleeps. It rains.", "hypothesis": "He is awake."}, "contradiction")
MEETING = Example(
    "n",
    {"text": "On Monday Anna Berg met Bo, of Acme Corp, in Oslo."},
    (Span(10, 19, "PER"), Span(24, 26, "PER"), Span(31, 40, "ORG"), Span(45, 49, "LOC")),
)
FOUNDED = Example(
    "r",
    {"text": "It is said. Acme Corp was founded by Anna Berg in 1990."},
    "founded_by",
    marks=(Span(12, 21, "head"), Span(37, 46, "tail")),
)
ASKED = Example(
    "q",
    {"question": "Who slept?", "context": "A man slept."},
    (Span(0, 5, "A man", "context"), Span(2, 5, "man", "context")),
)
SLATE = Example("s", {"history": "shoes", f"{CANDIDATE}1": "hat", f"{CANDIDATE}2": "sock"}, ("2",))
TASKS = (
    "classification", "multilabel", "ner", "relation", "qa", "response", "recommendation",
    "translation", "summarization", "dialogue",
)  # fmt: skip


def part(kind, source):
    """The one part of an example."""
    (made,) = parts(kind, [source], sentences)
    return made


def surfaces(one):
    """The anchors of an example as they stand in its text, with their labels."""
    return [(one.fields[span.field][span.start : span.end], span.label) for span in one.anchors]


def test_of_every_field_the_first_sentence_is_left():
    """An abbreviation ends none; the label stays."""
    made = part("first-sentence", PAIR)
    assert made.fields == {"premise": "A man sleeps.", "hypothesis": "He is awake."}
    assert made.target == "contradiction"
    assert part("first-sentence", example("a", "Dr. Who came. He left.", "yes")).text == "Dr. Who came."


def test_one_field_of_several_is_left():
    """The others are there, and empty, as a model that reads pairs needs them."""
    made = part("only-hypothesis", PAIR)
    assert made.fields == {"premise": "", "hypothesis": "He is awake."}
    assert (made.id, made.target) == ("p", "contradiction")


def test_a_question_is_taken_away_and_the_answers_stay():
    """Gold answers keep their places in the context."""
    made = part("only-context", ASKED)
    assert made.fields == {"question": "", "context": "A man slept."}
    assert made.target == ASKED.target


def test_names_are_left_without_the_words_around_them():
    """Apart from each other, so that two of one type do not become one."""
    made = part("entities", MEETING)
    assert made.text == "Anna Berg , Bo , Acme Corp , Oslo"
    assert surfaces(made) == surfaces(MEETING)
    assert part("entities", FOUNDED).text == "Acme Corp , Anna Berg"


def test_words_are_left_without_the_names():
    """A blank for each word of a name, so that its length is all that is told of it."""
    made = part("context", MEETING)
    assert made.text == f"On Monday {BLANK} {BLANK} met {BLANK}, of {BLANK} {BLANK}, in {BLANK}."
    assert surfaces(made) == [("_ _", "PER"), ("_", "PER"), ("_ _", "ORG"), ("_", "LOC")]
    assert surfaces(part("context", FOUNDED)) == [("_ _", "head"), ("_ _", "tail")]


def test_arguments_within_each_other_are_kept_or_blanked_together():
    """An argument may be a word of the other."""
    source = Example(
        "r", {"text": "the Oslo mayor left"}, "of", marks=(Span(4, 14, "head"), Span(4, 8, "tail"))
    )
    assert part("entities", source).text == "Oslo mayor"
    assert part("context", source).text == "the _ _ left"


def test_candidates_are_left_without_what_is_known_of_the_user():
    """The slot that is right stays so."""
    made = part("only-candidates", SLATE)
    assert list(made.fields.values()) == ["", "hat", "sock"]
    assert made.target == ("2",)


def test_nothing_is_left():
    """What is then said is what the model says of anything."""
    assert set(part("empty", PAIR).fields.values()) == {""}


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("first-sentence", example("a", "One sentence only.", "yes")),
        ("first-sentence", FOUNDED),
        ("only-hypothesis", Example("p", {"premise": "A man.", "hypothesis": " "}, "entailment")),
        ("only-hypothesis", Example("p", {"premise": "", "hypothesis": "A man."}, "entailment")),
        ("only-question", ASKED),
        ("only-text", example("a", "all of it", "yes")),
        ("entities", example("a", "nobody is here", ())),
        ("entities", example("a", "Anna", (Span(0, 4, "PER"),))),
        ("context", example("a", "nobody is here", ())),
    ],
)
def test_what_has_no_such_part_is_left_out(kind, source):
    """Nor is what is nothing but the part, or loses what is right with the rest."""
    assert parts(kind, [source], sentences) == []


@given(
    st.lists(st.tuples(st.sampled_from(["Anna", "New York", "a  b", "ж", "東京"]), st.booleans()), max_size=8)
)
def test_what_is_kept_of_the_gold_is_what_it_was(pieces):
    """Whatever stands where: names are whole, in order, and at the places that the spans give."""
    text, spans = "", []
    for word, gold in pieces:
        if gold:
            spans.append(Span(len(text), len(text) + len(word), "X"))
        text += word + " "
    source = example("a", text, tuple(spans))
    for made in parts("entities", [source], sentences):
        assert surfaces(made) == surfaces(source)
        assert made.text.replace(" , ", " ").split() == " ".join(word for word, _ in surfaces(source)).split()
    for made in parts("context", [source], sentences):
        masked = [BLANK for word, _ in surfaces(source) for _ in word.split()]
        assert " ".join(word for word, _ in surfaces(made)).split() == masked
        others = [word for word, gold in pieces if not gold]
        assert [one for one in made.text.split() if one != BLANK] == " ".join(others).split()


@given(st.lists(st.sampled_from(["One.", "Two? ", "Dr. Who", "\n\n", "end"]), max_size=6))
def test_the_first_sentence_is_where_the_text_begins(pieces):
    """It is shorter than the text, and there is a sentence after it."""
    source = example("a", " ".join(pieces), "yes")
    for made in parts("first-sentence", [source], sentences):
        assert source.text.startswith(made.text)
        assert source.text[len(made.text) :].strip()


# -- which tasks can be asked what -----------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_every_task_can_be_asked_some_part(task):
    """By a kind with a name of its own, or by one field."""
    kinds = [kind for kind in (*KINDS, "only-context") if not problem(kind, task)]
    expected = {
        "classification": ["first-sentence", "empty", "only-context"],
        "multilabel": ["first-sentence", "empty", "only-context"],
        "ner": ["entities", "context"],
        "relation": ["first-sentence", "entities", "context"],
        "qa": ["only-context"],
        "response": ["only-candidates"],
        "recommendation": ["only-candidates"],
        "translation": ["empty"],
        "summarization": ["first-sentence", "empty"],
        "dialogue": ["empty"],
    }
    assert kinds == expected[task]


@pytest.mark.parametrize(
    ("kind", "task", "why"),
    [
        ("entitys", "ner", "expected one of first-sentence, entities, context, only-candidates, empty, or only-"),
        ("only-question", "qa", "answers are taken from the context"),
        ("only-history", "recommendation", "nothing to choose from: only-candidates is what can be asked"),
        ("entities", "classification", "entities is made for ner, relation; for classification there is first-s"),
        ("only-text", "ner", "only-text is made for classification, multilabel, qa; for ner there is entities, c"),
    ],
)  # fmt: skip
def test_what_a_task_cannot_be_asked_is_said_with_what_it_can(kind, task, why):
    """An unknown kind, a part without the answer, and a kind for others."""
    assert why in problem(kind, task)


def test_why_there_is_no_part_is_said():
    """A field that no example has, with the nearest that some have; or examples that are nothing else."""
    why, hint = absent("only-hypotesis", [PAIR])
    assert "has the field 'hypotesis'" in why
    assert "only-hypothesis" in hint
    assert "that is not all of it" in absent("entities", [example("a", "no", ())])[0]


def test_for_training_stays_what_is_nothing_but_the_part():
    """A text of one sentence has one to learn from; one without a name has no names to learn."""
    one, two = example("a", "He left.", "yes"), example("b", "He came. He left.", "yes")
    assert [e.text for e in parts("first-sentence", [one, two], sentences, whole=True)] == [
        "He left.",
        "He came.",
    ]
    assert [e.text for e in parts("first-sentence", [one, two], sentences)] == ["He came."]
    assert parts("entities", [example("c", "nobody here", ())], sentences, whole=True) == []
