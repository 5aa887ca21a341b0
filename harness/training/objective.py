"""The loss: the model's own, a softmax over candidates, or smoothed labels and weighted classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from harness.errors import Fault, UserError, nearest
from harness.tasks.task import Form
from harness.training.encoding import IGNORED, Row
from harness.training.settings import Settings
from harness.training.trainer import Job

Objective = Callable[[Any, Mapping[str, torch.Tensor]], torch.Tensor]
WEIGHTED = (Form.LABEL, Form.WORDS)
SMOOTHED = (*WEIGHTED, Form.TEXT)
OURS = ("labels", "rivals")
"""What a loss needs and a network does not, unless the loss is its own."""


def objective(job: Job, settings: Settings, rows: Sequence[Row]) -> Objective:
    """``loss(network, batch)``, a scalar: the mean over the batch, in the precision of the settings.

    Raises:
        UserError: If the task's form has no classes to weigh or smooth, or weights name no label.
    """
    if settings.class_weights and job.task.form not in WEIGHTED:
        raise UserError(Fault(f"{job.task.name} has no classes to weigh", field="class_weights"))
    if settings.label_smoothing and job.task.form not in SMOOTHED:
        raise UserError(Fault(f"{job.task.name} has no labels to smooth", field="label_smoothing"))
    weights = class_weights(settings.class_weights, job.labels, rows) if settings.class_weights else None
    weight = None if weights is None else weights.to(job.device)
    mixed = settings.precision == "bfloat16"
    # In bfloat16 the model's own would round the loss itself.
    rounded, competing = mixed and job.task.form in SMOOTHED, rows[0].rivals >= 0
    own = weight is None and not (settings.label_smoothing or rounded or competing)
    text, kind = job.task.form is Form.TEXT, torch.device(job.device).type

    def loss(network: Any, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        kept = ("labels",) if own or text else ()
        given = {name: value for name, value in batch.items() if name in kept or name not in OURS}
        with torch.autocast(kind, torch.bfloat16, enabled=mixed):
            said = network(**given)
        if own:
            found: torch.Tensor = said.loss
            return found
        if "rivals" in batch:
            return contest(said.logits[:, 0].float(), batch["labels"][:, 0] > 0, batch["rivals"])
        logits, labels = said.logits, batch["labels"]
        if text and not network.config.is_encoder_decoder:
            logits, labels = logits[:, :-1], labels[:, 1:]  # a decoder's token is said by the one before
        return cross_entropy(
            logits.reshape(-1, logits.shape[-1]).float(),
            labels.reshape(-1),
            weight=weight,
            ignore_index=IGNORED,
            label_smoothing=settings.label_smoothing,
        )

    return loss


def contest(odds: torch.Tensor, right: torch.Tensor, rivals: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the softmax over the candidates of each example, the mean over examples.

    What several right candidates, or several windows of one, get is summed up. With one right candidate
    this is ListNet's top-one loss (Cao et al. 2007, Learning to Rank, equation 6).

    Args:
        odds: Log-odds of each candidate, shape ``(rows,)``.
        right: Whether it is right, likewise.
        rivals: Equal numbers for candidates of one example, likewise.
    """
    of = [rivals == number for number in torch.unique(rivals)]
    lost = [odds[own].logsumexp(0) - odds[own & right].logsumexp(0) for own in of]
    return torch.stack(lost).mean()


def class_weights(given: str | Mapping[str, Any], labels: Sequence[str], rows: Sequence[Row]) -> torch.Tensor:
    """The weight of each label, shape ``(labels,)``.

    ``balanced`` is n / (k · n of the label), k the number of labels that occur, as in King and Zeng
    (2001) and scikit-learn; a label that does not occur weighs 1, which is never asked for.

    Raises:
        UserError: If a mapping names something that is no label.
    """
    if isinstance(given, Mapping):
        if unknown := [str(label) for label in given if label not in labels]:
            hint = nearest(unknown[0], tuple(labels))
            raise UserError(Fault(f"there is no label {unknown[0]!r}", field="class_weights", hint=hint))
        return torch.tensor([float(given.get(label, 1.0)) for label in labels])
    targets = [t for row in rows for t in (row.target if isinstance(row.target, list) else [row.target])]
    counts = torch.bincount(torch.tensor([t for t in targets if t != IGNORED]), minlength=len(labels))
    balanced = counts.sum() / ((counts > 0).sum() * counts)
    return torch.where(counts > 0, balanced, 1.0).float()
