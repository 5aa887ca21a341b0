"""How much harm edits would do, to first order: gradients at the word embeddings of a transformer.

For a text, one forward and one backward pass give the slope of the loss, minus the log-probability of what
gold says, at the embedding of every token. An edit changes a stretch of tokens; to first order it raises the
loss by the slopes there times the change of the embeddings (Ebrahimi et al. 2018, HotFlip). Where it changes
the number of tokens, each old one counts as turned into the mean of the new ones. What it does to the
places of the tokens behind it, and to what a window of a long text does not show any more, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.inference import TOKENS, batches
from harness.models.model import Model, Piece, piece
from harness.tasks.task import Form, Task
from harness.text import Example

if TYPE_CHECKING:
    import torch

    from harness.models.transformer import Transformer, Window

Array = NDArray[np.float64]

STRETCH, AGREEING = 16, 4
"""How many tokens an edit may change, and how many behind them have to be as before."""
DECIMALS = 4
"""Estimates are rounded, so that which texts share a batch cannot decide a tie."""


class Asked(NamedTuple):
    """What is to be estimated.

    Args:
        base: Where the gradient is taken, with its gold.
        candidates: Texts that are the base but for one edit more each.
    """

    base: Example
    candidates: Sequence[Example]


def has_gradients(model: Model) -> bool:
    """Whether :func:`estimates` can look into the model: a transformer with a head that says what is right."""
    from harness.models.transformer import Transformer

    return isinstance(model, Transformer) and model.task.form in _LOSSES


def estimates(model: Model, task: Task, asked: Sequence[Asked]) -> list[Array]:
    """By how many nats the loss of each candidate is above that of its base, to first order.

    Args:
        model: One that :func:`has_gradients`; for any other all estimates are 0.
        task: What it answers.
        asked: All of a round, batched over their bases.

    Returns:
        For each an array, shape ``(candidates,)``.
    """
    found = [np.zeros(len(one.candidates)) for one in asked]
    if not has_gradients(model):
        return found
    transformer: Any = model
    after = [list(map(_ids, transformer.encode(one.candidates))) for one in asked]
    for row, slopes in _slopes(transformer, task, [one.base for one in asked]):
        rows = [ids.get(row.place) for ids in after[row.of]]
        found[row.of] += _promised(transformer, row.window.ids, rows, slopes)
    return [one.round(DECIMALS) for one in found]


# -- which outputs gold is about -----------------------------------------------------------------

Place = tuple[int, int]
"""Which reading of an example, and which of its windows."""


@dataclass(frozen=True)
class _Row:
    """A window and what gold says of it.

    Args:
        of: Index of the example.
        place: Which of its windows it is.
        window: What the network reads.
        gold: By form, see the losses.
        rivals: For answers, the tokens that compete to be the start and to be the end.
        share: Its weight in the loss of the example.
    """

    of: int
    place: Place
    window: Window
    gold: Any
    rivals: tuple[Sequence[int], Sequence[int]] = ((), ())
    share: float = 1.0


def _placed(pieces: Sequence[Piece]) -> Iterator[tuple[Place, Piece]]:
    count: dict[int, int] = {}
    for one in pieces:
        reading = one.data.reading
        yield (reading, count.get(reading, 0)), one
        count[reading] = count.get(reading, 0) + 1


def _ids(pieces: Sequence[Piece]) -> Mapping[Place, list[int]]:
    return {place: one.data.ids for place, one in _placed(pieces)}


def _rows(
    of: int, example: Example, pieces: Sequence[Piece], task: Task, labels: tuple[str, ...]
) -> list[_Row]:
    """The windows that gold says something of; none if it is a label that the model does not know."""
    placed = [(place, one.data) for place, one in _placed(pieces)]
    windows: list[Window] = [window for _, window in placed]
    words = windows[0].words[windows[0].first :]
    try:
        gold = task.gold(example, words, labels)
    except ValueError:
        return []
    if task.form is Form.WORDS:
        return _tagged(of, example, placed, gold)
    if task.form is Form.ANSWER:
        return _answered(of, placed, gold)
    if task.form is Form.CHOICE:
        return [_Row(of, place, window, [gold[place[0]]]) for place, window in placed]
    return [_Row(of, place, window, gold, share=1 / len(placed)) for place, window in placed]


def _tagged(
    of: int, example: Example, placed: Sequence[tuple[Place, Window]], gold: Sequence[int]
) -> list[_Row]:
    """The tags of the words of gold entities, each where it is answered for."""
    from harness.models.transformer import answering

    windows = [window for _, window in placed]
    own: list[list[tuple[int, int]]] = [[] for _ in windows]
    for (start, end), tag, (window, token, _) in zip(
        windows[0].words.tolist(), gold, answering(windows), strict=True
    ):
        if tag >= 0 and any(span.start < end and start < span.end for span in example.spans):
            own[window].append((token, tag))
    return [_Row(of, place, window, tags) for (place, window), tags in zip(placed, own, strict=True) if tags]


def _answered(of: int, placed: Sequence[tuple[Place, Window]], gold: tuple[int, int] | None) -> list[_Row]:
    """The start and the end of the answer, where they are answered for; or that there is none, everywhere."""
    from harness.models.transformer import answering

    windows = [window for _, window in placed]
    spots = answering(windows)[windows[0].first :]
    rivals: list[tuple[list[int], list[int]]] = [([0], [0]) for _ in windows]
    for window, start, end in spots:
        rivals[window][0].append(start)
        rivals[window][1].append(end)
    right: list[list[tuple[int, int]]] = [[(0, 0), (1, 0)] if gold is None else [] for _ in windows]
    if gold is not None:
        first, last = spots[gold[0]], spots[gold[1]]
        right[first[0]].append((0, first[1]))
        right[last[0]].append((1, last[2]))
    return [
        _Row(of, place, window, own, competing)
        for (place, window), own, competing in zip(placed, right, rivals, strict=True)
        if own
    ]


# -- losses of one row each, in nats -------------------------------------------------------------


def _label(said: Any, row: int, one: _Row) -> torch.Tensor:
    """Of one of the labels, whose number is gold."""
    found: torch.Tensor = -said.logits[row].log_softmax(-1)[one.gold]
    return found


def _labels(said: Any, row: int, one: _Row) -> torch.Tensor:
    """Of each label or candidate by itself, which gold says 1 or 0 of."""
    import torch

    gold = torch.tensor(one.gold, dtype=said.logits.dtype, device=said.logits.device)
    return torch.nn.functional.binary_cross_entropy_with_logits(said.logits[row], gold, reduction="sum")


def _tags(said: Any, row: int, one: _Row) -> torch.Tensor:
    """Of tokens and their tags."""
    tokens, tags = map(list, zip(*one.gold, strict=True))
    found: torch.Tensor = -said.logits[row, tokens].log_softmax(-1)[range(len(tokens)), tags].sum()
    return found


def _bounds(said: Any, row: int, one: _Row) -> torch.Tensor:
    """Of the token at which the answer starts (0) or ends (1), among those that compete."""
    logits = (said.start_logits[row], said.end_logits[row])
    found: torch.Tensor = sum(
        (
            -logits[end][one.rivals[end]].log_softmax(-1)[one.rivals[end].index(token)]
            for end, token in one.gold
        ),
        start=said.start_logits.new_zeros(()),
    )
    return found


_LOSSES: Mapping[Form, Callable[[Any, int, _Row], torch.Tensor]] = {
    Form.LABEL: _label,
    Form.LABELS: _labels,
    Form.CHOICE: _labels,
    Form.WORDS: _tags,
    Form.ANSWER: _bounds,
}


# -- slopes and what they promise ----------------------------------------------------------------


def _slopes(model: Transformer, task: Task, bases: Sequence[Example]) -> Iterator[tuple[_Row, Array]]:
    """For each window of each base the slope of the loss at its embeddings, shape ``(tokens, dimensions)``."""
    import torch

    from harness.models.embedded import embedded
    from harness.models.transformer import pad

    pieces = [
        piece(len(row.window.ids), (row.of, row.place), row)
        for of, (base, windows) in enumerate(zip(bases, model.encode(bases), strict=True))
        for row in _rows(of, base, windows, task, model.labels)
    ]
    loss = _LOSSES[task.form]
    for batch in batches(pieces, TOKENS):
        rows: list[_Row] = [one.data for one in batch]
        inputs = pad(
            model.tokenizer, [r.window.ids for r in rows], model.device, [r.window.types for r in rows]
        )
        made: list[torch.Tensor] = []
        with torch.enable_grad(), embedded(model.network, _leaf(made)):
            said = model.network(**inputs)
            losses = [one.share * loss(said, at, one) for at, one in enumerate(rows)]
            (slopes,) = torch.autograd.grad(torch.stack(losses).sum(), made)
        for row, own in zip(rows, slopes.cpu().numpy().astype(float), strict=True):
            yield row, own[: len(row.window.ids)]


def _leaf(made: list[torch.Tensor]) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Makes embeddings a leaf that gradients are taken of, and puts it in the list."""

    def cut(ids: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
        made.append(output.detach().requires_grad_())
        return made[-1]

    return cut


def _promised(
    model: Transformer, before: list[int], rows: Sequence[list[int] | None], slopes: Array
) -> Array:
    """What the loss of each row of token ids gains over that of ``before``, to first order."""
    changes = [_changed(before, row) if row is not None else None for row in rows]
    known = sorted({*before, *(token for change in changes if change for token in change[2])})
    number = {token: at for at, token in enumerate(known)}
    weights = model.network.get_input_embeddings().weight.detach()[known].cpu().numpy().astype(float)
    along = slopes @ weights.T  # what each token would add to the loss in each place
    own = along[np.arange(len(before)), [number[token] for token in before]]
    return np.array([_gain(along, own, change, number) if change is not None else 0.0 for change in changes])


_Change = tuple[int, int, list[int]]


def _gain(along: Array, own: Array, change: _Change, number: Mapping[int, int]) -> float:
    start, end, new = change
    columns = [number[token] for token in new]
    if len(new) == end - start:
        there = along[np.arange(start, end), columns]
    else:
        there = along[start:end, columns].mean(-1)
    return float((there - own[start:end]).sum())


def _changed(before: list[int], after: list[int]) -> _Change | None:
    """The stretch of ``before`` that is another in ``after``, and what it is there.

    Neither is empty: a token beside what is put in or left out counts as changed. None if they are the same,
    or do not agree again after a few tokens.
    """
    if before == after:
        return None
    both = min(len(before), len(after))
    start = next((at for at in range(both) if before[at] != after[at]), both)
    for total in range(2 * STRETCH):
        for old in range(total + 1):
            new = total - old
            if before[start + old :][:AGREEING] == after[start + new :][:AGREEING]:
                left = int(not (old and new) and start > 0)
                right = int(not (old and new) and not left)
                first = start - left
                return first, start + old + right, after[first : start + new + right]
    return None
