"""Search for hyperparameters: a study of trials, each a training run with options of its own.

Optuna proposes and prunes. Every trial's proposal is keyed by its number and follows from the
trials before it, so that a study which was interrupted goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import Diverged
from harness.rng import seed_of
from harness.space import grid, whole

if TYPE_CHECKING:
    import optuna

COMPLETE, PRUNED, DIVERGED = "complete", "pruned", "diverged"

Report = Callable[[float, float], None]
"""Told of the epoch and the validation score of each look at a network while it trains."""


class Pruned(Exception):
    """Raised out of a training run that promises less than the others did at this point."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One training run of a study.

    Args:
        number: From 0.
        options: What the search chose, by name as in the space.
        state: ``complete``, ``pruned`` or ``diverged``.
        value: Score on the validation data in [0, 1], the last one known; None if there is none.
        steps: ``(epoch, score)`` of each look on the way.
    """

    number: int
    options: Mapping[str, Any]
    state: str
    value: float | None
    steps: Sequence[Sequence[float]] = ()


@dataclass(frozen=True, kw_only=True)
class Study:
    """What to search, and how.

    Args:
        space: See :mod:`harness.space`.
        trials: How many.
        sampler: ``tpe`` (Bergstra et al. 2011), ``random``, or ``grid``, which ends when all
            combinations have been tried.
        prune: Whether a trial stops when it falls below the median of those before it.
        seed: Keys the proposals.
    """

    space: Mapping[str, Any]
    trials: int
    sampler: str
    prune: bool
    seed: int


def search(
    study: Study,
    run: Callable[[Mapping[str, Any], Report], float],
    before: Sequence[Trial] = (),
    keep: Callable[[Trial], None] = lambda trial: None,
) -> list[Trial]:
    """Make the trials of a study that have not been made.

    Args:
        study: What to search.
        run: Trains with the options that were chosen and returns the validation score. What it is
            given as its second argument wants to be told of every look on the way, and may raise
            :class:`Pruned`.
        before: Trials that were made before an interruption.
        keep: Told of each trial once it is finished.

    Returns:
        All trials, in order.
    """
    import optuna

    combinations = grid(study.space) if study.sampler == "grid" else None
    pruner = optuna.pruners.MedianPruner(n_startup_trials=4) if study.prune else optuna.pruners.NopPruner()
    known, space = _told(study, before, pruner)
    done = list(before)
    for number in range(len(done), min(study.trials, len(combinations or range(study.trials)))):
        known.sampler = _sampler(study, number)
        if combinations is not None:
            known.enqueue_trial(combinations[number])
        asked = known.ask(space)
        trial, state = _made(number, asked, run), optuna.trial.TrialState
        ended = {COMPLETE: state.COMPLETE, PRUNED: state.PRUNED, DIVERGED: state.FAIL}[trial.state]
        known.tell(asked, trial.value if ended is state.COMPLETE else None, ended)
        done.append(trial)
        keep(trial)
    return done


def best(trials: Sequence[Trial]) -> Trial | None:
    """The complete trial with the highest score, the first of equals; None if there is none."""
    complete = [trial for trial in trials if trial.state == COMPLETE and trial.value is not None]
    return max(complete, key=lambda trial: (trial.value or 0.0, -trial.number), default=None)


def importance(study: Study, trials: Sequence[Trial]) -> dict[str, float]:
    """How much of the variance of the validation score each option accounts for by itself, in [0, 1].

    Functional analysis of variance over a random forest (Hutter, Hoos and Leyton-Brown 2014), as Optuna has it:
    over the whole space, if the trials cover it; shares are of what single options explain and add up to 1.
    Empty if fewer than two trials are complete, or all score alike.
    """
    import optuna

    complete = [trial for trial in trials if trial.state == COMPLETE]
    if len({trial.value for trial in complete}) < 2:
        return {}
    known, _ = _told(study, complete)
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed_of(study.seed, "importance") % 2**32)
    found = optuna.importance.get_param_importances(known, evaluator=evaluator)
    return {name: round(float(share), 6) for name, share in found.items()}


def _told(
    study: Study, trials: Sequence[Trial], pruner: optuna.pruners.BasePruner | None = None
) -> tuple[optuna.Study, dict[str, optuna.distributions.BaseDistribution]]:
    """A study of Optuna's that knows these trials, and the space that it searches."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = {name: _distribution(given) for name, given in study.space.items()}
    known = optuna.create_study(direction="maximize", pruner=pruner)
    for trial in trials:
        known.add_trial(_frozen(trial, space))
    return known, space


def _made(number: int, asked: optuna.Trial, run: Callable[[Mapping[str, Any], Report], float]) -> Trial:
    steps: list[tuple[float, float]] = []

    def report(epoch: float, score: float) -> None:
        steps.append((epoch, score))
        asked.report(score, len(steps))
        if asked.should_prune():
            raise Pruned

    try:
        value, state = run(asked.params, report), COMPLETE
    except Pruned:
        value, state = steps[-1][1], PRUNED
    except Diverged:
        value, state = None, DIVERGED
    return Trial(number=number, options=asked.params, state=state, value=value, steps=tuple(steps))


def _distribution(given: Any) -> optuna.distributions.BaseDistribution:
    """What Optuna calls a list of choices, or a range."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(given, list):
        return CategoricalDistribution(given)
    return IntDistribution(**{"step": 1, **given}) if whole(given) else FloatDistribution(**given)


def _sampler(study: Study, number: int) -> optuna.samplers.BaseSampler:
    import optuna

    seed = seed_of(study.seed, "search", number) % 2**32
    if study.sampler == "tpe":
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=5)
    return optuna.samplers.RandomSampler(seed=seed)


def _frozen(trial: Trial, space: Mapping[str, Any]) -> optuna.trial.FrozenTrial:
    """A trial from before, as Optuna knows it."""
    import optuna

    states = optuna.trial.TrialState
    state = {COMPLETE: states.COMPLETE, PRUNED: states.PRUNED, DIVERGED: states.FAIL}[trial.state]
    return optuna.trial.create_trial(
        state=state,
        params=dict(trial.options),
        distributions=dict(space),
        value=trial.value if trial.state == COMPLETE else None,
        intermediate_values={at: step[1] for at, step in enumerate(trial.steps, 1)},
    )
