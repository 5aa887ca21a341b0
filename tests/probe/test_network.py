"""What a network says at its word embeddings is what the model predicts, whatever the task asks for."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from harness.inference import predict
from harness.models.embedded import embedded, spacing, vectors
from harness.probe.network import margin, outputs, probability, variation, views
from harness.tasks import classification, recommendation
from harness.text import Example, example
from tests.explain.forms import EXAMPLES, LABELS, TASKS

FORMS = pytest.mark.parametrize("name", sorted(TASKS))
LONG = example(
    "long",
    " ".join(f"{who} saw bob in {where} ." for who in ("alice", "carol") for where in ("rome", "oslo") * 5),
)


def view_of(model, one):
    """How a model reads a single example."""
    (view,) = views(model, [one])
    return view


def expected(task, said):
    """A prediction's probabilities in rows and columns."""
    found = said.probabilities
    if task.form.value == "answer":
        return found.T
    if task.form.value == "labels":
        return np.stack([found, 1 - found], -1)
    return found if task.form.value == "words" else found[None]


@FORMS
def test_at_the_text_itself_the_rows_are_the_prediction(name, tiny):
    """The same numbers by another way, for every form that has a head."""
    model, one = tiny(name), EXAMPLES[name]
    view = view_of(model, one)
    (said,) = predict(model, [one])
    rows = view.asked(view.at.unsqueeze(0))[0].cpu().numpy()
    assert rows == pytest.approx(expected(TASKS[name], said)[:, : rows.shape[1]], abs=1e-5)


@pytest.mark.parametrize("name", ["classification", "ner", "multilabel"])
def test_a_text_of_several_windows_is_read_as_one(name, tiny):
    """Windows are joined as the prediction joins them, and may differ in length."""
    model = tiny(name)
    view = view_of(model, LONG)
    assert len({len(one.ids) for one in view.windows}) > 1
    (said,) = predict(model, [LONG])
    rows = view.asked(view.at.unsqueeze(0))[0].cpu().numpy()
    assert rows == pytest.approx(expected(model.task, said), abs=1e-5)


def test_candidates_that_do_not_compete_have_a_row_each(tiny):
    """Of a slate each item is right or not."""
    model = tiny("choice")
    model.task = replace(model.task, exclusive=recommendation.TASK.exclusive)
    view = view_of(model, EXAMPLES["choice"])
    rows = view.asked(view.at.unsqueeze(0))[0]
    assert rows.shape == (2, 2)
    assert rows.sum(-1).tolist() == pytest.approx([1, 1])


def test_points_are_answered_one_as_all(tiny):
    """However many are asked for at a time."""
    model = tiny("classification")
    view = view_of(model, LONG)
    scales = torch.linspace(0, 1, 20).view(-1, 1, 1, 1)
    together = view.asked(view.at * scales)
    alone = torch.cat([view.asked((view.at * one).unsqueeze(0)) for one in scales])
    assert view.most < 20
    assert torch.allclose(together, alone, atol=1e-5)
    assert not torch.allclose(together[0], together[-1], atol=1e-3)


@FORMS
def test_a_gradient_norm_is_the_slope_of_finite_differences_along_it(name, tiny):
    """Along the gradient, a small step changes a number by the norm times its length; no way does by more."""
    model, one = tiny(name), EXAMPLES[name]
    view = view_of(model, one)
    (said,) = predict(model, [one])
    for output in outputs(view, said)[:2]:
        for read in (probability(output.events[0]), margin(output.said[0])):
            (norm,) = view.slopes([read])
            at = view.at.unsqueeze(0).clone().requires_grad_()
            (slope,) = torch.autograd.grad(read(view.says(at)[0]), at)
            slope = slope * view.free
            step = 5e-3 * slope / slope.norm()
            with torch.no_grad():
                ahead, back = (float(read(view.says(view.at + sign * step)[0])) for sign in (1, -1))
            assert norm == pytest.approx((ahead - back) / 1e-2, rel=0.02, abs=1e-4)


@FORMS
def test_an_output_is_as_probable_as_the_prediction_says(name, tiny):
    """The label, the entity's tags, the start and end of the answer."""
    model, one = tiny(name), EXAMPLES[name]
    view = view_of(model, one)
    (said,) = predict(model, [one])
    rows = view.asked(view.at.unsqueeze(0))[0].log()
    found = outputs(view, said)
    if name in ("pair", "marked", "choice"):
        assert float(probability(found[0].said[0])(rows)) == pytest.approx(said.probabilities.max(), abs=1e-5)
        assert float(margin(found[0].said[0])(rows)) > 0
    if name == "ner":
        assert [one.name for one in found] == [f"{s.label} [{s.start}, {s.end})" for s in said.spans]
        assert all(float(margin(one.said[0])(rows)) > 0 for one in found)
    if name == "answer":
        assert len(found) == 1


def test_special_tokens_markers_and_padding_stay(tiny):
    """Only the tokens of words are free to move."""
    model, one = tiny("marked"), EXAMPLES["marked"]
    view = view_of(model, one)
    (window,) = view.windows
    tokens = model.tokenizer.convert_ids_to_tokens(window.ids)
    still = [token for token, free in zip(tokens, view.free[0, :, 0], strict=True) if not free]
    assert still == ["[CLS]", "(", ")", "[", "]", "[SEP]"]


def test_variation_is_the_published_number():
    """Methods, section 1.1: 0.2 and 0.6; of several rows the mean."""
    p, q, r = (
        torch.tensor([[0.7, 0.2, 0.1]]),
        torch.tensor([[0.5, 0.3, 0.2]]),
        torch.tensor([[0.1, 0.2, 0.7]]),
    )
    assert float(variation(p, q)) == pytest.approx(0.2)
    assert float(variation(p, r)) == pytest.approx(0.6)
    assert float(variation(torch.cat([p, p]), torch.cat([q, r]))) == pytest.approx(0.4)


def test_the_spacing_is_the_median_distance_to_the_nearest_other_token(tiny):
    """Against all distances of a vocabulary that is small enough."""
    model = tiny("classification")
    special = set(model.tokenizer.all_special_ids)
    own = [at for at in range(len(model.tokenizer)) if at not in special]
    table = vectors(model, torch.tensor(own)).double()
    apart = torch.cdist(table, table, compute_mode="donot_use_mm_for_euclid_dist").fill_diagonal_(torch.inf)
    assert spacing(model) == pytest.approx(float(apart.amin(1).median()), rel=1e-5)
    assert spacing(model) == spacing(model)


def test_a_network_reads_other_embeddings_only_while_told_to(tiny):
    """Afterwards it is as it was, even if something broke."""
    model = tiny("classification")
    one = Example("a", {"text": "the food was good ."})
    (before,) = predict(model, [one])
    with contextlib.suppress(KeyError), embedded(model.network, lambda ids, made: made * 0):
        (within,) = predict(model, [one])
        raise KeyError
    assert not np.allclose(within.probabilities, before.probabilities, atol=1e-3)
    assert (predict(model, [one])[0].probabilities == before.probabilities).all()


def test_forms_are_all_known():
    """A new form has to say how it is read here."""
    assert {TASKS[name].form for name in TASKS} | {classification.TASK.form} == set(_forms())
    assert set(LABELS) == {"ner", "choice", "answer"}


def _forms():
    from harness.tasks.task import Form

    return [form for form in Form if form is not Form.TEXT]
