"""What edits do to texts that a model writes: their length, whether they are empty (methods, section 2.14).

How much their words change is the distance itself: one less it is chrF with beta 1, the harmonic mean of how
well each text foretells the other, which makes it the consistency of section 2.14.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from harness.measure.common import POSITIVE, Study, named, share
from harness.measure.disturbed import Conditions, undisturbed
from harness.measure.tables import Array, Cell, Condition, RunTable
from harness.rows import Row

WORDS, EMPTY = "words:said", "empty"
"""Statistics of written texts; tasks that ask for none do not have them."""
HARM = 1.0
"""A loss of the output that outweighs that of the input, see :func:`outweighs`."""


# -- formulas ------------------------------------------------------------------------------------


def length_jump(before: Array, after: Array) -> Array:
    """By what part of its length an output grew or shrank: ``|after - before| / before``.

    Args:
        before: Words of the output for each clean text; an empty one counts as one word.
        after: Words of the output for the edited text.

    Returns:
        Of the same shape, at least 0.
    """
    found: Array = np.abs(after - before) / np.maximum(before, 1)
    return found


def relative_loss(before: Array, after: Array) -> Array:
    """The part of its score that an output lost, in [0, 1]; 0 where it had none (``d_tgt`` of section 2.14)."""
    lost = np.maximum(before - after, 0)
    found: Array = np.divide(lost, before, out=np.zeros(np.shape(lost)), where=before > 0)
    return found


def outweighs(likeness: Array, loss: Array) -> Array:
    """Whether an edit harms the output more than the input: ``likeness + loss > 1`` (Michel et al. 2019).

    Args:
        likeness: Of the edited input to the clean one, chrF with beta 1 in [0, 1].
        loss: :func:`relative_loss` of the output.

    Returns:
        0 or 1, of the same shape. A text that was half destroyed may cost half of the score.
    """
    found: Array = (likeness + loss > HARM).astype(float)
    return found


# -- rows ----------------------------------------------------------------------------------------


def rows(study: Study) -> Iterator[Row]:
    """How far lengths and meanings move and how often nothing is left, in each condition; nothing for other tasks."""
    names = list(study.tables.columns.get(study.model.name, ()))
    if WORDS not in names or EMPTY not in names:
        return
    words, empty = names.index(WORDS), names.index(EMPTY)

    def columns(run: RunTable, cell: Cell) -> Array:
        before = undisturbed(run, cell)
        jump = length_jump(before[:, words], cell.stats[:, words])
        emptied = (cell.stats[:, empty] > 0) & (before[:, empty] == 0)
        return np.column_stack([jump, emptied, np.ones(len(jump))])

    for condition, sums in study.sums(_there(study), columns).items():
        n, status = study.size(condition), study.status(condition)
        for at, (name, bounds) in enumerate((("length_jump", POSITIVE), ("emptied", (0.0, 1.0)))):
            yield study.row(
                name,
                share(sums[..., at], sums[..., -1], sums[..., -1]),
                named(condition),
                n=n,
                status=status,
                direction="lower",
                bounds=bounds,
            )
    yield from _sense(study)


def _sense(study: Study) -> Iterator[Row]:
    """How far the meanings of outputs move, where a sentence encoder was asked (methods, section 1)."""
    told = [c for c in _there(study) if all(cell.sense is not None for cell in study.cells(c))]

    def columns(run: RunTable, cell: Cell) -> Array:
        assert cell.sense is not None
        return np.column_stack([cell.sense, np.ones(len(cell.sense))])

    for condition, sums in study.sums(told, columns).items():
        yield study.row(
            "meaning_distance",
            share(sums[..., 0], sums[..., 1], sums[..., 1]),
            named(condition),
            n=study.size(condition),
            status=study.status(condition),
            direction="lower",
            note="as the encoder of perturb.similarity sees it",
        )


def relative_rows(study: Study, found: Conditions) -> Iterator[Row]:
    """The score of written texts over that of the same texts undisturbed, which chance does not bound."""
    if WORDS not in study.tables.columns.get(study.model.name, ()):
        return
    for condition, one in found.items():
        yield study.row(
            "relative_score",
            np.divide(one.score, one.clean, out=np.full(one.score.shape, np.nan), where=one.clean > 0),
            named(condition),
            n=study.size(condition),
            status=study.status(condition),
            bounds=POSITIVE,
        )


def _there(study: Study) -> Sequence[Condition]:
    return [c for c in study.perturbed if all(len(cell.index) for cell in study.cells(c))]
