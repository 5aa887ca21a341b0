"""The bag of words: hashed features, and a linear model that can be saved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.inference import predict
from harness.models.bag import Bag
from harness.models.features import bias, offsets, pair_features, shape, text_features, word_features
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import example

WIDTH = 512
TAGS = ("O", "B-PER", "I-PER")


@pytest.fixture
def tagger():
    """With random weights."""
    return Bag(np.random.default_rng(0).normal(size=(WIDTH, 3)).astype(np.float32), TAGS, NER)


@given(st.text(max_size=80))
def test_every_word_has_features_in_range_and_the_bias_among_them(text):
    """One row per word or mark; also for surrogates and other oddities."""
    rows = word_features(text, WIDTH)
    assert len(rows) == len(offsets(text))
    for row in [*rows, text_features(text, WIDTH)]:
        assert bias(WIDTH) in row
        assert all(0 <= at < WIDTH for at in row)


def test_features_do_not_depend_on_the_process():
    """The hash is fixed: weights trained elsewhere mean the same here."""
    crc_of_a, crc_of_b = 0xE8B7BE43, 0x71BEEFF9  # as published for CRC-32
    assert text_features("a b", 2**32)[1:3] == [crc_of_a, crc_of_b]


@pytest.mark.parametrize(
    ("word", "wanted"), [("Paris", "Xx"), ("USB-2", "X-d"), ("a1b22", "xdxd"), ("中", "中")]
)
def test_the_shape_of_a_word_keeps_cases_digits_and_marks(word, wanted):
    """Runs are squeezed."""
    assert shape(word) == wanted


def test_a_word_is_seen_with_two_neighbours_on_each_side(tagger):
    """A change three words away cannot matter, one two words away does."""
    near, far, base = (example(t, t) for t in ("a b c d X f", "a b c d e X", "a b c d e f"))
    said = [p.probabilities for p in predict(tagger, [base, far, near])]
    assert (said[0][2] == said[1][2]).all()
    assert (said[0][2] != said[2][2]).any()


def test_what_was_saved_answers_as_before(tagger, tmp_path):
    """Labels and every probability survive."""
    tagger.save(tmp_path)
    again = Bag.load(tmp_path, NER, "cpu")
    data = [example(text, text) for text in ("", "alice saw bob .", "\ud800 odd")]
    assert again.labels == TAGS
    for one, other in zip(predict(tagger, data), predict(again, data), strict=True):
        assert one.probabilities.tobytes() == other.probabilities.tobytes()
        assert one.probabilities.shape == (len(one.words), 3)


def test_a_text_is_answered_by_a_distribution():
    """It sums to one, even where weights are huge."""
    bag = Bag(np.full((WIDTH, 2), [1e4, -1e4], np.float32), ("a", "b"), CLASSIFICATION)
    (said,) = predict(bag, [example("a", "word " * 100)])
    assert said.probabilities.tolist() == [1.0, 0.0]


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_pair_has_features_in_range_whose_values_are_finite(query, candidate):
    """As many values as features; each group of them has length 1."""
    features, values = pair_features(query, candidate, WIDTH)
    assert len(features) == len(values)
    assert all(0 <= at < WIDTH for at in features)
    assert np.square(values).sum() == pytest.approx(round(np.square(values).sum()))


def test_a_pair_knows_what_both_have_in_common():
    """Words that only one of them has, in the same number, give other features."""
    one, other = (set(pair_features(query, "red wine", 2**32).features) for query in ("red", "blue"))
    assert one != other
