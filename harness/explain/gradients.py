"""Attributions from gradients at the word embeddings of a transformer (methods, section 6.1).

Attributed is the log-odds of the predicted label or candidate, or the mean log-probability of the
predicted tags of an entity, or of the start and the end of an answer, in nats: unlike probabilities
they do not saturate. A text of several windows is explained by the sum over those that answer for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import BrokenPromise, Fault, UserError
from harness.explain.explainer import Attribution, explainer
from harness.explain.goal import Goal
from harness.explain.questions import Result, by_goal, questions, tensors_of
from harness.inference import batches
from harness.models.model import Model, Piece
from harness.tasks.task import Form, Task

if TYPE_CHECKING:
    import torch

    from harness.models.transformer import Transformer

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
    token, token_id = no_word(model.tokenizer)
    found: dict[int, Attribution] = {}
    pending = questions(model, task, goals)
    while pending:
        results = _integrate(model, task, pending, steps, token_id)
        for at, (weights, change) in by_goal(goals, results).items():
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

    def results() -> Iterator[Result]:
        for batch in batches(questions(model, task, goals), TOKENS):
            tensors = tensors_of(model, batch)
            found = method.attribute(tensors.ids, additional_forward_args=tensors.rest)
            yield from zip(batch, _numpy(found.sum(-1)), [0.0] * len(batch), strict=True)

    found = by_goal(goals, results())
    return [Attribution(found[at][0]) for at in range(len(goals))]


# -- what is differentiated ------------------------------------------------------------------------


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


def no_word(tokenizer: Any) -> tuple[str, int]:
    """The token that stands for no word, and its id.

    Raises:
        BrokenPromise: If there is none.
    """
    for token in (tokenizer.mask_token, tokenizer.pad_token, tokenizer.unk_token):
        if token is not None:
            return str(token), int(tokenizer.convert_tokens_to_ids(token))
    raise BrokenPromise("a tokenizer needs a mask, padding or unknown token, to stand for no word")


def _integrate(
    model: Transformer, task: Task, asked: Sequence[Piece], steps: int, nothing: int
) -> Iterator[Result]:
    import torch
    from captum.attr import LayerIntegratedGradients

    scalar = _scalar(model, task)
    method = LayerIntegratedGradients(scalar, model.network.get_input_embeddings())
    for batch in batches(asked, TOKENS // steps):  # few texts of one length, each with all its steps
        tensors = tensors_of(model, batch)
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
