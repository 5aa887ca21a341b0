"""Hashed features of words, of texts and of pairs of texts: what a bag of words looks at."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
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
ASKED, OFFERED = 24, 16
"""Most words of a query, its last, and of a candidate, its first, that are looked at in pairs."""


class Row(NamedTuple):
    """The features of one thing to be scored, by number, and their values."""

    features: list[int]
    values: list[float]


Texts = tuple[str, ...]
"""What is looked at in one go: a text, or a query and a candidate."""


def looked_at(task: Task, example: Example) -> list[Texts]:
    """The whole text as one, or the query beside each candidate."""
    readings = task.inputs(example)
    if task.form is Form.CHOICE:
        return [tuple(segment.text for segment in reading) for reading in readings]
    return [(plain(readings),)]


def rows(form: Form, texts: Texts, width: int) -> list[Row]:
    """A row per word for taggers, one row otherwise. Texts differ in length, words do not."""
    if form is Form.CHOICE:
        query, candidate = texts
        return [pair_features(query, candidate, width)]
    if form is Form.WORDS:
        return [Row(found, [1.0] * len(found)) for found in word_features(texts[0], width)]
    found = text_features(texts[0], width)
    return [Row(found, [len(found) ** -0.5] * len(found))]


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
