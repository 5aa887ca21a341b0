"""The shapes of an answer, and how they are kept: seven tasks, few shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.columns import ragged
from harness.text import Span

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Classes:
    """A distribution over the model's labels.

    Args:
        labels: The model's labels, in its order.
        probabilities: Shape ``(labels,)``, summing to 1; one-hot if the model gives labels only.
    """

    labels: tuple[str, ...]
    probabilities: Floats

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.labels[int(self.probabilities.argmax())]


@dataclass(frozen=True)
class Spans:
    """Labelled stretches of a text, with a distribution over tags for each word.

    Args:
        labels: The model's tags (``O``, ``B-PER``, ``I-PER`` …), in its order.
        spans: What the model found, sorted, in character offsets.
        words: Shape ``(words, 2)``: offsets of the words that the model saw.
        probabilities: Shape ``(words, labels)``; rows sum to 1, one-hot if the model gives spans only.
    """

    labels: tuple[str, ...]
    spans: tuple[Span, ...]
    words: NDArray[np.int32]
    probabilities: Floats


Prediction = Classes | Spans


def to_table(ids: Sequence[str], predictions: Sequence[Prediction], labels: tuple[str, ...]) -> pa.Table:
    """Predictions as a table, one row an example.

    Columns: ``id``; ``said``, the label or the spans as JSON; ``probabilities``; and for spans
    ``words``. Labels and shape are in its metadata.
    """
    import pyarrow as pa

    spans = [p for p in predictions if isinstance(p, Spans)]
    shape = Spans if spans else Classes
    columns: dict[str, pa.Array] = {
        "id": pa.array(list(ids), pa.string()),
        "said": pa.array([_said(p) for p in predictions], pa.string()),
        "probabilities": pa.array(
            [p.probabilities.astype(np.float32).ravel() for p in predictions], pa.list_(pa.float32())
        ),
    }
    if spans:
        columns["words"] = pa.array([p.words.ravel() for p in spans], pa.list_(pa.int32()))
    about = {"shape": shape.__name__, "labels": json.dumps(labels)}
    return pa.table(columns).replace_schema_metadata(about)


def _said(prediction: Prediction) -> str:
    if isinstance(prediction, Classes):
        return prediction.label
    return json.dumps([[s.start, s.end, s.label, s.field] for s in prediction.spans])


def from_table(table: pa.Table) -> dict[str, Prediction]:
    """The inverse of :func:`to_table`, by example id."""
    about = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
    labels = tuple(json.loads(about["labels"]))
    ids = table["id"].to_pylist()
    rows = ragged(table["probabilities"])
    if about["shape"] == Classes.__name__:
        return {i: Classes(labels, p) for i, p in zip(ids, rows, strict=True)}
    return {
        i: Spans(
            labels,
            tuple(Span(*s) for s in json.loads(said)),
            words.reshape(-1, 2),
            p.reshape(-1, len(labels)),
        )
        for i, p, words, said in zip(
            ids, rows, ragged(table["words"]), table["said"].to_pylist(), strict=True
        )
    }
