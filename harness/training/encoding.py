"""Training data as a network takes them: windows of tokens with labels, in batches of like length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch

from harness.errors import Fault, UserError
from harness.models.transformer import Window, pad, windows
from harness.rng import rng
from harness.tasks.task import Task
from harness.text import Example

IGNORED = -100
POOL = 50
"""Batches whose windows are sorted by length together; batches stay random, padding gets rare."""


@dataclass(frozen=True)
class Row:
    """One window with its target.

    Args:
        ids: Token ids with special tokens.
        target: A label id per token, :data:`IGNORED` where there is no loss; or one label id.
    """

    ids: list[int]
    target: list[int] | int


def encode(
    tokenizer: Any, task: Task, labels: tuple[str, ...], examples: Sequence[Example], length: int
) -> list[Row]:
    """Windows of the examples, each with its target.

    The first token of a word carries the word's label; a word that two windows share is trained in
    both. Windows without any label are left out, since their loss would be a mean over nothing.

    Raises:
        UserError: If nothing is left to learn from.
    """
    rows = []
    for example, of_text in zip(
        examples, windows(tokenizer, [e.text for e in examples], length), strict=True
    ):
        gold = task.gold(example, of_text[0].words, labels)
        for window in of_text:
            target = _per_token(window, gold) if task.per_word else gold
            if not isinstance(target, list) or any(label != IGNORED for label in target):
                rows.append(Row(window.ids, target))
    if not rows:
        raise UserError(Fault("the training data hold no words with labels: there is nothing to learn from"))
    return rows


def _per_token(window: Window, gold: Sequence[int]) -> list[int]:
    target, previous = [], -1
    for word in window.owner:
        target.append(gold[word] if word >= 0 and word != previous else IGNORED)
        previous = word
    return target


def collate(tokenizer: Any, rows: Sequence[Row], device: str) -> dict[str, torch.Tensor]:
    """``input_ids`` and ``attention_mask``, shape ``(rows, longest)``; ``labels`` likewise or ``(rows,)``."""
    batch = pad(tokenizer, [row.ids for row in rows], device)
    longest = batch["input_ids"].shape[1]
    targets = [
        row.target + [IGNORED] * (longest - len(row.target)) if isinstance(row.target, list) else row.target
        for row in rows
    ]
    return {**batch, "labels": torch.tensor(targets, device=device)}


class Order:
    """Which rows form the batches of each epoch: a pure function of lengths, seed and epoch.

    Iterating gives the next epoch's batches, as lists of row numbers.
    """

    def __init__(self, rows: Sequence[Row], batch_size: int, seed: int) -> None:
        self.sizes, self.batch_size, self.seed = [len(row.ids) for row in rows], batch_size, seed
        self.epoch = 0

    def __len__(self) -> int:
        """Batches per epoch."""
        return ceil(len(self.sizes) / self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        random = rng(self.seed, "order", self.epoch)
        self.epoch += 1
        order = random.permutation(len(self.sizes)).tolist()
        pool = POOL * self.batch_size
        batches: list[list[int]] = []
        for start in range(0, len(order), pool):
            near = sorted(order[start : start + pool], key=lambda at: self.sizes[at])
            batches += [near[at : at + self.batch_size] for at in range(0, len(near), self.batch_size)]
        return iter([batches[at] for at in random.permutation(len(batches))])
