"""Training data as windows with labels, in batches of like length."""

from __future__ import annotations

import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UserError
from harness.tasks.candidates import SLOTS
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.tasks.recommendation import TASK as RECOMMENDATION
from harness.tasks.response import TASK as RESPONSE
from harness.text import Example, Span, example
from harness.training.encoding import IGNORED, Order, Row, collate, encode
from harness.training.objective import contest

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


SLATES = [
    Example(
        str(at),
        {"history": "alice", **{f"candidate {slot}": "good " * slot for slot in range(1, 9)}},
        ("2", "5"),
    )
    for at in range(30)
]
"""Each has eight candidates, told apart by their lengths, of which the second and the fifth are right."""


def learned(tokenizer, **options):
    """Of each slate the slots that are learned from, with what each is to be learned as."""
    found = []
    for slate in SLATES:
        rows = encode(tokenizer, RECOMMENDATION, SLOTS, [slate], 64, **options)
        found.append([(tokenizer.convert_ids_to_tokens(row.ids).count("good"), *row.target) for row in rows])
    return found


def test_all_candidates_are_learned_from_unless_some_are_drawn(tokenizer):
    """Zero means all of them, and so do as many as there are."""
    everything = [[(slot, float(slot in (2, 5))) for slot in range(1, 9)]] * len(SLATES)
    assert (
        learned(tokenizer) == learned(tokenizer, negatives=0) == learned(tokenizer, negatives=6) == everything
    )


@given(negatives=st.integers(1, 9), seed=st.integers(0, 9))
@settings(max_examples=5, deadline=None)
def test_all_right_candidates_and_some_wrong_ones_are_learned_from(tokenizer, negatives, seed):
    """The right ones are never lost, no wrong one comes twice, and one that is kept keeps its label."""
    for slate in learned(tokenizer, negatives=negatives, seed=seed):
        assert [slot for slot, right in slate if right] == [2, 5]
        wrong = [slot for slot, right in slate if not right]
        assert len(set(wrong)) == len(wrong) == min(negatives, 6)
        assert not {2, 5} & set(wrong)


def test_which_wrong_candidates_are_drawn_depends_on_the_seed_and_the_example(tokenizer):
    """They are drawn once: equal seeds draw alike; other seeds and other examples do not."""
    one = learned(tokenizer, negatives=1, seed=3)
    assert one == learned(tokenizer, negatives=1, seed=3)
    assert one != learned(tokenizer, negatives=1, seed=4)
    assert {slot for slate in one for slot, right in slate if not right} == {1, 3, 4, 6, 7, 8}


def test_where_nothing_is_chosen_no_wrong_candidates_can_be_drawn(tokenizer):
    """The fault names the task and the option."""
    with pytest.raises(UserError, match=r"(?s)negatives.*classification has no candidates to draw from"):
        encode(tokenizer, CLASSIFICATION, ("no", "yes"), [example("a", "good", "yes")], 16, negatives=2)


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


@given(
    groups=st.lists(st.integers(1, 5), min_size=1, max_size=60),
    batch=st.integers(1, 9),
    seed=st.integers(0, 9),
)
def test_candidates_that_compete_come_in_one_batch(groups, batch, seed):
    """Every example is whole in one batch, and batches are as full as the largest of them allows."""
    rows = [Row([1] * (1 + of % 7), [0.0], rivals=of) for of, size in enumerate(groups) for _ in range(size)]
    order = Order(rows, batch, seed)
    found = list(order)
    assert sorted(at for one in found for at in one) == list(range(len(rows)))
    for of, size in enumerate(groups):
        assert sorted(sum(rows[at].rivals == of for at in one) for one in found)[-1] == size
    assert max(map(len, found)) <= max(batch, *groups)
    assert len(list(order)) == len(found)


def test_only_candidates_of_which_one_is_right_compete(tokenizer):
    """Replies share one probability; items of a slate are clicked or not, whatever the others are."""
    fields = {"1 user": "good ?", "candidate 1": "good", "candidate 2": "bad"}
    two = [Example(name, fields, ("1",)) for name in "ab"]
    assert [row.rivals for row in encode(tokenizer, RESPONSE, SLOTS, two, 64)] == [0, 0, 1, 1]
    assert [row.rivals for row in encode(tokenizer, RECOMMENDATION, SLOTS, two, 64)] == [-1] * 4


def test_the_loss_of_a_contest_is_the_mean_cross_entropy_over_examples():
    """Two examples worked by hand: ln(1 + e^-1) and, with two right of three alike, ln(3/2)."""
    odds = torch.tensor([1.0, 2.0, 0.5, 0.5, 0.5])
    right = torch.tensor([False, True, True, False, True])
    rivals = torch.tensor([4, 4, 7, 7, 7])
    assert float(contest(odds, right, rivals)) == pytest.approx((0.3132617 + 0.4054651) / 2)


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
