"""Generators keyed by what they are for."""

from __future__ import annotations

import random  # noqa: TID251 - to see that nothing is drawn from it

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.rng import Random, Resumed, fenced, rng, seed_of

KEYS = st.lists(st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=4)  # fmt: skip


def test_a_seed_is_the_same_on_every_machine_and_in_every_release() -> None:
    """A golden value: results of old stores stay valid."""
    assert seed_of(0, "perturb", "keyboard", "test-1", 0) == 10489530548993159458
    assert rng("a", 1).random() == np.random.default_rng(seed_of("a", 1)).random()


@settings(deadline=None, max_examples=50)
@given(KEYS, KEYS)
def test_different_purposes_have_different_seeds(one: list, other: list) -> None:
    """Neither types nor boundaries between parts are confused."""
    same = repr(one) == repr(other)
    assert (seed_of(*one) == seed_of(*other)) == same


def test_parts_that_look_alike_are_kept_apart() -> None:
    """1, "1", True and 1.0 are four purposes; so are ("a", "b") and ("ab",)."""
    assert len({seed_of(1), seed_of("1"), seed_of(True), seed_of(1.0)}) == 4
    assert seed_of("a", "b") != seed_of("ab")


def test_a_number_that_is_not_one_is_no_purpose() -> None:
    """NaN equals nothing, so that nothing may depend on it."""
    with pytest.raises(ValueError):
        seed_of(float("nan"))


def test_global_generators_are_seeded_inside_the_fence_and_as_before_outside() -> None:
    """Libraries that insist on them get the same numbers each time; nobody else notices."""
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    drawn = []
    for _ in range(2):
        with fenced("purpose"):
            drawn.append((random.random(), np.random.random()))  # noqa: NPY002
    with pytest.raises(KeyError), fenced("purpose"):
        raise KeyError
    assert drawn[0] == drawn[1]
    assert before == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002


def test_a_small_generator_is_keyed_and_uniform() -> None:
    """Equal purposes give equal numbers, the first sixteen and those beyond; all parts of [0, 1) alike."""
    one, same, other = Random("a", 1), Random("a", 1), Random("a", 2)
    numbers = [one.random() for _ in range(2000)]
    assert numbers == [same.random() for _ in range(2000)]
    assert numbers[:16] != [other.random() for _ in range(16)]
    assert all(0 <= number < 1 for number in numbers)
    assert abs(sum(numbers) / len(numbers) - 0.5) < 0.03
    first = [Random("b", at).random() for at in range(2000)]
    assert abs(sum(first) / len(first) - 0.5) < 0.03
    assert [round(number, 6) for number in numbers[:2]] == [0.358227, 0.109306]


def test_global_generators_go_on_where_someone_left_them() -> None:
    """Turn after turn he finds them as if nobody else drew; and they him not."""
    import torch

    def draw() -> tuple[float, float, float, float]:
        return random.random(), np.random.random(), np.random.normal(), float(torch.rand(()))  # noqa: NPY002

    random.seed(7)
    np.random.seed(7)  # noqa: NPY002, TID251
    torch.default_generator.manual_seed(7)
    alone = [draw() for _ in range(4)]
    one, other = Resumed(7), Resumed(8)
    before = random.getstate(), np.random.get_state()[2], torch.get_rng_state().tolist()  # noqa: NPY002
    drawn = []
    for _ in range(4):
        with one.turn():
            drawn.append(draw())
        with other.turn():
            draw()
    assert drawn == alone
    after = random.getstate(), np.random.get_state()[2], torch.get_rng_state().tolist()  # noqa: NPY002
    assert before == after


def test_a_turn_that_fails_is_a_turn() -> None:
    """What was drawn in it is drawn, and the others find their numbers."""
    one = Resumed(7)
    before = random.getstate()
    drawn = []
    with pytest.raises(KeyError), one.turn():
        {}[drawn.append(random.random())]
    assert random.getstate() == before
    with one.turn():
        drawn.append(random.random())
    with Resumed(7).turn():
        assert drawn == [random.random(), random.random()]
