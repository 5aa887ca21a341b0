"""Whether perturbed texts still mean the same, as an encoder sees it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.perturb.meaning import apart, judged
from harness.text import Edit, Variant, example, vary

SOURCES = {str(at): example(str(at), "a quiet night") for at in range(3)}


class Letters:
    """Texts that begin alike mean the same; each letter is a sub-word."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1.0, 0.0] if text.startswith("a") else [0.6, 0.8] for text in texts], np.float32)

    def fragments(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([len(text.replace(" ", "")) / len(text.split()) for text in texts])


def variants() -> list[Variant]:
    edits = ([Edit(2, 7, "silent")], [Edit(0, 1, "the")], [])
    return [vary(source, edit) for source, edit in zip(SOURCES.values(), edits, strict=True)]


def test_each_changed_text_is_compared_with_its_own_source() -> None:
    """Cosine, and sub-words per word over those before; what did not change is not judged."""
    same, other, nothing = judged(variants(), SOURCES, Letters(), least=0.7, drop=False)
    assert (same.similarity, other.similarity) == pytest.approx((1.0, 0.6))
    assert same.fragmentation == pytest.approx(12 / 11)
    assert nothing.similarity is None
    assert not other.refusal


def test_a_text_that_means_something_else_can_be_refused() -> None:
    """With the figure and the limit as the reason."""
    same, other, _ = judged(variants(), SOURCES, Letters(), least=0.7, drop=True)
    assert not same.refusal
    assert "similarity 0.60, at least 0.7 wanted" in other.refusal


def test_nothing_to_judge_is_no_error() -> None:
    """An operator may change no text at all."""
    assert judged([], SOURCES, Letters(), 0.5, False) == []


def test_written_texts_are_as_far_apart_as_their_meanings() -> None:
    """Equal ones not at all, whatever the encoder rounds; an empty one from every other as far as can be."""
    before, after = ["a b", "a b", "b", "", "a", ""], ["a c", "c", "b", "a", " ", " "]
    assert apart(before, after, Letters()).tolist() == pytest.approx([0, 0.4, 0, 1, 1, 0])
    assert apart([], [], Letters()).tolist() == []
