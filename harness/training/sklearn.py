"""A bag of words: the honest baseline beside every transformer."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.errors import Fault, UserError
from harness.models.bag import Bag, bias, offsets, scale, text_features, word_features
from harness.prediction import Floats
from harness.tasks.reading import plain
from harness.tasks.task import Task
from harness.text import Example
from harness.training.trainer import Emit, Job, Outcome, Trainer
from harness.training.watch import score

WIDTH = 2**18
NEVER = -1e4
"""Weight of the bias of a label that the training data lack: its probability is 0."""


def fit(job: Job, emit: Emit, *, C: float = 1.0, max_iter: int = 100) -> Outcome:
    """Multinomial logistic regression over hashed words, by L-BFGS of scikit-learn.

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
    rows, targets = _encode(job.task, job.labels, job.train)
    found = _solve(rows, targets, job.task.per_word, C, max_iter)
    weights = np.zeros((WIDTH, len(job.labels)), np.float32)
    weights[np.ix_(found.features, found.labels)] = found.weights
    absent = np.setdiff1d(np.arange(len(job.labels)), found.labels)
    weights[bias(WIDTH), absent] = NEVER
    bag = Bag(weights, job.labels, job.task)
    bag.save(job.where)
    after = score(job.task, bag, job.validation)
    end = "short of" if found.iterations >= max_iter else "at"
    emit(f"{found.iterations} iterations, {end} the optimum")
    return Outcome(None, after, float(found.iterations))


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
) -> tuple[list[list[int]], NDArray[np.int64]]:
    """Hashed features and label ids of all words that have one, or of all texts."""
    rows: list[list[int]] = []
    targets: list[int] = []
    for example in examples:
        text = plain(task.inputs(example))
        gold = task.gold(example, offsets(text), labels)
        if task.per_word:
            rows += word_features(text, WIDTH)
            targets += gold
        else:
            rows.append(text_features(text, WIDTH))
            targets.append(gold)
    kept = [at for at, target in enumerate(targets) if target >= 0]
    if not kept:
        raise UserError(Fault("the training data hold no words with labels: there is nothing to learn from"))
    return [rows[at] for at in kept], np.array(targets)[kept]


class Solved(NamedTuple):
    """Weights of the features and labels that occur.

    Args:
        weights: Shape ``(features, labels)``.
        features: Their numbers, shape ``(features,)``.
        labels: Their ids, shape ``(labels,)``.
        iterations: How many it took.
    """

    weights: Floats
    features: NDArray[np.int64]
    labels: NDArray[np.int64]
    iterations: int


def _solve(
    rows: list[list[int]], targets: NDArray[np.int64], per_word: bool, C: float, max_iter: int
) -> Solved:
    """Fit the weights of the features that occur: a few per cent of all, so much faster."""
    from scipy.sparse import csr_matrix
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    features, columns = np.unique(np.concatenate([np.array(row) for row in rows]), return_inverse=True)
    labels = np.unique(targets)
    if len(labels) == 1:  # nothing to tell apart
        return Solved(np.zeros((len(features), 1), np.float32), features, labels, 0)
    sizes = np.array([len(row) for row in rows])
    values = np.repeat([scale(size, per_word) for size in sizes], sizes)
    matrix = csr_matrix((values, columns, [0, *sizes.cumsum()]), shape=(len(rows), len(features)))
    solver = LogisticRegression(C=C, max_iter=max_iter, fit_intercept=False, solver="lbfgs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations says it too
        solver.fit(matrix, targets)
    found = solver.coef_.T
    if len(labels) == 2:  # the solver keeps the difference alone
        found = np.hstack([np.zeros_like(found), found])
    return Solved(found.astype(np.float32), features, labels, int(solver.n_iter_.max()))


TRAINER = Trainer(name="sklearn", function=fit, load=Bag.load, pretrained=False)
