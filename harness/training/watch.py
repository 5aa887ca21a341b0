"""What the validation data say while a network trains: scores, the best weights, when to stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.errors import Diverged, Fault, UserError
from harness.inference import predict
from harness.models.model import Model
from harness.tasks.task import Task
from harness.text import Example
from harness.training.settings import Settings
from harness.training.trainer import Emit, Job, Outcome

if TYPE_CHECKING:
    import torch

    from harness.models.transformer import Transformer


def score(task: Task, model: Model, examples: Sequence[Example]) -> float | None:
    """The task's score in [0, 1] of a model's predictions; None without examples."""
    if not examples:
        return None
    said = predict(model, examples)
    stats = [task.scoring.stats(e, p, model.labels) for e, p in zip(examples, said, strict=True)]
    return float(task.scoring.score(sum(stats[1:], stats[0])))


class Watch:
    """Looks at a network now and then while it trains.

    Args:
        job: The training run; its validation data are what is scored.
        model: The network as a model; put back into training mode after each look.
        settings: When to look, and when to stop.
        per_epoch: Steps per epoch.
        steps: Steps in all; the last is always followed by a look.
        emit: Told of every look.

    Raises:
        UserError: If training is to stop early, but there are no validation data.
    """

    def __init__(
        self, job: Job, model: Transformer, settings: Settings, per_epoch: int, steps: int, emit: Emit
    ) -> None:
        if settings.patience and not job.validation:
            raise UserError(Fault("early_stopping needs validation data", field="early_stopping"))
        self.job, self.model, self.emit = job, model, emit
        self.patience, self.per_epoch, self.steps = settings.patience, per_epoch, steps
        self.every = max(1, round(settings.evaluate_every * per_epoch)) if settings.evaluate_every else steps
        self.step = 0
        self.losses: list[float] = []
        self.history: list[dict[str, float]] = []
        self.worse = 0
        self.best: float | None = None
        self.weights: dict[str, torch.Tensor] = {}
        self.before = self._score()
        emit(f"before training: {_shown(self.before)}")

    def saw(self, loss: float) -> None:
        """Take down the loss of one batch.

        Raises:
            Diverged: If it is not finite.
        """
        if not math.isfinite(loss):
            raise Diverged(f"the loss is {loss} at step {self.step + 1} of {self.steps}")
        self.losses.append(loss)

    def stepped(self) -> bool:
        """Count a step of the optimizer, score if it is time to, and say whether to stop.

        Raises:
            Diverged: If weights are no longer finite.
        """
        self.step += 1
        if self.step % self.every and self.step < self.steps:
            return False
        self._look()
        return bool(self.patience) and self.worse >= self.patience

    def finish(self) -> Outcome:
        """Go back to the best weights, if training may stop early; what became of it all."""
        if self.weights:
            self.model.network.load_state_dict(self.weights)
        kept = self.best if self.patience else self.history[-1].get("score")
        return Outcome(self.before, kept, self.step / self.per_epoch, tuple(self.history))

    def _look(self) -> None:
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
        state = self.model.network.state_dict()
        self.weights = {name: value.detach().to("cpu", copy=True) for name, value in state.items()}

    def _score(self) -> float | None:
        self.model.network.eval()
        now = score(self.job.task, self.model, self.job.validation)
        self.model.network.train()
        return now


def _shown(score: float | None) -> str:
    return "no validation data" if score is None else f"score {score:.4f}"
