"""How to fine-tune: the options that the trainers of transformers share, and what they may be."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.errors import nearest
from harness.models.generation import parse

OPTIMIZERS = ("adamw", "sgd")
SCHEDULES = ("linear", "cosine", "constant")
FREEZES = ("none", "embeddings", "all-but-top-k", "head-only")
PRECISIONS = ("float32", "bfloat16", "auto")
DECIDED = ("everything", "order", "initialization")
LORA = {"rank": 8, "alpha": 16, "dropout": 0.0, "targets": [], "merge": True}
"""The keys of ``lora:`` with what they are if left out; ``alpha`` is then twice the rank."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The keys of ``training:`` for trainers of transformers.

    Args:
        epochs: Passes over the training data; fractions are allowed.
        learning_rate: At its peak.
        batch_size: Windows per batch.
        accumulate: Batches per step of the optimizer, which takes the mean of their gradients.
        optimizer: ``adamw`` or ``sgd``.
        momentum: Of ``sgd``.
        schedule: What becomes of the learning rate after the warm-up: falls to 0 by a line or half
            a cosine, or stays.
        warmup: Share of all steps over which the learning rate rises from 0.
        weight_decay: Of weight matrices; biases and normalisation layers are spared.
        layer_decay: Each layer learns at this share of the rate of the one above it; the head at
            the full rate, the embeddings slowest.
        dropout: Probability everywhere in the model; negative: as the model says.
        label_smoothing: Share of the target that is spread evenly over all labels; for tasks with one
            label per text or word, and for generated texts.
        class_weights: Weight of each label in the loss: a mapping (1 for those it leaves out), or
            ``balanced`` for weights inverse to frequency in the training data; for tasks with one
            label per text or word.
        gradient_clip: Greatest norm of all gradients together; 0: no limit.
        freeze: What keeps its pre-trained weights: ``none``, the ``embeddings``, ``all-but-top-k``
            (also all layers but the upper ``top_layers``), or all but the head (``head-only``).
        top_layers: How many layers ``all-but-top-k`` trains.
        lora: ``{rank, alpha, dropout, targets, merge}`` trains low-rank updates of the weight matrices
            named by ``targets`` (by default those usual for the architecture) and the head in full;
            ``merge: false`` keeps them beside the pre-trained weights. Empty: trains the weights.
        precision: Of training: ``float32``, ``bfloat16`` (mixed; twice as fast where the processor
            has units for it), or ``auto``, what proved faster on this machine. Always evaluated in
            float32.
        seed_decides: What differs between seeds: ``everything``, the ``order`` of the data alone, or
            the ``initialization`` of new weights alone.
        early_stopping: ``{patience: n}`` stops after n evaluations without a better score on the
            validation data, and goes back to the best; empty: train to the end, keep the last.
        evaluate_every: Epochs between evaluations; 0: only before and after.
        evaluate_on: Validation examples to score at most, drawn once; 0: all of them.
        negatives: Wrong candidates to learn from per example, drawn once and keyed by the seed; 0: all
            of them; for tasks that choose among candidates.
        max_length: Tokens per window; longer texts are split, not cut. Tasks whose answer is a text
            go by ``generation.max_source_tokens`` instead.
        generation: How texts are written, in training and later, such as ``{max_new_tokens: 64}``:
            the fields of :class:`harness.models.generation.Generation`.

    Raises:
        ValueError: If values are not allowed; names all of them, with what is.
    """

    epochs: float = 3.0
    learning_rate: float = 5e-4
    batch_size: int = 32
    accumulate: int = 1
    optimizer: str = "adamw"
    momentum: float = 0.9
    schedule: str = "linear"
    warmup: float = 0.1
    weight_decay: float = 0.01
    layer_decay: float = 1.0
    dropout: float = -1.0
    label_smoothing: float = 0.0
    class_weights: str | Mapping[str, Any] | None = None
    gradient_clip: float = 1.0
    freeze: str = "none"
    top_layers: int = 2
    lora: Mapping[str, Any] = field(default_factory=dict)
    precision: str = "float32"
    seed_decides: str = "everything"
    early_stopping: Mapping[str, Any] = field(default_factory=dict)
    evaluate_every: float = 1.0
    evaluate_on: int = 0
    negatives: int = 0
    max_length: int = 128
    generation: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if faults := list(self._faults()):
            raise ValueError("; ".join(faults))

    @property
    def patience(self) -> int:
        """Evaluations without progress before training stops early; 0 if it does not."""
        return int(self.early_stopping.get("patience", 0))

    @property
    def adapter(self) -> Mapping[str, Any]:
        """All keys of ``lora``; empty if there is none."""
        if not self.lora:
            return {}
        rank = self.lora.get("rank", LORA["rank"])
        return {**LORA, "alpha": 2 * rank, **self.lora}

    def seed(self, purpose: str, seed: int) -> int:
        """The run's seed as far as it decides what this purpose needs one for, otherwise 0."""
        return seed if self.seed_decides in ("everything", purpose) else 0

    def _faults(self) -> Iterator[str]:
        yield from _limits("epochs", self.epochs, above=0)
        yield from _limits("learning_rate", self.learning_rate, above=0)
        yield from _limits("batch_size", self.batch_size, least=1)
        yield from _limits("accumulate", self.accumulate, least=1)
        yield from _known("optimizer", self.optimizer, OPTIMIZERS)
        yield from _limits("momentum", self.momentum, least=0, below=1)
        yield from _known("schedule", self.schedule, SCHEDULES)
        yield from _limits("warmup", self.warmup, least=0, most=1)
        yield from _limits("weight_decay", self.weight_decay, least=0)
        yield from _limits("layer_decay", self.layer_decay, above=0, most=1)
        yield from _limits("dropout", self.dropout, below=1)
        yield from _limits("label_smoothing", self.label_smoothing, least=0, below=1)
        yield from self._weights()
        yield from _limits("gradient_clip", self.gradient_clip, least=0)
        yield from _known("freeze", self.freeze, FREEZES)
        yield from _limits("top_layers", self.top_layers, least=1)
        yield from self._adapting()
        yield from _known("precision", self.precision, PRECISIONS)
        yield from _known("seed_decides", self.seed_decides, DECIDED)
        yield from self._stopping()
        yield from _limits("evaluate_every", self.evaluate_every, least=0)
        yield from _limits("evaluate_on", self.evaluate_on, least=0)
        yield from _limits("negatives", self.negatives, least=0)
        yield from _limits("max_length", self.max_length, least=8)
        yield from self._writing()

    def _writing(self) -> Iterator[str]:
        try:
            parse(self.generation)
        except ValueError as error:
            yield str(error)

    def _weights(self) -> Iterator[str]:
        given = self.class_weights
        if isinstance(given, Mapping):
            for label, weight in given.items():
                if not _number(weight) or not (math.isfinite(weight) and weight >= 0):
                    yield f"class_weights.{label} should be a number of 0 or more, found {weight!r}"
        elif given not in (None, "balanced"):
            yield f"class_weights should be balanced or a mapping from labels to weights, found {given!r}"

    def _adapting(self) -> Iterator[str]:
        for key in self.lora:
            if key not in LORA:
                yield f"lora has no key {key!r}; {nearest(str(key), tuple(LORA))}"
        if not self.lora:
            return
        given = {**LORA, **self.lora}
        if type(given["rank"]) is not int or given["rank"] < 1:
            yield f"lora.rank should be a whole number of 1 or more, found {given['rank']!r}"
        if not _number(given["alpha"]) or not given["alpha"] > 0:
            yield f"lora.alpha should be a number above 0, found {given['alpha']!r}"
        if not _number(given["dropout"]) or not 0 <= given["dropout"] < 1:
            yield f"lora.dropout should be a number of at least 0 and below 1, found {given['dropout']!r}"
        if not isinstance(given["targets"], list) or not all(isinstance(t, str) for t in given["targets"]):
            yield f"lora.targets should be a list of names of modules, found {given['targets']!r}"
        if type(given["merge"]) is not bool:
            yield f"lora.merge should be true or false, found {given['merge']!r}"
        if self.freeze != "none":
            yield f"lora trains no pre-trained weight, so freeze should be none, found {self.freeze!r}"

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


def _number(found: object) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


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
