"""Extractive question answering: places of answers as words, and words as answers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import catalog
from harness.errors import BrokenPromise
from harness.inference import predict
from harness.models.transformer import Transformer
from harness.perturb.severity import perturb
from harness.prediction import Spans, from_table, to_table
from harness.tasks.qa import LABELS, LONGEST, RANKED, TASK
from harness.text import Example, Span
from harness.text import words as split
from harness.training import encoding, pretrained

CONTEXT = "alice went to (paris) . bob is in oslo ."
EXAMPLE = Example("1", {"question": "where is bob ?", "context": CONTEXT}, (Span(34, 38, "oslo", "context"),))
WORDS = np.array(split(CONTEXT), np.int32)


def at(text: str, context: str = CONTEXT) -> Span:
    """Where a text stands first."""
    return Span(context.index(text), context.index(text) + len(text), text, "context")


def test_an_answer_is_trained_as_the_words_that_cover_it() -> None:
    """Words that it holds in part belong to it; the first of several counts; none is none."""
    for answers, wanted in (
        ((at("oslo"),), (8, 8)),
        ((at("pari"),), (3, 3)),
        ((at("to (par"), at("bob")), (2, 3)),
        ((), None),
    ):
        assert TASK.gold(Example("1", EXAMPLE.fields, answers), WORDS, LABELS) == wanted


WRONG = {
    "a text": (Example("1", {"text": "a"}, ()), "a question and a context were expected, found text"),
    "a label": (
        Example("1", EXAMPLE.fields, "oslo"),
        "answers with their places were expected, found 'oslo'",
    ),
    "texts": (Example("1", EXAMPLE.fields, ("oslo",)), "answers with their places"),
    "an answer in the question": (
        Example("1", EXAMPLE.fields, (Span(0, 5, "where", "question"),)),
        "should lie in the context",
    ),
}


@pytest.mark.parametrize(("wrong", "why"), WRONG.values(), ids=WRONG)
def test_what_is_no_question_is_refused_in_words(wrong: Example, why: str) -> None:
    """An example needs a question, a context, and answers in it."""
    assert TASK.validate(EXAMPLE) == ""
    assert TASK.validate(Example("1", EXAMPLE.fields, ())) == ""
    assert why in TASK.validate(wrong)


def naive(rows: np.ndarray) -> list[tuple[int, int, float]]:
    """All candidates, best first, the slow and obvious way."""
    count = len(rows) - 1
    every = [(a, b) for a, b in itertools.product(range(count), repeat=2) if a <= b < a + LONGEST]
    scored = [(a, b, float(rows[1 + a, 0]) * float(rows[1 + b, 1])) for a, b in every]
    return sorted(scored, key=lambda one: (-one[2], one[0], one[1]))


@given(st.integers(0, 45), st.integers(0, 10_000))
def test_the_best_candidates_are_ranked(count: int, seed: int) -> None:
    """As all pairs of a start and an end within reach, sorted; the best is said if it beats no answer."""
    context = "w " * count
    offsets = np.array(split(context), np.int32).reshape(-1, 2)
    drawn = np.random.default_rng(seed).integers(0, 6, (1 + count, 2)).astype(np.float32) + 0.01
    rows = drawn / drawn.sum(0)
    said = TASK.decode(Example("1", {"question": "q", "context": context}, ()), offsets, rows, LABELS)
    assert isinstance(said, Spans)
    wanted = naive(rows)[:RANKED]
    assert [(s.start, s.end) for s, _ in said.ranked] == [(2 * a, 2 * b + 1) for a, b, _ in wanted]
    assert [p for _, p in said.ranked] == pytest.approx([p for *_, p in wanted])
    silent = float(rows[0, 0]) * float(rows[0, 1])
    assert bool(said.spans) == bool(wanted and wanted[0][2] > silent)
    assert said.words.tolist() == [[0, 0], *offsets.tolist()]


def test_an_answer_is_the_text_as_it_stands_in_the_context() -> None:
    """White space and marks between its words included, and it survives being stored."""
    rows = np.full((1 + len(WORDS), 2), 0.01, np.float32)
    rows[3, 0] = rows[4, 1] = 0.9
    said = TASK.decode(EXAMPLE, WORDS, rows, LABELS)
    assert said.spans == (at("to (paris)"),)
    again = from_table(to_table(["1"], [said], LABELS))["1"]
    assert isinstance(again, Spans)
    assert (again.spans, again.ranked) == (said.spans, said.ranked)


def test_a_callable_says_a_text_a_place_or_nothing() -> None:
    """A text is looked for in the context; one that is not there has no place, but can be right."""
    assert TASK.answer(EXAMPLE, "bob", LABELS).spans == (at("bob"),)
    placed = TASK.answer(EXAMPLE, {"answer": "paris", "score": 0.5, "start": 15, "end": 20}, LABELS)
    assert placed.spans == (at("paris"),)
    assert placed.probabilities[4].tolist() == [1, 1]
    for nothing in (None, "", {"start": 0, "end": 0}):
        said = TASK.answer(EXAMPLE, nothing, LABELS)
        assert said.spans == ()
        assert said.probabilities[0].tolist() == [1, 1]
    assert TASK.answer(EXAMPLE, "Berlin", LABELS).spans == (Span(0, 0, "Berlin", "context"),)
    for wrong in ({"start": 3, "end": 99}, {"start": "3", "end": 4}, 7):
        with pytest.raises(BrokenPromise, match="callable"):
            TASK.answer(EXAMPLE, wrong, LABELS)


# -- models --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader(tiny_pretrained):
    """The tiny model with a random head for answers."""
    network, tokenizer = pretrained.load(str(tiny_pretrained), TASK.form, LABELS, 0, "cpu")
    return Transformer(network, tokenizer, TASK, "cpu")


def test_an_answer_in_a_later_window_is_found_there(reader) -> None:
    """Every word of a long context has a start and an end, and only windows that hold the answer learn it."""
    context = "alice went to rome . " * 20 + "bob is in oslo ."
    long = Example("1", {"question": "where is bob ?", "context": context}, (at("oslo", context),))
    rows = encoding.encode(reader.tokenizer, TASK, LABELS, [long], 32)
    assert len(rows) > 5
    told = [row for row in rows if row.target != (0, 0)]
    assert 1 <= len(told) < len(rows)
    for row in told:
        start, end = row.target
        assert reader.tokenizer.convert_ids_to_tokens(row.ids)[start : end + 1] == ["oslo"]
    (said,) = predict(reader, [long])
    assert len(said.words) == 1 + 105
    assert said.probabilities.sum(0) == pytest.approx([1, 1], abs=1e-4)
    (pieces,) = reader.encode([long])
    outputs = [np.zeros((piece.size, 2), np.float32) for piece in pieces]
    last = pieces[-1].data
    token = max(t for t, word in enumerate(last.owner) if word == last.first + 103)
    outputs[-1][token] = 9
    assert reader.decode(long, pieces, outputs).spans == (at("oslo", context),)


def test_a_question_that_is_too_long_keeps_its_end(reader) -> None:
    """The context still has room, and its words their places."""
    long = Example("1", {"question": "in the end , " * 60 + "where is bob ?", "context": CONTEXT}, ())
    (said,) = predict(reader, [long])
    short, long_words = (predict(reader, [one])[0].words for one in (EXAMPLE, long))
    assert long_words.tolist() == short.tolist()
    (pieces,) = reader.encode([long])
    assert all(piece.size <= reader.length for piece in pieces)
    shown = reader.tokenizer.convert_ids_to_tokens(pieces[0].data.ids)
    assert shown[shown.index("[SEP]") - 3 : shown.index("[SEP]")] == ["is", "bob", "?"]
    assert said.probabilities.shape == (len(long_words), 2)


# -- edits ---------------------------------------------------------------------------------------

TOLD = Example(
    "1",
    {
        "question": 'Who really didn\'t go to "Oslo" with the other people?',
        "context": "Ada Lindqvist, a teacher, didn't go to Oslo because she hadn't received the important letter from Ada's people.",
    },
    (Span(0, 13, "Ada Lindqvist", "context"), Span(0, 3, "Ada", "context")),
)
SUITED = [
    op for op in catalog.every("operator").values() if op.suits("qa") and not op.needs and not op.directional
]


@pytest.mark.parametrize("operator", SUITED, ids=lambda op: op.name)
def test_answers_are_carried_through_every_operator_that_suits_questions(operator) -> None:
    """One of them at least is still there, keeps its text as given, and both texts are right."""
    for draw in range(10):
        severity = 5 if operator.graded else 0
        variant = perturb(TOLD, operator, severity, seed=0, draw=draw, alternatives=True)
        assert variant.refusal == ""
        assert TASK.validate(variant.example) == ""
        first = variant.example.spans[0]
        assert first.label in ("Ada Lindqvist", "Ada")
        for said in (first.label, variant.example.fields["context"][first.start : first.end]):
            prediction = TASK.answer(variant.example, said, LABELS)
            assert TASK.scoring.stats(variant.example, prediction, LABELS)[1] == 1


def test_an_answer_is_not_swapped_for_another_one() -> None:
    """The question asks for this one."""
    assert "qa" in catalog.find("operator", "entity-swap").invalid_for
