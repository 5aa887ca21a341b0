"""What an explanation costs (methods, section 6.8)."""

from __future__ import annotations

from harness.explain.cost import Meter
from harness.explain.explain import explain
from harness.explain.gradients import gradient_x_input, integrated_gradients
from harness.explain.occlusion import occlusion
from harness.inference import predict
from harness.text import example

TEXTS = ("the food was good .", "alice saw bob")


def passes(model, record, **options):
    """Texts that the model read for one explanation, on average."""
    examples = [example(text, text) for text in TEXTS]
    found = explain(model, model.task, examples, {}, record, record.bind(options), seed=0)
    assert len({one.passes for one in found}) == 1
    assert all(one.seconds > 0 for one in found)
    return found[0].passes


def test_a_question_a_word_is_counted_as_such(tiny, additive):
    """Occlusion of five words and of three, of a network or of a black box: four on average."""
    assert passes(tiny("classification"), occlusion) == 4
    assert passes(additive, occlusion) == 4


def test_steps_of_gradients_are_counted(tiny):
    """One pass, or as many as there are steps and a few for the baseline."""
    assert passes(tiny("classification"), gradient_x_input) == 1
    assert 10 <= passes(tiny("classification"), integrated_gradients, steps=10, limit=10) <= 14


def test_nothing_is_counted_outside(tiny, additive):
    """A meter that is over counts no more, and models are as they were."""
    for model in (tiny("classification"), additive):
        meter = Meter(model)
        with meter:
            predict(meter.model, [example("a", "a b")])
        assert meter.passes == 1
        predict(model, [example("b", "c d")])
        assert meter.passes == 1
