"""Questions asked otherwise, and contexts that nearly answer them."""

from __future__ import annotations

import re

import pytest

from harness.perturb import question
from harness.perturb.asked import indirect, statement
from harness.perturb.decoys import altered, answer
from harness.perturb.severity import perturb
from harness.rng import Random
from harness.text import Example, Span

CONTEXT = "The mill was built by Ada Berg in 1912. It had four wheels."


def asked(said: str, gold: str = "Ada Berg", context: str = CONTEXT) -> Example:
    at = context.find(gold)
    spans = (Span(at, at + len(gold), gold, "context"),) if gold else ()
    return Example("q", {"question": said, "context": context}, spans)


def added(source: Example, draw: int = 0) -> str:
    variant = perturb(source, question.add_sentence, 0, seed=0, draw=draw, alternatives=True)
    assert variant.refusal == ""
    assert variant.example.fields["question"] == source.fields["question"]
    before, context = source.fields["context"], variant.example.fields["context"]
    assert context.startswith(before)
    assert [context[s.start : s.end] for s in variant.example.spans] == [s.label for s in source.spans]
    return context[len(before) :]


def test_a_decoy_answers_another_question_wrongly() -> None:
    """The names of the question are others, and the answer has the form of the right one."""
    for draw in range(20):
        said = added(asked("Who built the mill in Bergen?"), draw)
        assert re.fullmatch(r" [A-Z]\w+ [A-Z]\w+ built the mill in [A-Z]\w+\.", said)
        assert "Bergen" not in said
        assert "Ada Berg" not in said


@pytest.mark.parametrize("gold", ["Ada Berg", "1912", "four"])
def test_a_decoy_never_holds_a_right_answer(gold: str) -> None:
    """In any casing, and however short the answer is."""
    for draw in range(40):
        assert gold.lower() not in added(asked("When did Ola visit the mill of 1850?", gold), draw).lower()


def test_questions_that_the_decoy_might_answer_get_none() -> None:
    """Without a name or number to change, or without an answer to spare."""
    assert added(asked("Who built the mill?")) == ""
    assert added(asked("Who built the mill in Bergen?", gold="")) == ""
    assert added(asked(" ")) == ""


@pytest.mark.parametrize(
    ("said", "is_so"),
    [
        ("Who wrote Hamlet?", "X wrote Hamlet."),
        ("What is the capital of Norway?", "The capital of Norway is X."),
        ("When was Ada Berg born?", "Ada Berg was born in X."),
        ("In which year did the Normans land in England", "The Normans did land in England in X."),
        ("What was the man known for?", 'The answer to the question "What was the man known for?" is X.'),
        ("How many wheels are there?", 'The answer to the question "How many wheels are there?" is X.'),
    ],
)
def test_questions_become_statements(said: str, is_so: str) -> None:
    """By the form of the question, or with the question in them where its parts cannot be told apart."""
    assert statement(said, "X") == is_so


def test_all_names_and_numbers_of_a_question_change() -> None:
    """Of the same kind: a nationality, capitals, a place after ``in``, the number of words, the century."""
    before = "When did the French king meet John Smith's NATO friend in Paris in 1912, the 3rd time?"
    for draw in range(20):
        after = altered(before, Random(draw))
        form = r"When did the (?!French)\w+ king meet \w+ \w+'s [A-Z]{3} friend in (?!Paris)\w+ in 19\d\d, the 3rd time\?"
        assert re.fullmatch(form, after)
        assert not re.search("John|Smith|NATO|1912", after)


@pytest.mark.parametrize(
    ("right", "word", "form"),
    [
        ("118", "how many", r"(?!118)\d{3}"),
        ("the 1940s", "when", r"the (?!1940)19\d\ds"),
        ("four", "how many", r"(?!four$)[a-z]+"),
        ("Bergen", "where", r"(?!Bergen)[A-Z]\w+"),
        ("Ada Berg", "who", r"(?!Ada)[A-Z]\w+ [A-Z]\w+"),
        ("solar panels", "what", r"[a-z ]+"),
    ],
)
def test_wrong_answers_look_like_right_ones(right: str, word: str, form: str) -> None:
    """Digits for digits, capitals for capitals."""
    for draw in range(20):
        assert re.fullmatch(form, answer(right, word, Random(draw)))


def forms(said: str) -> set[str]:
    """All that a question becomes, without the frames that fit any question."""
    source = asked(said)
    made = [perturb(source, question.question_form, 0, seed=0, draw=draw).example for draw in range(80)]
    assert all(one.fields["context"] == CONTEXT for one in made)
    frames = {frame.format(said) for frame in question.FRAMES}
    found = {one.fields["question"] for one in made}
    assert found & frames
    return found - frames


def before(said: str) -> set[str]:
    return {frame.format(said) for frame in question.BEFORE}


@pytest.mark.parametrize(
    ("said", "others"),
    [
        ("Who built the mill?", before("who built the mill")),
        ("What is the capital of Norway?", before("what the capital of Norway is")),
        ("Where is the mill?", {"In which place is the mill?", "In what place is the mill?"}),
        ("In what year did it close?", {"In which year did it close?"}),
        ("Which city did it leave?", {"What city did it leave?"}),
        ("how many wheels did it have?", {"what number of wheels did it have?"}),
        ("How many wheels are there?", set()),
        ("What was he known for?", set()),
    ],
)
def test_a_question_is_asked_in_other_forms(said: str, others: set[str]) -> None:
    """By rules that leave alone what they cannot tell the parts of."""
    assert forms(said) == others


def test_an_indirect_question_has_the_order_of_a_statement() -> None:
    """Or there is none."""
    assert indirect("Which team won the cup?") == "which team won the cup"
    assert indirect("Which team did they beat?") == ""
    assert indirect("Ada did what?") == ""


def test_they_are_for_questions_in_english() -> None:
    """Each edits one field only."""
    for operator in (question.add_sentence, question.question_form):
        assert operator.suits("qa")
        assert not operator.suits("classification")
        assert operator.language == "en"
    assert question.question_form.fields == {"question"}
    assert perturb(Example("a", {"text": "x"}, "y"), question.question_form, 0, seed=0).noop
