"""The sentence encoder: unit vectors that do not depend on the company a text is in."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from harness.errors import UserError
from harness.models.encoder import Encoder
from harness.models.weights import PACKAGE, local

TEXTS = ["a b", "the food was good", "what a day it was for all of us today", "", "a b"]


@pytest.fixture(scope="module")
def encoder(tiny_pretrained):
    """The tiny model's body."""
    return Encoder(str(tiny_pretrained), "cpu")


def test_vectors_are_of_length_one_and_equal_texts_have_equal_ones(encoder):
    """Whatever they stand beside, up to the last bits of a batch of another shape."""
    found = encoder.embed(TEXTS)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
    assert (found[0] == found[4]).all()
    for text, vector in zip(TEXTS, found, strict=True):
        np.testing.assert_allclose(encoder.embed([text])[0], vector, atol=1e-5)


def test_fragments_are_sub_words_per_word(encoder):
    """A text without words has none."""
    found = encoder.fragments(["a b", "", "  "])
    assert found[0] >= 1
    assert np.isnan(found[1:]).all()


def test_long_texts_are_cut(encoder):
    """As many tokens as the model has places for."""
    assert encoder.embed(["word " * 5000]).shape[0] == 1


def test_weights_that_are_not_there_are_the_users_error(tmp_path):
    """A folder without safetensors."""
    with pytest.raises(UserError, match="no safetensors weights here"):
        Encoder(str(tmp_path), "cpu")


@pytest.mark.skipif(importlib.util.find_spec(PACKAGE) is None, reason="extra offline is not installed")
def test_the_packaged_encoder_says_what_sentence_transformers_says():
    """The library that it was made with is the oracle."""
    library = pytest.importorskip("sentence_transformers")
    parts = pytest.importorskip("sentence_transformers.sentence_transformer.modules")
    modules = [parts.Transformer(local("minilm")), parts.Pooling(384, pooling_mode="mean"), parts.Normalize()]
    model = library.SentenceTransformer(modules=modules, device="cpu")
    texts = [text for text in TEXTS if text]
    np.testing.assert_allclose(Encoder("minilm", "cpu").embed(texts), model.encode(texts), atol=1e-5)
