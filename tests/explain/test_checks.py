"""What attributions are put to besides: asked again, asked of noise, asked of nobody."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import get_args

import numpy as np
import pytest
import torch

from harness.explain.attention import attention_rollout
from harness.explain.checks import AGAIN, CHECKS, REDRAWN, correlation, redrawn, shaken, told_by
from harness.explain.explain import Explanation, explain
from harness.explain.explainer import Attribution, explainer
from harness.explain.gradients import gradient_x_input, integrated_gradients
from harness.explain.occlusion import occlusion
from harness.explain.shapley import lime, shapley
from harness.inference import predict
from harness.rng import rng
from harness.spec import ExplainSpec
from harness.text import example

from .forms import EXAMPLES

TEXT = "An awful film, great actors, poor sound, a bad and dull end."
TALK = "alice went to paris , said bob ."
ALL = tuple(CHECKS)
EXPLAINERS = (integrated_gradients, gradient_x_input, attention_rollout, occlusion, shapley, lime)


def run(model, texts, record=occlusion, checks=ALL, draws=2, **options):
    """Explanations of texts with ids 0, 1, ..., with all checks."""
    examples = [example(str(at), text) for at, text in enumerate(texts)]
    return explain(
        model, model.task, examples, {}, record, record.bind(options), seed=0, checks=checks, draws=draws
    )


def test_a_suite_can_name_every_check_and_no_other():
    """Those of a suite are those that there are."""
    names = get_args(get_args(ExplainSpec.model_fields["checks"].annotation)[0])
    assert set(names) == set(CHECKS)
    assert {"comprehensiveness", "sensitivity"} <= set(told_by(ALL)) <= set(Explanation.__dataclass_fields__)
    assert told_by(["again"]) == ["kendall", "top", "infidelity", "change", "again"]


def test_without_checks_there_are_no_further_questions(additive):
    """They are paid for only if they are asked for."""
    one = run(additive, [TEXT], checks=())[0]
    assert one.comprehensiveness is one.turning is one.again is one.randomised is one.sensitivity is None


def test_what_the_most_important_words_take_with_them(additive):
    """Of twelve words 1 to 10 % are ``awful``, 20 % ``awful`` and ``bad``, half of them all that speak for it."""
    one = run(additive, [TEXT])[0]
    assert one.comprehensiveness == pytest.approx([0.4, 0.4, 0.4, 0.6, 0.75], abs=1e-6)
    assert one.sufficiency == pytest.approx([0.25, 0.25, 0.25, 0.05, -0.1], abs=1e-6)


def test_the_decision_turns_once_too_little_speaks_for_it(additive):
    """At .8 for ``negative``, .4 has to go: ``awful`` alone, which is one word of twelve."""
    assert run(additive, [TEXT])[0].turning == pytest.approx(1 / 12)
    assert run(additive, ["great actors"])[0].turning == 1  # without its only word it is as positive


def test_attributions_that_add_up_foretell_what_removals_do(additive):
    """Occlusion of an additive model has no error; the reverse explains nothing of the change."""

    @explainer("opposite")
    def opposite(model, task, goals):
        """The truth with its sign turned."""
        return [Attribution(-one.weights) for one in occlusion.function(model, task, goals)]

    one, other = run(additive, [TEXT])[0], run(additive, [TEXT], opposite)[0]
    assert one.infidelity == pytest.approx(0, abs=1e-9)
    assert other.infidelity == pytest.approx(other.change)
    assert one.change > 0.05


@pytest.mark.parametrize("record", EXPLAINERS, ids=lambda one: one.name)
def test_the_same_model_asked_again_says_the_same(tiny, record):
    """For a few texts, alone instead of in company."""
    texts = [
        TALK,
        "the food was good .",
        "it was a sad day , said bob .",
        "alice saw bob",
        "a",
        "b c",
        "d e f",
    ]
    found = [one.again for one in run(tiny("classification"), texts, record, ["again"])]
    assert found[:AGAIN] == pytest.approx([1] * AGAIN, abs=1e-4)
    assert found[AGAIN:] == [None] * (len(texts) - AGAIN)


def test_an_explainer_that_rolls_dice_is_found_out(additive):
    """Asked again it says something else."""
    calls = iter(range(100))

    @explainer("dice")
    def dice(model, task, goals):
        """Draws."""
        return [Attribution(rng(next(calls)).normal(size=len(goal.words))) for goal in goals]

    assert abs(run(additive, [TEXT], dice)[0].again) < 0.9


def test_equal_attributions_correlate_even_if_they_are_flat():
    """Rounding does not matter, and infinity is no number."""
    x = np.array([1.0, 2.0, 4.0])
    assert correlation(x, x + 1e-9) == pytest.approx(1)
    assert correlation(np.ones(3), np.ones(3)) == 1
    assert correlation(np.ones(3), x) is None
    assert correlation(x, np.array([1.0, np.inf, 2.0])) is None


def test_random_weights_have_the_sizes_of_those_learned_and_nothing_else(tiny):
    """The model itself stays as it is, to the last bit, and so do global generators."""
    model = tiny("classification")
    one = example("a", TALK)
    before, state = predict(model, [one])[0].probabilities, torch.get_rng_state()
    other, same = redrawn(model, 0), redrawn(model, 0)
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(predict(model, [one])[0].probabilities, before)
    for own, drawn, again in zip(*(m.network.parameters() for m in (model, other, same)), strict=True):
        assert torch.equal(drawn, again)
        assert drawn.shape == own.shape
        if own.numel() > 500:
            assert not torch.equal(drawn, own)
            assert float(drawn.detach().std()) == pytest.approx(float(own.detach().std()), rel=0.1)
    assert not np.array_equal(predict(redrawn(model, 1), [one])[0].probabilities, before)


def test_a_black_box_has_no_weights_to_draw(additive):
    """The check says nothing then, as does that with noise at word embeddings."""
    assert redrawn(additive, 0) is None
    one = run(additive, [TEXT])[0]
    assert one.randomised is one.sensitivity is None


def test_an_explainer_that_does_not_look_at_the_model_is_found_out(tiny):
    """Adebayo et al. 2018: what does not change with random weights was not about the weights."""

    @explainer("first words")
    def first_words(model, task, goals):
        """The sooner, the better."""
        return [Attribution(-np.arange(len(goal.words), dtype=float)) for goal in goals]

    model = tiny("classification")
    texts = [TALK] * (REDRAWN + 2)
    found = [one.randomised for one in run(model, texts, first_words, ["randomised"])]
    assert found == [pytest.approx(1)] * REDRAWN + [None, None]
    honest = [one.randomised for one in run(model, [TALK], gradient_x_input, ["randomised"])]
    assert honest[0] < 0.99


def test_noise_is_the_same_for_all_texts_and_spares_what_stands_for_nothing(tiny):
    """It depends on place and draw; [CLS], [SEP], [MASK] and padding stay as they are."""
    model = tiny("classification")
    layer, tokenizer = model.network.get_input_embeddings(), model.tokenizer
    ids = tokenizer(["alice saw [MASK] .", "bob"], return_tensors="pt", padding=True)["input_ids"]
    plain = layer(ids)
    with shaken(model, 0, 0):
        first = layer(ids) - plain
    with shaken(model, 0, 0):
        assert torch.equal(layer(ids) - plain, first)
    with shaken(model, 0, 1):
        assert not torch.equal(layer(ids) - plain, first)
    assert torch.equal(layer(ids), plain)
    special = torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    assert not first[special].any()
    assert torch.allclose(first[0, 1], first[1, 1], atol=1e-6)
    most = 0.02 * float(layer.weight.detach().std(correction=0))
    assert 0.8 * most < float(first[~special].abs().max().detach()) <= most * 1.001


@pytest.mark.parametrize("record", EXPLAINERS, ids=lambda one: one.name)
def test_a_little_noise_moves_attributions_a_little_and_more_draws_never_less(tiny, record):
    """A maximum grows with what it is taken over."""
    model = tiny("classification")
    few, more = (run(model, [TALK], record, ["sensitivity"], draws)[0].sensitivity for draws in (1, 4))
    assert 0 < few <= more < 1


def test_an_explanation_that_never_changes_is_not_sensitive(tiny):
    """Which is why sensitivity is not to be read alone."""

    @explainer("first words")
    def first_words(model, task, goals):
        """The sooner, the better."""
        return [Attribution(-np.arange(len(goal.words), dtype=float)) for goal in goals]

    assert run(tiny("classification"), [TALK], first_words, ["sensitivity"])[0].sensitivity == 0


@pytest.mark.parametrize("record", EXPLAINERS, ids=lambda one: one.name)
@pytest.mark.parametrize("task", sorted(EXAMPLES))
def test_all_checks_work_for_all_tasks_with_a_head(tiny, task, record):
    """Finite JSON; only where a candidate is read alone does nobody know where the decision turns."""
    model, source = tiny(task), EXAMPLES[task]
    options = {"samples": 8} if record is lime else {"orders": 2} if record is shapley else {}
    (one,) = explain(
        model, model.task, [source], {}, record, record.bind(options), seed=0, checks=ALL, draws=1
    )
    assert json.loads(json.dumps(asdict(one), allow_nan=False))["id"] == one.id
    assert len(one.comprehensiveness) == len(one.sufficiency) == 5
    assert (one.turning is None) == (task == "choice")
    assert one.again == pytest.approx(1, abs=1e-3)
    assert one.randomised is None or -1 <= one.randomised <= 1
    assert one.sensitivity > 0
    assert 0 <= one.infidelity <= one.change + 1e-9
