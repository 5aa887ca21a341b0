"""A text at the word embeddings of a transformer, and what the network says at other points around it.

Whatever a task asks for, the network's answer to a text is a few distributions, the *rows*: one over the
labels or the candidates; for each of several labels, whether it is given; for each word, over its tags; for
an answer, where it starts and where it ends. They are what the model predicts, windows of long texts and all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from harness.explain.goal import touching
from harness.inference import TOKENS
from harness.models.embedded import embedded, vectors
from harness.models.transformer import Transformer, Window, answering, pad
from harness.prediction import Classes, Prediction, Spans
from harness.tasks.task import Form
from harness.text import Example

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class View:
    """A text as a network reads it.

    Args:
        model: The model.
        windows: What it reads of the text, one window or more.
    """

    model: Transformer
    windows: Sequence[Window]

    @cached_property
    def inputs(self) -> Mapping[str, torch.Tensor]:
        """Token ids and what else the network is given, each of shape ``(windows, tokens)``."""
        ids, types = [one.ids for one in self.windows], [one.types for one in self.windows]
        return pad(self.model.tokenizer, ids, self.model.device, types)

    @cached_property
    def at(self) -> torch.Tensor:
        """Where the text lies: shape ``(windows, tokens, dimensions)``."""
        return vectors(self.model, self.inputs["input_ids"])

    @cached_property
    def free(self) -> torch.Tensor:
        """1 at the tokens of words and 0 at all that has been added: shape ``(windows, tokens, 1)``."""
        rows = torch.zeros(self.at.shape[:2], device=self.model.device)
        for row, one in zip(rows, self.windows, strict=True):
            row[: len(one.owner)] = torch.tensor(one.owner, device=self.model.device) >= 0
        return rows.unsqueeze(-1)

    @cached_property
    def most(self) -> int:
        """How many points to ask for in one go."""
        return max(1, TOKENS // self.inputs["input_ids"].numel())

    def parts(self, points: torch.Tensor) -> Iterator[torch.Tensor]:
        """Points, a few at a time."""
        for start in range(0, len(points), self.most):
            yield points[start : start + self.most]

    def says(self, points: torch.Tensor) -> torch.Tensor:
        """Log-probabilities in nats, shape ``(points, rows, columns)``.

        Args:
            points: Shape ``(points, windows, tokens, dimensions)``; gradients flow back to it.
        """
        given = points.flatten(0, 1)
        inputs = {name: value.repeat(len(points), 1) for name, value in self.inputs.items()}
        with embedded(self.model.network, lambda ids, made: given if made.shape == given.shape else made):
            said = self.model.network(**inputs)
        found: torch.Tensor = _JOINED[self.model.task.form](self, said, len(points))
        return found

    def asked(self, points: torch.Tensor) -> torch.Tensor:
        """Probabilities, without gradients, for any number of points: shape ``(points, rows, columns)``."""
        with torch.no_grad():
            return torch.cat([self.says(part).exp() for part in self.parts(points)])

    def slopes(
        self, reads: Sequence[Callable[[torch.Tensor], torch.Tensor]], points: torch.Tensor | None = None
    ) -> Array:
        """The norms of the gradients of numbers read off the answer, shape ``(reads,)``.

        Args:
            reads: Each makes a number of log-probabilities, shape ``(rows, columns)``.
            points: Where to take each, shape ``(reads, windows, tokens, dimensions)``; at the text itself
                if left out.
        """
        points = self.at.expand(len(reads), *self.at.shape) if points is None else points
        found = [one.flatten(1).norm(dim=1).cpu().numpy() for one in self._gradients(reads, points)]
        return np.concatenate(found).astype(float) if found else np.zeros(0)

    def token_slopes(self, reads: Sequence[Callable[[torch.Tensor], torch.Tensor]]) -> Array:
        """The same by token, at the text itself: shape ``(reads, windows, tokens)``."""
        points = self.at.expand(len(reads), *self.at.shape)
        return np.concatenate(
            [one.norm(dim=-1).cpu().numpy().astype(float) for one in self._gradients(reads, points)]
        )

    def _gradients(
        self, reads: Sequence[Callable[[torch.Tensor], torch.Tensor]], points: torch.Tensor
    ) -> Iterator[torch.Tensor]:
        """Of a few numbers at a time, shape as points; 0 at all that is no word."""
        own = iter(reads)
        for part in self.parts(points):
            at = part.clone().requires_grad_()
            total = torch.stack([next(own)(said) for said in self.says(at)]).sum()
            (slopes,) = torch.autograd.grad(total, at)
            yield slopes * self.free


def views(model: Transformer, examples: Sequence[Example]) -> Iterator[View]:
    """The examples as the model reads them, in their order."""
    for pieces in model.encode(examples):
        yield View(model, [piece.data for piece in pieces])


def variation(before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    """Total variation of probabilities, shapes ``(..., rows, columns)`` to ``(...)``: the mean over rows."""
    return (after - before).abs().sum(-1).mean(-1) / 2


# -- the answer of a network, joined over windows ------------------------------------------------


def _label(view: View, said: Any, points: int) -> torch.Tensor:
    """Over labels: the mean over windows."""
    rows = said.logits.float().log_softmax(-1).view(points, 1, len(view.windows), -1)
    return _mean(rows)


def _labels(view: View, said: Any, points: int) -> torch.Tensor:
    """For each label, that it is given and that it is not: the mean over windows."""
    rows = _given(said.logits.float()).view(points, len(view.windows), -1, 2)
    return _mean(rows.transpose(1, 2))


def _tags(view: View, said: Any, points: int) -> torch.Tensor:
    """For each word over tags, where it is answered for."""
    rows = said.logits.float().log_softmax(-1)
    rows = rows.view(points, len(view.windows), *rows.shape[1:])
    spots = answering(view.windows)[view.windows[0].first :]
    found: torch.Tensor = rows[:, [window for window, _, _ in spots], [token for _, token, _ in spots]]
    return found


def _bounds(view: View, said: Any, points: int) -> torch.Tensor:
    """Of the start and of the end over no answer and all words; no answer as far as all windows say so."""
    spots = answering(view.windows)[view.windows[0].first :]
    windows = [window for window, _, _ in spots]
    both = []
    for logits, tokens in (
        (said.start_logits, [start for _, start, _ in spots]),
        (said.end_logits, [end for _, _, end in spots]),
    ):
        rows = logits.float().view(points, len(view.windows), -1)
        both.append(torch.cat([rows[:, :, 0].amin(1, keepdim=True), rows[:, windows, tokens]], 1))
    return torch.stack(both, 1).log_softmax(-1)


def _candidates(view: View, said: Any, points: int) -> torch.Tensor:
    """Over candidates that compete; or for each, that it is right and that it is not."""
    rows = said.logits.float().view(points, len(view.windows))
    of = torch.tensor([one.reading for one in view.windows], device=rows.device)
    odds = torch.stack([rows[:, of == at].mean(1) for at in range(int(of.max()) + 1)], 1)
    return odds.log_softmax(-1).unsqueeze(1) if view.model.task.exclusive else _given(odds)


def _mean(rows: torch.Tensor) -> torch.Tensor:
    """The mean of distributions over windows, the last axis but one, of their logarithms."""
    found: torch.Tensor = rows.logsumexp(-2) - math.log(rows.shape[-2])
    return found


def _given(odds: torch.Tensor) -> torch.Tensor:
    """Of log-odds, that something is so and that it is not."""
    return torch.nn.functional.logsigmoid(torch.stack([odds, -odds], -1))


_JOINED: Mapping[Form, Callable[[View, Any, int], torch.Tensor]] = {
    Form.LABEL: _label,
    Form.LABELS: _labels,
    Form.CHOICE: _candidates,
    Form.WORDS: _tags,
    Form.ANSWER: _bounds,
}


# -- what a prediction is, in rows and columns ----------------------------------------------------

Event = tuple[Sequence[int], Sequence[int]]
"""Rows and a column in each: one output of a network, as probable as the geometric mean of these."""


@dataclass(frozen=True)
class Output:
    """What a text's answer says, or one of its entities.

    Args:
        name: For people.
        events: What could be said: all labels, or this entity, or this answer.
        said: Which of the events are said or could be taken back: they have a margin.
    """

    name: str
    events: Sequence[Event]
    said: Sequence[Event]


def outputs(view: View, said: Prediction) -> list[Output]:
    """What there is to look at in a prediction: a label, each entity, an answer or that there is none."""
    form = view.model.task.form
    if isinstance(said, Classes):
        size = int(max(one.reading for one in view.windows)) + 1 if form is Form.CHOICE else len(said.labels)
        if said.exclusive and (form is not Form.CHOICE or view.model.task.exclusive):
            every: list[Event] = [((0,), (at,)) for at in range(size)]
            return [Output(said.said, every, [every[int(said.probabilities.argmax())]])]
        each: list[Event] = [((at,), (0,)) for at in range(size)]
        return [Output(said.said, each, each)]
    assert isinstance(said, Spans)
    if form is Form.ANSWER:
        places = _touched(said, said.spans[0].start, said.spans[0].end) if said.spans else [0]
        event: Event = ((0, 1), (places[0], places[-1]))
        return [Output(said.spans[0].label if said.spans else "no answer", [event], [event])]
    found = []
    for span in said.spans:
        rows = _touched(said, span.start, span.end)
        event = (rows, said.probabilities[rows].argmax(-1).tolist())
        found.append(Output(f"{span.label} [{span.start}, {span.end})", [event], [event]))
    return found


def _touched(said: Spans, start: int, end: int) -> list[int]:
    touched: list[int] = np.flatnonzero(touching(said, start, end)).tolist()
    return touched


def probability(event: Event) -> Callable[[torch.Tensor], torch.Tensor]:
    """Reads off how probable an event is, in [0, 1]."""
    rows, columns = map(list, event)
    return lambda said: said[rows, columns].mean().exp()


def margin(event: Event) -> Callable[[torch.Tensor], torch.Tensor]:
    """Reads off by how many nats an event is ahead of what is the most likely otherwise: a logit margin.

    Unlike a probability it does not saturate where the network is sure.
    """
    rows, columns = map(list, event)

    def read(said: torch.Tensor) -> torch.Tensor:
        own = said[rows]
        picked = torch.tensor(columns, device=said.device).unsqueeze(-1)
        others = own.scatter(-1, picked, -float("inf")).amax(-1)
        return (own.gather(-1, picked).squeeze(-1) - others).mean()

    return read
