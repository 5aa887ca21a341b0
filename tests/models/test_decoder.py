"""A decoder with a head: padded on the right, read where the text ends."""

from __future__ import annotations

import numpy as np
import pytest

from harness.explain.explain import explain
from harness.explain.gradients import integrated_gradients
from harness.inference import predict
from harness.models.transformer import Transformer
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import example
from harness.training import pretrained
from harness.training import torch as plain
from harness.training.trainer import Job

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


@pytest.fixture(params=[(CLASSIFICATION, ("bad", "good")), (NER, TAGS)], ids=["classification", "ner"])
def headed(request, tiny_decoder):
    """The tiny decoder with a random head for a text or for its words."""
    task, labels = request.param
    return Transformer(*pretrained.load(str(tiny_decoder), task.form, labels, 0, "cpu"), task, "cpu")


def test_padding_changes_no_more_than_rounding(headed, tiny_ner):
    """Alone and among longer ones, a text gets the same numbers; empty ones get an answer, too."""
    examples = [example(str(at), one.text[: 3 * at]) for at, one in enumerate(tiny_ner[:12])]
    for one, said in zip(examples, predict(headed, examples), strict=True):
        (alone,) = predict(headed, [one])
        np.testing.assert_allclose(alone.probabilities, said.probabilities, atol=1e-5)


def test_it_is_trained_and_loaded_as_an_encoder_is(tiny_decoder, tiny_sentiment, tmp_path):
    """The checkpoint knows its padding; a batch of it answers as before."""
    labels = CLASSIFICATION.function(tiny_sentiment)
    job = Job(CLASSIFICATION, str(tiny_decoder), labels, tiny_sentiment, tiny_sentiment, 0, "cpu", tmp_path)
    options = plain.TRAINER.bind(
        {"epochs": 15.0, "learning_rate": 0.01, "batch_size": 8, "evaluate_every": 0.0}
    )
    outcome = plain.TRAINER.function(job, lambda said: None, **options)
    assert outcome.after > 0.9
    model = plain.TRAINER.load(tmp_path, CLASSIFICATION, "cpu")
    said = predict(model, tiny_sentiment)
    right = [one.label == e.target for e, one in zip(tiny_sentiment, said, strict=True)]
    assert np.mean(right) == outcome.after


def test_its_attributions_are_complete(headed, tiny_ner, tiny_sentiment):
    """Also where the padding that stands for nothing is the end of the text, as decoders have it."""
    headed.tokenizer.pad_token = headed.tokenizer.eos_token
    headed.network.config.pad_token_id = headed.tokenizer.eos_token_id
    examples = tiny_sentiment[:4] if headed.task is CLASSIFICATION else tiny_ner[:4]
    found = explain(headed, headed.task, examples, {}, integrated_gradients, {}, seed=0)
    assert any(one.completeness is not None for one in found)
    assert all(one.completeness is None or one.completeness < 0.05 for one in found)
