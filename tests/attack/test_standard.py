"""The standard attack: fixed stages on what is left, each with its own share of the queries."""

from __future__ import annotations

import pytest

from harness.attack.recipes import standard
from harness.attack.recipes.standard import BUDGET, STAGES, within
from harness.attack.search import Ask, Estimate, Reply
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Edit, Span, example

from .toys import reviews, sentiment, tagger, trips

TEXT = example("x", "one two three four")


def asking(*questions):
    """A search that asks these, and what it was told."""
    heard = []

    def search():
        for question in questions:
            heard.append((yield question))

    return search(), heard


def shouting(count: int) -> Ask:
    """So many texts that differ."""
    return Ask([[Edit(0, 3, str(at))] for at in range(count)])


def drive(search):
    """What comes through, each script answered with its number."""
    passed, answer = [], None
    while True:
        try:
            question = search.send(answer)
        except StopIteration:
            return passed
        passed.append(question)
        if isinstance(question, Ask):
            answer = [Reply(float(at), False) for at in range(len(question.scripts))]
        else:
            answer = None


def test_a_stage_may_ask_for_so_many_distinct_texts():
    """Asking again is free, and so is the clean text; what is too much is left out, and the stage is over."""
    again = Ask([[], [Edit(0, 3, "0")], [Edit(0, 3, "1")]])
    search, heard = asking(shouting(3), again, shouting(9), shouting(2))
    passed = drive(within(search, 5, TEXT, "loud"))
    assert [len(one.scripts) for one in passed] == [3, 3, 5]
    assert {one.stage for one in passed} == {"loud"}
    assert len(heard) == 2


def test_a_stage_that_gives_up_passes_at_once():
    """Its queries are not given to another."""
    search, heard = asking(shouting(2))
    assert [len(one.scripts) for one in drive(within(search, 50, TEXT, "loud"))] == [2]
    assert [reply.harm for reply in heard[0]] == [0.0, 1.0]


def test_questions_of_other_kinds_pass_as_they_are():
    """They are for the engine to count."""
    estimate = Estimate((), [[Edit(0, 3, "x")]])
    search, _ = asking(estimate, shouting(1))
    assert drive(within(search, 5, TEXT, "loud"))[0] is estimate


def test_its_budget_is_the_sum_of_its_stages_and_cannot_be_set():
    """So numbers compare across models, whatever a suite says."""
    assert standard.budget == BUDGET == 1 + sum(stage.queries for stage in STAGES)
    assert standard.options == {}
    model = sentiment()
    (outcome,) = standard.run(model, CLASSIFICATION, [example("x", "A plain text", "neg")], seed=1, budget=2)
    assert not outcome.success
    assert 2 < outcome.queries == model.texts <= BUDGET
    assert not outcome.truncated


def test_an_outcome_tells_the_stage_that_broke_the_model():
    """Easy ones fall to the first."""
    outcomes = standard.run(sentiment(), CLASSIFICATION, reviews(6), seed=1, budget=1)
    assert [(o.success, o.stage) for o in outcomes] == [(True, "character")] * 6


def test_a_later_stage_breaks_what_the_first_could_not():
    """Names too short to be misspelt are swapped."""
    source = example("x", "We saw UK then.", (Span(7, 9, "LOC"),))
    (outcome,) = standard.run(_short(), NER, [source], seed=1, budget=1)
    assert (outcome.success, outcome.stage) == (True, "entity")


def test_the_stages_are_named_in_its_description():
    """With as many queries as they have."""
    rows = [line.split() for line in (standard.function.__doc__ or "").splitlines()]
    for number, stage in enumerate(STAGES, 1):
        row = next(row for row in rows if row[:1] == [str(number)])
        assert str(stage.queries) in " ".join(row)
        assert stage.name in " ".join(row) or stage.name == "beam"


@pytest.mark.parametrize("count", [6])
def test_it_breaks_taggers_too(count):
    """Gold is carried through all stages."""
    outcomes = standard.run(tagger(), NER, trips(count), seed=1, budget=1)
    assert all(o.success for o in outcomes)


def _short():
    from harness.models.function import Function

    def said(text: str) -> list[tuple[int, int, str]]:
        at = text.find("UK")
        return [(at, at + 2, "LOC")] if at >= 0 else []

    return Function(lambda texts: [said(text) for text in texts], ("O", "B-LOC", "I-LOC"), NER)
