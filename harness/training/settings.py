"""How to fine-tune: the options that the trainers of transformers share, and what they may be."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.errors import nearest

OPTIMIZERS = ("adamw", "sgd")
SCHEDULES = ("linear", "cosine", "constant")
FREEZES = ("none", "embeddings", "all-but-top-k", "head-only")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The keys of ``training:`` for trainers of transformers.

    Args:
        epochs: Passes over the training data; fractions are allowed.
        learning_rate: At its peak.
        batch_size: Windows per step.
        optimizer: ``adamw`` or ``sgd`` (no momentum).
        schedule: What becomes of the learning rate after the warm-up: falls to 0 by a line or half
            a cosine, or stays.
        warmup: Share of all steps over which the learning rate rises from 0.
        weight_decay: Of weight matrices; biases and normalisation layers are spared.
        dropout: Probability everywhere in the model; negative: as the model says.
        gradient_clip: Greatest norm of all gradients together; 0: no limit.
        freeze: What keeps its pre-trained weights: ``none``, the ``embeddings``, ``all-but-top-k``
            (also all layers but the upper ``top_layers``), or all but the head (``head-only``).
        top_layers: How many layers ``all-but-top-k`` trains.
        early_stopping: ``{patience: n}`` stops after n evaluations without a better score on the
            validation data, and goes back to the best; empty: train to the end, keep the last.
        evaluate_every: Epochs between evaluations; 0: only before and after.
        max_length: Tokens per window; longer texts are split, not cut.

    Raises:
        ValueError: If values are not allowed; names all of them, with what is.
    """

    epochs: float = 3.0
    learning_rate: float = 5e-4
    batch_size: int = 32
    optimizer: str = "adamw"
    schedule: str = "linear"
    warmup: float = 0.1
    weight_decay: float = 0.01
    dropout: float = -1.0
    gradient_clip: float = 1.0
    freeze: str = "none"
    top_layers: int = 2
    early_stopping: Mapping[str, Any] = field(default_factory=dict)
    evaluate_every: float = 1.0
    max_length: int = 128

    def __post_init__(self) -> None:
        if faults := list(self._faults()):
            raise ValueError("; ".join(faults))

    @property
    def patience(self) -> int:
        """Evaluations without progress before training stops early; 0 if it does not."""
        return int(self.early_stopping.get("patience", 0))

    def _faults(self) -> Iterator[str]:
        yield from _limits("epochs", self.epochs, above=0)
        yield from _limits("learning_rate", self.learning_rate, above=0)
        yield from _limits("batch_size", self.batch_size, least=1)
        yield from _known("optimizer", self.optimizer, OPTIMIZERS)
        yield from _known("schedule", self.schedule, SCHEDULES)
        yield from _limits("warmup", self.warmup, least=0, most=1)
        yield from _limits("weight_decay", self.weight_decay, least=0)
        yield from _limits("dropout", self.dropout, below=1)
        yield from _limits("gradient_clip", self.gradient_clip, least=0)
        yield from _known("freeze", self.freeze, FREEZES)
        yield from _limits("top_layers", self.top_layers, least=1)
        yield from self._stopping()
        yield from _limits("evaluate_every", self.evaluate_every, least=0)
        yield from _limits("max_length", self.max_length, least=8)

    def _stopping(self) -> Iterator[str]:
        for key in set(self.early_stopping) - {"patience"}:
            yield f"early_stopping has the key patience only, found {key!r}"
        if not self.early_stopping:
            return
        patience = self.early_stopping.get("patience")
        if type(patience) is not int or patience < 1:
            yield f"early_stopping.patience should be a whole number of 1 or more, found {patience!r}"
        if self.evaluate_every == 0:
            yield "early_stopping needs evaluate_every above 0, found 0"


def _known(name: str, found: str, allowed: Collection[str]) -> Iterator[str]:
    if found not in allowed:
        yield f"{name} should be one of {', '.join(allowed)}, found {found!r}; {nearest(found, tuple(allowed))}"


def _limits(
    name: str,
    found: float,
    *,
    above: float = -math.inf,
    least: float = -math.inf,
    below: float = math.inf,
    most: float = math.inf,
) -> Iterator[str]:
    """A fault if the number is not finite or not within the limits."""
    if math.isfinite(found) and above < found < below and least <= found <= most:
        return
    limits = [("above", above), ("at least", least), ("below", below), ("at most", most)]
    wanted = " and ".join(f"{word} {limit:g}" for word, limit in limits if math.isfinite(limit))
    yield f"{name} should be {wanted}, found {found!r}"
