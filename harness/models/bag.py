"""A linear model over hashed features of the words: the honest baseline, in numpy alone."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.models.model import Piece, piece
from harness.prediction import Floats, Prediction
from harness.tasks.reading import plain
from harness.tasks.task import Task
from harness.text import Example

TOKEN = re.compile(r"\w+|[^\w\s]")
WEIGHTS, CARD = "model.safetensors", "bag.json"
BIAS = "<bias>"


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


def scale(features: int, per_word: bool) -> float:
    """The value of each of so many features: texts differ in length, words do not."""
    return 1.0 if per_word else features**-0.5


class Bag:
    """Multinomial logistic regression over :func:`word_features` or :func:`text_features`.

    Args:
        weights: Shape ``(features, labels)``.
        labels: The output labels.
        task: Which task it answers.
    """

    def __init__(self, weights: Floats, labels: tuple[str, ...], task: Task) -> None:
        self.weights, self._labels, self.task = weights, labels, task

    @classmethod
    def load(cls, where: str | Path, task: Task, device: str) -> Bag:
        """Read what :meth:`save` wrote; the device is always the CPU."""
        from safetensors.numpy import load_file

        card = json.loads((Path(where) / CARD).read_text("utf-8"))
        return cls(load_file(Path(where) / WEIGHTS)["weights"], tuple(card["labels"]), task)

    def save(self, where: Path) -> None:
        """Write weights as safetensors and the labels beside them."""
        from safetensors.numpy import save_file

        save_file({"weights": np.ascontiguousarray(self.weights, np.float32)}, where / WEIGHTS)
        (where / CARD).write_text(json.dumps({"labels": self._labels}), "utf-8")

    @property
    def labels(self) -> tuple[str, ...]:
        """The output labels."""
        return self._labels

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """One piece per example."""
        texts = [plain(self.task.inputs(example)) for example in examples]
        return [[piece(len(text), text, text)] for text in texts]

    def forward(self, pieces: Sequence[Piece]) -> list[Floats]:
        """Probabilities: ``(words, labels)`` for taggers, ``(labels,)`` otherwise."""
        return [self._probabilities(piece.data) for piece in pieces]

    def _probabilities(self, text: str) -> Floats:
        width = len(self.weights)
        if self.task.per_word:
            features = word_features(text, width)
            logits = np.array([self.weights[row].sum(0) for row in features]).reshape(-1, len(self._labels))
        else:
            row = text_features(text, width)
            logits = self.weights[row].sum(0) * scale(len(row), per_word=False)
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return np.asarray(powers / powers.sum(-1, keepdims=True), np.float32)

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """Hand the distribution to the task."""
        return self.task.decode(example, offsets(pieces[0].data), outputs[0], self._labels)
