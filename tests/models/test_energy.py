"""How large the logits behind probabilities are: the worked example, and what models keep of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from harness.inference import predict
from harness.models.bag import Bag
from harness.models.energy import apart, charged, energy
from harness.models.features import rows
from harness.models.transformer import Transformer
from harness.prediction import Classes, Text, from_table, to_table
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.multilabel import TASK as MULTILABEL
from harness.tasks.ner import TASK as NER
from harness.tasks.task import Form
from harness.text import example
from harness.training import pretrained

LABELS = ("O", "B-PER", "I-PER")
TEXTS = [example("a", "alice went to rome"), example("b", "rome . rome")]


def test_the_energy_of_the_worked_example():
    """Logits (2, 0, -1): log-sum-exp 2.1698460 (methods, section 3.8)."""
    assert float(energy(np.array([2.0, 0.0, -1.0]))) == pytest.approx(2.1698460, abs=1e-7)


def test_labels_with_a_probability_each_are_a_question_each():
    """Nothing speaks for any of them: log 2 a label."""
    assert float(energy(np.zeros(3), exclusive=False)) == pytest.approx(3 * math.log(2))


def test_it_is_the_last_column_where_there_are_labels():
    """Of words the mean; of a text without words, and of answers, there is none."""
    table = np.array([[0.5, 0.5, 1.0], [0.2, 0.8, 2.0]], np.float32)
    said, known = apart(table, Form.WORDS)
    assert (said.tolist(), known) == (table[:, :2].tolist(), 1.5)
    assert math.isnan(apart(table[:0], Form.WORDS)[1])
    same, unknown = apart(table, Form.ANSWER)
    assert same is table
    assert math.isnan(unknown)
    text = Text("so")
    assert charged(text, 1.0) is text


@pytest.mark.parametrize(
    ("task", "labels"), [(CLASSIFICATION, ("a", "b", "c")), (MULTILABEL, ("a", "b")), (NER, LABELS)]
)
def test_a_transformer_keeps_the_energy_of_its_logits(tiny_pretrained, task, labels):
    """That of the network's own logits, the mean over the words of a tagger."""
    network, tokenizer = pretrained.load(str(tiny_pretrained), task.form, labels, 0, "cpu")
    model = Transformer(network, tokenizer, task, "cpu")
    for one, said in zip(TEXTS, predict(model, TEXTS), strict=True):
        with torch.inference_mode():
            logits = model.network(**tokenizer(one.text, return_tensors="pt")).logits[0].numpy()
        if task is NER:
            (pieces,) = model.encode([one])
            owners = pieces[0].data.owner
            logits = logits[[owners.index(word) for word in range(len(said.words))]]
        wanted = energy(logits, exclusive=task is not MULTILABEL)
        assert said.energy == pytest.approx(float(wanted.mean()), abs=1e-4)


def test_a_bag_of_words_keeps_the_energy_of_its_logits():
    """And the softmax of the same logits is what it always was."""
    drawn = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    model = Bag(drawn, ("a", "b", "c"), CLASSIFICATION)
    (said, _) = predict(model, TEXTS)
    (row,) = rows(Form.LABEL, model.encode(TEXTS)[0][0].data, 64)
    logits = np.array(row.values) @ drawn[row.features]
    assert said.energy == pytest.approx(float(energy(logits)), abs=1e-5)
    assert said.probabilities == pytest.approx(np.exp(logits) / np.exp(logits).sum(), abs=1e-6)


def test_the_energy_is_stored_with_the_prediction():
    """What has none reads as NaN."""
    known = Classes(("a", "b"), np.array([0.9, 0.1], np.float32), energy=2.5)
    unknown = Classes(("a", "b"), np.array([1, 0], np.float32))
    again = from_table(to_table(["1", "2"], [known, unknown], ("a", "b")))
    assert again["1"].energy == 2.5
    assert math.isnan(again["2"].energy)
