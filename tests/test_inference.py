"""Prediction in batches: what is asked together must not matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from harness.inference import ROWS, batches, predict
from harness.models.model import Piece
from harness.models.transformer import Transformer
from harness.prediction import Classes, Prediction
from harness.tasks.ner import TASK as NER
from harness.text import Example, example
from harness.training import pretrained

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


class Counter:
    """A model that says how long a text is, remembers what it was asked, and may run out of memory."""

    labels = ("no", "yes")

    def __init__(self, room: int = 10**9, error: type[Exception] = MemoryError, text: str = "") -> None:
        self.room, self.error, self.text = room, error, text
        self.asked: list[list[str]] = []

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """A piece per example."""
        return [[Piece(len(e.text), e.text, e.text)] for e in examples]

    def forward(self, pieces: Sequence[Piece]) -> list[float]:
        """The share of each text's length in a hundred."""
        self.asked.append([p.data for p in pieces])
        if max(p.size for p in pieces) * len(pieces) > self.room:
            raise self.error(self.text)
        return [p.size / 100 for p in pieces]

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """A distribution."""
        return Classes(self.labels, np.array([1 - outputs[0], outputs[0]], np.float32))


@pytest.fixture(scope="module")
def tagger(tiny_pretrained):
    """The tiny model with a random head."""
    network, tokenizer = pretrained.load(str(tiny_pretrained), NER.form, LABELS, 0, "cpu")
    return Transformer(network, tokenizer, NER, "cpu")


def texts(examples: Sequence[Example]) -> list[str]:
    """Their texts."""
    return [e.text for e in examples]


@given(sizes=st.lists(st.integers(0, 80), max_size=300), tokens=st.integers(1, 500))
def test_batches_hold_everything_once_within_the_budget(sizes, tokens):
    """No batch exceeds the budget after padding unless it is a single piece, nor the number of rows."""
    pieces = [Piece(size, str(at), None) for at, size in enumerate(sizes)]
    found = list(batches(pieces, tokens))
    assert sorted(p.key for batch in found for p in batch) == sorted(p.key for p in pieces)
    for batch in found:
        assert len(batch) == 1 or max(p.size for p in batch) * len(batch) <= tokens
        assert len(batch) <= ROWS


@given(sizes=st.lists(st.integers(0, 80), max_size=50), seed=st.randoms(use_true_random=False))
def test_batches_are_a_pure_function_of_the_set(sizes, seed):
    """Another order of the same pieces gives the same batches."""
    pieces = [Piece(size, str(at), None) for at, size in enumerate(sizes)]
    shuffled = list(pieces)
    seed.shuffle(shuffled)
    assert list(batches(pieces, 100)) == list(batches(shuffled, 100))


def test_few_texts_of_many_lengths_are_not_mostly_padding():
    """A batch is closed early rather than filled with texts that are much shorter; of one length it is not."""
    mixed = [Piece(size, str(at), None) for at, size in enumerate(range(10, 60))]
    made = list(batches(mixed, 1024))
    padded = sum(len(batch) * batch[0].size for batch in made)
    assert padded < 1.12 * sum(piece.size for piece in mixed)
    assert min(len(batch) * batch[0].size for batch in made[:-1]) >= 256
    alike = [Piece(32, str(at), None) for at in range(50)]
    assert [len(batch) for batch in batches(alike, 1024)] == [32, 18]


def test_equal_inputs_are_computed_once():
    """Repetitions cost nothing and get the same answer, whatever their ids and targets."""
    model = Counter()
    said = predict(model, [example(str(at), "aa" if at % 2 else "b", "yes") for at in range(10)])
    assert sorted(text for batch in model.asked for text in batch) == ["aa", "b"]
    assert [round(float(p.probabilities[1]), 2) for p in said] == [0.01, 0.02] * 5


def test_nothing_asked_is_nothing_said(tagger):
    """An empty list is fine."""
    assert predict(tagger, []) == []


def test_order_and_repetition_do_not_change_a_bit(tagger, tiny_ner):
    """Shuffled and repeated, every example gets bitwise the same probabilities."""
    data = [*tiny_ner, example("long", "alice went to rome . " * 30), example("empty", "")]
    order = np.random.default_rng(0).permutation(len(data))
    straight = predict(tagger, data)
    shuffled = predict(tagger, [data[at] for at in order] + data[:5])
    for at, place in enumerate(order):
        assert straight[place].probabilities.tobytes() == shuffled[at].probabilities.tobytes()


def test_the_budget_changes_speed_and_rounding_only(tagger, tiny_ner):
    """Other batches, the same answers to within rounding."""
    for one, other in zip(predict(tagger, tiny_ner, 32), predict(tagger, tiny_ner, 4096), strict=True):
        assert one.spans == other.spans
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MemoryError, ""),
        (torch.OutOfMemoryError, "CUDA out of memory"),
        (RuntimeError, "DefaultCPUAllocator: can't allocate memory: you tried to allocate"),
    ],
)
def test_when_memory_runs_out_everything_is_done_again_in_smaller_batches(error, text):
    """All batches of the final round were made for one budget, and the answers are whole."""
    model = Counter(room=40, error=error, text=text)
    data = [example(str(at), "x" * (1 + at % 20) + str(at)) for at in range(50)]
    said = predict(model, data, tokens=1024)
    assert [round(float(p.probabilities[1]) * 100) for p in said] == [len(e.text) for e in data]
    last = [batch for batch in model.asked if max(map(len, batch)) * len(batch) <= 40]
    assert sorted(text for batch in last for text in batch) == sorted(texts(data))


def test_when_a_single_input_does_not_fit_that_is_said():
    """It ends, with the kind of error that the caller expects."""
    model = Counter(room=5, error=torch.OutOfMemoryError, text="CUDA out of memory")
    with pytest.raises(MemoryError, match="longest input alone"):
        predict(model, [example("a", "too long to fit")])


def test_other_errors_are_not_tried_again():
    """A defect is no lack of memory."""
    model = Counter(room=0, error=RuntimeError, text="shapes do not match")
    with pytest.raises(RuntimeError, match="shapes"):
        predict(model, [example("a", "b")])
    assert len(model.asked) == 1
