"""Gradients: an estimate is the slope of the loss, and a search that has them needs fewer queries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from harness.attack.gradient import Asked, estimates, has_gradients
from harness.attack.recipes import gradient
from harness.attack.recipes import random as at_random
from harness.errors import UserError
from harness.inference import predict
from harness.models.transformer import Transformer
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.multilabel import TASK as MULTILABEL
from harness.tasks.ner import TASK as NER
from harness.tasks.qa import TASK as QA
from harness.tasks.recommendation import TASK as RECOMMENDATION
from harness.tasks.task import Task
from harness.text import Edit, Example, Span, example, vary
from harness.training import torch as plain
from harness.training.trainer import Job

from .toys import reviews, sentiment

FOOD = "today the food was good ."
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
STEP = 0.02


def one(target: Any, **fields: str) -> Example:
    """An example of a case."""
    return Example("x", fields, target)


CASES: list[tuple[Task, tuple[str, ...], Example, str]] = [
    (CLASSIFICATION, ("bad", "fine", "good"), one("good", text=FOOD), "text"),
    (CLASSIFICATION, ("no", "yes"), one("yes", premise=FOOD, hypothesis="it is a sad day"), "premise"),
    (MULTILABEL, ("food", "man", "day"), one(("food", "day"), text=FOOD), "text"),
    (NER, TAGS, one((Span(10, 14, "PER"), Span(19, 23, "LOC")), text="today the food was good ."), "text"),
    (QA, (), one((Span(10, 14, "food", "context"),), question="is it a day", context=FOOD), "context"),
    (QA, (), one((), question="is it a day", context=FOOD), "context"),
    (
        RECOMMENDATION,
        (),
        one(("2",), history=FOOD, **{"candidate 1": "a sad man", "candidate 2": "the poor man"}),
        "history",
    ),
]
IDS = [f"{task.name}-{at}" for at, (task, *_) in enumerate(CASES)]


@pytest.fixture(scope="module")
def tiny(tiny_pretrained: Path) -> Callable[..., Transformer]:
    """A tiny transformer with a random head, lively enough for its answers to depend on the text."""

    def build(task: Task, labels: tuple[str, ...]) -> Transformer:
        known = {"id2label": dict(enumerate(labels)), "num_labels": len(labels)} if labels else {}
        known |= {"num_labels": 1} if task is RECOMMENDATION else {}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            network = getattr(transformers, task.head).from_pretrained(tiny_pretrained, **known)
            with torch.no_grad():
                for weights in network.parameters():
                    weights += torch.randn_like(weights) * 0.2
        tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_pretrained)
        return Transformer(network, tokenizer, task, "cpu")

    return build


def loss(model: Transformer, source: Example) -> float:
    """Minus the log-probability of what gold says, read off the prediction."""
    (said,) = predict(model, [source])
    p = said.probabilities.astype(float)
    if model.task is CLASSIFICATION:
        return float(-np.log(p[model.labels.index(source.target)]))
    if model.task is NER:
        gold = NER.gold(source, said.words, model.labels)
        return float(sum(-np.log(row[tag]) for row, tag in zip(p, gold, strict=True) if tag))
    if model.task is QA:
        first, last = QA.gold(source, said.words[1:], ()) or (-1, -1)
        return float(-np.log(p[1 + first, 0]) - np.log(p[1 + last, 1]))
    gold = np.array(model.task.gold(source, None, model.labels), float)
    p = p[: len(gold)]
    return float(-(gold * np.log(p) + (1 - gold) * np.log(1 - p)).sum())


def slope(model: Transformer, source: Example, old: str, new: list[str]) -> float:
    """How the loss changes as the embedding of a word that occurs once moves towards the mean of others."""
    ids = model.tokenizer.convert_tokens_to_ids([old, *new])
    table = model.network.get_input_embeddings().weight
    before = table.detach().clone()
    way, said = before[ids[1:]].mean(0) - before[ids[0]], []
    try:
        for sign in (1, -1):
            with torch.no_grad():
                table[ids[0]] = before[ids[0]] + sign * STEP * way
            said.append(loss(model, source))
    finally:
        with torch.no_grad():
            table.copy_(before)
    return (said[0] - said[1]) / (2 * STEP)


def replaced(source: Example, name: str, old: str, new: str) -> Example:
    """The example with a word in the place of another."""
    start = source.fields[name].index(old)
    return vary(source, [Edit(start, start + len(old), new, name)]).example


@pytest.mark.parametrize(("task", "labels", "source", "name"), CASES, ids=IDS)
def test_an_estimate_is_the_slope_of_the_loss_towards_the_new_word(tiny, task, labels, source, name):
    """As a small step shows, for every form of answer that has gradients."""
    model = tiny(task, labels)
    candidates = [replaced(source, name, "was", new) for new in ("it", "bob", "great")]
    (found,) = estimates(model, task, [Asked(source, candidates)])
    expected = [slope(model, source, "was", [new]) for new in ("it", "bob", "great")]
    np.testing.assert_allclose(found, expected, rtol=0.03, atol=2e-3)
    assert np.abs(found).max() > 0.01


def test_a_word_in_several_pieces_counts_as_their_mean(tiny):
    """A misspelling is cut into more tokens than the word was."""
    model, source = tiny(CLASSIFICATION, ("bad", "good")), one("good", text=FOOD)
    pieces = model.tokenizer.tokenize("wsas")
    assert len(pieces) > 1
    (found,) = estimates(model, CLASSIFICATION, [Asked(source, [replaced(source, "text", "was", "wsas")])])
    np.testing.assert_allclose(found, [slope(model, source, "was", pieces)], rtol=0.03, atol=2e-3)


@pytest.mark.parametrize("new", ["", "man day", FOOD])
@pytest.mark.parametrize("old", ["today", "food", "."])
def test_words_put_in_or_left_out_are_estimated_too(tiny, old, new):
    """At the beginning, in the middle and at the end of a text."""
    model, source = tiny(CLASSIFICATION, ("bad", "good")), one("good", text=FOOD)
    same, other = source, replaced(source, "text", old, new)
    (found,) = estimates(model, CLASSIFICATION, [Asked(source, [same, other])])
    assert found[0] == 0
    assert np.isfinite(found[1])
    assert found[1] != 0


def test_a_long_text_is_estimated_where_its_windows_show_it(tiny):
    """An edit that shifts all that follows counts for what it changes itself."""
    model = tiny(CLASSIFICATION, ("bad", "good"))
    text = " ".join([FOOD] * 40)
    source = one("good", text=text)
    at = text.index("was")
    far = text.rindex("was")
    edits = [Edit(at, at + 3, "bob"), Edit(far, far + 3, "bob"), Edit(far, far + 3, "wsas")]
    candidates = [vary(source, [edit]).example for edit in edits]
    (found,) = estimates(model, CLASSIFICATION, [Asked(source, candidates)])
    assert len(model.encode([source])[0]) > 2
    assert (found != 0).all()


def test_bases_of_a_round_do_not_disturb_one_another(tiny):
    """Nor do gold labels that the model does not know."""
    model = tiny(CLASSIFICATION, ("bad", "good"))
    sources = [one(label, text=text) for label in ("good", "bad", "odd") for text in (FOOD, FOOD * 3)]
    asked = [Asked(source, [replaced(source, "text", "was", "it")]) for source in sources]
    together = estimates(model, CLASSIFICATION, asked)
    alone = [estimates(model, CLASSIFICATION, [each])[0] for each in asked]
    np.testing.assert_array_equal(together, alone)
    assert together[4] == together[5] == 0
    assert all(one != 0 for one in together[:4])


@pytest.fixture(scope="module")
def trained(tiny_pretrained, tiny_sentiment, tmp_path_factory) -> Transformer:
    """The tiny transformer, trained until it knows the words that decide."""
    where = tmp_path_factory.mktemp("trained")
    labels = CLASSIFICATION.function(tiny_sentiment)
    job = Job(CLASSIFICATION, str(tiny_pretrained), labels, tiny_sentiment, tiny_sentiment, 0, "cpu", where)
    options = {"epochs": 15.0, "learning_rate": 0.01, "batch_size": 8, "evaluate_every": 0.0}
    outcome = plain.TRAINER.function(job, lambda said: None, **plain.TRAINER.bind(options))
    assert outcome.after > 0.9
    return plain.TRAINER.load(where, CLASSIFICATION, "cpu")


def test_gradients_save_queries(trained, tiny_sentiment):
    """Of what both flip, guessing takes at least twice as many to flip as a search that has gradients."""
    searched, guessed = (
        attack.run(trained, CLASSIFICATION, tiny_sentiment, seed=1, budget=60)
        for attack in (gradient, at_random)
    )
    both = [(a.queries, b.queries) for a, b in zip(searched, guessed, strict=True) if a.success and b.success]
    print(both, sum(a.success for a in searched), sum(b.success for b in guessed))
    assert len(both) > 12
    assert 2 * sum(a for a, _ in both) < sum(b for _, b in both)


def test_outcomes_do_not_depend_on_how_many_examples_are_attacked_at_a_time(trained, tiny_sentiment):
    """Estimates are rounded, for the last bits depend on what shares a batch."""
    few, many = (
        gradient.run(trained, CLASSIFICATION, tiny_sentiment[:9], seed=4, budget=40, in_flight=size)
        for size in (1, 64)
    )
    assert [(o.queries, o.edits, o.status) for o in few] == [(o.queries, o.edits, o.status) for o in many]


def test_a_gradient_is_a_query(trained, tiny_sentiment):
    """The clean text, the gradient, and what is asked for after."""
    (outcome,) = gradient.run(trained, CLASSIFICATION, tiny_sentiment[:1], seed=1, budget=2)
    assert outcome.queries == 2


def test_a_model_without_gradients_is_the_users_fault():
    """A black box cannot be looked into, and says so before anything is asked."""
    assert not has_gradients(sentiment())
    assert estimates(sentiment(), CLASSIFICATION, [Asked(example("x", "a"), [])])[0].shape == (0,)
    with pytest.raises(UserError, match="gradients"):
        gradient.run(sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=9)
