"""Attributions from gradients at the word embeddings of a transformer (methods, section 6.1).

Attributed is the log-odds of the predicted label or candidate, or the mean log-probability of the
predicted tags of an entity, or of the start and the end of an answer, in nats: unlike probabilities
they do not saturate. A text of several windows is explained by the sum over those that answer for it.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise, Fault, UserError
from harness.explain.explainer import Attribution, explainer
from harness.explain.goal import Goal, Word
from harness.inference import batches
from harness.models.model import Model, Piece
from harness.tasks.task import Form, Task

if TYPE_CHECKING:
    import torch

    from harness.models.transformer import Transformer, Window

    Scalar = Callable[..., torch.Tensor]

Array = NDArray[np.float64]

TOKENS = 1024
"""Padded tokens per batch: a backward pass keeps what a forward pass throws away."""
TOLERANCE = 0.05
"""Relative error of completeness above which the steps are doubled."""
FLAT = 1e-3
"""In nats: when text and baseline differ by less, a relative error says nothing."""


def has_gradients(model: Model) -> bool:
    """Whether the explainers of this module can look into the model."""
    from harness.models.transformer import Transformer

    return isinstance(model, Transformer)


@explainer("integrated-gradients", gradients=True)
def integrated_gradients(
    model: Transformer, task: Task, goals: Sequence[Goal], *, steps: int = 20, limit: int = 40
) -> list[Attribution]:
    """Integrated gradients over word embeddings, from a text of mask tokens.

    Sundararajan et al. 2017, by Gauss-Legendre quadrature. The baseline keeps special tokens; where
    the tokenizer has no mask it is made of padding, or of unknown words. Texts whose weights miss
    their sum by more than :data:`TOLERANCE` are done again with twice the steps.

    Args:
        model: The model.
        task: What it answers.
        goals: What to explain.
        steps: Points between baseline and text to begin with, at least 1.
        limit: Most points; with the defaults no text costs more than three times the least.

    Raises:
        UserError: If there is not at least one step.
        BrokenPromise: If the tokenizer has no token that could stand for nothing.
    """
    if steps < 1:
        raise UserError(Fault(f"at least 1 step is needed, found {steps}", field="steps"))
    token, token_id = _nothing(model.tokenizer)
    found: dict[int, Attribution] = {}
    pending = _asked(model, task, goals)
    while pending:
        results = _integrate(model, task, pending, steps, token_id)
        for at, (weights, change) in _by_goal(goals, results).items():
            error = abs(float(weights.sum()) - change) / abs(change) if abs(change) >= FLAT else None
            found[at] = Attribution(weights, error, f"baseline {token}, {steps} steps")
        steps *= 2
        pending = [
            p for p in pending if steps <= limit and (found[p.data.goal].completeness or 0) > TOLERANCE
        ]
    return [found[at] for at in range(len(goals))]


@explainer("gradient-x-input", gradients=True)
def gradient_x_input(model: Transformer, task: Task, goals: Sequence[Goal]) -> list[Attribution]:
    """Gradient times word embedding: one backward pass, to first order and not complete."""
    from captum.attr import LayerGradientXActivation

    method = LayerGradientXActivation(_scalar(model, task), model.network.get_input_embeddings())

    def results() -> Iterator[_Result]:
        for batch in batches(_asked(model, task, goals), TOKENS):
            tensors = _tensors(model, batch)
            found = method.attribute(tensors.ids, additional_forward_args=tensors.rest)
            yield from zip(batch, _numpy(found.sum(-1)), [0.0] * len(batch), strict=True)

    by_goal = _by_goal(goals, results())
    return [Attribution(by_goal[at][0]) for at in range(len(goals))]


# -- which token answers for what ----------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
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


_Result = tuple[Piece, Array, float]
"""A window, the attributions of its tokens, and how far its output is from the baseline's."""


def _asked(model: Transformer, task: Task, goals: Sequence[Goal]) -> list[Piece]:
    pieces = model.encode([goal.example for goal in goals])
    ask = _ASK.get(task.form, _ask_label)
    return [
        one for at, (goal, own) in enumerate(zip(goals, pieces, strict=True)) for one in ask(at, goal, own)
    ]


def _ask_label(at: int, goal: Goal, pieces: Sequence[Piece]) -> list[Piece]:
    share = 1 / len(pieces)
    return [replace(p, data=_Asked(at, p.data, [goal.labels[0]], [share])) for p in pieces]


def _ask_candidate(at: int, goal: Goal, pieces: Sequence[Piece]) -> list[Piece]:
    own = [p for p in pieces if p.data.reading == goal.labels[0]]
    return [replace(p, data=_Asked(at, p.data, [0], [1 / len(own)])) for p in own]


def _ask_tags(at: int, goal: Goal, pieces: Sequence[Piece]) -> list[Piece]:
    from harness.models.transformer import answering

    of_text = [piece.data for piece in pieces]
    offsets = [(int(a), int(b)) for a, b in of_text[0].words]
    spots = {
        word: (window, token) for word, (window, token, _) in zip(offsets, answering(of_text), strict=True)
    }
    asked = [_Asked(at, p.data, [0] * p.size, [0.0] * p.size) for p in pieces]
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
    asked = [_Asked(at, p.data, [1, 1] + [0, 0] * (p.size - 1), [0.0] * (2 * p.size)) for p in pieces]
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
class _Tensors:
    """A batch: token ids ``(rows, longest)``, and what else the output depends on."""

    ids: torch.Tensor
    rest: tuple[torch.Tensor | None, ...]


def _tensors(model: Transformer, batch: Sequence[Piece]) -> _Tensors:
    import torch

    from harness.models.transformer import pad

    asked: list[_Asked] = [piece.data for piece in batch]
    windows = [one.window for one in asked]
    padded = pad(model.tokenizer, [w.ids for w in windows], model.device, [w.types for w in windows])
    width = max(len(one.labels) for one in asked)
    labels = [one.labels + [0] * (width - len(one.labels)) for one in asked]
    shares = [one.shares + [0.0] * (width - len(one.shares)) for one in asked]
    return _Tensors(
        padded["input_ids"],
        (
            padded["attention_mask"],
            torch.tensor(labels, device=model.device),
            torch.tensor(shares, device=model.device),
            padded.get("token_type_ids"),
        ),
    )


def _scalar(model: Transformer, task: Task) -> Scalar:
    """One number a row: the weighted sum of log-probabilities (tags, answers) or log-odds."""
    measure = _SCALARS.get(task.form, _log_odds)

    def scalar(
        ids: torch.Tensor,
        mask: torch.Tensor,
        labels: torch.Tensor,
        shares: torch.Tensor,
        types: torch.Tensor | None = None,
    ) -> torch.Tensor:
        rest = {} if types is None else {"token_type_ids": types}
        said = measure(model.network(input_ids=ids, attention_mask=mask, **rest), labels)
        total: torch.Tensor = (said.where(shares > 0, 0.0) * shares).sum(-1)
        return total

    return scalar


def _log_odds(said: Any, labels: torch.Tensor) -> torch.Tensor:
    """Of one label against all others."""
    others = said.logits.scatter(-1, labels, -float("inf")).logsumexp(-1, keepdim=True)
    odds: torch.Tensor = said.logits.gather(-1, labels) - others
    return odds


def _logits(said: Any, labels: torch.Tensor) -> torch.Tensor:
    """The log-odds of a label that does not exclude the others."""
    odds: torch.Tensor = said.logits.gather(-1, labels)
    return odds


def _tags(said: Any, labels: torch.Tensor) -> torch.Tensor:
    """Log-probability of each token's label."""
    found: torch.Tensor = said.logits.log_softmax(-1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)
    return found


def _answers(said: Any, labels: torch.Tensor) -> torch.Tensor:
    """Log-probability that the answer starts and ends at each token, in turn, among those that compete."""
    import torch

    both = torch.stack([said.start_logits, said.end_logits], -1)
    competing = both.masked_fill(labels.view_as(both) == 0, -float("inf"))
    return competing.log_softmax(1).flatten(1)


_SCALARS: dict[Form, Callable[[Any, torch.Tensor], torch.Tensor]] = {
    Form.LABELS: _logits,
    Form.CHOICE: _logits,
    Form.WORDS: _tags,
    Form.ANSWER: _answers,
}


def _nothing(tokenizer: Any) -> tuple[str, int]:
    """The token that stands for no word, and its id."""
    for token in (tokenizer.mask_token, tokenizer.pad_token, tokenizer.unk_token):
        if token is not None:
            return str(token), int(tokenizer.convert_tokens_to_ids(token))
    raise BrokenPromise("integrated gradients need a tokenizer with a mask, padding or unknown token")


def _integrate(
    model: Transformer, task: Task, asked: Sequence[Piece], steps: int, nothing: int
) -> Iterator[_Result]:
    import torch
    from captum.attr import LayerIntegratedGradients

    scalar = _scalar(model, task)
    method = LayerIntegratedGradients(scalar, model.network.get_input_embeddings())
    for batch in batches(asked, TOKENS // steps):  # few texts of one length, each with all its steps
        tensors = _tensors(model, batch)
        base = tensors.ids.clone()
        for row, piece in zip(base, batch, strict=True):
            row[: piece.size][torch.tensor(piece.data.window.owner, device=model.device) >= 0] = nothing
        found = method.attribute(
            tensors.ids,
            baselines=base,
            additional_forward_args=tensors.rest,
            n_steps=steps,
            internal_batch_size=max(len(batch), TOKENS // base.shape[1]),
        )
        with torch.no_grad():
            change = scalar(tensors.ids, *tensors.rest) - scalar(base, *tensors.rest)
        yield from zip(batch, _numpy(found.sum(-1)), change.tolist(), strict=True)


def _numpy(tensor: torch.Tensor) -> Array:
    return tensor.detach().cpu().numpy().astype(float)


# -- from tokens to words ------------------------------------------------------------------------


def _by_goal(goals: Sequence[Goal], results: Iterator[_Result]) -> dict[int, tuple[Array, float]]:
    """Per goal the attributions of its words, and the change from the baseline, summed over windows."""
    found: dict[int, tuple[Array, float]] = {}
    for piece, tokens, change in results:
        asked: _Asked = piece.data
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
