"""Between two texts: published numbers of the formulas, how texts are laid beside each other, and the probe."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UserError
from harness.models.transformer import Window
from harness.probe.interpolation import (
    aligned,
    halvings,
    interpolation,
    label_changes,
    max_slope,
    replaced,
    transition_width,
)
from harness.probe.probe import Scene
from harness.tasks import classification
from harness.text import Edit, Example, example, vary
from tests.explain.forms import EXAMPLES, TASKS

MASK = 99


def logistic(k: float, at: np.ndarray) -> np.ndarray:
    """The path of methods, section 2.8."""
    return 1 / (1 + np.exp(-k * (at - 0.5)))


def window(*ids: int) -> Window:
    """Token ids between two special ones, each a word of its own."""
    words = np.array([(at, at + 1) for at in range(len(ids))], np.int32)
    return Window([1, *ids, 2], [], [-1, *range(len(ids)), -1], words, ("text",) * len(ids), 0)


# -- formulas ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "published"), [(20, 0.2197225), (100, 0.0439445)])
def test_the_width_of_a_transition_is_the_published_number(k, published):
    """Methods, section 2.8: 2 ln 9 / k, of a path that is long enough for all of its change."""
    at = np.linspace(-2, 3, 500_001)
    width = transition_width(at, np.abs(np.diff(logistic(k, at))))
    assert published == pytest.approx(2 * math.log(9) / k, abs=5e-8)
    assert width == pytest.approx(published, abs=5e-8)


def test_the_width_of_an_even_path_is_its_central_share():
    """Nothing is narrow about a straight line."""
    assert transition_width(np.linspace(0, 1, 21), np.full(20, 0.01)) == pytest.approx(0.8)


def test_the_width_of_a_single_jump_is_within_its_step():
    """Of 20 steps one makes all the change."""
    steps = np.zeros(20)
    steps[7] = 0.9
    assert transition_width(np.linspace(0, 1, 21), steps) == pytest.approx(0.8 / 20)


def test_a_path_that_hardly_moves_has_no_width():
    """There is no transition to measure."""
    assert math.isnan(transition_width(np.linspace(0, 1, 21), np.full(20, 1e-5)))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20).filter(lambda steps: sum(steps) > 0.02))
def test_a_width_is_a_part_of_the_path_and_a_slope_at_least_the_length(steps):
    """Width in (0, 1]; the slope is at least all that was moved, and so the net change."""
    found = np.array(steps)
    assert 0 < transition_width(np.linspace(0, 1, len(found) + 1), found) <= 1
    assert max_slope(found) >= found.sum() - 1e-9


def test_answers_that_change_and_change_back_count_twice():
    """More than one change is no way from one answer to another."""
    assert label_changes(np.array([[0], [0], [1], [1], [0]])) == 2
    assert label_changes(np.array([[0, 0], [1, 0], [1, 0]])) == 1
    assert label_changes(np.zeros((4, 0), int)) == 0


@pytest.mark.parametrize(("k", "expected"), [(4, 2), (20, 5), (100, 7)])
def test_halvings_are_a_scale_of_how_steep_a_cliff_is(k, expected):
    """The steepest slope is k / 4, so that a step of .2 has to become shorter than .2 / k."""
    assert (
        halvings(lambda a, b: abs(float(logistic(k, np.array(b)) - logistic(k, np.array(a)))), 0.4, 0.6)
        == expected
    )


def test_a_gap_is_halved_until_nobody_could_tell():
    """No network has one, but it ends all the same."""
    assert halvings(lambda a, b: float(a < 0.3 <= b), 0.0, 1.0) == 30


# -- texts beside each other ---------------------------------------------------------------------


def test_a_word_for_a_word_is_laid_upon_it():
    """As many tokens on both sides: nothing to fill up."""
    one, two = window(5, 6, 7), window(5, 8, 7)
    assert aligned([one], [two], MASK) == ([one], [two])


def test_the_shorter_side_is_filled_up_with_masks():
    """Behind the word, and belonging to it."""
    (one,), (two,) = aligned([window(5, 6, 7)], [window(5, 8, 9, 7)], MASK)
    assert one.ids == [1, 5, 6, MASK, 7, 2]
    assert two.ids == [1, 5, 8, 9, 7, 2]
    assert one.owner == [-1, 0, 1, 1, 2, -1]


def test_texts_that_differ_in_more_than_a_word_are_left_out():
    """So are such as do not differ at all, or in how many windows they take."""
    assert aligned([window(*range(3, 40))], [window(*range(43, 80))], MASK) is None
    assert aligned([window(3)], [window(3)], MASK) is None
    assert aligned([window(3)], [window(3), window(4)], MASK) is None


@given(
    st.lists(st.integers(3, 9), min_size=1, max_size=8), st.lists(st.integers(3, 9), min_size=1, max_size=8)
)
def test_texts_beside_each_other_have_as_many_tokens_and_lose_none(x, y):
    """Whatever was put in can be taken out again."""
    both = aligned([window(*x)], [window(*y)], MASK)
    if both is None:
        assert x == y
        return
    (one,), (two,) = both
    assert len(one.ids) == len(two.ids) == len(one.owner) == len(two.owner)
    assert [t for t in one.ids if t != MASK] == [1, *x, 2]
    assert [t for t in two.ids if t != MASK] == [1, *y, 2]
    assert len(one.ids) == max(len(x), len(y)) + 2


def test_only_an_edit_that_replaces_a_word_by_a_word_is_taken():
    """Not one that puts a word in, splits one, or changes nothing but spaces."""
    clean = example("a", "the food  was good .")
    put_in, split, spaces = Edit(0, 0, "so "), Edit(6, 6, " "), Edit(8, 10, " ")
    swap, typo = Edit(14, 18, "bad"), Edit(4, 5, "F")
    assert replaced(clean, vary(clean, [put_in, split, spaces])) is None
    assert replaced(clean, vary(clean, [put_in, swap])).text == "the food  was bad ."
    assert replaced(clean, vary(clean, [typo, swap])).text == "the Food  was good ."


# -- the probe -----------------------------------------------------------------------------------


def swapped(one: Example, name: str, old: str, new: str) -> dict[str, dict[str, object]]:
    """Edits of a single operator that replaces one word."""
    at = one.fields[name].index(old)
    return {"swap": {one.id: vary(one, [Edit(at, at + len(old), new, name)])}}


@pytest.mark.parametrize("name", sorted(TASKS))
def test_it_walks_between_texts_of_every_form(name, tiny):
    """The ends of the walk are the predictions for the two texts, where they have as many tokens."""
    one = EXAMPLES[name]
    field, old, new = {
        "pair": ("first", "good", "sad"),
        "marked": ("text", "saw", "said"),
        "multilabel": ("text", "good", "sad"),
        "ner": ("text", "rome", "oslo"),
        "answer": ("context", "rome", "oslo"),
        "choice": ("query", "good", "sad"),
    }[name]
    scene = Scene(tiny(name), TASKS[name], [one], swapped(one, field, old, new), 0)
    (found,) = interpolation.function(scene)
    assert found.operator == "swap"
    assert found.values["slope"] >= found.values["net"] > 0
    edited = scene.edited["swap"][one.id].example
    before, after = scene.ask([one, edited])
    if name in ("pair", "marked", "choice"):
        change = np.abs(before.probabilities - after.probabilities).sum() / 2
        assert found.values["net"] == pytest.approx(change, abs=1e-5)
        assert (found.values["changes"] % 2 == 1) == (before.label != after.label)
    if name == "ner":
        change = np.abs(before.probabilities - after.probabilities).sum(-1).mean() / 2
        assert found.values["net"] == pytest.approx(change, abs=1e-5)


def test_it_walks_to_a_word_of_more_tokens(tiny, tiny_sentiment):
    """The clean text is read with a mask behind its word."""
    one = tiny_sentiment[0]
    scene = Scene(
        tiny("classification"), classification.TASK, [one], swapped(one, "text", "food", "foods"), 0
    )
    (found,) = interpolation.function(scene)
    assert all(np.isfinite(value) or key == "width" for key, value in found.values.items())


def test_texts_without_such_an_edit_are_left_out(tiny, tiny_sentiment):
    """There is no straight line to a text with another number of words."""
    one, two = tiny_sentiment[:2]
    edited = {"insert": {one.id: vary(one, [Edit(0, 0, "so ")])}}
    scene = Scene(tiny("classification"), classification.TASK, [one, two], edited, 0)
    assert not list(interpolation.function(scene))


def test_too_few_points_are_refused(tiny):
    """A line has a beginning, an end and something between."""
    with pytest.raises(UserError, match="points: at least 2 points are needed, found 1"):
        list(interpolation.function(Scene(tiny("classification"), classification.TASK, [], {}, 0), points=1))
