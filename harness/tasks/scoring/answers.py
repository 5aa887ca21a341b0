"""Scoring of extracted answers: exact match and token F1 as in SQuAD, answer distance."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from harness.prediction import Prediction, Spans
from harness.tasks.scoring.ratio import ratio
from harness.tasks.task import Array, Detail, Moved, Scoring
from harness.text import Edit, Example, Span, apply, carry, invert

CONTEXT = "context"
ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


# -- what counts as the same answer --------------------------------------------------------------


def normalized(text: str) -> str:
    """Lower case, without ASCII punctuation and English articles, white space squeezed.

    The rules and their order are those of SQuAD (Rajpurkar et al. 2016, 2018).
    """
    plain = text.lower().translate(PUNCTUATION)
    return " ".join(ARTICLES.sub(" ", plain).split())


def exact(gold: str, said: str) -> float:
    """1 if both are the same but for normalisation."""
    return float(normalized(gold) == normalized(said))


def token_f1(gold: str, said: str) -> float:
    """F1 of the bags of tokens; where one has none, 1 if the other has none either."""
    wanted, found = normalized(gold).split(), normalized(said).split()
    if not wanted or not found:
        return float(wanted == found)
    common = sum((Counter(wanted) & Counter(found)).values())
    return 2 * common / (len(wanted) + len(found))


def right(example: Example) -> list[str]:
    """The texts that are right, an empty one if there is no answer.

    After edits both are: the answer as it was given, and what now stands in its place, for a model
    may repair a typo (methods, section 9.4). As in SQuAD 2.0, answers of which normalisation leaves
    nothing are not among them.
    """
    told = [one for s in example.spans for one in (s.label, example.fields[s.field][s.start : s.end])]
    return [one for one in dict.fromkeys(told) if normalized(one)] or [""]


def said(prediction: Spans) -> str:
    """The answer as a text, empty for no answer."""
    return prediction.spans[0].label if prediction.spans else ""


# -- statistics ----------------------------------------------------------------------------------


def columns(labels: tuple[str, ...]) -> list[str]:
    """Examples, exact matches and F1, of all and of those that have an answer."""
    return ["n", "em", "f1", "n:answerable", "em:answerable", "f1:answerable"]


def stats(example: Example, prediction: Prediction, labels: tuple[str, ...]) -> Array:
    """The best of all right answers, for exact match and for F1."""
    assert isinstance(prediction, Spans)
    found, golds = said(prediction), right(example)
    own = np.array([1.0, max(exact(g, found) for g in golds), max(token_f1(g, found) for g in golds)])
    return np.concatenate([own, own if golds != [""] else np.zeros(3)])


def f1(sums: Array) -> Array:
    """Mean token F1."""
    return ratio(sums[..., 2], sums[..., 0])


def exact_match(sums: Array) -> Array:
    """Share of exact matches."""
    return ratio(sums[..., 1], sums[..., 0])


def f1_answerable(sums: Array) -> Array:
    """Mean token F1 of the questions that have an answer."""
    return ratio(sums[..., 5], sums[..., 3])


def exact_answerable(sums: Array) -> Array:
    """Share of exact matches among the questions that have an answer."""
    return ratio(sums[..., 4], sums[..., 3])


def silent(sums: Array) -> Array:
    """Share of the questions without an answer that get none; F1 and exact match agree there."""
    return ratio(sums[..., 2] - sums[..., 5], sums[..., 0] - sums[..., 3])


def nothing(sums: Array) -> Array:
    """What never answering scores: the share of questions without an answer (methods, 0.4)."""
    return ratio(sums[..., 0] - sums[..., 3], sums[..., 0])


# -- movement ------------------------------------------------------------------------------------


def moved(clean: Prediction, edited: Prediction, edits: Sequence[Edit], source: Example) -> Moved:
    """Answer distance (methods, section 1.4) and total variation of where answers start and end.

    The edited answer is mapped back to the clean text first, so that an edit inside of it is no
    movement. One that cuts through an edit, or lies in what an edit has put in, is taken as it is.
    """
    assert isinstance(clean, Spans)
    assert isinstance(edited, Spans)
    one, other = said(clean), _mapped_back(edited, edits, source)
    apart = 1.0 - token_f1(one, other) if bool(one) == bool(other) else 1.0
    flip = float(bool(one) != bool(other) or normalized(one) != normalized(other))
    return Moved(apart, 1.0, _variation(clean, edited, edits), 1.0, flip)


def _mapped_back(edited: Spans, edits: Sequence[Edit], source: Example) -> str:
    """The answer as it stands in the clean text."""
    if not edited.spans:
        return ""
    span = edited.spans[0]
    own = [edit for edit in edits if edit.field == span.field]
    if not own or span.start == span.end:
        return span.label
    text = source.fields[span.field]
    back, _ = carry(span, invert(text, own))
    if back is None or apply(text, own)[span.start : span.end] != span.label:
        return span.label
    return text[back.start : back.end]


def _variation(clean: Spans, edited: Spans, edits: Sequence[Edit]) -> float:
    """Mean total variation of the start and the end, over no answer and the words of both texts.

    Words that only one of the texts has count as one place.
    """
    if not edits and np.array_equal(clean.words, edited.words):
        shift = np.abs(clean.probabilities - edited.probabilities).sum(0) / 2
        return min(float(shift.mean()), 1.0)
    pairs = list(_aligned(clean, edited, edits))
    here, there = (np.array(at, int) for at in zip(*pairs, strict=True))
    p, q = clean.probabilities[here].astype(float), edited.probabilities[there].astype(float)
    elsewhere = np.abs(p.sum(0) - q.sum(0))
    shift = (np.abs(p - q).sum(0) + elsewhere) / 2
    return min(float(shift.mean()), 1.0)


def _aligned(clean: Spans, edited: Spans, edits: Sequence[Edit]) -> Iterator[tuple[int, int]]:
    """Rows of both for no answer, and for each word that is still one."""
    yield 0, 0
    where = {(int(a), int(b)): at for at, (a, b) in enumerate(edited.words) if at}
    for at, (a, b) in enumerate(clean.words):
        if at:
            span, _ = carry(Span(int(a), int(b), "", CONTEXT), edits)
            if span is not None and (span.start, span.end) in where:
                yield at, where[span.start, span.end]


# -- attacks -------------------------------------------------------------------------------------


def harm(example: Example, prediction: Prediction) -> float:
    """One minus the probability of the right answer that is most likely, or of no answer.

    An answer is as likely as its first word is the start times its last word is the end.
    """
    assert isinstance(prediction, Spans)
    rows = prediction.probabilities.astype(float)
    if right(example) == [""]:
        return 1.0 - float(rows[0, 0] * rows[0, 1])
    return 1.0 - max(_probability(span, prediction) for span in example.spans)


def _probability(span: Span, prediction: Spans) -> float:
    starts, ends = prediction.words[1:, 0], prediction.words[1:, 1]
    inside = 1 + np.flatnonzero((starts < span.end) & (ends > span.start))
    if not len(inside):
        return 0.0
    rows = prediction.probabilities.astype(float)
    return float(rows[inside[0], 0] * rows[inside[-1], 1])


def broken(example: Example, prediction: Prediction) -> bool:
    """Whether the answer is none of the right ones, by exact match."""
    assert isinstance(prediction, Spans)
    found = said(prediction)
    return not any(exact(gold, found) for gold in right(example))


def details(labels: tuple[str, ...]) -> dict[str, Detail]:
    """Exact match, and the scores of questions with and without an answer."""
    return {
        "exact_match": Detail(exact_match),
        "f1:answerable": Detail(f1_answerable),
        "exact_match:answerable": Detail(exact_answerable),
        "f1:unanswerable": Detail(silent),
    }


SCORING = Scoring(
    metric="answer_f1|squad",
    columns=columns,
    stats=stats,
    score=f1,
    chance=nothing,
    moved=moved,
    harm=harm,
    broken=broken,
    details=details,
)
