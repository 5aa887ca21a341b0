"""A fine-tuned transformer of the Hugging Face library, for any task with a head."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from harness.models.model import Piece
from harness.prediction import Floats, Prediction
from harness.tasks.task import Task
from harness.text import Example

STRIDE = 32
"""Tokens that neighbouring windows of a long text share."""


@dataclass(frozen=True)
class Window:
    """One window of a text.

    Args:
        ids: Token ids with special tokens.
        owner: For each token the index of its word in ``words``, or -1 for special tokens.
        words: Shape ``(words, 2)``: offsets of all words of the text (not only the window's).
    """

    ids: list[int]
    owner: list[int]
    words: NDArray[np.int32]


def windows(tokenizer: Any, texts: Sequence[str], length: int) -> list[list[Window]]:
    """Tokenise texts; those longer than ``length`` tokens are split, not cut.

    Words are what the tokenizer's pre-tokeniser says they are, with character offsets and without
    the white space that some count in; a word whose characters all vanish in normalisation is not
    among them.
    """
    if not texts:
        return []
    batch = tokenizer(
        list(texts),
        truncation=True,
        max_length=length,
        stride=min(STRIDE, length // 4),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        add_special_tokens=True,
    )
    grouped: list[list[int]] = [[] for _ in texts]
    for row, of in enumerate(batch["overflow_to_sample_mapping"]):
        grouped[of].append(row)
    out = []
    for text, rows in zip(texts, grouped, strict=True):
        bounds: dict[int, tuple[int, int]] = {}
        for row in rows:
            for word, (start, end) in zip(batch.word_ids(row), batch["offset_mapping"][row], strict=True):
                start += len(text[start:end]) - len(text[start:end].lstrip())
                if word is not None and end > start:
                    a, b = bounds.get(word, (start, end))
                    bounds[word] = (min(a, start), max(b, end))
        place = {word: at for at, word in enumerate(sorted(bounds))}
        words = np.array([bounds[word] for word in sorted(bounds)], np.int32).reshape(-1, 2)
        out.append(
            [
                Window(
                    batch["input_ids"][row],
                    [place.get(word, -1) if word is not None else -1 for word in batch.word_ids(row)],
                    words,
                )
                for row in rows
            ]
        )
    return out


def answering(of_text: Sequence[Window]) -> list[tuple[int, int]]:
    """For each word of a text, the window that answers for it and the token there.

    That is the word's first token in the window that sees most around it.
    """
    places = [(0, 0)] * len(of_text[0].words)
    context = [-1] * len(places)
    for window, seen in enumerate(of_text):
        previous = -1
        for at, word in enumerate(seen.owner):
            around = min(at, len(seen.ids) - 1 - at)
            if word >= 0 and word != previous and around > context[word]:
                places[word], context[word] = (window, at), around
            previous = word
    return places


def pad(tokenizer: Any, rows: Sequence[Sequence[int]], device: str) -> dict[str, torch.Tensor]:
    """Token ids and attention mask, both of shape ``(rows, longest)``."""
    longest = max(len(row) for row in rows)
    fill = tokenizer.pad_token_id or 0
    ids = torch.tensor([list(row) + [fill] * (longest - len(row)) for row in rows], device=device)
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows], device=device)
    return {"input_ids": ids, "attention_mask": mask}


class Transformer:
    """A checkpoint, loaded for evaluation: float32, no dropout, safetensors, no remote code."""

    def __init__(self, network: Any, tokenizer: Any, task: Task, device: str) -> None:
        self.network = network.to(device).eval()
        self.tokenizer = tokenizer
        self.task = task
        self.device = device
        names = network.config.id2label
        self._labels = tuple(str(names[at]) for at in range(len(names)))
        limit = min(tokenizer.model_max_length, getattr(network.config, "max_position_embeddings", 512))
        self.length = int(min(limit, 512))

    @classmethod
    def load(cls, where: str | Path, task: Task, device: str) -> Transformer:
        """Read a checkpoint folder, or a hub name with its head.

        Raises:
            OSError: If there are no safetensors weights there.
            ValueError: If weights of the head are missing, so that it would be drawn at random.
        """
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, use_fast=True, trust_remote_code=False)
        network, info = getattr(transformers, task.head).from_pretrained(
            where,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            attn_implementation="sdpa",
            output_loading_info=True,
        )
        if info["missing_keys"]:
            raise ValueError(
                f"{where} has no weights for {', '.join(sorted(info['missing_keys'])[:3])}: "
                f"it is not a fine-tuned {task.name} model"
            )
        return cls(network, tokenizer, task, device)

    @property
    def labels(self) -> tuple[str, ...]:
        """As in the checkpoint's ``id2label``."""
        return self._labels

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """One piece per window."""
        texts = [example.text for example in examples]
        return [
            [
                Piece(len(w.ids), hashlib.blake2b(str(w.ids).encode(), digest_size=8).hexdigest(), w)
                for w in of_text
            ]
            for of_text in windows(self.tokenizer, texts, self.length)
        ]

    def forward(self, pieces: Sequence[Piece]) -> list[Floats]:
        """Probabilities: ``(tokens, labels)`` for taggers, ``(labels,)`` otherwise."""
        batch = pad(self.tokenizer, [piece.data.ids for piece in pieces], self.device)
        with torch.inference_mode():
            logits = self.network(**batch).logits
            rows = logits.float().softmax(-1).cpu().numpy()
        if self.task.per_word:
            return [row[: piece.size] for row, piece in zip(rows, pieces, strict=True)]
        return list(rows)

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """Join the windows, see :func:`answering`; distributions over whole texts are averaged."""
        words: NDArray[np.int32] = pieces[0].data.words
        if not self.task.per_word:
            mean: Floats = np.stack(outputs).mean(axis=0, dtype=np.float32)
            return self.task.decode(words, mean, self._labels)
        said = [outputs[window][token] for window, token in answering([piece.data for piece in pieces])]
        rows = np.array(said, np.float32).reshape(-1, len(self._labels))
        return self.task.decode(words, rows, self._labels)
