"""Attention rollout (methods, section 6.1)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.errors import BrokenPromise
from harness.explain.ask import weighed
from harness.explain.attention import attention_rollout, eager, rollout
from harness.explain.goal import choose
from harness.inference import predict
from harness.models.transformer import Transformer
from harness.tasks import classification
from harness.tasks.task import Form
from harness.text import example
from harness.training import pretrained

from .forms import EXAMPLES

TEXT = "alice went to paris , said bob ."


def goal_of(model, one):
    """What there is to explain about an example."""
    return weighed(model, model.task, [choose(model.task, one, predict(model, [one])[0])])[0]


def weights(model, *examples):
    """The attributions of examples."""
    found = attention_rollout.function(model, model.task, [goal_of(model, one) for one in examples])
    return [one.weights for one in found]


def layers(network, tokenizer, text):
    """The attention of each layer, heads averaged, as a network that keeps it says."""
    with eager(network), torch.inference_mode():
        said = network(**tokenizer(text, return_tensors="pt"), output_attentions=True)
    return np.stack([one[0].mean(0).double().numpy() for one in said.attentions])


@pytest.fixture
def decoder(tiny_decoder):
    """A tiny network that looks back only, with a head for two labels."""
    network, tokenizer = pretrained.load(str(tiny_decoder), Form.LABEL, ("no", "yes"), 0, "cpu")
    return Transformer(network, tokenizer, classification.TASK, "cpu")


def test_the_worked_example_to_the_last_digit():
    """Two layers, two tokens."""
    found = rollout(np.array([[[0.6, 0.4], [0.2, 0.8]], [[0.5, 0.5], [0.3, 0.7]]]))
    assert found == pytest.approx(np.array([[0.625, 0.375], [0.205, 0.795]]), abs=1e-15)


@given(arrays(float, (3, 4, 4), elements=st.floats(0.01, 1)))
def test_what_flows_in_adds_up_to_one(attention):
    """Rows of attention sum to 1, and so do those of their product."""
    found = rollout(attention / attention.sum(-1, keepdims=True))
    assert found.sum(-1) == pytest.approx(np.ones(4))
    assert (found >= 0).all()


def test_tokens_that_attend_to_themselves_alone_keep_all():
    """Nothing flows then."""
    assert rollout(np.stack([np.eye(3)] * 2)) == pytest.approx(np.eye(3))


def test_words_get_what_leads_back_from_the_token_that_the_head_reads(tiny):
    """The first row of the flow, summed over the parts of each word; the rest went to special tokens."""
    model = tiny("classification")
    text = "alice blorped ."
    flow = rollout(layers(model.network, model.tokenizer, text))[0]
    tokens = model.tokenizer(text).word_ids()
    own = [sum(flow[at] for at, word in enumerate(tokens) if word == one) for one in range(3)]
    (found,) = weights(model, example("a", text))
    assert found == pytest.approx(own, abs=1e-6)
    assert 0 < found.sum() < 1


def test_where_attention_looks_back_only_the_last_token_is_followed(decoder):
    """The first one sees nothing but itself."""
    text = "he went home"
    flow = rollout(layers(decoder.network, decoder.tokenizer, text))
    assert not flow[0, 1:].any()
    (found,) = weights(decoder, example("a", text))
    assert found.min() > 0
    assert found.sum() == pytest.approx(flow[-1].sum(), abs=1e-5)


def test_predictions_are_what_they_were_to_the_last_bit(tiny, decoder):
    """The quick way of computing attention is put back, even if something breaks in between."""
    for model in (tiny("classification"), decoder):
        one = example("a", TEXT)
        before = predict(model, [one])[0].probabilities
        way = model.network.config._attn_implementation
        weights(model, one)
        with pytest.raises(KeyError), eager(model.network):
            raise KeyError
        assert model.network.config._attn_implementation == way
        assert np.array_equal(predict(model, [one])[0].probabilities, before)


@pytest.mark.parametrize("task", sorted(EXAMPLES))
def test_all_tasks_with_a_head_can_be_explained(tiny, task):
    """Shares of one, for labels, entities, answers and candidates."""
    model = tiny(task)
    goal = goal_of(model, EXAMPLES[task])
    (found,) = weights(model, EXAMPLES[task])
    assert found.shape == (len(goal.words),)
    assert found.min() >= 0
    assert 0 < found.sum() <= 1 + 1e-6


def test_company_in_a_batch_does_not_matter(tiny):
    """Padding is not attended to."""
    model = tiny("classification")
    one, other = example("a", "good"), example("b", " ".join(["the food was good , said the man ."] * 12))
    together = weights(model, one, other)
    assert together[0] == pytest.approx(weights(model, one)[0], abs=1e-6)
    assert together[1] == pytest.approx(weights(model, other)[0], abs=1e-6)


def test_a_network_that_keeps_its_attention_to_itself_breaks_its_promise(tiny):
    """The message says what is needed."""
    model = tiny("classification")
    goal = goal_of(model, example("a", TEXT))

    class Silent(torch.nn.Module):
        """Answers, and says nothing about how."""

        config = SimpleNamespace(pad_token_id=0, id2label=model.network.config.id2label)

        def forward(self, **asked):
            return SimpleNamespace(attentions=None)

    mute = Transformer(Silent(), model.tokenizer, model.task, "cpu")
    with pytest.raises(BrokenPromise, match="needs a network that says where it attends"):
        attention_rollout.function(mute, model.task, [goal])
