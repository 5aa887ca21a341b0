"""Models that raise, answer nonsense or change their minds: one example suffers, the others go on."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from harness.attack.attack import attack
from harness.attack.oracle import Failure, Oracle
from harness.attack.outcome import Status
from harness.attack.search import Ask, Look, Settled
from harness.errors import UserError
from harness.models.function import Function
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.text import Edit, example, words

from .toys import GOOD, reviews, sentiment

LABELS = ("neg", "pos")


@attack("spoil")
def spoil(example, rng):
    """Spoil one word after the other."""
    for start, end in words(example.text):
        yield Ask([[Edit(start + 1, end, "_")]])


def run(model, examples, search=spoil, **more):
    """Attack with seed 1."""
    return search.run(model, CLASSIFICATION, examples, seed=1, budget=50, **more)


def saying(says):
    """A classifier by a function of the text."""
    return Function(lambda texts: [says(text) for text in texts], LABELS, CLASSIFICATION)


def good(text):
    """Whether a good word is in the text."""
    return "pos" if any(word in text for word in GOOD) else "neg"


def test_a_model_that_raises_on_one_text_spoils_one_example():
    """Its outcome says what was raised and on which edits; the others are attacked as if alone."""

    def says(text):
        if "another" in text and "_" in text.partition("another")[0] and text.startswith("brilliant"):
            raise ZeroDivisionError("no such word")
        return good(text)

    outcomes = run(saying(says), reviews(6))
    alone = [run(saying(good), [one])[0] for one in reviews(6)]
    broken = [o for o in outcomes if o.status is Status.ERROR]
    assert 0 < len(broken) < len(outcomes)
    for outcome in broken:
        assert "ZeroDivisionError: no such word" in outcome.note
        assert outcome.edits
        assert not outcome.success
    for outcome, other in zip(outcomes, alone, strict=True):
        if outcome.status is not Status.ERROR:
            assert (outcome.status, outcome.edits, outcome.queries) == (
                other.status,
                other.edits,
                other.queries,
            )


def test_numbers_that_are_not_finite_are_an_error_not_an_answer():
    """NaN is neither right nor wrong."""

    class Overflowing(Function):
        """Loses itself in texts that begin with a w."""

        def decode(self, example, pieces, outputs):
            """NaN for some."""
            said = super().decode(example, pieces, outputs)
            lost = np.full(2, np.nan, np.float32)
            return replace(said, probabilities=lost) if example.text.startswith("w") else said

    model = Overflowing(lambda texts: [good(text) for text in texts], LABELS, CLASSIFICATION)
    texts = [example("a", "wonderful film", "pos"), example("b", "a wonderful film", "pos")]
    first, second = run(model, texts)
    assert first.status is Status.ERROR
    assert "not finite" in first.note
    assert second.success


def test_a_model_that_never_answers_raises_itself():
    """A model that cannot work at all is not a set of broken examples."""

    def says(text):
        raise ZeroDivisionError("always")

    with pytest.raises(ZeroDivisionError, match="always"):
        run(saying(says), reviews(3))


def test_an_answer_that_does_not_stand_is_no_success():
    """The same text is asked once more; a model that then says otherwise is not deterministic."""
    turn = itertools.count()
    model = saying(lambda text: good(text) if "_" not in text or next(turn) % 2 else "neg")
    outcomes = run(model, [example("a", "a fine brilliant film", "pos")], finish=True)
    assert outcomes[0].unstable
    assert not outcomes[0].success
    assert "changed its answer" in outcomes[0].note


def test_a_search_that_raises_spoils_its_own_example():
    """The others go on, and the note says that it was the search."""

    @attack("stumble")
    def stumble(example, rng):
        """Stumble over one example."""
        yield Ask([[Edit(0, 1, "x")]])
        if example.id == "r1":
            raise IndexError("off the end")

    outcomes = run(sentiment(), reviews(3), stumble)
    assert [o.status for o in outcomes].count(Status.ERROR) == 1
    assert "the search raised IndexError: off the end" in outcomes[1].note


def test_a_fault_of_the_user_is_not_blamed_on_an_example():
    """An option that is wrong is wrong for all."""

    @attack("picky")
    def picky(example, rng):
        """Be picky."""
        raise UserError("tries should be at least 1")
        yield

    with pytest.raises(UserError, match="tries"):
        run(sentiment(), reviews(2), picky)


def test_an_example_without_an_editable_word_fails_and_says_so():
    """Nothing was tried, so nothing is known about the model."""

    @attack("idle")
    def idle(example, rng):
        """Find nothing to do."""
        yield from ()

    (outcome,) = run(sentiment(), reviews(1), idle)
    assert outcome.status is Status.FAILED
    assert outcome.candidates == 0
    assert outcome.note == "there was nothing to try"


def test_time_is_a_budget_too():
    """A search that would go on for ever is cut short, and the outcome says by what."""

    @attack("endless")
    def endless(example, rng):
        """Never end."""
        for at in itertools.count():
            yield Ask([[Edit(0, 0, f"{at} ")]])

    (outcome,) = endless.run(sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=10**6, seconds=0.2)
    assert outcome.truncated
    assert outcome.note == "the time is spent"
    assert outcome.seconds >= 0.2


def test_a_text_seen_lately_is_not_computed_again_whoever_asks():
    """Equal questions of different examples are one text for the model, at once and later."""
    model, one = sentiment(), reviews(1)[0]
    twins = [example(f"t{at}", one.text, "pos") for at in range(8)]
    outcomes = run(model, twins)
    assert model.texts == outcomes[0].queries
    oracle = Oracle(model, remembered=2)
    oracle.ask(twins[:1], [False])
    before = model.texts
    oracle.ask(twins[1:2], [False])
    assert model.texts == before
    oracle.ask(twins[1:2], [True])
    assert model.texts == before + 1


def test_what_is_remembered_is_bounded():
    """So that memory does not grow with the number of examples."""
    model = sentiment()
    oracle = Oracle(model, remembered=3)
    for at in range(10):
        oracle.ask([example(str(at), f"text {at}", "pos")], [False])
    assert len(oracle._said) == 3


def test_examples_are_taken_as_they_are_needed():
    """A stream of examples is attacked without being held."""
    taken = []

    def stream():
        for one in reviews(30):
            taken.append(one.id)
            yield one

    going = spoil.stream(sentiment(), CLASSIFICATION, stream(), seed=1, budget=50, in_flight=4)
    next(going)
    assert len(taken) < 10
    going.close()


def test_a_failing_text_is_found_among_many():
    """By halves: the others are answered, each as it would be alone."""
    model = saying(lambda text: 1 / 0 if text == "text 37" else good(text))
    said = Oracle(model).ask([example(str(at), f"text {at}", "pos") for at in range(64)], [False] * 64)
    assert [at for at, one in enumerate(said) if isinstance(one, Failure)] == [37]


def test_a_search_with_a_goal_of_its_own_looks_and_settles():
    """It sees raw predictions; the text it settles on is shown, and judged by us."""

    @attack("looking")
    def looking(example, rng):
        """Look at two texts and settle on the first."""
        first, second = yield Look([{"text": "a _ film"}, {"text": example.text}])
        assert (first.label, second.label) == ("neg", "pos")
        return Settled([Edit(2, 11, "_")], 17)

    (outcome,) = run(sentiment(), [example("x", "a wonderful film", "pos")], looking)
    assert outcome.success
    assert (outcome.queries, outcome.edits) == (17, (Edit(2, 11, "_"),))


def test_random_edits_get_as_many_queries_as_the_attack_took():
    """What chance would have done with them is told beside the outcome, and counts for nothing else."""

    @attack("waste")
    def waste(example, rng):
        """Ask ten useless texts, then the right one."""
        yield Ask([[Edit(0, 0, "y" * at)] for at in range(1, 11)])
        for start, end in words(example.text):
            yield Ask([[Edit(start + 1, end, "_")]])

    asked = []

    @attack("chance")
    def chance(example, rng):
        """Spoil words as long as it may."""
        for start, end in words(example.text):
            (reply,) = yield Ask([[Edit(start + 1, end, "_")]])
            asked.append(reply)

    alone = run(sentiment(), reviews(2), waste)
    both = run(sentiment(), reviews(2), waste, control=chance)
    assert [o.queries for o in alone] == [o.queries for o in both]
    assert [o.edits for o in alone] == [o.edits for o in both]
    assert [o.control for o in alone] == [None, None]
    assert both[0].control is True


def test_a_server_that_is_not_there_stops_the_attack_at_once():
    """It is asked once, not for every half of the texts: nothing is wrong with any of them."""
    asked = []

    def says(texts):
        asked.append(len(texts))
        raise UserError("no answer from the server")

    with pytest.raises(UserError, match="no answer"):
        run(Function(says, LABELS, CLASSIFICATION), reviews(8))
    assert len(asked) == 1
