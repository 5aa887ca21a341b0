"""What the validation data say while a network trains: scores, the best weights, when to stop."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.errors import Diverged, Fault, UserError
from harness.inference import predict
from harness.models.model import Model
from harness.rng import rng
from harness.tasks.task import Task
from harness.text import Example
from harness.training.settings import Settings
from harness.training.trainer import Emit, Job, Outcome

if TYPE_CHECKING:
    import torch

    from harness.models.generator import Generator
    from harness.models.transformer import Transformer


PENDING = 16
"""Losses on an accelerator that are looked at together."""
SEEN = ("step", "losses", "history", "worse", "best", "before")
"""The figures of a watch."""


def score(task: Task, model: Model, examples: Sequence[Example]) -> float | None:
    """The task's score in [0, 1] of a model's predictions; None without examples."""
    if not examples:
        return None
    said = predict(model, examples)
    stats = [task.scoring.stats(e, p, model.labels) for e, p in zip(examples, said, strict=True)]
    return float(task.scoring.score(sum(stats[1:], stats[0])))


def some(examples: Sequence[Example], most: int) -> Sequence[Example]:
    """At most so many of the examples, the same whenever they are asked for; 0: all."""
    if not most or most >= len(examples):
        return examples
    drawn = rng("validation").permutation(len(examples))[:most]
    return [examples[at] for at in sorted(drawn)]


class Watch:
    """Looks at a network now and then while it trains.

    Args:
        job: The training run; its validation data are what is scored, or a part of them.
        model: The network as a model; put back into training mode after each look.
        settings: When to look, and when to stop.
        per_epoch: Steps per epoch.
        steps: Steps in all; the last that the job wants is always followed by a look.
        emit: Told of every look.

    Call :meth:`begin`, then :meth:`saw` and :meth:`stepped` in turn, then :meth:`finish`.

    Raises:
        UserError: If training is to stop early, but there are no validation data.
    """

    def __init__(
        self,
        job: Job,
        model: Transformer | Generator,
        settings: Settings,
        per_epoch: int,
        steps: int,
        emit: Emit,
    ) -> None:
        if settings.patience and not job.validation:
            raise UserError(Fault("early_stopping needs validation data", field="early_stopping"))
        self.job, self.model, self.emit = job, model, emit
        self.examples = some(job.validation, settings.evaluate_on)
        self.patience, self.per_epoch, self.steps = settings.patience, per_epoch, steps
        self.last = max(1, round(job.until * steps))
        self.every = max(1, round(settings.evaluate_every * per_epoch)) if settings.evaluate_every else steps
        self.step = 0
        self.looked = False
        self.pending: list[torch.Tensor] = []
        self.losses: list[float] = []
        self.history: list[dict[str, float]] = []
        self.worse = 0
        self.best: float | None = None
        self.weights: dict[str, torch.Tensor] = {}
        self.before: float | None = None

    def begin(self) -> None:
        """Score the network before it is trained; without effect where training goes on."""
        if self.step == 0:
            self.before = self._score()
            self.emit(f"before training: {_shown(self.before)}")
        self.model.network.train()

    def saw(self, loss: torch.Tensor) -> None:
        """Take down the loss of one batch.

        On accelerators losses are looked at a few at a time: each look waits for all that was begun.

        Raises:
            Diverged: If it is not finite.
        """
        self.pending.append(loss.detach())
        if loss.device.type == "cpu" or len(self.pending) >= PENDING:
            self._settle()

    def _settle(self) -> None:
        import torch

        if not self.pending:
            return
        losses = torch.stack(self.pending).tolist()
        self.pending.clear()
        if wrong := [loss for loss in losses if not math.isfinite(loss)]:
            raise Diverged(f"the loss is {wrong[0]} at step {self.step + 1} of {self.steps}")
        self.losses += losses

    def stepped(self) -> bool:
        """Count a step of the optimizer, score if it is time to, and say whether it was the last.

        Raises:
            Diverged: If weights are no longer finite.
        """
        self.step += 1
        self.looked = self.step % self.every == 0 or self.step >= self.last
        if not self.looked:
            return False
        self._look()
        return self.step >= self.last or (bool(self.patience) and self.worse >= self.patience)

    def finish(self) -> Outcome:
        """Go back to the best weights, if training may stop early; what became of it all."""
        if self.weights:
            self.model.network.load_state_dict(self.weights, strict=False)
        kept = self.best if self.patience else self.history[-1].get("score")
        return Outcome(self.before, kept, self.step / self.per_epoch, tuple(self.history))

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """What it has seen: the best weights, and all figures."""
        self._settle()
        return self.weights, {name: getattr(self, name) for name in SEEN}

    def restore(self, weights: dict[str, torch.Tensor], figures: Mapping[str, Any]) -> None:
        """Go on from what :meth:`state` gave."""
        self.weights = weights
        for name in SEEN:
            setattr(self, name, figures[name])

    def _look(self) -> None:
        self._settle()
        if not all(bool(p.isfinite().all()) for p in self.model.network.parameters()):
            raise Diverged(f"weights are not finite after step {self.step} of {self.steps}")
        epoch, loss, now = (
            self.step / self.per_epoch,
            math.fsum(self.losses) / len(self.losses),
            self._score(),
        )
        self.losses.clear()
        self.history.append({"epoch": epoch, "loss": loss} | ({} if now is None else {"score": now}))
        self.emit(f"epoch {epoch:.3g}: loss {loss:.4f}, {_shown(now)}")
        if now is not None:
            self.job.report(epoch, now)
            if self.patience:
                self._compare(now)

    def _compare(self, now: float) -> None:
        if self.best is not None and now <= self.best:
            self.worse += 1
            return
        self.best, self.worse = now, 0
        frozen = {name for name, value in self.model.network.named_parameters() if not value.requires_grad}
        state = self.model.network.state_dict()
        self.weights = {
            name: value.detach().to("cpu", copy=True) for name, value in state.items() if name not in frozen
        }

    def _score(self) -> float | None:
        self.model.network.eval()
        now = score(self.job.task, self.model, self.examples)
        self.model.network.train()
        return now


def _shown(score: float | None) -> str:
    return "no validation data" if score is None else f"score {score:.4f}"
