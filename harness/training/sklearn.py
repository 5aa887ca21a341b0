"""A bag of words: the honest baseline beside every transformer."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.errors import Fault, UserError
from harness.models.bag import Bag
from harness.models.features import Row, bias, looked_at, offsets, rows
from harness.prediction import Floats
from harness.tasks.task import LABELLED, Form, Task
from harness.text import Example
from harness.training.trainer import Emit, Job, Outcome, Trainer
from harness.training.watch import score

IGNORED = -100
WIDTH = 2**18
NEVER = -1e4
"""Weight of the bias of a label that the training data lack: its probability is 0."""


def fit(job: Job, emit: Emit, *, C: float = 1.0, max_iter: int = 100) -> Outcome:
    """Logistic regression over hashed words, by L-BFGS of scikit-learn.

    It is multinomial where one label is right; otherwise each label has a regression of its own, and
    so has the question whether a candidate is right. The words at which answers start and end are
    chosen among all of their context by a conditional logit each.

    The problem is convex and solved to its optimum, so that the seed does not matter.

    Args:
        job: What to learn.
        emit: Told of the outcome.
        C: Inverse of the strength of the L2 penalty.
        max_iter: Iterations at most.

    Raises:
        UserError: If an option is not allowed, or there is nothing to learn from.
    """
    _check(C, max_iter)
    if job.task.form is Form.ANSWER:
        weights, iterations = _solve_answers(job.task, job.labels, job.train, C, max_iter)
    else:
        found, targets = _encode(job.task, job.labels, job.train)
        weights, iterations = _solve(found, targets, len(job.labels), C, max_iter)
    bag = Bag(weights, job.labels, job.task)
    bag.save(job.where)
    after = score(job.task, bag, job.validation)
    end = "short of" if iterations >= max_iter else "at"
    emit(f"{iterations} iterations, {end} the optimum")
    return Outcome(None, after, float(iterations))


def _check(C: float, max_iter: int) -> None:
    faults = []
    if not (math.isfinite(C) and C > 0):
        faults.append(Fault(f"C should be above 0, found {C!r}", field="C"))
    if max_iter < 1:
        faults.append(Fault(f"max_iter should be at least 1, found {max_iter!r}", field="max_iter"))
    if faults:
        raise UserError(faults)


def _encode(
    task: Task, labels: tuple[str, ...], examples: Sequence[Example]
) -> tuple[list[Row], NDArray[np.int64]]:
    """The rows to learn from, and their targets.

    Returns:
        Rows, and label ids of shape ``(rows,)``, or 0 and 1 of shape ``(rows, labels)`` where labels
        do not exclude each other, ``(rows, 1)`` for candidates.
    """
    found: list[Row] = []
    targets: list[Any] = []
    for example in examples:
        texts = looked_at(task, example)
        gold = task.gold(example, offsets(texts[0][-1]), labels)
        found += [row for one in texts for row in rows(task.form, one, WIDTH)]
        if task.form is Form.CHOICE:
            targets += [[one] for one in gold]
        else:
            targets += gold if task.form is Form.WORDS else [gold]
    kept = [at for at, target in enumerate(targets) if target != IGNORED]
    if not kept:
        raise UserError(Fault("the training data hold no words with labels: there is nothing to learn from"))
    return [found[at] for at in kept], np.array([targets[at] for at in kept])


def _solve(
    found: Sequence[Row], targets: NDArray[np.int64], count: int, C: float, max_iter: int
) -> tuple[Floats, int]:
    """Weights of all features, shape ``(WIDTH, outputs)``, and the most iterations that any part took.

    Only the weights of features that occur are fitted: a few per cent of all, so much faster.
    """
    matrix, features = _matrix(found)
    if targets.ndim == 1:
        parts = [_one_of(matrix, targets, count, C, max_iter)]
    else:
        parts = [_yes_or_no(matrix, column, C, max_iter) for column in targets.T]
    weights = np.zeros((WIDTH, count if targets.ndim == 1 else targets.shape[1]), np.float32)
    weights[features] = np.hstack([part.weights for part in parts])
    weights[bias(WIDTH)] += np.concatenate([part.bias for part in parts])
    return weights, max(part.iterations for part in parts)


def _matrix(found: Sequence[Row]) -> tuple[Any, NDArray[np.int64]]:
    """The rows as a sparse matrix of the features that occur, and which these are."""
    from scipy.sparse import csr_matrix

    features, columns = np.unique(np.concatenate([row.features for row in found]), return_inverse=True)
    values = np.concatenate([row.values for row in found])
    ends = np.cumsum([0, *(len(row.features) for row in found)])
    return csr_matrix((values, columns, ends), shape=(len(found), len(features))), features


def _solve_answers(
    task: Task, labels: tuple[str, ...], examples: Sequence[Example], C: float, max_iter: int
) -> tuple[Floats, int]:
    """Weights for the start and the end of an answer, shape ``(WIDTH, 2)``, and the most iterations."""
    found: list[Row] = []
    sizes, chosen = [], []
    for example in examples:
        (texts,) = looked_at(task, example)
        gold = task.gold(example, offsets(texts[-1]), labels)
        own = rows(task.form, texts, WIDTH)
        chosen.append((0, 0) if gold is None else (1 + gold[0], 1 + gold[1]))
        sizes.append(len(own))
        found += own
    matrix, features = _matrix(found)
    weights, most = np.zeros((WIDTH, len(labels)), np.float32), 0
    for at, targets in enumerate(np.array(chosen).T):
        weights[features, at], iterations = conditional(matrix, np.array(sizes), targets, C, max_iter)
        most = max(most, iterations)
    return weights, most


def conditional(
    matrix: Any, sizes: NDArray[np.int64], chosen: NDArray[np.int64], C: float, max_iter: int
) -> tuple[Floats, int]:
    """A conditional logit (McFadden 1974): which row of each group is the one.

    Args:
        matrix: The rows of all groups, one group below the other.
        sizes: Rows of each group.
        chosen: Which of its rows, from 0.
        C: Inverse of the strength of the L2 penalty, as in scikit-learn.
        max_iter: Iterations at most.

    Returns:
        Weights, shape ``(features,)``, and how many iterations they took.
    """
    from scipy.optimize import minimize

    starts = np.cumsum(sizes) - sizes
    right = starts + chosen

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = matrix @ weights
        logits -= np.repeat(np.maximum.reduceat(logits, starts), sizes)
        powers = np.exp(logits)
        totals = np.add.reduceat(powers, starts)
        slope = powers / np.repeat(totals, sizes)
        slope[right] -= 1
        value = C * (np.log(totals).sum() - logits[right].sum()) + weights @ weights / 2
        return float(value), C * (matrix.T @ slope) + weights

    solved = minimize(
        loss,
        np.zeros(matrix.shape[1]),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": max_iter, "gtol": 1e-3},
    )
    return solved.x.astype(np.float32), int(solved.nit)


class Part(NamedTuple):
    """A regression.

    Args:
        weights: Shape ``(features, outputs)``.
        bias: What is to be added to that of the bias, shape ``(outputs,)``.
        iterations: How many it took.
    """

    weights: Floats
    bias: Floats
    iterations: int


def _one_of(matrix: Any, targets: NDArray[np.int64], count: int, C: float, max_iter: int) -> Part:
    """One regression for labels that exclude each other; those that never occur get :data:`NEVER`."""
    present = np.unique(targets)
    weights, bias = np.zeros((matrix.shape[1], count), np.float32), np.full(count, NEVER, np.float32)
    bias[present] = 0
    if len(present) == 1:  # nothing to tell apart
        return Part(weights, bias, 0)
    coefficients, iterations = _fitted(matrix, targets, C, max_iter)
    # Of two labels the solver keeps the difference alone.
    weights[:, present if len(present) > 2 else present[1:]] = coefficients
    return Part(weights, bias, iterations)


def _yes_or_no(matrix: Any, targets: NDArray[np.int64], C: float, max_iter: int) -> Part:
    """A regression for one label; one that is never or always right needs none."""
    if len(np.unique(targets)) == 1:
        always = NEVER if targets[0] == 0 else -NEVER
        return Part(np.zeros((matrix.shape[1], 1), np.float32), np.array([always], np.float32), 0)
    coefficients, iterations = _fitted(matrix, targets, C, max_iter)
    return Part(coefficients, np.zeros(1, np.float32), iterations)


def _fitted(matrix: Any, targets: NDArray[np.int64], C: float, max_iter: int) -> tuple[Floats, int]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    solver = LogisticRegression(C=C, max_iter=max_iter, fit_intercept=False, solver="lbfgs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations says it too
        solver.fit(matrix, targets)
    return solver.coef_.T.astype(np.float32), int(solver.n_iter_.max())


TRAINER = Trainer(
    name="sklearn",
    function=fit,
    load=Bag.load,
    pretrained=False,
    forms=LABELLED | {Form.ANSWER, Form.CHOICE},
)
