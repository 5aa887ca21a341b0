"""Span scores against seqeval, and distances between span sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from harness.data.tags import from_tags, join
from harness.prediction import Spans
from harness.tasks.scoring.spans import SCORING
from harness.text import Example, Span

TYPES = ("LOC", "PER")
LABELS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")

segment = st.tuples(st.sampled_from(("O", *TYPES)), st.integers(1, 3)).map(
    lambda s: ["O"] * s[1] if s[0] == "O" else [f"B-{s[0]}"] + [f"I-{s[0]}"] * (s[1] - 1)
)
valid = st.lists(segment, min_size=1, max_size=6).map(lambda parts: [tag for part in parts for tag in part])
anything = st.lists(st.sampled_from(LABELS), min_size=1, max_size=12)


def document(draw, tags):
    """Pairs of gold and predicted tags of equal length."""
    return draw(
        st.lists(st.tuples(tags, tags), min_size=1, max_size=5).map(
            lambda pairs: [
                (
                    (gold + ["O"] * len(said))[: max(len(gold), len(said))],
                    (said + ["O"] * len(gold))[: max(len(gold), len(said))],
                )
                for gold, said in pairs
            ]
        )
    )


def sums(pairs):
    """Our statistics of the pairs, summed."""
    total = np.zeros(len(SCORING.columns(LABELS)))
    for at, (gold, said) in enumerate(pairs):
        text, words = join([f"w{k}" for k in range(len(gold))])
        example = Example(str(at), {"text": text}, from_tags(words, gold))
        prediction = Spans(
            LABELS, from_tags(words, said), np.array(words, np.int32), np.zeros((len(words), 5), np.float32)
        )
        total += SCORING.stats(example, prediction, LABELS)
    return total


@given(st.data())
def test_entity_f1_is_that_of_seqeval_in_strict_mode(data):
    """Micro and per type, precision and recall likewise, on well-formed tags."""
    pairs = document(data.draw, valid)
    gold, said = [g for g, _ in pairs], [s for _, s in pairs]
    strict = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
    found, details = sums(pairs), SCORING.details(LABELS)
    assert SCORING.score(found) == pytest.approx(f1_score(gold, said, **strict))
    assert details["precision"](found) == pytest.approx(precision_score(gold, said, **strict))
    assert details["recall"](found) == pytest.approx(recall_score(gold, said, **strict))
    present = [t for t in TYPES if any(tag.endswith(t) for tags in (*gold, *said) for tag in tags)]
    by_type = f1_score(gold, said, average=None, **strict) if present else []
    assert [float(details[f"f1:{t}"](found)) for t in present] == pytest.approx(list(by_type))


@given(st.data())
def test_ill_formed_tags_are_read_as_conlleval_does(data):
    """On any tags at all, the score is seqeval's in its default, lenient mode."""
    pairs = document(data.draw, anything)
    gold, said = [g for g, _ in pairs], [s for _, s in pairs]
    assert SCORING.score(sums(pairs)) == pytest.approx(f1_score(gold, said, zero_division=0))


@given(st.data())
def test_a_prediction_is_at_no_distance_from_itself_and_distance_is_symmetric(data):
    """Without edits, the span-set distance is a proper one."""
    (gold, said), *_ = document(data.draw, valid)
    words = np.array(join([f"w{k}" for k in range(len(gold))])[1], np.int32)
    rows = np.eye(5, dtype=np.float32)
    one, other = (
        Spans(
            LABELS,
            from_tags([tuple(w) for w in words.tolist()], tags),
            words,
            rows[[LABELS.index(t) for t in tags]],
        )
        for tags in (gold, said)
    )
    assert SCORING.moved(one, one, (), None)[0] == SCORING.moved(one, one, (), None)[2] == 0
    there, back = SCORING.moved(one, other, (), None), SCORING.moved(other, one, (), None)
    assert there == back
    assert there.flip == float(one.spans != other.spans)
    assert there.soft == pytest.approx(np.mean([a != b for a, b in zip(gold, said, strict=True)]))


def test_harm_is_the_doubt_about_the_least_certain_gold_entity():
    """An entity is as probable as the least probable of its tags."""
    words = np.array([[0, 2], [3, 5], [6, 8]], np.int32)
    rows = np.array([[0.1, 0, 0, 0.9, 0], [0.4, 0, 0, 0, 0.6], [0.2, 0.8, 0, 0, 0]], np.float32)
    said = Spans(LABELS, (Span(0, 5, "PER"), Span(6, 8, "LOC")), words, rows)
    gold = Example("a", {"text": "aa bb cc"}, (Span(0, 5, "PER"), Span(6, 8, "LOC")))
    assert SCORING.harm(gold, said) == pytest.approx(0.4)
    assert not SCORING.broken(gold, said)
    assert SCORING.broken(Example("a", gold.fields, (Span(0, 2, "PER"),)), said)
    assert SCORING.harm(Example("a", gold.fields, ()), said) == 0.0
