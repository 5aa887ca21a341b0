"""Explanations of texts that models write: scored again rather than written again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.explain.ask import scorer, unexplained, values_without, weighed
from harness.explain.checks import CHECKS
from harness.explain.explain import SEGMENTS_OF_TEXTS, explain
from harness.explain.goal import choose
from harness.explain.gradients import integrated_gradients
from harness.explain.occlusion import GROUPS, occlusion
from harness.explain.shapley import lime, shapley
from harness.inference import predict
from harness.models.function import Function
from harness.models.generation import Generation
from harness.models.generator import Generator
from harness.tasks import dialogue, summarization
from harness.tasks.task import Form
from harness.text import Edit, Example, vary
from harness.training import pretrained

SOURCE = Example("a", {"source": "the cat sat on a mat and then it went home to sleep"}, ("the cat",))
TALK = Example(
    "b",
    {"01 customer": "the cat sat on a mat", "02 agent": "and then it"},
    ("home",),
    meta={"speaker": "customer"},
)


@pytest.fixture(scope="module", params=["tiny_seq2seq", "tiny_decoder"])
def writes(request):
    """A tiny encoder-decoder and a tiny decoder, by task."""
    network, tokenizer = pretrained.load(str(request.getfixturevalue(request.param)), Form.TEXT, (), 0, "cpu")
    return lambda task: Generator(network, tokenizer, task, "cpu", Generation(max_new_tokens=8))


CASES = [(summarization.TASK, SOURCE), (dialogue.TASK, TALK)]


@pytest.mark.parametrize(("task", "one"), CASES, ids=["summarization", "dialogue"])
def test_a_text_is_worth_the_probability_of_its_tokens_under_teacher_forcing(writes, task, one):
    """The scorer says of the reference what the model says of it; no word taken away, nothing changes."""
    model = writes(task)
    (said,) = predict(model, [one])
    (forced,) = predict(scorer(model), [one])
    assert (forced.gold, forced.gold_tokens) == (pytest.approx(said.gold, rel=1e-5), said.gold_tokens)
    goals = weighed(model, task, [choose(task, one, said)])
    (again,) = predict(model, [replace(one, target=(said.text,))])
    assert goals[0].value == pytest.approx(again.probabilities[1], abs=1e-5)
    found = values_without(model, task, [(goals[0], []), (goals[0], goals[0].words)])
    assert found[0] == pytest.approx(goals[0].value, abs=1e-6)
    assert found[1] != pytest.approx(found[0], abs=1e-6)


@pytest.mark.parametrize(("task", "one"), CASES, ids=["summarization", "dialogue"])
def test_texts_are_explained_by_occlusion_and_written_once(writes, task, one):
    """All other questions are scores; an edit is followed by how likely the same text is after it."""
    model, written, before = writes(task), [], Generator.forward
    model.forward = lambda pieces: (written.extend(pieces), before(model, pieces))[1]
    last = list(one.fields)[-1]
    edited = {one.id: vary(one, [Edit(0, 3, "teh", last)])}
    options = integrated_gradients.bind({})
    (found,) = explain(model, task, [one], edited, integrated_gradients, options, seed=0)
    assert len(written) == 1
    assert found.method == "occlusion (of a written text)"
    assert len(found.weights) == len(" ".join(one.fields.values()).split())
    assert np.any(found.weights)
    assert found.edited_fields is None or found.edited_fields[last].startswith("teh")


def test_long_sources_cost_a_bounded_number_of_questions():
    """More words than stretches share what their stretch is worth."""
    asked = []

    class Forced:
        """Says nothing but a number: more words, less likely."""

        labels = ()
        reads_gold = True

        def scorer(self):
            return self

        def encode(self, examples):
            from harness.models.model import piece

            asked.extend(examples)
            return [[piece(1, e.fields["source"], e.fields["source"])] for e in examples]

        def forward(self, pieces):
            return [piece.data.count("cat") for piece in pieces]

        def decode(self, example, pieces, outputs):
            from harness.prediction import Text

            return Text("so", -1.0, 2, -1.0 / (1 + outputs[0]), 2)

    one = Example("a", {"source": "cat " + "dog " * 99}, ("x",))
    (found,) = explain(Forced(), summarization.TASK, [one], {}, occlusion, {}, seed=0)
    assert len({e.fields["source"] for e in asked}) <= 1 + GROUPS + 2**SEGMENTS_OF_TEXTS
    assert found.weights[0] > 0
    assert found.weights[:4] == [found.weights[0]] * 4
    assert not any(found.weights[5:])
    assert "words in stretches of up to 5" in found.note


def test_a_model_that_does_not_know_how_likely_its_texts_are_says_so():
    """A callable that returns strings cannot be explained, and the reason is given."""
    model = Function(lambda texts: ["so" for _ in texts], (), summarization.TASK)
    assert "does not say how likely a text is" in unexplained(model, summarization.TASK)
    assert explain(model, summarization.TASK, [SOURCE], {}, occlusion, {}, seed=0) == []


@pytest.mark.parametrize("record", [occlusion, shapley, lime], ids=lambda record: record.name)
@pytest.mark.parametrize(("task", "one"), CASES, ids=["summarization", "dialogue"])
def test_checks_of_texts_say_what_they_can(writes, task, one, record):
    """Nobody knows whether a text would be another; noise at word embeddings is for heads only."""
    model = writes(task)
    options = {"samples": 8} if record is lime else {"orders": 2} if record is shapley else {}
    (found,) = explain(model, task, [one], {}, record, record.bind(options), seed=0, checks=CHECKS, draws=1)
    assert len(found.comprehensiveness) == len(found.sufficiency) == 5
    assert found.turning is found.sensitivity is None
    assert found.again == pytest.approx(1, abs=1e-3)
    assert -1 <= found.randomised <= 1
    assert 0 <= found.infidelity <= found.change + 1e-9
    assert found.passes > 0
