"""What a transformer is asked about a goal: windows, which of their tokens answer, and back to words."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.explain.goal import Goal, Word
from harness.models.model import Piece
from harness.tasks.task import Form, Task

if TYPE_CHECKING:
    import torch

    from harness.models.transformer import Transformer, Window

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """One window, and which of its outputs are explained: a weighted sum.

    Args:
        goal: Index of the goal.
        window: What the network reads.
        labels: By form: a single label id; a label id per token; for answers, which start and which
            end at each token compete, as 1 and 0 in turn.
        shares: The weight of each of them.
    """

    goal: int
    window: Window
    labels: list[int]
    shares: list[float]


Result = tuple[Piece, Array, float]
"""A window, the attributions of its tokens, and how far its output is from the baseline's."""


def questions(model: Transformer, task: Task, goals: Sequence[Goal]) -> list[Piece]:
    """The windows that answer for goals, one or more each; their data is :class:`Asked`."""
    pieces = model.encode([goal.example for goal in goals])
    ask = _ASK.get(task.form, _ask_label)
    return [
        one for at, (goal, own) in enumerate(zip(goals, pieces, strict=True)) for one in ask(at, goal, own)
    ]


def _ask_label(at: int, goal: Goal, pieces: Sequence[Piece]) -> list[Piece]:
    share = 1 / len(pieces)
    return [replace(p, data=Asked(at, p.data, [goal.labels[0]], [share])) for p in pieces]


def _ask_candidate(at: int, goal: Goal, pieces: Sequence[Piece]) -> list[Piece]:
    own = [p for p in pieces if p.data.reading == goal.labels[0]]
    return [replace(p, data=Asked(at, p.data, [0], [1 / len(own)])) for p in own]


def _ask_tags(at: int, goal: Goal, pieces: Sequence[Piece]) -> list[Piece]:
    from harness.models.transformer import answering

    of_text = [piece.data for piece in pieces]
    offsets = [(int(a), int(b)) for a, b in of_text[0].words]
    spots = {
        word: (window, token) for word, (window, token, _) in zip(offsets, answering(of_text), strict=True)
    }
    asked = [Asked(at, p.data, [0] * p.size, [0.0] * p.size) for p in pieces]
    for place, label in zip(goal.places, goal.labels, strict=True):
        window, token = spots[place]
        asked[window].labels[token] = label
        asked[window].shares[token] = 1 / len(goal.places)
    return [replace(p, data=one) for p, one in zip(pieces, asked, strict=True) if any(one.shares)]


def _ask_answer(at: int, goal: Goal, pieces: Sequence[Piece]) -> list[Piece]:
    """The start and the end of the answer, each in the window that answers for its word.

    As in the prediction, words compete by their first token to be the start and by their last to be
    the end, and the first token of a window stands for no answer.
    """
    from harness.models.transformer import answering

    of_text: list[Window] = [piece.data for piece in pieces]
    first, words = of_text[0].first, of_text[0].words
    spots = answering(of_text)
    asked = [Asked(at, p.data, [1, 1] + [0, 0] * (p.size - 1), [0.0] * (2 * p.size)) for p in pieces]
    for window, start, end in spots[first:]:
        asked[window].labels[2 * start] = asked[window].labels[2 * end + 1] = 1
    if goal.span is None:
        for one in asked:
            one.shares[:2] = [0.5 / len(asked)] * 2
    else:
        inside = np.flatnonzero((words[first:, 0] < goal.span.end) & (words[first:, 1] > goal.span.start))
        (left, start, _), (right, _, end) = spots[first + inside[0]], spots[first + inside[-1]]
        asked[left].shares[2 * start] = asked[right].shares[2 * end + 1] = 0.5
    return [replace(p, data=one) for p, one in zip(pieces, asked, strict=True) if any(one.shares)]


_ASK = {Form.WORDS: _ask_tags, Form.ANSWER: _ask_answer, Form.CHOICE: _ask_candidate}


# -- what torch sees -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Tensors:
    """A batch: token ids ``(rows, longest)``, and what else the output depends on."""

    ids: torch.Tensor
    rest: tuple[torch.Tensor | None, ...]


def tensors_of(model: Transformer, batch: Sequence[Piece]) -> Tensors:
    import torch

    from harness.models.transformer import pad

    asked: list[Asked] = [piece.data for piece in batch]
    windows = [one.window for one in asked]
    padded = pad(model.tokenizer, [w.ids for w in windows], model.device, [w.types for w in windows])
    width = max(len(one.labels) for one in asked)
    labels = [one.labels + [0] * (width - len(one.labels)) for one in asked]
    shares = [one.shares + [0.0] * (width - len(one.shares)) for one in asked]
    return Tensors(
        padded["input_ids"],
        (
            padded["attention_mask"],
            torch.tensor(labels, device=model.device),
            torch.tensor(shares, device=model.device),
            padded.get("token_type_ids"),
        ),
    )


# -- from tokens to words ------------------------------------------------------------------------


def by_goal(goals: Sequence[Goal], results: Iterator[Result]) -> dict[int, tuple[Array, float]]:
    """Per goal the attributions of its words, and the change from the baseline, summed over windows."""
    found: dict[int, tuple[Array, float]] = {}
    for piece, tokens, change in results:
        asked: Asked = piece.data
        features = goals[asked.goal].words
        weights, so_far = found.get(asked.goal, (np.zeros(len(features)), 0.0))
        weights += _by_word(features, asked.window, tokens)
        found[asked.goal] = weights, so_far + change
    return found


def _by_word(features: Sequence[Word], window: Window, tokens: Array) -> Array:
    """Sums over the tokens of each whitespace word; a token lies where the last character of its word does.

    Tokens of what was added to the fields, such as markers, belong to none.
    """
    starts: dict[str, list[tuple[int, int]]] = {}
    for at, word in enumerate(features):
        starts.setdefault(word.field, []).append((word.start, at))
    whose = np.array(
        [
            own[max(bisect(own, (int(end), 0)) - 1, 0)][1]
            for name, (_, end) in zip(window.fields, window.words, strict=True)
            for own in (starts[name],)
        ],
        int,
    )
    owner = np.array(window.owner)
    inside = np.flatnonzero(owner >= 0)
    return np.asarray(np.bincount(whose[owner[inside]], tokens[inside], len(features)), float)
