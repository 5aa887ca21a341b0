"""The shapes of an answer, and how they are kept: many tasks, three shapes."""

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
HALF = 0.5
"""Above it, a label that does not exclude the others is taken to be given."""


@dataclass(frozen=True)
class Classes:
    """A distribution over the model's labels, or a probability for each of them.

    Args:
        labels: The model's labels, in its order.
        probabilities: Shape ``(labels,)``, summing to 1 if the labels exclude each other; one-hot if
            the model gives labels only.
        exclusive: Whether exactly one of the labels is right. If not, each has a probability of its own.
        energy: What the softmax does not tell, how large the logits ``z`` are: ``log sum exp z``, or the
            sum of ``log(1 + exp z)`` of labels with a probability each (methods, section 3.8); NaN if
            the model has no logits.
    """

    labels: tuple[str, ...]
    probabilities: Floats
    exclusive: bool = True
    energy: float = float("nan")

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.labels[int(self.probabilities.argmax())]

    @property
    def chosen(self) -> tuple[str, ...]:
        """The labels that are given: the most probable one, or all that are more likely than not."""
        if self.exclusive:
            return (self.label,)
        return tuple(label for label, p in zip(self.labels, self.probabilities, strict=True) if p > HALF)

    @property
    def said(self) -> str:
        """The answer for people."""
        return self.label if self.exclusive else " + ".join(self.chosen)


@dataclass(frozen=True)
class Spans:
    """Stretches of a text, with distributions over its words.

    Taggers say for each word which tag it has. Question answering says for each word how likely
    the answer starts and ends there: the labels are then ``start`` and ``end``, the columns sum to
    1, and a first row for the empty word ``(0, 0)`` stands for no answer.

    Args:
        labels: The model's tags (``O``, ``B-PER``, ``I-PER`` …), in its order.
        spans: What the model found, sorted, in character offsets. The label of an answer is its text.
        words: Shape ``(words, 2)``: offsets of the words that the model saw.
        probabilities: Shape ``(words, labels)``; rows sum to 1, one-hot if the model gives spans only.
        ranked: For answers, the best candidates with their probability, best first; ``()`` otherwise.
        energy: For tags, the mean over words of ``log sum exp`` of the logits; NaN if unknown.
    """

    labels: tuple[str, ...]
    spans: tuple[Span, ...]
    words: NDArray[np.int32]
    probabilities: Floats
    ranked: tuple[tuple[Span, float], ...] = ()
    energy: float = float("nan")

    @property
    def said(self) -> str:
        """The answer as JSON: ``[[start, end, label, field], …]``."""
        return json.dumps([_flat(s) for s in self.spans])


@dataclass(frozen=True)
class Text:
    """A generated text.

    Args:
        text: What was generated.
        logprob: Log-probability of the text under the model, in nats; NaN if the model does not tell.
        tokens: Tokens generated, the end of the text included.
        gold: Log-probability of the first reference for the same input, in nats; NaN if unknown.
        gold_tokens: Its tokens, the end included.
        cut: Whether the length limit ended the text.
        lost: Tokens of the input that were too many and have not been read.
    """

    text: str
    logprob: float = float("nan")
    tokens: int = 0
    gold: float = float("nan")
    gold_tokens: int = 0
    cut: bool = False
    lost: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        """A text has none."""
        return ()

    @property
    def probabilities(self) -> Floats:
        """Per token, as a geometric mean: of the text and of the reference; 0 where unknown."""
        means = [_per_token(self.logprob, self.tokens), _per_token(self.gold, self.gold_tokens)]
        return np.array(means, np.float32)

    @property
    def said(self) -> str:
        """The text."""
        return self.text


def _per_token(logprob: float, tokens: int) -> float:
    return float(np.exp(logprob / tokens)) if tokens and np.isfinite(logprob) else 0.0


Prediction = Classes | Spans | Text


def to_table(ids: Sequence[str], predictions: Sequence[Prediction], labels: tuple[str, ...]) -> pa.Table:
    """Predictions as a table, one row an example.

    Columns: ``id``; ``said``, the label, the spans as JSON, or the text; ``probabilities``; ``energy``,
    but not of texts; for spans ``words`` and ``ranked``; for texts what else is known of them. Labels
    and shape are in its metadata.
    """
    import pyarrow as pa

    shape = type(predictions[0]) if predictions else Classes
    columns: dict[str, pa.Array] = {
        "id": pa.array(list(ids), pa.string()),
        "said": pa.array([p.said for p in predictions], pa.string()),
        "probabilities": pa.array(
            [p.probabilities.astype(np.float32).ravel() for p in predictions], pa.list_(pa.float32())
        ),
    }
    spans = [p for p in predictions if isinstance(p, Spans)]
    texts = [p for p in predictions if isinstance(p, Text)]
    if spans:
        columns["words"] = pa.array([p.words.ravel() for p in spans], pa.list_(pa.int32()))
        columns["ranked"] = pa.array([json.dumps([[*_flat(s), p] for s, p in one.ranked]) for one in spans])
    if not texts:
        columns["energy"] = pa.array([getattr(p, "energy", 0.0) for p in predictions], pa.float32())
    for name in _OF_TEXTS if texts else ():
        columns[name] = pa.array([getattr(p, name) for p in texts])
    exclusive = all(p.exclusive for p in predictions if isinstance(p, Classes))
    about = {"shape": shape.__name__, "labels": json.dumps(labels), "exclusive": json.dumps(exclusive)}
    return pa.table(columns).replace_schema_metadata(about)


_OF_TEXTS = ("logprob", "tokens", "gold", "gold_tokens", "cut", "lost")


def _flat(span: Span) -> list[int | str]:
    return [span.start, span.end, span.label, span.field]


def from_table(table: pa.Table) -> dict[str, Prediction]:
    """The inverse of :func:`to_table`, by example id."""
    about = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
    labels = tuple(json.loads(about["labels"]))
    ids, said = table["id"].to_pylist(), table["said"].to_pylist()
    if about["shape"] == Text.__name__:
        rest = zip(*(table[name].to_pylist() for name in _OF_TEXTS), strict=True)
        return {i: Text(text, *more) for i, text, more in zip(ids, said, rest, strict=True)}
    rows, energies = ragged(table["probabilities"]), table["energy"].to_pylist()
    if about["shape"] == Classes.__name__:
        exclusive = json.loads(about["exclusive"])
        return {
            i: Classes(labels, p, exclusive, energy) for i, p, energy in zip(ids, rows, energies, strict=True)
        }
    return {
        i: Spans(
            labels,
            tuple(Span(*s) for s in json.loads(spans)),
            words.reshape(-1, 2),
            p.reshape(-1, len(labels)),
            tuple((Span(*s), score) for *s, score in json.loads(ranked)),
            energy,
        )
        for i, p, words, spans, ranked, energy in zip(
            ids, rows, ragged(table["words"]), said, table["ranked"].to_pylist(), energies, strict=True
        )
    }
