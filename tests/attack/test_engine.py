"""The engine asks, counts and judges; an attack only proposes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.attack.attack import attack
from harness.attack.attacked import PATIENCE
from harness.attack.recipes import greedy_character
from harness.attack.recipes import random as at_random
from harness.attack.search import REFUSED, Ask
from harness.errors import BrokenPromise, UserError
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Edit, Span, example, vary

from .toys import reviews, sentiment, tagger, trips

LISBON = example("x", "We saw Lisbon.", (Span(7, 13, "LOC"),))
FINE = example("x", "a wonderful film", "pos")


def asking(*questions: Ask) -> tuple[Callable, list]:
    """An attack that asks what it is told to, and the replies that it got."""
    heard: list = []

    @attack("asking")
    def search(example, rng):
        """Ask what it is told to."""
        for question in questions:
            heard.append((yield question))

    return search, heard


def run(attack, model, task, examples, budget=50, **more):
    """Attack with seed 3."""
    return attack.run(model, task, examples, seed=3, budget=budget, **more)


def test_an_attack_that_finds_nothing_fails_whatever_it_believes():
    """Success is what the task says of the model's answer, so an attack cannot claim it."""
    lying, _ = asking(Ask([[Edit(0, 1, "one")]]))
    (outcome,) = run(lying, sentiment(), CLASSIFICATION, [FINE])
    assert not outcome.success
    assert not CLASSIFICATION.scoring.broken(FINE, outcome.final)


def test_a_candidate_on_which_the_model_fails_is_a_success_and_ends_the_search():
    """The successful edits are reported with the prediction for them; nothing more is asked."""
    search, heard = asking(Ask([[Edit(3, 4, "0")]]), Ask([[Edit(0, 1, "one")]]))
    (outcome,) = run(search, sentiment(), CLASSIFICATION, [FINE])
    assert outcome.success
    assert outcome.edits == (Edit(3, 4, "0"),)
    assert outcome.final.label == "neg"
    assert outcome.harm_before < 0.5 < outcome.harm_after
    assert outcome.queries == 2
    assert heard == []


def test_a_probe_never_counts_as_success():
    """Leaving a word out tells how important it is, but is no attack."""
    search, heard = asking(Ask([[Edit(2, 11, "x")]], probe=True))
    (outcome,) = run(search, sentiment(), CLASSIFICATION, [FINE])
    assert not outcome.success
    assert outcome.edits == ()
    assert heard[0][0].broken


def test_of_several_successes_the_most_harmful_is_kept():
    """All candidates of a question are judged before one is chosen."""
    model, text = sentiment(), example("x", "a wonderful film", "pos")
    worse = Edit(2, 11, "dreadful")
    search, _ = asking(Ask([[Edit(3, 4, "0")], [worse]]))
    (outcome,) = run(search, model, CLASSIFICATION, [text])
    assert outcome.edits == (worse,)


def test_what_the_model_gets_wrong_already_is_skipped():
    """An attack on it would succeed without an edit (methods, section 3.4)."""
    wrong = example("x", "a boring film", "pos")
    (outcome,) = run(greedy_character, sentiment(), CLASSIFICATION, [wrong])
    assert (outcome.skipped, outcome.success, outcome.queries) == (True, False, 1)
    assert "wrong" in outcome.note


@pytest.mark.parametrize("target", [(), None])
def test_an_example_without_gold_is_skipped(target):
    """A sentence without entities has nothing to attack (methods, section 3.5)."""
    (outcome,) = run(greedy_character, tagger(), NER, [example("x", "Nothing to see here", target)])
    assert outcome.skipped
    assert "nothing to attack" in outcome.note


def test_every_distinct_text_is_one_query():
    """The clean text counts once; asking again, in whatever way, is free and asks no model."""
    twice = Ask([[Edit(0, 1, "b")], [Edit(0, 1, "b")], [], [Edit(0, 16, "b wonderful film")]])
    search, heard = asking(twice, twice)
    model = sentiment()
    (outcome,) = run(search, model, CLASSIFICATION, [FINE])
    assert outcome.queries == model.texts == 2
    assert heard[0] == heard[1]


@pytest.mark.parametrize("budget", [1, 2, 5, 17])
@pytest.mark.parametrize("recipe", [greedy_character, at_random])
def test_no_example_takes_more_queries_than_the_budget(budget, recipe):
    """The budget holds for the model's own count of texts, too."""
    model, texts = sentiment(), reviews(12)
    outcomes = run(recipe, model, CLASSIFICATION, texts, budget)
    assert max(o.queries for o in outcomes) <= budget
    assert model.texts <= budget * len(texts)


def test_candidates_beyond_the_budget_come_back_refused():
    """What could still be asked is judged; the next new question ends the search."""
    first = Ask([[Edit(0, 1, "b")], [Edit(0, 1, "c")]])
    search, heard = asking(first, Ask([[Edit(0, 1, "d")]]))
    (outcome,) = run(search, sentiment(), CLASSIFICATION, [FINE], budget=2)
    assert heard[0][0] != REFUSED
    assert heard[0][1] == REFUSED
    assert len(heard) == 1
    assert "budget" in outcome.note


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(Edit(5, 9, "w, Li"), id="crosses the boundary"),
        pytest.param(Edit(7, 13, ""), id="deletes the entity"),
        pytest.param(Edit(6, 7, ""), id="glues a word to it"),
        pytest.param(Edit(13, 13, "s"), id="glues a letter to it"),
    ],
)
def test_candidates_that_harm_the_gold_are_refused_unasked(edit):
    """A model cannot be blamed for not finding what is no longer there."""
    search, heard = asking(Ask([[edit]]))
    (outcome,) = run(search, tagger(), NER, [LISBON])
    assert heard == [[REFUSED]]
    assert (outcome.success, outcome.queries) == (False, 1)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(Ask([[Edit(0, 99, "")]]), id="outside of the text"),
        pytest.param(Ask([[Edit(0, 2, ""), Edit(1, 3, "")]]), id="overlapping"),
        pytest.param(Ask([[Edit(0, 1, "", "title")]]), id="unknown field"),
        pytest.param([[Edit(0, 1, "")]], id="not a question"),
    ],
)
def test_a_question_that_is_no_script_breaks_the_contract(question):
    """The message names the attack, for it is its author who has to mend it."""
    search, _ = asking(question)
    with pytest.raises(BrokenPromise, match="asking"):
        run(search, sentiment(), CLASSIFICATION, [FINE])


def test_an_attack_that_is_no_generator_breaks_the_contract():
    """Returning questions instead of yielding them is the likeliest slip of an author."""

    @attack("returning")
    def returning(example, rng):
        """Return a question."""
        return [Ask([[]])]

    with pytest.raises(BrokenPromise, match="returning should be a generator"):
        run(returning, sentiment(), CLASSIFICATION, [FINE])


def test_a_search_that_goes_round_in_circles_is_stopped():
    """Endless repetition costs no queries, so patience has to end."""

    @attack("circle")
    def circle(example, rng):
        """Ask the same for ever."""
        while True:
            yield Ask([[]])

    (outcome,) = run(circle, sentiment(), CLASSIFICATION, [FINE])
    assert outcome.queries == 1
    assert str(PATIENCE) in outcome.note


def test_a_search_is_closed_when_it_is_not_needed_any_more():
    """Searches may hold threads or files: also those of other examples when one attack breaks."""
    closed = []

    @attack("holding")
    def holding(example, rng):
        """Hold something."""
        try:
            yield Ask([[Edit(0, 1, "b")]])
            yield Ask([[Edit(0, 99 if example.id == "r2" else 1, "c")]])
        finally:
            closed.append(example.id)

    with pytest.raises(BrokenPromise):
        run(holding, sentiment(), CLASSIFICATION, reviews(5)[::2])
    assert sorted(closed) == ["r0", "r2", "r4"]


@pytest.mark.parametrize("recipe", [greedy_character, at_random])
def test_outcomes_do_not_depend_on_how_many_examples_are_attacked_at_a_time(recipe):
    """Each example has its own random numbers, and predictions do not depend on company."""
    for model, task, examples in (
        (sentiment, CLASSIFICATION, reviews(20)),
        (tagger, NER, trips(20)),
    ):
        one, many, turned = (
            run(recipe, model(), task, texts, in_flight=size)
            for texts, size in ((examples, 1), (examples, 64), (examples[::-1], 64))
        )
        for a, b, c in zip(one, many, reversed(turned), strict=True):
            assert (a.id, a.success, a.queries, a.edits, a.harm_after) == (
                b.id,
                b.success,
                b.queries,
                b.edits,
                b.harm_after,
            )
            assert (a.id, a.queries, a.edits) == (c.id, c.queries, c.edits)


def test_questions_of_many_examples_share_batches():
    """Fifty searches take a few rounds, not a forward call per question."""
    model = sentiment()
    outcomes = run(greedy_character, model, CLASSIFICATION, reviews(50))
    queries = sum(o.queries for o in outcomes)
    assert queries > 200
    assert model.batches < queries / 5


def test_the_outcome_can_be_replayed():
    """Applying the edits to the clean example gives the text on which the model fails."""
    model, examples = tagger(), trips(9)
    for source, outcome in zip(examples, run(greedy_character, model, NER, examples), strict=True):
        variant = vary(source, outcome.edits)
        assert outcome.success
        assert variant.refusal == ""
        (said,) = model.function([variant.example.text])
        assert NER.scoring.broken(variant.example, NER.answer(variant.example, said, model.labels))


def test_an_attack_says_which_tasks_it_suits():
    """It is the suite that is wrong then, not the attack."""

    @attack("labels-only", tasks=frozenset({"classification"}))
    def labels_only(example, rng):
        """Do nothing."""
        yield Ask([[]])

    with pytest.raises(UserError, match="does not suit ner"):
        run(labels_only, tagger(), NER, trips(1))
