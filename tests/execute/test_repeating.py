"""Asked once more: what is another the second time, and what is not."""

from __future__ import annotations

import pytest

from harness.execute.repeating import drawing_anew
from harness.inference import predict
from harness.models.function import Function
from harness.models.generation import Generation
from harness.models.generator import Generator
from harness.tasks import classification, translation
from harness.tasks.task import Form
from harness.text import Example
from harness.training import pretrained


@pytest.fixture
def writes(tiny_seq2seq):
    """A tiny model that writes with these settings."""
    network, tokenizer = pretrained.load(str(tiny_seq2seq), Form.TEXT, (), 0, "cpu")
    return lambda settings: Generator(network, tokenizer, translation.TASK, "cpu", settings)


SOURCES = [Example(str(at), {"source": f"the cat sat on mat {at}"}, ("die Katze",)) for at in range(4)]


def test_a_model_that_draws_its_texts_draws_others(writes):
    """And itself is left as it was, so that the first answers stay what they are."""
    model = writes(Generation(max_new_tokens=12, sample=True, temperature=1.5))
    first = [one.text for one in predict(model, SOURCES)]
    assert [one.text for one in predict(drawing_anew(model), SOURCES)] != first
    assert [one.text for one in predict(model, SOURCES)] == first


def test_a_model_that_draws_nothing_is_asked_as_it_is(writes):
    """Greedy texts, and functions of the user's."""
    for model in (writes(Generation(max_new_tokens=4)), Function(list, ("a",), classification.TASK)):
        assert drawing_anew(model) is model
