"""Negations, opposites and other numbers: edits after which another answer is right."""

from __future__ import annotations

import re

import pytest

from harness.errors import UserError
from harness.perturb import directional, wordnet
from harness.perturb.directional import antonym, negation
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.perturb.sites import lines, negates
from harness.text import Example, Span, Target, example
from tests.perturb.applied import drawn, everywhere, outcomes


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("The film is good.", "The film is not good."),
        ("it 's a charming journey .", "it 's not a charming journey ."),
        ("They're late", "They're not late"),
        ("The plan will work", "The plan will not work"),
        ("I can stay", "I can not stay"),
        ("It has been cold.", "It has been cold.".replace("has", "has not")),
        ("Of course, you are right", "Of course, you are not right"),
    ],
)
def test_what_a_sentence_says_is_denied(said: str, denied: str) -> None:
    """Behind the verb, and back again."""
    assert everywhere(directional.negation, said) == denied
    assert everywhere(directional.negation, denied) == said


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        ("It isn't good", "It is good"),
        ("i do n't think so", "i do n't think so"),
        ("i do n't like it", "i do like it"),
        ("You can’t pay", "You can pay"),
        ("We cannot stay", "We can stay"),
        ("It won't start", "It will start"),
        ("WE CAN'T STAY", "WE CAN STAY"),
        ("My card has not arrived", "My card has arrived"),
    ],
)
def test_what_a_sentence_denies_is_said(denied: str, said: str) -> None:
    """Contractions are taken apart, whether tokenised or not."""
    assert everywhere(directional.negation, denied) == said


@pytest.mark.parametrize(
    "text",
    [
        "It is good. It is cheap.",
        "It is good and it is cheap",
        "It is good, but dear",
        "a film that is good",
        "It is never good",
        "It is not only good",
        "It is also good",
        "It is all good",
        "Is it good?",
        "Isn't it good?",
        "Why can't I pay by card?",
        "What is not good",
        "You know what it is.",
        "a dollar I have been charged",
        "seems to have been late",
        "Although late, it is good",
        "It tastes good",
        "Mary's is good: so is mine",
    ],
)
def test_a_sentence_that_may_mean_the_same_afterwards_stays(text: str) -> None:
    """Several clauses, contrasts, second negations, questions, and adverbs that would be denied instead."""
    assert everywhere(directional.negation, text) == text


def test_a_question_is_denied_if_another_field_answers_it() -> None:
    """The context stays: it holds the answer among other sentences."""
    context = "Oslo is the capital. Bergen is a town."
    source = Example(
        "a", {"question": "What is the capital?", "context": context}, (Span(0, 4, "Oslo", "context"),)
    )
    (after,) = {variant.example.fields["question"] for variant in drawn(directional.negation, source)}
    assert after == "What is not the capital?"
    assert everywhere(directional.negation, "What is the capital?") == "What is the capital?"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Ann is the wife of Bob.", "Ann is not the wife of Bob."),
        ("Ann, wife of Bob, is here.", "Ann, wife of Bob, is here."),
        ("It is said Ann met Bob.", "It is said Ann met Bob."),
        ("Ann, who met Bob, stays.", "Ann, who met Bob, stays."),
    ],
)
def test_a_relation_is_denied_where_it_is_told(text: str, after: str) -> None:
    """Only between its two arguments."""
    marks = tuple(
        Span(text.index(name), text.index(name) + 3, role)
        for name, role in (("Ann", "head"), ("Bob", "tail"))
    )
    source = Example("a", {"text": text}, "spouse", marks=marks)
    assert {variant.example.text for variant in drawn(directional.negation, source)} == {after}


def test_only_one_field_is_denied() -> None:
    """Two denials could leave it all as it was."""
    source = Example("a", {"one": "It is good", "two": "They are here"}, "x")
    assert {len(variant.edits) for variant in drawn(directional.negation, source)} == {1}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("The best film of the year", "The worst film of the year"),
        ("They accepted it", "They rejected it"),
        ("I hate it", "I love it"),
        ("An unfriendly man", "An unfriendly man"),
        ("The unfriendly man", "The friendly man"),
        ("a good start and a bad end", "a good start and a bad end"),
        ("It is not good", "It is not good"),
        ("good but dear", "good but dear"),
        ("good, cheap", "good, cheap"),
        ("met Mr Good", "met Mr Good"),
        ("a good-natured man", "a good-natured man"),
        ("It is good. I left.", "It is good. I left."),
        ("good " + "word " * 20, "good " + "word " * 20),
    ],
)
def test_the_only_word_that_decides_becomes_its_opposite(text: str, after: str) -> None:
    """In short, single sentences without contrasts and negations; names and compounds stay."""
    assert everywhere(directional.antonym, text) == after


def test_opposites_are_pairs_of_words_that_say_no_by_themselves() -> None:
    """Forms correspond, no word has two opposites, and none is a negation."""
    entries = [line.split() for line in lines("antonyms")]
    assert all(len(pair) == 2 and pair[0].count("/") == pair[1].count("/") for pair in entries)
    forms = [form for pair in entries for word in pair for form in word.split("/")]
    assert len(forms) == len(set(forms)) > 200
    assert not {form for form in forms if negates(form)}


def test_opposites_can_be_those_of_wordnet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the words that it lists; an unknown source is the user's error."""
    known = {"rural": ("urban",)}
    monkeypatch.setattr(wordnet, "antonyms", lambda word, place: known.get(word, ()))
    monkeypatch.setattr(wordnet, "folder", lambda: None)
    assert everywhere(directional.antonym, "A rural scene", source="wordnet") == "A rural scene"
    assert everywhere(directional.antonym, "The rural scene", source="wordnet") == "The urban scene"
    with pytest.raises(UserError, match="wordnet"):
        everywhere(directional.antonym, "The rural scene", source="wordnett")


def numbers(text: str, target: Target, **more: str) -> set[str]:
    """What becomes of the numbers of a text."""
    source = Example("a", {"text": text, **more}, target)
    return {variant.example.text for variant in drawn(directional.number_change, source)}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("in 1945 it", r"in 19\d\d it"),
        ("some 3,400 men", r"some [1-9],\d{3} men"),
        ("costs $2.50 now", r"costs \$[1-9]\.\d\d now"),
        ("seven men", r"(two|three|four|five|six|eight|nine|ten|eleven|twelve) men"),
        ("12 and 12", r"([1-9]\d) and \1"),
    ],
)
def test_a_number_becomes_another_of_its_form(text: str, pattern: str) -> None:
    """As many digits, in the same century, a word for a word, and the same for the same."""
    for after in outcomes(directional.number_change, text) | numbers(text, None):
        assert re.fullmatch(pattern, after)
        assert after != text


def test_numbers_are_changed_where_the_right_answer_depends_on_them() -> None:
    """Those that a reference repeats; those of a question about another field; no others."""
    assert all(after.endswith("7 cats") for after in numbers("12 dogs, 7 cats", ("12 dogs",)))
    assert all(not after.startswith("12") for after in numbers("12 dogs, 7 cats", ("12 dogs",)))
    assert numbers("12 dogs", ("many dogs",)) == {"12 dogs"}
    answer = (Span(0, 2, "12", "context"),)
    assert "In 1900?" not in numbers("In 1900?", answer, context="12 in 1900")


def test_dates_and_codes_stay() -> None:
    """A number that is part of another thing is no number of its own."""
    for text in ("on 12/5/2020", "at 10:30", "B52 bombers", "a 3-2 win", "version 007", "one of them"):
        assert numbers(text, None) == {text}


def test_they_are_for_tasks_whose_answers_change() -> None:
    """By the contract of methods 9.6: a negation leaves entities as they are, another number a label."""
    for operator in (directional.negation, directional.antonym, directional.number_change):
        assert operator.directional
        assert operator.family == "directional"
        assert not operator.suits("ner")
    assert not directional.number_change.suits("classification")
    assert directional.negation.suits("relation")


def test_gold_spans_stay() -> None:
    """A word inside of a span is not replaced."""
    source = example("a", "the best band", (Span(4, 13, "ORG"),))
    assert all(variant.noop for variant in drawn(directional.antonym, source))


@pytest.mark.parametrize("operator", [negation, antonym])
def test_a_text_that_takes_no_side_is_left_alone(operator: Operator) -> None:
    """Deny a neutral report, and it is still neutral."""
    told = "The garden is beautiful."
    assert not perturb(example("a", told, "negative"), operator, 0, seed=0).noop
    assert perturb(example("a", told, "neutral"), operator, 0, seed=0).noop
