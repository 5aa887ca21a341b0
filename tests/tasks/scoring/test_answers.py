"""Scores of answers by SQuAD's rules, on strings worked out by hand, and how far an answer moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.prediction import Spans
from harness.tasks.qa import LABELS, TASK
from harness.tasks.scoring.answers import SCORING, exact, normalized, token_f1
from harness.text import Edit, Example, Span, vary, words

CONTEXT = "In 1822 the company moved to Paris, France. It stayed there."
TEXTS = st.text(alphabet="aAtThHeE n.,'-\u2019é1$", max_size=25)


def asked(*answers: str, context: str = CONTEXT) -> Example:
    """A question with these answers, each at its first place."""
    spans = tuple(Span(context.index(a), context.index(a) + len(a), a, "context") for a in answers)
    return Example("q", {"question": "Where to?", "context": context}, spans)


def said(answer: str | None, context: str = CONTEXT) -> Spans:
    """A prediction of that answer."""
    found = TASK.answer(asked(context=context), answer, LABELS)
    assert isinstance(found, Spans)
    return found


# Worked out by hand from the rules: lower, drop ASCII punctuation, drop a/an/the, split at white space.
NORMAL = {
    "The  Cat's\tpaw!": "cats paw",
    "a.m.": "am",
    "U.S.A.": "usa",
    "the": "",
    "An apple a day": "apple day",
    "theatre": "theatre",
    "$30,000": "30000",
    "Anna-the-Great": "annathegreat",
    "“The” Beatles": "“ ” beatles",
    "A": "",
    "naïve É": "naïve é",
    "\u00a0Paris\n": "paris",
    "!!": "",
}
# gold, said, exact match, F1
PAIRS = [
    ("the Nobel Prize", "Nobel Prize in Physics", 0, 2 / 3),
    ("Paris", "paris.", 1, 1.0),
    ("Paris, France", "France", 0, 2 / 3),
    ("to be or not to be", "be be be", 0, 4 / 9),
    ("Denver Broncos", "Carolina Panthers", 0, 0.0),
    ("1822", "in 1822", 0, 2 / 3),
    ("the", "a", 1, 1.0),
    ("the", "cat", 0, 0.0),
    ("", "", 1, 1.0),
    ("cat", "", 0, 0.0),
    ("Cobb, Shepley", "Cobb Shepley", 1, 1.0),
    ("Rutan-Coolidge", "Rutan Coolidge", 0, 0.0),
]


@pytest.mark.parametrize(("text", "wanted"), NORMAL.items())
def test_texts_are_normalised_as_in_squad(text: str, wanted: str) -> None:
    """ASCII punctuation goes without a trace, so that words join; other marks stay."""
    assert normalized(text) == wanted


@pytest.mark.parametrize(("gold", "answer", "em", "f1"), PAIRS)
def test_exact_match_and_f1_are_those_of_squad(gold: str, answer: str, em: int, f1: float) -> None:
    """By hand, on strings where implementations go wrong."""
    assert exact(gold, answer) == em
    assert token_f1(gold, answer) == pytest.approx(f1)


@given(TEXTS, TEXTS)
def test_f1_is_symmetric_and_an_exact_match_scores_one(one: str, other: str) -> None:
    """In [0, 1], and what normalisation removes makes no difference."""
    assert token_f1(one, other) == token_f1(other, one)
    assert 0 <= token_f1(one, other) <= 1
    if exact(one, other):
        assert token_f1(one, other) == 1
    assert normalized(normalized(one)) == normalized(one)
    assert exact(one, f"  the {one.upper() if one.isascii() else one}! ") == 1


def scores(*rows: np.ndarray) -> dict[str, float]:
    """All scores of some examples."""
    sums = sum(rows)
    found = {name: float(score(sums)) for name, score in SCORING.details(LABELS).items()}
    return {"f1": float(SCORING.score(sums)), "chance": float(SCORING.chance(sums)), **found}


def test_the_best_of_several_answers_counts_and_no_answer_is_one_too() -> None:
    """Four questions by hand: 1, 2/3, no answer found rightly, and an answer where there is none."""
    rows = [
        SCORING.stats(asked("Paris, France", "Paris"), said("Paris"), LABELS),
        SCORING.stats(asked("1822"), said("In 1822"), LABELS),
        SCORING.stats(asked(), said(None), LABELS),
        SCORING.stats(asked(), said("1822"), LABELS),
    ]
    assert scores(*rows) == pytest.approx(
        {
            "f1": (1 + 2 / 3 + 1 + 0) / 4,
            "chance": 0.5,
            "exact_match": 2 / 4,
            "f1:answerable": (1 + 2 / 3) / 2,
            "exact_match:answerable": 1 / 2,
            "f1:unanswerable": 1 / 2,
        }
    )
    assert len(rows[0]) == len(SCORING.columns(LABELS))


def test_saying_nothing_where_there_is_an_answer_scores_nothing() -> None:
    """And an answer of which nothing is left is not among the right ones, as in SQuAD 2.0."""
    assert SCORING.stats(asked("Paris"), said(None), LABELS)[1:3].tolist() == [0, 0]
    the = asked("the", context="what the cat said")
    assert SCORING.stats(the, said(None), LABELS)[:3].tolist() == [1, 1, 1]


def test_many_sums_are_scored_at_once() -> None:
    """Leading axes are kept, and sums over nothing score 0."""
    one = SCORING.stats(asked("Paris"), said("Paris"), LABELS)
    stacked = np.stack([np.stack([one, 0 * one])] * 3)
    for score in (SCORING.score, SCORING.chance, *SCORING.details(LABELS).values()):
        assert score(stacked).shape == (3, 2)
        assert (score(stacked)[:, 1] == 0).all()


def test_after_an_edit_the_old_answer_and_the_new_surface_are_right() -> None:
    """A model may repair a typo or copy it, but not make one of its own."""
    variant = vary(asked("Paris, France"), [Edit(31, 32, "", "context")], alternatives=True)
    assert variant.example.fields["context"][29:41] == "Pais, France"
    context = variant.example.fields["context"]
    for answer, em in (("Pais, France", 1), ("Paris, France", 1), ("Pars, France", 0)):
        assert SCORING.stats(variant.example, said(answer, context), LABELS)[1] == em


def test_an_answer_that_an_edit_changes_inside_has_not_moved() -> None:
    """It is mapped back to the clean text; another stretch has moved by what they do not share."""
    source = asked("Paris, France")
    edits = (Edit(3, 3, "of ", "context"), Edit(31, 32, "", "context"))
    context = vary(source, edits).example.fields["context"]
    same = SCORING.moved(said("Paris, France"), said("Pais, France", context), edits, source)
    assert (same.hard, same.flip) == (0, 0)
    part = SCORING.moved(said("Paris, France"), said("Pais", context), edits, source)
    assert (part.hard, part.hard_of, part.flip) == (pytest.approx(1 / 3), 1, 1)
    inserted = SCORING.moved(said("1822"), said("of", context), edits, source)
    assert (inserted.hard, inserted.flip) == (1, 1)


def test_no_answer_is_one_special_answer() -> None:
    """Twice none is no movement; none and one is the most, even one of nothing but an article."""
    source = asked()
    assert SCORING.moved(said(None), said(None), (), source) == (0, 1, 0, 1, 0)
    assert SCORING.moved(said(None), said("Paris"), (), source) == (1, 1, 1, 1, 1)
    assert SCORING.moved(said("the"), said(None), (), source).hard == 1


def distributed(rows: list[tuple[float, float]], context: str) -> Spans:
    """A prediction with these distributions over no answer and the words of a context."""
    offsets = [(0, 0), *words(context)]
    return Spans(LABELS, (), np.array(offsets, np.int32), np.array(rows, np.float32))


def test_distributions_are_compared_over_the_words_that_both_texts_have() -> None:
    """By hand: starts differ by 0.3, ends by 0.5; a word that is new counts as another place."""
    source = Example("q", {"question": "?", "context": "a b"}, ())
    edits = (Edit(1, 1, " x", "context"),)
    clean = distributed([(0.2, 0.5), (0.5, 0.5), (0.3, 0.0)], "a b")
    edited = distributed([(0.1, 0.0), (0.3, 0.5), (0.3, 0.5), (0.3, 0.0)], "a x b")
    assert SCORING.moved(clean, edited, edits, source).soft == pytest.approx(0.4)
    assert SCORING.moved(clean, clean, (), source).soft == 0
    other = distributed([(0.2, 0.5), (0.3, 0.0), (0.5, 0.5)], "a b")
    assert SCORING.moved(clean, other, (), source).soft == pytest.approx((0.2 + 0.5) / 2)


def test_predictions_for_two_contexts_can_be_compared() -> None:
    """Agreement beyond chance needs pairs of unrelated answers."""
    found = SCORING.moved(said("Paris"), said("cat", "a cat sat"), (), asked("Paris"))
    assert found.hard == 1
    assert 0 <= found.soft <= 1


def test_harm_is_the_doubt_about_the_right_answer() -> None:
    """Of the likeliest right one; an attack has succeeded when none of them is said."""
    rows = [(0.1, 0.1), (0.6, 0.2), (0.3, 0.7)]
    source = Example("q", {"question": "?", "context": "a b"}, (Span(0, 3, "a b", "context"),))
    assert SCORING.harm(source, distributed(rows, "a b")) == pytest.approx(1 - 0.6 * 0.7)
    none = Example("q", {"question": "?", "context": "a b"}, ())
    assert SCORING.harm(none, distributed(rows, "a b")) == pytest.approx(0.99)
    assert SCORING.broken(asked("Paris, France", "Paris"), said("France"))
    assert not SCORING.broken(asked("Paris, France", "Paris"), said("the Paris"))
    assert SCORING.broken(asked(), said("Paris"))
    assert not SCORING.broken(asked(), said(None))
