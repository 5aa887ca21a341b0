"""A linear model over hashed features of the words: the honest baseline, in numpy alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from harness.models.energy import apart, charged, energy
from harness.models.features import Texts, looked_at, offsets, rows
from harness.models.model import Piece, piece
from harness.prediction import Floats, Prediction
from harness.tasks.task import Form, Task
from harness.text import Example

WEIGHTS, CARD = "model.safetensors", "bag.json"


class Bag:
    """Logistic regression over the features of :func:`harness.models.features.rows`.

    Multinomial where one label is right, conditional for the words at which an answer starts and ends,
    and one regression for each label or for the candidates otherwise.

    Args:
        weights: Shape ``(features, labels)``, or ``(features, 1)`` for candidates.
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
        """One piece per example, or one per candidate."""
        return [
            [piece(sum(map(len, texts)), texts, texts) for texts in looked_at(self.task, example)]
            for example in examples
        ]

    def forward(self, pieces: Sequence[Piece]) -> list[Floats]:
        """Probabilities and, last, the energy: ``(words, labels + 1)`` for taggers, ``(labels + 1,)`` for
        texts; ``(1 + words, 2)`` probabilities for answers; log-odds of candidates."""
        return [self._said(piece.data) for piece in pieces]

    def _said(self, texts: Texts) -> Floats:
        form, found = self.task.form, rows(self.task.form, texts, len(self.weights))
        logits = np.array([np.array(row.values) @ self.weights[row.features] for row in found])
        if form is Form.CHOICE:
            return np.asarray(logits[0], np.float32)
        logits = logits.reshape(-1, len(self._labels))
        if form is Form.ANSWER:
            return np.asarray(softmax(logits, 0), np.float32)
        one = form is not Form.LABELS
        said = np.column_stack([softmax(logits, -1) if one else expit(logits), energy(logits, one)])
        return np.asarray(said if form is Form.WORDS else said[0], np.float32)

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """Hand the distribution to the task."""
        joined = np.concatenate(outputs) if self.task.form is Form.CHOICE else outputs[0]
        said, known = apart(joined, self.task.form)
        return charged(self.task.decode(example, offsets(pieces[0].data[-1]), said, self._labels), known)
