"""A fine-tuned transformer of the Hugging Face library, for any task with a head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from scipy.special import softmax
from torch.nn.functional import softplus

from harness.models.energy import apart, charged
from harness.models.model import Piece, piece
from harness.prediction import Floats, Prediction
from harness.tasks.reading import Reading
from harness.tasks.task import LABELLED, Form, Task
from harness.text import Example

STRIDE = 32
"""Tokens that neighbouring windows of a long text share."""


@dataclass(frozen=True)
class Window:
    """What a network sees of a reading in one go.

    Args:
        ids: Token ids with special tokens.
        types: For each token which segment it belongs to, as the tokenizer says; empty if it does not.
        owner: For each token the index of its word in ``words``, or -1 for tokens that have been added.
        words: Shape ``(words, 2)``: offsets in their fields of all words of the reading, not only the
            window's.
        fields: The field of each word.
        first: Index of the first word of the last segment, which taggers and answers are about.
        reading: Which of the example's readings it is part of.
    """

    ids: list[int]
    types: list[int]
    owner: list[int]
    words: NDArray[np.int32]
    fields: tuple[str, ...]
    first: int
    reading: int = 0


def windows(tokenizer: Any, readings: Sequence[Reading], length: int) -> list[list[Window]]:
    """Tokenise readings; those longer than ``length`` tokens are split, not cut.

    Words are what the tokenizer's pre-tokeniser says they are, with character offsets and without
    the white space that some count in; a word whose characters all vanish in normalisation is not
    among them. Of pairs only the second text is split; of a first one that would fill more than
    half of the length, the end is kept.
    """
    if not readings:
        return []
    paired = len(readings[0]) > 1
    if paired:
        readings = _shortened(tokenizer, readings, length // 2)
    batch = tokenizer(
        [reading[0].text for reading in readings],
        [reading[1].text for reading in readings] if paired else None,
        truncation="only_second" if paired else True,
        max_length=length,
        stride=min(STRIDE, length // 4),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        add_special_tokens=True,
    )
    grouped: list[list[int]] = [[] for _ in readings]
    for row, of in enumerate(batch["overflow_to_sample_mapping"]):
        grouped[of].append(row)
    nothing = int(tokenizer.eos_token_id or tokenizer.pad_token_id or 0)
    return [_windows(batch, reading, rows, nothing) for reading, rows in zip(readings, grouped, strict=True)]


def _shortened(tokenizer: Any, readings: Sequence[Reading], most: int) -> list[Reading]:
    """The readings with their first texts cut on the left to so many tokens."""
    told = tokenizer(
        [first.text for first, _ in readings], add_special_tokens=False, return_offsets_mapping=True
    )
    return [
        (first if len(offsets) <= most else first.after(offsets[-most][0]), second)
        for (first, second), offsets in zip(readings, told["offset_mapping"], strict=True)
    ]


def _windows(batch: Any, reading: Reading, rows: Sequence[int], nothing: int) -> list[Window]:
    """The windows of a reading; one without any token, as decoders have of no text, has ``nothing``."""
    bounds: dict[tuple[int, int], tuple[int, int]] = {}
    for row in rows:
        for key, (start, end) in zip(_keys(batch, row), batch["offset_mapping"][row], strict=True):
            if key is not None:
                text = reading[key[0]].text
                start += len(text[start:end]) - len(text[start:end].lstrip())
                if end > start:
                    a, b = bounds.get(key, (start, end))
                    bounds[key] = (min(a, start), max(b, end))
    places = {key: place for key in sorted(bounds) if (place := reading[key[0]].place(*bounds[key]))}
    number = {key: at for at, key in enumerate(places)}
    words = np.array([(start, end) for _, start, end in places.values()], np.int32).reshape(-1, 2)
    names = tuple(name for name, _, _ in places.values())
    first = sum(segment < len(reading) - 1 for segment, _ in places)
    types = batch.get("token_type_ids") if len(reading) > 1 else None
    return [
        Window(
            batch["input_ids"][row] or [nothing],
            types[row] if types is not None else [],
            [number.get(key, -1) if key is not None else -1 for key in _keys(batch, row)] or [-1],
            words,
            names,
            first,
        )
        for row in rows
    ]


def _keys(batch: Any, row: int) -> list[tuple[int, int] | None]:
    """Segment and word of each token; None for special tokens."""
    return [
        None if word is None else (segment or 0, word)
        for segment, word in zip(batch.sequence_ids(row), batch.word_ids(row), strict=True)
    ]


def answering(of_text: Sequence[Window]) -> list[tuple[int, int, int]]:
    """For each word of a reading, the window that answers for it and its first and last token there.

    That is the window that sees most around the word's first token.
    """
    places = [(0, 0, 0)] * len(of_text[0].words)
    context = [-1] * len(places)
    for window, seen in enumerate(of_text):
        previous = -1
        for at, word in enumerate(seen.owner):
            around = min(at, len(seen.ids) - 1 - at)
            if word >= 0 and word != previous and around > context[word]:
                places[word], context[word] = (window, at, at), around
            elif word >= 0 and word == previous and places[word][0] == window:
                places[word] = (window, places[word][1], at)
            previous = word
    return places


def pad(
    tokenizer: Any, rows: Sequence[Sequence[int]], device: str, types: Sequence[Sequence[int]] = ()
) -> dict[str, torch.Tensor]:
    """Token ids, attention mask and, where rows have them, token types, of shape ``(rows, longest)``."""
    longest = max(len(row) for row in rows)

    def filled(values: Sequence[Sequence[int]], fill: int) -> torch.Tensor:
        return torch.tensor([[*row, *[fill] * (longest - len(row))] for row in values], device=device)

    batch = {
        "input_ids": filled(rows, tokenizer.pad_token_id or 0),
        "attention_mask": filled([[1] * len(row) for row in rows], 0),
    }
    return batch | ({"token_type_ids": filled(types, 0)} if any(types) else {})


class Transformer:
    """A checkpoint, loaded for evaluation: float32, no dropout, safetensors, no remote code."""

    def __init__(self, network: Any, tokenizer: Any, task: Task, device: str) -> None:
        self.network = network.to(device).eval()
        self.tokenizer = tokenizer
        if network.config.pad_token_id is None:  # decoders look for the token before the padding
            network.config.pad_token_id = tokenizer.pad_token_id or 0
        self.task = task
        self.device = device
        names = network.config.id2label
        own = task.form in LABELLED
        self._labels = tuple(str(names[at]) for at in range(len(names))) if own else task.function(())
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
        """As in the checkpoint's ``id2label``, or those that the task always has."""
        return self._labels

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """One piece per window of each reading."""
        readings = [self.task.inputs(example) for example in examples]
        flat = iter(windows(self.tokenizer, [one for many in readings for one in many], self.length))
        return [
            [
                piece(len(window.ids), (window.ids, window.types), replace(window, reading=at))
                for at in range(len(many))
                for window in next(flat)
            ]
            for many in readings
        ]

    def forward(self, pieces: Sequence[Piece]) -> list[Floats]:
        """What the head says: probabilities and, last, the energy; or what its softmax is taken of later.

        Shapes: ``(tokens, labels + 1)`` for taggers; ``(tokens, 2)`` logits for answers; ``(1,)`` log-odds
        for candidates; ``(labels + 1,)`` otherwise.
        """
        rows = [one.data for one in pieces]
        batch = pad(self.tokenizer, [row.ids for row in rows], self.device, [row.types for row in rows])
        with torch.inference_mode():
            said = self.network(**batch)
            found = _scored(self.task.form, said).cpu().numpy()
        if self.task.form in (Form.WORDS, Form.ANSWER):
            return [row[: one.size] for row, one in zip(found, pieces, strict=True)]
        return list(found)

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """Join the windows and let the task read what they say together."""
        own: list[Window] = [one.data for one in pieces]
        said, known = apart(JOINED[self.task.form](own, outputs), self.task.form)
        return charged(self.task.decode(example, own[0].words[own[0].first :], said, self._labels), known)


def _scored(form: Form, said: Any) -> torch.Tensor:
    if form is Form.ANSWER:
        return torch.stack([said.start_logits, said.end_logits], -1).float()
    logits: torch.Tensor = said.logits.float()
    if form is Form.CHOICE:
        return logits
    if form is Form.LABELS:
        return torch.cat([logits.sigmoid(), softplus(logits).sum(-1, keepdim=True)], -1)
    return torch.cat([logits.softmax(-1), logits.logsumexp(-1, keepdim=True)], -1)


# -- joining the windows of an example -------------------------------------------------------------


def _averaged(own: Sequence[Window], outputs: Sequence[Any]) -> Floats:
    """Distributions over whole texts: the mean."""
    mean: Floats = np.stack(outputs).mean(axis=0, dtype=np.float32)
    return mean


def _tagged(own: Sequence[Window], outputs: Sequence[Any]) -> Floats:
    """A row per word, from the window that answers for it."""
    said = [outputs[window][token] for window, token, _ in answering(own)]
    return np.array(said, np.float32).reshape(-1, outputs[0].shape[-1])


def _answered(own: Sequence[Window], outputs: Sequence[Any]) -> Floats:
    """Where an answer starts and ends, over no answer and all words.

    As in BERT (Devlin et al. 2019, section 4.3) the first token stands for no answer; a text has none
    as far as all of its windows say so.
    """
    nothing = np.min([one[0] for one in outputs], axis=0)
    of_words = answering(own)[own[0].first :]
    said = [(outputs[window][start, 0], outputs[window][end, 1]) for window, start, end in of_words]
    found: Floats = softmax(np.array([nothing, *said], np.float32), axis=0)
    return found


def _compared(own: Sequence[Window], outputs: Sequence[Any]) -> Floats:
    """The log-odds of each candidate: the mean over its windows."""
    of, said = np.array([window.reading for window in own]), np.array(outputs, np.float32)[:, 0]
    return np.array([said[of == candidate].mean() for candidate in range(of.max() + 1)], np.float32)


JOINED = {
    Form.LABEL: _averaged,
    Form.LABELS: _averaged,
    Form.WORDS: _tagged,
    Form.ANSWER: _answered,
    Form.CHOICE: _compared,
}
"""How the outputs for the windows of an example become one; see :attr:`harness.tasks.task.Task.decode`."""
