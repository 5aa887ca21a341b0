"""Training data as a network takes them: windows of tokens with labels, in batches of like length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import torch

from harness.errors import Fault, UserError
from harness.models.generator import Generator, Sheet
from harness.models.transformer import Window, pad, windows
from harness.rng import rng
from harness.tasks.task import Form, Task
from harness.text import Example

IGNORED = -100
POOL = 50
"""Batches whose windows are sorted by length together; batches stay random, padding gets rare."""


@dataclass(frozen=True)
class Row:
    """One window with its target.

    Args:
        ids: Token ids with special tokens.
        target: A label id per token, :data:`IGNORED` where there is no loss; the tokens to write; one
            label id; a number per label; or the first and the last token of an answer.
        types: Segment of each token, or empty.
        rivals: The number of the example whose candidates compete with each other; -1: there are none.
    """

    ids: list[int]
    target: list[int] | int | list[float] | tuple[int, int]
    types: list[int] = field(default_factory=list)
    rivals: int = -1


def encode(
    tokenizer: Any,
    task: Task,
    labels: tuple[str, ...],
    examples: Sequence[Example],
    length: int,
    *,
    negatives: int = 0,
    seed: int = 0,
) -> list[Row]:
    """Windows of the examples, each with its target.

    The first token of a word carries the word's label; a word that two windows share is trained in
    both. Windows without any label are left out, since their loss would be a mean over nothing. A
    window that does not hold the whole answer learns that there is none.

    Args:
        tokenizer: The model's.
        task: Says what is read and what is right.
        labels: The task's.
        examples: To learn from.
        length: Tokens per window at most.
        negatives: Of candidates all that are right are kept, and so many others of an example; 0: all.
        seed: Of the draw of these.

    Raises:
        UserError: If nothing is left to learn from, or there are no candidates to draw from.
    """
    if negatives and task.form is not Form.CHOICE:
        raise UserError(Fault(f"{task.name} has no candidates to draw from", field="negatives"))
    readings = [task.inputs(example) for example in examples]
    flat = iter(windows(tokenizer, [one for many in readings for one in many], length))
    rows = []
    compete = task.form is Form.CHOICE and task.exclusive
    for number, (example, many) in enumerate(zip(examples, readings, strict=True)):
        of_example = [next(flat) for _ in many]
        first = of_example[0][0]
        gold = task.gold(example, first.words[first.first :], labels)
        drawn = _drawn(gold, negatives, seed, example.id) if negatives else range(len(of_example))
        for at in drawn:
            for window in of_example[at]:
                target = _target(task.form, window, gold, at)
                if task.form is not Form.WORDS or any(label != IGNORED for label in target):
                    rows.append(Row(window.ids, target, window.types, number if compete else -1))
    if not rows:
        raise UserError(Fault("the training data hold no words with labels: there is nothing to learn from"))
    return rows


def _drawn(gold: Sequence[int], negatives: int, seed: int, name: str) -> list[int]:
    """Which candidates to learn from: all that are right, and some that are wrong, in their order."""
    wrong = [at for at, right in enumerate(gold) if not right]
    some = rng(seed, "negatives", name).permutation(len(wrong))[:negatives]
    return sorted([at for at, right in enumerate(gold) if right] + [wrong[at] for at in some])


def texts(model: Generator, examples: Sequence[Example]) -> list[Row]:
    """The sources of a model that writes, each with the reference it is to learn to write.

    Encoder-decoders read the source and are to write the target. For decoders they are one row, of
    which the prompt carries no loss. References longer than ``max_new_tokens`` are cut; then their
    end is not learned.

    Raises:
        UserError: If nothing is left to learn from.
    """
    sheets: list[Sheet] = [one.data for (one,) in model.encode(examples)]
    rows = []
    for sheet in sheets:
        ids, gold = sheet.source.ids, sheet.gold[: model.settings.max_new_tokens]
        if not gold:
            continue
        if model.paired:
            rows.append(Row(ids, gold, sheet.source.types))
        else:
            rows.append(Row([*ids, *gold], [IGNORED] * len(ids) + gold))
    if not rows:
        raise UserError(Fault("the training data hold no references: there is nothing to learn from"))
    return rows


def _target(form: Form, window: Window, gold: Any, reading: int) -> Any:
    """What a window of one of the example's readings is to learn."""
    if form is Form.WORDS:
        return _per_token(window, gold)
    if form is Form.ANSWER:
        return (0, 0) if gold is None else _ends(window, *gold)
    if form is Form.CHOICE:
        return [float(gold[reading])]
    return [float(one) for one in gold] if form is Form.LABELS else gold


def _ends(window: Window, start: int, end: int) -> tuple[int, int]:
    """The first token of one word and the last of another; the window's first token if it lacks either."""
    firsts = [at for at, word in enumerate(window.owner) if word == window.first + start]
    lasts = [at for at, word in enumerate(window.owner) if word == window.first + end]
    return (firsts[0], lasts[-1]) if firsts and lasts else (0, 0)


def _per_token(window: Window, gold: Sequence[int]) -> list[int]:
    target, previous = [], -1
    for word in window.owner:
        target.append(gold[word] if word >= 0 and word != previous else IGNORED)
        previous = word
    return target


def collate(tokenizer: Any, rows: Sequence[Row], device: str) -> dict[str, torch.Tensor]:
    """``input_ids`` and ``attention_mask``, shape ``(rows, longest)``; ``labels`` likewise or ``(rows,)``.

    The labels of encoder-decoders are as wide as the longest of them.
    Numbers per label are ``labels`` of shape ``(rows, labels)``; answers are ``start_positions`` and
    ``end_positions``, shape ``(rows,)``. Candidates that compete have ``rivals`` too, shape ``(rows,)``:
    equal numbers for those of one example.
    """
    batch = pad(tokenizer, [row.ids for row in rows], device, [row.types for row in rows])
    if rows[0].rivals >= 0:
        batch["rivals"] = torch.tensor([row.rivals for row in rows], device=device)
    targets = [row.target for row in rows]
    if isinstance(targets[0], tuple):
        starts, ends = torch.tensor(targets, device=device).T
        return {**batch, "start_positions": starts, "end_positions": ends}
    longest = max(len(target) if isinstance(target, list) else 0 for target in targets)
    filled = [[*t, *[IGNORED] * (longest - len(t))] if isinstance(t, list) else t for t in targets]
    return {**batch, "labels": torch.tensor(filled, device=device)}


class Order:
    """Which rows form the batches of each epoch: a pure function of lengths, seed and epoch.

    Iterating gives the next epoch's batches, as lists of row numbers. Rows that compete come together.

    Args:
        rows: What is put into batches.
        batch_size: Rows per batch; of those that compete as many whole examples as surely fit, but one.
        seed: Of the order.
        accumulate: Batches per step of the optimizer; an epoch's last step may have fewer.
    """

    def __init__(self, rows: Sequence[Row], batch_size: int, seed: int, accumulate: int = 1) -> None:
        self.bunches = bunches(rows)
        self.sizes = [max(len(rows[at].ids) for at in bunch) for bunch in self.bunches]
        self.per_batch = max(1, batch_size // max(map(len, self.bunches)))
        self.seed = seed
        self.accumulate = accumulate
        self.epoch = self.first = 0

    def __len__(self) -> int:
        """Batches of the next epoch."""
        return ceil(len(self.sizes) / self.per_batch) - self.first

    @property
    def per_epoch(self) -> int:
        """Steps of the optimizer in a whole epoch."""
        return ceil(ceil(len(self.sizes) / self.per_batch) / self.accumulate)

    def skip(self, steps: int) -> None:
        """Go on as after so many steps of the optimizer."""
        self.epoch, done = divmod(steps, self.per_epoch)
        self.first = done * self.accumulate

    def steps(self) -> Iterator[list[list[int]]]:
        """The batches of each further step, without an end."""
        while True:
            batches = list(self)
            for start in range(0, len(batches), self.accumulate):
                yield batches[start : start + self.accumulate]

    def __iter__(self) -> Iterator[list[int]]:
        random = rng(self.seed, "order", self.epoch)
        first, self.epoch, self.first = self.first, self.epoch + 1, 0
        order = random.permutation(len(self.sizes)).tolist()
        pool = POOL * self.per_batch
        batches: list[list[int]] = []
        for start in range(0, len(order), pool):
            near = sorted(order[start : start + pool], key=lambda at: self.sizes[at])
            batches += [near[at : at + self.per_batch] for at in range(0, len(near), self.per_batch)]
        drawn = (batches[at] for at in random.permutation(len(batches))[first:])
        return iter([[row for bunch in batch for row in self.bunches[bunch]] for batch in drawn])


def bunches(rows: Sequence[Row]) -> list[list[int]]:
    """Numbers of the rows that have to be in one batch: those of one example that compete, else single ones."""
    together: dict[tuple[int, int], list[int]] = {}
    for at, row in enumerate(rows):
        together.setdefault((row.rivals, at if row.rivals < 0 else 0), []).append(at)
    return list(together.values())
