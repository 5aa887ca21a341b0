"""Training data as windows with labels, in batches of like length."""

from __future__ import annotations

import pytest
import transformers
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UserError
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Example, Span, example
from harness.training.encoding import IGNORED, Order, Row, collate, encode

LABELS = ("O", "B-PER", "I-PER")


@pytest.fixture(scope="module")
def tokenizer(tiny_pretrained):
    """The tiny model's."""
    return transformers.AutoTokenizer.from_pretrained(tiny_pretrained)


def test_the_first_piece_of_a_word_carries_its_label(tokenizer):
    """Later pieces and special tokens have no loss."""
    (row,) = encode(tokenizer, NER, LABELS, [Example("a", {"text": "xyz saw bob"}, (Span(0, 3, "PER"),))], 64)
    assert tokenizer.convert_ids_to_tokens(row.ids) == ["[CLS]", "x", "##y", "##z", "saw", "bob", "[SEP]"]
    assert row.target == [IGNORED, 1, IGNORED, IGNORED, 0, 0, IGNORED]


def test_a_long_text_is_split_and_no_word_is_lost(tokenizer):
    """Every word's label is trained in at least one window."""
    text = " ".join(["alice saw"] * 20)
    spans = tuple(Span(at * 10, at * 10 + 5, "PER") for at in range(20))
    rows = encode(tokenizer, NER, LABELS, [Example("a", {"text": text}, spans)], 16)
    assert len(rows) > 2
    assert max(len(row.ids) for row in rows) <= 16
    assert sum(row.target.count(1) for row in rows) >= 20


def test_every_window_of_a_text_carries_its_label(tokenizer):
    """Classification trains all windows of a long text."""
    rows = encode(tokenizer, CLASSIFICATION, ("no", "yes"), [example("a", "good " * 40, "yes")], 16)
    assert len(rows) > 2
    assert {row.target for row in rows} == {1}


def test_windows_without_labels_are_left_out(tokenizer):
    """An empty sentence would be a loss over nothing, which is not a number."""
    examples = [Example("a", {"text": ""}, ()), Example("b", {"text": "bob"}, (Span(0, 3, "PER"),))]
    assert len(encode(tokenizer, NER, LABELS, examples, 64)) == 1
    with pytest.raises(UserError, match="nothing to learn from"):
        encode(tokenizer, NER, LABELS, examples[:1], 64)


def test_a_batch_is_padded_where_nothing_is_looked_at_and_nothing_counts(tokenizer):
    """Padding has mask 0 and no label."""
    batch = collate(tokenizer, [Row([5, 6, 7], [IGNORED, 1, IGNORED]), Row([5, 7], [IGNORED, 0])], "cpu")
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch["labels"].tolist() == [[IGNORED, 1, IGNORED], [IGNORED, 0, IGNORED]]


@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=200),
    batch=st.integers(1, 9),
    seed=st.integers(0, 9),
)
def test_an_epoch_visits_every_row_once_and_depends_on_the_seed_alone(sizes, batch, seed):
    """Batches partition the rows, no batch is too large, and a second order of that seed is equal."""
    rows = [Row([1] * size, 0) for size in sizes]
    order, again = Order(rows, batch, seed), Order(rows, batch, seed)
    first = list(order)
    assert sorted(at for one in first for at in one) == list(range(len(rows)))
    assert len(first) == len(order)
    assert max(map(len, first)) <= batch
    assert first == list(again)
    assert list(order) == list(again)


def test_batches_hold_rows_of_like_length_in_random_order():
    """Padding is rare, yet the next epoch and another seed differ."""
    rows = [Row([1] * (1 + at % 50), 0) for at in range(400)]
    order = Order(rows, 8, 0)
    first, second, other = list(order), list(order), list(Order(rows, 8, 1))
    assert first != second
    assert first != other
    padded = sum(max(len(rows[at].ids) for at in batch) * len(batch) for batch in first)
    assert padded < 1.1 * sum(len(row.ids) for row in rows)
    assert [max(len(rows[at].ids) for at in batch) for batch in first] != sorted(
        max(len(rows[at].ids) for at in batch) for batch in first
    )
