"""Attributions from many words taken away at once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from harness.errors import UserError
from harness.explain.ask import values_without
from harness.explain.goal import choose
from harness.explain.shapley import lime, shapley
from harness.inference import predict
from harness.models.function import Function
from harness.tasks import classification
from harness.text import example

TEXT = "An awful film, great actors, poor sound, a bad and dull end."
TRUTH = [0, 0.4, 0, -0.1, 0, 0.1, 0, 0, 0.2, 0, 0.05, 0]
NOT = "not bad , not good , dull"


@pytest.fixture
def crooked():
    """A black box to which ``not`` means nothing alone."""

    def chance(text):
        words = text.split()
        points = 0.3 * words.count("bad") + 0.1 * words.count("dull")
        turned = any(a == "not" and b == "bad" for a, b in itertools.pairwise(words))
        return 0.2 + points - 0.25 * turned

    return Function(
        lambda texts: [{"yes": chance(text), "no": 1 - chance(text)} for text in texts],
        ("yes", "no"),
        classification.TASK,
    )


def goal_of(model, text, id="a"):
    """What there is to explain about a text."""
    one = example(id, text)
    return choose(model.task, one, predict(model, [one])[0])


def attributed(record, model, *goals, **options):
    """The weights of goals."""
    return [one.weights for one in record.function(model, model.task, goals, **options)]


def test_a_single_order_is_enough_for_an_additive_model(additive):
    """What a word adds does not depend on who went before."""
    (found,) = attributed(shapley, additive, goal_of(additive, TEXT), orders=1)
    assert found == pytest.approx(TRUTH, abs=1e-6)


@pytest.mark.parametrize("orders", [1, 3, 10])
def test_weights_add_up_to_what_is_lost_with_all_words(crooked, orders):
    """Whatever the orders."""
    goal = goal_of(crooked, NOT)
    (found,) = attributed(shapley, crooked, goal, orders=orders)
    empty = values_without(crooked, crooked.task, [(goal, goal.words)])[0]
    assert found.sum() == pytest.approx(goal.value - empty, abs=1e-6)


def test_many_orders_come_to_the_exact_values_of_captum(crooked):
    """All orders of five words, against a sample of them."""
    from captum.attr import ShapleyValues

    goal = goal_of(crooked, "so not bad , dull")

    def worth(kept):
        gone = [
            (goal, [word for word, stays in zip(goal.words, row, strict=True) if not stays])
            for row in kept.tolist()
        ]
        return torch.tensor(values_without(crooked, crooked.task, gone))

    exact = ShapleyValues(worth).attribute(torch.ones(1, 5), perturbations_per_eval=16)[0].numpy()
    (found,) = attributed(shapley, crooked, goal, orders=400)
    assert found == pytest.approx(exact, abs=0.03)
    assert np.abs(exact).max() > 0.05


def test_lime_comes_near_the_truth_of_an_additive_model(additive):
    """Drawn to 0 a little, and in the right order."""
    (found,) = attributed(lime, additive, goal_of(additive, TEXT), samples=200)
    assert found == pytest.approx(TRUTH, abs=0.04)
    assert np.argsort(-found)[:4].tolist() == [1, 8, 5, 10]


@pytest.mark.parametrize("record", [shapley, lime], ids=lambda one: one.name)
def test_what_is_drawn_depends_on_the_example_alone(crooked, record):
    """Neither company nor the state of global generators matters, and that stays as it was."""
    one, two = goal_of(crooked, NOT), goal_of(crooked, "a bad day", "b")
    torch.manual_seed(1)
    state = torch.get_rng_state()
    together = attributed(record, crooked, one, two)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    for goal, found in zip((one, two), together, strict=True):
        assert np.array_equal(attributed(record, crooked, goal)[0], found)


def test_a_single_word_has_all_the_weight_there_is(additive):
    """There is nothing to draw, and a line through one point is flat but defined."""
    goal = goal_of(additive, "awful")
    assert attributed(shapley, additive, goal)[0] == pytest.approx([0.4], abs=1e-6)
    assert np.isfinite(attributed(lime, additive, goal)[0]).all()


def test_too_few_questions_are_refused(additive):
    """The message says which option is wrong and what was found."""
    goal = goal_of(additive, TEXT)
    with pytest.raises(UserError, match="orders: at least 1 order is needed, found 0"):
        attributed(shapley, additive, goal, orders=0)
    with pytest.raises(UserError, match="samples: at least 2 samples are needed, found 1"):
        attributed(lime, additive, goal, samples=1)
