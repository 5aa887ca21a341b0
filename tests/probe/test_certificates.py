"""Certificates: the published numbers, the traps of other implementations, and that none is ever violated."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.probe.certificates import (
    apart,
    deletion_radius,
    gap,
    insertion_radius,
    lower_bound,
    masking_radius,
    modulus,
    overlap,
    removal_radius,
    swap_gap,
    swap_radius,
    withstands,
)
from harness.rng import rng
from harness.text import distance

WORDS = "abc"
TEXTS = [text for size in range(4) for text in itertools.product(WORDS[:2], repeat=size)]
SHARES = st.floats(0.501, 1.0)
RATES = st.floats(0.05, 0.97)


# -- the published numbers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "bound", "rate", "radius"),
    [
        (990, 0.9760362, 0.9, 6),
        (990, 0.9760362, 0.8, 2),
        (990, 0.9760362, 0.95, 12),
        (950, 0.9250468, 0.9, 5),
        (900, 0.8674640, 0.9, 4),
        (600, 0.5510755, 0.9, 0),
    ],
)
def test_the_radii_of_deletion_are_the_published_ones(successes, bound, rate, radius):
    """Methods, section 2.11 a: of 1000 samples at alpha .001."""
    mu = lower_bound(successes, 1000, 0.001)
    assert mu == pytest.approx(bound, abs=5e-8)
    assert deletion_radius(mu, rate) == radius
    assert deletion_radius(mu, rate) == math.floor(math.log(1.5 - mu) / math.log(rate))


def test_the_margins_around_a_radius_are_the_published_ones():
    """Methods, section 2.11 a: mu - 1 + p^r is 0.5074772 at 6 and 0.4543331 at 7."""
    mu = lower_bound(990, 1000, 0.001)
    assert mu - modulus(0.9, 6) == pytest.approx(0.5074772, abs=5e-8)
    assert mu - modulus(0.9, 7) == pytest.approx(0.4543331, abs=5e-8)


def test_the_modulus_of_deletion_is_the_published_one():
    """Methods, section 2.11 a: p = .9, one to five edits."""
    assert [modulus(0.9, r) for r in range(1, 6)] == pytest.approx([0.1, 0.19, 0.271, 0.3439, 0.40951])


def test_the_modulus_is_attained():
    """Methods, section 2.11 a: x = (a, b), x' = (a, b, c), f = 1 iff a is there and c is not; .10 and .09."""

    def told(text: str) -> float:
        return _deleted(tuple(text), 0.9, lambda z: "a" in z and "c" not in z)

    assert told("ab") == pytest.approx(0.10)
    assert told("abc") == pytest.approx(0.09)
    assert told("abc") == pytest.approx(0.9 * told("ab"))


def test_the_gaps_of_masking_are_the_published_ones():
    """Methods, section 2.11 b: n = 20, k = 6; mu = .95 has radius 1."""
    assert [gap(20, 6, r) for r in (1, 2, 3)] == pytest.approx([0.3, 0.5210526, 0.6807018], abs=5e-8)
    assert masking_radius(0.95, 20, 6) == 1


def test_the_margins_of_synonyms_are_the_published_ones():
    """Methods, section 2.11 c: q = .9, .8, .95 and mu = .85: .57 after two swaps, .534 after all three."""
    overlaps = [0.9, 0.8, 0.95]
    assert [0.85 - swap_gap(overlaps, m) for m in (2, 3)] == pytest.approx([0.57, 0.534])
    assert swap_radius(0.85, overlaps) == 3
    assert swap_radius(0.8, overlaps) == 2
    assert swap_radius(0.5, overlaps) == -1


# -- traps of other implementations (methods, section 11) -----------------------------------------


@given(SHARES, st.integers(1, 30), st.data())
def test_a_radius_of_masking_is_the_last_that_holds_not_the_first_that_fails(mu, words, data):
    """One published implementation returns the first failing radius."""
    kept = data.draw(st.integers(1, words))
    radius = masking_radius(mu, words, kept)
    assert mu - gap(words, kept, radius) > 0.5
    assert radius == words or mu - gap(words, kept, radius + 1) <= 0.5


@given(SHARES, RATES)
def test_a_radius_of_deletion_is_the_last_that_holds(mu, rate):
    """Every mix of so many edits is survived, and one substitution more is not."""
    radius = deletion_radius(mu, rate)
    for edits in itertools.product(range(min(radius, 6) + 1), repeat=3):
        if sum(edits) <= radius:
            assert withstands(mu, rate, *edits)
    assert not withstands(mu, rate, substitutions=radius + 1)


def test_insertions_and_deletions_are_the_attackers():
    """One published implementation names them from the other side; by hand, for mu = .9 and p = .8."""
    assert insertion_radius(0.9, 0.8) == math.floor(math.log(0.5 / 0.9) / math.log(0.8)) == 2
    assert removal_radius(0.9, 0.8) == math.floor(math.log(2 * 0.1) / math.log(0.8)) == 7
    assert withstands(0.9, 0.8, insertions=2)
    assert not withstands(0.9, 0.8, insertions=3)
    assert withstands(0.9, 0.8, deletions=7)
    assert not withstands(0.9, 0.8, deletions=8)


def test_an_overlap_is_over_the_larger_of_two_sets():
    """One published implementation divides by the word's own set: of three in six it would claim all."""
    assert overlap("abc", "abcdef") == overlap("abcdef", "abc") == 0.5
    assert overlap("abc", "abc") == 1
    assert overlap("abc", "def") == 0


def test_a_tie_is_not_certified():
    """At p = .5 and mu = 1 one edit may leave exactly half: the formula of the floor alone would say 1."""
    assert deletion_radius(1.0, 0.5) == 0
    assert masking_radius(1.0, 2, 1) == 0


@given(st.floats(0.0, 1.0), st.floats(0.01, 0.5))
def test_no_radius_without_deleting_more_than_half(mu, rate):
    """Methods, section 2.11 a: a hard fact, whatever the model."""
    assert deletion_radius(mu, rate) < 1


def test_what_is_said_in_half_of_the_cases_only_has_no_radius():
    """-1 stands for an answer that is not sure for the text itself."""
    assert deletion_radius(0.5, 0.9) == masking_radius(0.5, 20, 6) == -1


def test_one_who_only_deletes_is_survived_as_long_as_numbers_can_tell():
    """With certainty of the answer no deletion hurts; the search for the radius ends all the same."""
    assert removal_radius(1.0, 0.05) > 100


def test_nothing_seen_bounds_nothing():
    """No success in any number of trials leaves a bound of 0, and all of them leave alpha ** (1 / trials)."""
    assert lower_bound(0, 100, 0.001) == 0
    assert lower_bound(100, 100, 0.001) == pytest.approx(0.001 ** (1 / 100))


# -- never violated ------------------------------------------------------------------------------


def _deleted(text, rate, said) -> float:
    """With which probability a classifier says 1 of a text with words deleted at random, counted out."""
    return sum(
        rate ** (len(text) - sum(kept))
        * (1 - rate) ** sum(kept)
        * said(tuple(itertools.compress(text, kept)))
        for kept in itertools.product((0, 1), repeat=len(text))
    )


def _masked(text, kept, said) -> float:
    """The same with all but so many words masked."""
    shown = list(itertools.combinations(range(len(text)), kept))
    return sum(said(tuple(w if at in one else "_" for at, w in enumerate(text))) for one in shown) / len(
        shown
    )


def _classifier(seed):
    """A random classifier: each sequence of words has an answer of its own."""
    answers: dict[tuple[str, ...], bool] = {}
    return lambda text: answers.setdefault(text, bool(rng(seed, "toy", *text).random() < 0.6))


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.3, 0.6, 0.8, 0.95]))
def test_no_edit_moves_a_smoothed_model_by_more_than_the_modulus(seed, rate):
    """All pairs of texts of up to three words, with a random classifier each time."""
    said = _classifier(seed)
    told = {text: _deleted(text, rate, said) for text in TEXTS}
    for x, y in itertools.product(TEXTS, repeat=2):
        assert abs(told[x] - told[y]) <= modulus(rate, apart(x, y)) + 1e-12
        assert apart(x, y) <= distance(x, y)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.6, 0.8, 0.95]))
def test_what_withstands_deletion_is_never_overturned(seed, rate):
    """For every pair, with the fewest edits that keep a longest common subsequence."""
    said = _classifier(seed)
    told = {text: _deleted(text, rate, said) for text in TEXTS}
    for x, y in itertools.product(TEXTS, repeat=2):
        common = max(len(x), len(y)) - apart(x, y)
        gone, come = len(x) - common, len(y) - common
        swapped = min(gone, come)
        if withstands(told[x], rate, come - swapped, gone - swapped, swapped):
            assert told[y] > 0.5
        if deletion_radius(told[x], rate) >= distance(x, y):
            assert told[y] > 0.5


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_what_withstands_masking_is_never_overturned(seed, kept):
    """All pairs of texts of four words, with a random classifier each time."""
    said = _classifier(seed)
    texts = list(itertools.product(WORDS[:2], repeat=4))
    told = {text: _masked(text, kept, said) for text in texts}
    for x, y in itertools.product(texts, repeat=2):
        edits = sum(a != b for a, b in zip(x, y, strict=True))
        assert abs(told[x] - told[y]) <= gap(4, kept, edits) + 1e-12
        if masking_radius(told[x], 4, kept) >= edits:
            assert told[y] > 0.5


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_what_withstands_swaps_is_never_overturned(seed):
    """All texts that swaps of words for their neighbours in a ring of five can make, counted out."""
    near = {at: {at - 1, at, at + 1} & set(range(5)) for at in range(5)}
    said = _classifier(seed)
    text = tuple(rng(seed, "text").integers(0, 5, 3).tolist())

    def told(words):
        drawn = list(itertools.product(*(sorted(near[word]) for word in words)))
        return sum(said(tuple(map(str, one))) for one in drawn) / len(drawn)

    overlaps = [min(overlap(near[word], near[other]) for other in near[word]) for word in text]
    for edited in itertools.product(*(sorted(near[word]) for word in text)):
        edits = sum(a != b for a, b in zip(text, edited, strict=True))
        assert abs(told(text) - told(edited)) <= swap_gap(overlaps, edits) + 1e-12
        if swap_radius(told(text), overlaps) >= edits:
            assert told(edited) > 0.5


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_how_far_apart_is_a_distance_below_levenshteins(x, y):
    """Symmetric, 0 for equal texts only."""
    assert apart(x, y) == apart(y, x) <= distance(x, y)
    assert (apart(x, y) == 0) == (x == y)
