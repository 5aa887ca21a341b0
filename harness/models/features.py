"""Hashed features of words, of texts and of pairs of texts: what a bag of words looks at."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.tasks.reading import plain
from harness.tasks.task import Form, Task
from harness.text import Example

TOKEN = re.compile(r"\w+|[^\w\s]")
WORD = re.compile(r"\w+")
BIAS = "<bias>"
ASKED, OFFERED = 16, 12
"""Most words of a query, its last, and of a candidate, its first, that are looked at in pairs."""


class Row(NamedTuple):
    """The features of one thing to be scored, by number, and their values."""

    features: list[int]
    values: list[float]


Texts = tuple[str, ...]
"""What is looked at in one go: a text; a query and a candidate; a question and its context; or a text in
seven parts: whole, before its first argument, that argument, between, the other one, after it, and which
of them comes first."""


def looked_at(task: Task, example: Example) -> list[Texts]:
    """The whole text as one, or cut at its arguments; a question or query beside what it is about."""
    if example.marks:
        return [_cut(example)]
    readings = task.inputs(example)
    if task.form in (Form.CHOICE, Form.ANSWER):
        return [tuple(segment.text for segment in reading) for reading in readings]
    return [(plain(readings),)]


def rows(form: Form, texts: Texts, width: int) -> list[Row]:
    """A row per word for taggers, the same after one for no answer for answers, one row otherwise.

    Texts differ in length, words do not.
    """
    if form is Form.CHOICE:
        query, candidate = texts
        return [pair_features(query, candidate, width)]
    if form is Form.ANSWER:
        return [Row(found, [1.0] * len(found)) for found in answer_features(texts[0], texts[1], width)]
    if len(texts) > 1:
        return [argument_features(texts, width)]
    if form is Form.WORDS:
        return [Row(found, [1.0] * len(found)) for found in word_features(texts[0], width)]
    found = text_features(texts[0], width)
    return [Row(found, [len(found) ** -0.5] * len(found))]


def _cut(example: Example) -> Texts:
    first, other = sorted(example.marks[:2])
    text = example.fields[first.field]
    cuts = (0, first.start, first.end, other.start, other.end, len(text))
    return (text, *(text[a:b] for a, b in pairwise(cuts)), first.label)


def offsets(text: str) -> NDArray[np.int32]:
    """Offsets of words and marks, shape ``(words, 2)``."""
    return np.array([m.span() for m in TOKEN.finditer(text)], np.int32).reshape(-1, 2)


def _hashed(features: Sequence[str], width: int) -> list[int]:
    return [zlib.crc32(feature.encode("utf-8", "surrogatepass")) % width for feature in features]


def shape(word: str) -> str:
    """``Paris`` to ``Xx``, ``USB-2`` to ``X-d``: runs of letter cases and digits."""
    marks = ("X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word)
    return re.sub(r"(.)\1+", r"\1", "".join(marks))


def bias(width: int) -> int:
    """The feature that every word and every text has."""
    return _hashed([BIAS], width)[0]


def word_features(text: str, width: int) -> list[list[int]]:
    """Hashed features of each word: itself, affixes, shape, and its neighbours up to two away."""
    found = [m.group() for m in TOKEN.finditer(text)]
    padded = ["<s>", "<s>", *found, "</s>", "</s>"]
    lower, shapes = [word.lower() for word in padded], [shape(word) for word in padded]
    rows = []
    for at, word in enumerate(found):
        near, forms = lower[at : at + 5], shapes[at : at + 5]
        own = [BIAS, f"w={word}", f"l={near[2]}", f"p={word[:3]}", f"s={word[-3:]}", f"h={forms[2]}"]
        around = [f"{k}:{near[k]}" for k in (0, 1, 3, 4)] + [f"h{k}:{forms[k]}" for k in (0, 1, 3, 4)]
        rows.append(_hashed([*own, *around, f"{near[1]}|{near[3]}"], width))
    return rows


def text_features(text: str, width: int) -> list[int]:
    """Hashed words and pairs of neighbouring words, lower-cased."""
    found = [m.group().lower() for m in TOKEN.finditer(text)]
    pairs = [f"{a} {b}" for a, b in pairwise(found)]
    return _hashed([BIAS, *found, *pairs], width)


def pair_features(query: str, candidate: str, width: int) -> Row:
    """What a candidate is, what it has in common with the query, and pairs of a word of each.

    Counts of common words are features by their size; each other group weighs the same, however many
    words there are.
    """
    asked = list(dict.fromkeys(m.group().lower() for m in WORD.finditer(query)))
    offered = list(dict.fromkeys(m.group().lower() for m in WORD.finditer(candidate)))
    common = [word for word in offered if word in set(asked)]
    share = round(4 * len(common) / max(1, len(offered)))
    crossed = [f"{a}|{b}" for a in asked[-ASKED:] for b in offered[:OFFERED]]
    groups = (
        [BIAS],
        [f"common={min(len(common), 8)}"],
        [f"share={share}"],
        [f"both:{word}" for word in common],
        [f"offered:{word}" for word in offered],
        crossed,
    )
    values = [len(group) ** -0.5 for group in groups for _ in group]
    return Row(_hashed([feature for group in groups for feature in group], width), values)


def argument_features(texts: Texts, width: int) -> Row:
    """The words of a text with two arguments: of each, between and beside them, and in all.

    What stands between them is told apart by which of them comes first. Each group weighs the same,
    however many words there are.
    """
    whole, before, one, between, other, after = (
        [m.group().lower() for m in TOKEN.finditer(t)] for t in texts[:6]
    )
    order = texts[6]
    inner = ["<", *between, ">"]
    groups = (
        [BIAS],
        whole,
        [f"{order}<{word}" for word in between],
        [f"{order}<{a} {b}" for a, b in pairwise(inner)],
        [f"{order}<{' '.join(between)}", f"{order}<<{min(len(between), 12)}"],
        [f"{order}=1:{word}" for word in one[-1:]] + [f"1:{word}" for word in one],
        [f"{order}=2:{word}" for word in other[-1:]] + [f"2:{word}" for word in other],
        [f"{order}-{' '.join(before[-size:])}" for size in (1, 2)],
        [f"{order}+{' '.join(after[:size])}" for size in (1, 2)],
        [f"{order}|{a}|{b}" for a in one[-1:] for b in other[-1:]],
    )
    values = [len(group) ** -0.5 for group in groups for _ in group]
    return Row(_hashed([feature for group in groups for feature in group], width), values)


# -- answers to questions ------------------------------------------------------------------------

ASKING = frozenset(["who", "whom", "whose", "what", "which", "when", "where", "why", "how"])
NEAR = 8
"""Words to each side in which words of the question are counted, and beyond which none is near."""
STEM = 6
"""Letters by which words of question and context are compared, so that ``invented`` meets ``invention``."""


def answer_features(question: str, context: str, width: int) -> list[list[int]]:
    """Hashed features of no answer, and of each word of the context as an edge of the answer.

    What a word is together with what is asked for (``who``, ``how many``), and how much of the question
    stands around it: in its sentence, compared with the other sentences, and near by. Words of the
    question count by how few sentences of the context have them, as in TF-IDF.
    """
    found = [m.group() for m in TOKEN.finditer(context)]
    asked = [m.group().lower() for m in WORD.finditer(question)]
    sentences = _sentences(found)
    worth = _worth(asked, found, sentences)
    weights = np.array([worth.get(word.lower()[:STEM], 0.0) for word in found])
    ranks = _ranks(found, sentences, worth)
    kind = _kind(asked)
    total = sum(worth.values()) or 1.0
    best = max((share for share, _ in ranks), default=0.0) / total
    nothing = [f"nothing:{kind[0]}", f"nothing~{round(8 * best)}"]
    rows = [_hashed(["nothing", *nothing], width)]
    for at, (word, sentence) in enumerate(zip(found, sentences, strict=True)):
        share, rank = ranks[sentence]
        around = _around(at, weights)
        own = _edge(at, found, kind)
        told = [
            f"rank={min(rank, 4)}",
            f"share={round(8 * share / total)}",
            f"near={round(8 * weights[max(0, at - NEAR) : at + NEAR + 1].sum() / total)}",
            *around,
            f"{kind[0]}:{shape(word)}:{min(rank, 1)}",
            f"{kind[0]}:{shape(word)}:{around[0]}",
        ]
        rows.append(_hashed([BIAS, *own, *told], width))
    return rows


def _sentences(found: Sequence[str]) -> list[int]:
    """The number of the sentence of each word; one ends with a stop before a word that is not lower case."""
    numbers, now = [], 0
    for at, word in enumerate(found):
        numbers.append(now)
        following = found[at + 1] if at + 1 < len(found) else ""
        now += word in (".", "?", "!") and not following[:1].islower() and following not in MARKS
    return numbers


MARKS = frozenset(".,;:?!)\"'")


def _worth(asked: Sequence[str], found: Sequence[str], sentences: Sequence[int]) -> dict[str, float]:
    """By stem of the question's words: the logarithm of sentences per sentence that has it; at least 0."""
    count = sentences[-1] + 1 if sentences else 0
    holding = {(word.lower()[:STEM], number) for word, number in zip(found, sentences, strict=True)}
    frequency = Counter(stem for stem, _ in holding)
    stems = {word[:STEM] for word in asked if word not in ASKING}
    return {stem: float(np.log((1 + count) / (1 + frequency[stem]))) for stem in sorted(stems)}


def _ranks(
    found: Sequence[str], sentences: Sequence[int], worth: Mapping[str, float]
) -> list[tuple[float, int]]:
    """For each sentence what it shares with the question, and how many sentences share more."""
    stems: dict[int, set[str]] = {}
    for word, number in zip(found, sentences, strict=True):
        stems.setdefault(number, set()).add(word.lower()[:STEM])
    shares = [sum(worth.get(stem, 0.0) for stem in sorted(stems[number])) for number in sorted(stems)]
    return [(share, sum(other > share for other in shares)) for share in shares]


def _kind(asked: Sequence[str]) -> tuple[str, str]:
    """What is asked for: the question word, and it with the word after it."""
    for word, after in pairwise([*asked, ""]):
        if word in ASKING:
            return word, f"{word} {after}"
    return "?", "?"


def _edge(at: int, found: Sequence[str], kind: tuple[str, str]) -> list[str]:
    """The word and its neighbours, each also with what is asked for."""
    near = [found[k] if 0 <= k < len(found) else "" for k in (at - 1, at, at + 1)]
    forms = [f"{k}{shape(word)}" for k, word in enumerate(near)]
    lower = [f"{k}={word.lower()}" for k, word in enumerate(near)]
    own = [*forms, *lower, f"{forms[0]}|{forms[1]}", f"{forms[1]}|{forms[2]}"]
    return [*own, *(f"{kind[0]}:{one}" for one in own), *(f"{kind[1]}:{one}" for one in (*forms, lower[1]))]


def _around(at: int, weights: NDArray[np.float64]) -> list[str]:
    """Whether the word stands in the question, and how far the nearest on each side is that does."""
    left = next((k for k in range(1, NEAR) if at >= k and weights[at - k]), NEAR)
    right = next((k for k in range(1, NEAR) if at + k < len(weights) and weights[at + k]), NEAR)
    return [f"asked={weights[at] > 0}", f"left={left}", f"right={right}", f"sides={left}|{right}"]
