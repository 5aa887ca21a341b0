"""Slopes at word embeddings: what the probes find on tiny networks, and on one whose slopes are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from harness.errors import UserError
from harness.models.embedded import spacing
from harness.models.function import Function
from harness.models.transformer import Transformer
from harness.probe.embedding import gradient_norm, lipschitz, unfit
from harness.probe.probe import Scene
from harness.tasks import classification, ner, translation
from harness.text import example
from tests.explain.forms import EXAMPLES, TASKS

FORMS = pytest.mark.parametrize("name", sorted(TASKS))


def test_the_gradient_norm_of_a_logistic_network_is_the_published_number(linear, monkeypatch):
    """Methods, section 2.9: 1.25 a token, so that of four tokens it is twice that; the margin's is 5 a token."""
    monkeypatch.setattr("harness.models.embedded.spacing", lambda model: 1.0)
    scene = Scene(
        linear, classification.TASK, [example("a", "food"), example("b", "the food was good")], {}, 0
    )
    one, four = gradient_norm.function(scene)
    assert one.values["norm"] == pytest.approx(1.25)
    assert four.values["norm"] == pytest.approx(2.5)
    assert (one.values["margin"], four.values["margin"]) == pytest.approx((5, 10))
    assert (one.values["token"], four.values["token"]) == pytest.approx((1.25, 1.25))


def test_the_quotients_of_a_logistic_network_stay_below_its_gradient(linear, monkeypatch):
    """The worst direction that is found is w in every token: 1.2245933 at a distance of .1."""
    monkeypatch.setattr("harness.models.embedded.spacing", lambda model: 1.0)
    scene = Scene(linear, classification.TASK, [example("a", "food")], {}, 0)
    (found,) = lipschitz.function(scene)
    assert found.values["adversarial"] == pytest.approx(1.2245933, abs=1e-4)
    assert found.values["random"] <= found.values["adversarial"] + 1e-6


@FORMS
def test_every_form_has_slopes(name, tiny):
    """Of a tagger one item for each entity; all numbers are there, and scaled by the spacing."""
    model, one = tiny(name), EXAMPLES[name]
    scene = Scene(model, TASKS[name], [one], {}, 0)
    found = gradient_norm.function(scene)
    assert len(found) == (len(scene.ask([one])[0].spans) if name == "ner" else 1) > 0
    for item in found:
        assert all(math.isfinite(value) and value > 0 for value in item.values.values())
        assert item.values["scaled"] == pytest.approx(item.values["norm"] * spacing(model))
        assert item.values["token"] <= item.values["scaled"] * (1 + 1e-6)


@FORMS
def test_the_worst_direction_is_no_better_than_any_at_random(name, tiny):
    """In so many dimensions it is far worse."""
    scene = Scene(tiny(name), TASKS[name], [EXAMPLES[name]], {}, 0)
    (found,) = lipschitz.function(scene)
    assert 0 < found.values["random"] < found.values["adversarial"]


def test_on_a_small_sphere_the_worst_quotient_of_two_labels_is_the_gradient_norm(tiny, tiny_sentiment):
    """To first order, p of one label moves by the norm times the distance, and so does the variation."""
    model = tiny("marked")
    labels = {0: "negative", 1: "positive"}
    two = Transformer(_two_labels(model.network, labels), model.tokenizer, classification.TASK, "cpu")
    scene = Scene(two, classification.TASK, tiny_sentiment[:3], {}, 0)
    pairs = zip(gradient_norm.function(scene), lipschitz.function(scene, radius=0.01, steps=30), strict=True)
    for slope, quotient in pairs:
        assert quotient.values["adversarial"] == pytest.approx(slope.values["scaled"], rel=0.05)


def _two_labels(network, labels):
    network.config.id2label = labels
    network.num_labels = network.config.num_labels = len(labels)
    network.classifier.weight = torch.nn.Parameter(network.classifier.weight[:2])
    network.classifier.bias = torch.nn.Parameter(network.classifier.bias[:2])
    return network


def test_what_is_found_of_a_text_depends_on_no_other_text(tiny, tiny_sentiment):
    """Each has draws of its own, and its points share batches with themselves alone."""
    model, texts = tiny("classification"), tiny_sentiment[:3]
    for probe in (gradient_norm, lipschitz):
        together = probe.function(Scene(model, classification.TASK, texts, {}, 0))
        alone = [probe.function(Scene(model, classification.TASK, [one], {}, 0))[0] for one in texts]
        assert [one.values for one in together] == [one.values for one in alone]


def test_a_text_without_words_is_left_out(tiny):
    """Nothing of it is free to move."""
    scene = Scene(
        tiny("classification"), classification.TASK, [example("a", " "), example("b", "good")], {}, 0
    )
    assert [one.id for one in lipschitz.function(scene)] == ["b"]


def test_a_network_is_left_as_it_was(tiny, tiny_sentiment):
    """No gradient is left in it, and it still answers the same."""
    model = tiny("classification")
    scene = Scene(model, classification.TASK, tiny_sentiment[:2], {}, 0)
    before = [one.probabilities for one in scene.ask(scene.examples)]
    gradient_norm.function(scene)
    lipschitz.function(scene)
    assert all(one.grad is None for one in model.network.parameters())
    assert np.array_equal([one.probabilities for one in scene.ask(scene.examples)], before)


@pytest.mark.parametrize(
    "options", [{"radius": 1e-5}, {"directions": 0}, {"steps": -1}, {"radius": math.nan}]
)
def test_an_option_out_of_range_is_refused(options, tiny):
    """The message names it and what was found."""
    ((name, value),) = options.items()
    with pytest.raises(UserError, match=f"{name}: .*found {value}"):
        lipschitz.function(Scene(tiny("classification"), classification.TASK, [], {}, 0), **options)


def test_only_transformers_with_a_head_can_be_looked_into(tiny):
    """It says what would be needed."""
    box = Function(lambda texts: [], ("a", "b"), classification.TASK)
    assert "a transformer with a head" in unfit(box, classification.TASK)
    assert not unfit(tiny("ner"), ner.TASK)
    assert unfit(tiny("ner"), translation.TASK)
