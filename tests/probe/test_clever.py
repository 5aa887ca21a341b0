"""CLEVER: the published number, fits of known distributions, and the fall back of a linear model."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.errors import UserError
from harness.probe.clever import clever, location, score, unfit_too
from harness.probe.probe import Scene
from harness.rng import rng
from harness.tasks import classification, ner
from tests.explain.forms import EXAMPLES


def test_the_score_of_a_linear_classifier_is_the_published_number():
    """Methods, section 2.10: a margin of 2 and a slope of 5 throughout: 0.4, the exact distance."""
    assert score(np.array([2.0]), np.array([location(np.full(50, 5.0))]), 10.0) == pytest.approx(0.4)


def test_the_nearest_of_several_labels_decides():
    """0.4 to one and 0.3 to the other, and no more than the radius."""
    margins, steepest = np.array([2.0, 3.0]), np.array([5.0, 10.0])
    assert score(margins, steepest, 10.0) == pytest.approx(0.3)
    assert score(margins, steepest, 0.1) == 0.1


def test_a_margin_without_slope_is_as_far_as_anybody_looked():
    """A constant is nowhere else within the ball."""
    assert score(np.array([2.0]), np.zeros(1), 1.5) == 1.5


@pytest.mark.parametrize("shape", [2.0, 5.0])
def test_the_end_of_a_known_distribution_is_found(shape):
    """200 draws of a reverse Weibull that ends at 8; nearer than the largest draw, but for luck."""
    drawn = 8.0 - 2.0 * rng("weibull", shape).weibull(shape, 200)
    assert location(drawn) == pytest.approx(8.0, abs=0.35)
    assert location(drawn) > drawn.max()


def test_the_end_does_not_depend_on_the_unit():
    """Twice the slopes, twice the end."""
    drawn = 8.0 - 2.0 * rng("weibull").weibull(3.0, 50)
    assert location(1000 * drawn) == pytest.approx(1000 * location(drawn), rel=1e-6)


def test_what_no_weibull_fits_falls_back_to_the_largest_seen():
    """Two heaps far from each other are no extreme values."""
    heaps = np.concatenate([np.full(40, 1.0), np.full(40, 3.0)]) + 1e-4 * rng("heaps").random(80)
    assert location(heaps) == heaps.max()


def test_slopes_that_are_the_same_but_for_rounding_fall_back_too():
    """Single precision makes them differ in the last digit."""
    same = 5.0 * (1 + 1e-7 * rng("rounding").random(50))
    assert location(same) == same.max()


def test_a_tiny_network_has_a_distance_within_the_radius(tiny, tiny_sentiment):
    """Of the first texts only; the larger the ball, the steeper what is found in it."""
    model = tiny("classification")
    scene = Scene(model, classification.TASK, tiny_sentiment[:4], {}, 0)
    small = {"texts": 2, "batches": 10, "samples": 8}
    found = list(clever.function(scene, **small))
    assert [one.id for one in found] == [one.id for one in tiny_sentiment[:2]]
    assert all(0 < one.values["distance"] <= 2 for one in found)
    assert all(one.values["distance"] <= one.values["seen"] for one in found)
    assert [one.values["capped"] for one in found] == [float(one.values["distance"] >= 2) for one in found]
    assert list(clever.function(scene, **small)) == found


def test_only_texts_with_one_label_have_a_distance_to_others(tiny):
    """A tagger says many things at once."""
    assert unfit_too(tiny("ner"), ner.TASK) == "it is about texts with one label"
    assert not unfit_too(tiny("classification"), classification.TASK)


@pytest.mark.parametrize(
    "options", [{"texts": 0}, {"batches": 1}, {"samples": 0}, {"rivals": 0}, {"radius": math.inf}]
)
def test_an_option_out_of_range_is_refused(options, tiny):
    """The message names it and what was found."""
    ((name, value),) = options.items()
    with pytest.raises(UserError, match=f"{name}: .*found {value}"):
        list(
            clever.function(
                Scene(tiny("classification"), classification.TASK, [EXAMPLES["ner"]], {}, 0), **options
            )
        )
