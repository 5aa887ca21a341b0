"""The steepest slope of a whole answer at the word embeddings of tiny networks, against Jacobians written down."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from harness.errors import UserError
from harness.models.embedded import spacing
from harness.models.function import Function
from harness.probe.embedding import gradient_norm, lipschitz
from harness.probe.jacobian import jacobian
from harness.probe.network import views
from harness.probe.probe import Scene
from harness.tasks import classification, translation
from harness.text import example
from tests.explain.forms import EXAMPLES, TASKS

FORMS = pytest.mark.parametrize("name", sorted(TASKS))


def written_down(view) -> torch.Tensor:
    """The Jacobian of the probabilities with respect to the words, shape ``(rows, columns, size)``."""
    with sdpa_kernel(SDPBackend.MATH):
        full = torch.autograd.functional.jacobian(lambda at: view.says(at.unsqueeze(0))[0].exp(), view.at)
    return (full * view.free).flatten(2)


def test_the_norm_of_a_logistic_network_is_the_published_number(linear, monkeypatch):
    """Methods, section 2.9: 1.25 a token in total variation, and root 2 of it in all; of four tokens twice that."""
    monkeypatch.setattr("harness.models.embedded.spacing", lambda model: 1.0)
    texts = [example("a", "food"), example("b", "the food was good")]
    one, four = jacobian.function(Scene(linear, classification.TASK, texts, {}, 0))
    assert (one.values["scaled"], four.values["scaled"]) == pytest.approx((1.25, 2.5))
    assert (one.values["norm"], four.values["norm"]) == pytest.approx((1.7677670, 3.5355339))


@FORMS
def test_norms_are_those_of_the_jacobian_written_down(name, tiny):
    """The spectral norm by singular values; the other one is at most its bound, and more than random steps find."""
    model, one = tiny(name), EXAMPLES[name]
    (view,) = views(model, [one])
    full = written_down(view)
    rows, columns, size = full.shape
    (found,) = jacobian.function(Scene(model, TASKS[name], [one], {}, 0), steps=100)
    norm, far = found.values["norm"], found.values["scaled"] / spacing(model)
    assert norm == pytest.approx(
        float(torch.linalg.matrix_norm(full.reshape(-1, size), 2)) / rows**0.5, rel=1e-3
    )
    assert 0 < far <= columns**0.5 / 2 * norm * (1 + 1e-4)
    steps = torch.randn(200, size, generator=torch.Generator().manual_seed(0))
    steps = steps / steps.norm(dim=1, keepdim=True)
    assert far > float((torch.einsum("rcd,sd->src", full, steps).abs().sum(-1).mean(-1) / 2).max())


@pytest.mark.parametrize("name", ["classification", "pair", "marked"])
def test_of_three_labels_it_is_the_gradient_norm(name, tiny):
    """One of them moves against the two others, so that no step moves the answer farther than one label."""
    task = {**TASKS, "classification": classification.TASK}[name]
    scene = Scene(tiny(name), task, [EXAMPLES.get(name, example("a", "the food was good ."))], {}, 0)
    (found,), (slope,) = jacobian.function(scene), gradient_norm.function(scene)
    assert found.values["scaled"] == pytest.approx(slope.values["scaled"], rel=1e-3)


def test_a_small_step_moves_an_answer_no_farther_and_the_worst_nearly_so(tiny):
    """Of a tagger too, whose movement is the mean over words: what the ascent on a small sphere finds."""
    scene = Scene(tiny("ner"), TASKS["ner"], [EXAMPLES["ner"]], {}, 0)
    (slope,), (quotient,) = (
        jacobian.function(scene, steps=50),
        lipschitz.function(scene, radius=0.01, steps=30),
    )
    assert quotient.values["adversarial"] == pytest.approx(slope.values["scaled"], rel=0.05)


@FORMS
def test_a_few_steps_are_nearly_enough(name, tiny):
    """By default, both norms are within a fiftieth of what many steps find, the spectral one below it."""
    scene = Scene(tiny(name), TASKS[name], [EXAMPLES[name]], {}, 0)
    (few,), (many,) = jacobian.function(scene), jacobian.function(scene, steps=200)
    assert few.values == pytest.approx(many.values, rel=0.02)
    assert few.values["norm"] <= many.values["norm"] * (1 + 1e-4)


def test_what_is_found_of_a_text_depends_on_no_other_text(tiny, tiny_sentiment):
    """Each has a draw of its own and is read alone; what has been asked before leaves nothing behind."""
    model, texts = tiny("classification"), tiny_sentiment[:3]
    together = jacobian.function(Scene(model, classification.TASK, texts, {}, 0))
    alone = [jacobian.function(Scene(model, classification.TASK, [one], {}, 0))[0] for one in texts]
    assert [one.values for one in together] == [one.values for one in alone]
    assert all(one.grad is None for one in model.network.parameters())


def test_a_text_without_words_is_left_out(tiny):
    """Nothing of it is free to move."""
    texts = [example("a", " "), example("b", "good")]
    found = jacobian.function(Scene(tiny("classification"), classification.TASK, texts, {}, 0))
    assert [one.id for one in found] == ["b"]
    assert all(math.isfinite(value) for value in found[0].values.values())


def test_a_number_of_steps_is_needed(tiny):
    """The message names it and what was found."""
    with pytest.raises(UserError, match="steps: at least 1 step is needed, found 0"):
        jacobian.function(Scene(tiny("classification"), classification.TASK, [], {}, 0), steps=0)


def test_only_transformers_with_a_head_have_it(tiny):
    """What writes texts has no distribution to take slopes of."""
    box = Function(lambda texts: [], ("a", "b"), classification.TASK)
    assert "a transformer with a head" in jacobian.unfit(box, classification.TASK)
    assert jacobian.unfit(tiny("ner"), translation.TASK)
