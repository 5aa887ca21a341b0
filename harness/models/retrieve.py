"""The reference of the most similar training example as the answer: memory without understanding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.models.copy import NO_WORDS
from harness.models.model import Piece, piece
from harness.prediction import Floats, Prediction, Text
from harness.tasks.task import Task
from harness.text import Example

WIDTH = 2**18
WEIGHTS, CARD = "model.safetensors", "retrieve.json"


def query(example: Example, last: bool) -> str:
    """What examples are compared by: all their texts, or the last of them."""
    texts = list(example.fields.values())
    return texts[-1] if last else "\n".join(texts)


def counts(texts: Sequence[str], ngrams: int) -> Any:
    """Hashed words of texts and runs of up to so many of them, a sparse matrix ``(texts, WIDTH)``."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        n_features=WIDTH,
        ngram_range=(1, ngrams),
        token_pattern=r"(?u)\b\w+\b",
        norm=None,
        alternate_sign=False,
    )
    return hashing.transform(texts)


class Retrieve:
    """Nearest neighbour by the cosine of TF-IDF vectors.

    Args:
        matrix: Vectors of the training examples, sparse, ``(examples, WIDTH)``, each of length 1.
        idf: Weights of the features, ``(WIDTH,)``.
        references: What belongs to them.
        ngrams: See :func:`counts`.
        last: See :func:`query`.
        task: Which task it answers.
    """

    def __init__(
        self, matrix: Any, idf: Floats, references: Sequence[str], ngrams: int, last: bool, task: Task
    ) -> None:
        self.matrix, self.idf, self.references = matrix, idf, references
        self.ngrams, self.last, self.task = ngrams, last, task

    @classmethod
    def load(cls, where: str | Path, task: Task, device: str) -> Retrieve:
        """Read what :meth:`save` wrote; the device is always the CPU."""
        from safetensors.numpy import load_file
        from scipy.sparse import csr_matrix

        card = json.loads((Path(where) / CARD).read_text("utf-8"))
        arrays = load_file(Path(where) / WEIGHTS)
        parts = (arrays["values"], arrays["features"], arrays["starts"])
        matrix = csr_matrix(parts, (len(card["references"]), WIDTH))
        return cls(matrix, arrays["idf"], card["references"], card["ngrams"], card["last"], task)

    def save(self, where: Path) -> None:
        """Write the vectors as safetensors and the references beside them."""
        from safetensors.numpy import save_file

        arrays = {
            "values": self.matrix.data,
            "features": self.matrix.indices,
            "starts": self.matrix.indptr,
            "idf": self.idf,
        }
        save_file(arrays, where / WEIGHTS)
        card = {"references": list(self.references), "ngrams": self.ngrams, "last": self.last}
        (where / CARD).write_text(json.dumps(card), "utf-8")

    @property
    def labels(self) -> tuple[str, ...]:
        """There are none."""
        return ()

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """One piece per example."""
        texts = [query(example, self.last) for example in examples]
        return [[piece(len(text), text, text)] for text in texts]

    def forward(self, pieces: Sequence[Piece]) -> list[Text]:
        """The reference of the nearest training example, the first of them if several are as near."""
        found = counts([one.data for one in pieces], self.ngrams).multiply(self.idf)
        near = (found.tocsr() @ self.matrix.T).toarray()  # their lengths do not change the order
        return [Text(self.references[at]) for at in np.argmax(near, axis=1)]

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """Hand the text to the task."""
        return self.task.decode(example, NO_WORDS, outputs[0], ())
