"""Answers by a bag of words: a baseline that starts from nothing."""

from __future__ import annotations

import itertools
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from harness.inference import predict
from harness.models.features import answer_features, offsets
from harness.tasks.qa import TASK
from harness.text import Example, Span
from harness.training import sklearn

PLACES = ("paris", "rome", "oslo", "lima")


def questions(unanswerable: bool) -> list[Example]:
    """Who is where, two people to a context; or also about someone who is not mentioned."""
    found = []
    people = ("Alice", "Bob", "Carol", "Dave")
    for n, (one, other) in enumerate(itertools.permutations(people, 2)):
        context = f"{one} is in {PLACES[n % 4]} . {other} works in {PLACES[(n + 1) % 4]} ."
        for asked, place in ((one, n % 4), (other, (n + 1) % 4)):
            spans = (
                Span(
                    context.index(PLACES[place]),
                    context.index(PLACES[place]) + len(PLACES[place]),
                    PLACES[place],
                    "context",
                ),
            )
            found.append(
                Example(f"{n}{asked}", {"question": f"Where is {asked} ?", "context": context}, spans, str(n))
            )
        if unanswerable:
            missing = next(p for p in people if p not in (one, other))
            found.append(
                Example(f"{n}?", {"question": f"Where is {missing} ?", "context": context}, (), str(n))
            )
    return found


@pytest.mark.parametrize("unanswerable", [False, True])
def test_a_bag_of_words_answers_by_what_the_sentence_shares_with_the_question(new_job, unanswerable) -> None:
    """It finds the place of whoever is asked for, and sees that others are not mentioned."""
    data = questions(unanswerable)
    job = new_job(TASK, examples=data)
    outcome = sklearn.TRAINER.function(job, lambda said: None, **sklearn.TRAINER.bind({"C": 10.0}))
    assert outcome.after > 0.9
    bag = sklearn.TRAINER.load(job.where, TASK, "cpu")
    for one, said in zip(data, predict(bag, data), strict=True):
        assert said.probabilities.sum(0) == pytest.approx([1, 1], abs=1e-4)
        if not one.spans:
            assert said.spans == ()


@given(st.text(max_size=40), st.text(max_size=80))
def test_no_answer_and_every_word_of_a_context_have_features(question: str, context: str) -> None:
    """Whatever the texts, none at all included; the same whenever it is asked."""
    rows = answer_features(question, context, 512)
    assert len(rows) == 1 + len(offsets(context))
    assert all(0 <= at < 512 for row in rows for at in row)
    assert rows == answer_features(question, context, 512)


def test_the_sentence_that_shares_most_with_the_question_comes_first() -> None:
    """Its words have a feature that no others have; words that all sentences share count nothing."""
    context = "The cat sat there. The dog barked at Ann. The bird sang."
    rows = answer_features("Who did the dog bark at?", context, 2**30)
    rank = zlib.crc32(b"rank=0") % 2**30
    names = [context[a:b] for a, b in offsets(context)]
    best = [name for name, row in zip(names, rows[1:], strict=True) if rank in row]
    assert best == ["The", "dog", "barked", "at", "Ann", "."]


def test_a_conditional_logit_is_at_its_optimum() -> None:
    """Its slope, taken by finite differences, is 0, and what was chosen is likelier than before."""
    random = np.random.default_rng(0)
    sizes = np.array([3, 1, 5, 4])
    matrix, chosen = random.normal(size=(13, 4)), np.array([2, 0, 1, 3])
    weights, iterations = sklearn.conditional(csr_matrix(matrix), sizes, chosen, 2.0, 200)
    ends = np.cumsum(sizes)

    def loss(w):
        logits = np.split(matrix @ w, ends[:-1])
        return (
            2.0 * sum(np.log(np.exp(g).sum()) - g[c] for g, c in zip(logits, chosen, strict=True)) + w @ w / 2
        )

    slope = [(loss(weights + 1e-4 * e) - loss(weights - 1e-4 * e)) / 2e-4 for e in np.eye(4)]
    assert slope == pytest.approx([0] * 4, abs=5e-3)
    assert loss(weights) < loss(np.zeros(4))
    assert 0 < iterations < 200
