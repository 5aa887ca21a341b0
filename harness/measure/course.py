"""The course of training: what runs score that stopped on the way, and what the rest gains."""

from __future__ import annotations

from collections.abc import Iterator

from harness.measure.common import DIFFERENCE, Study, of_seeds
from harness.measure.tables import TEST, Condition
from harness.rows import Row


def rows(study: Study) -> Iterator[Row]:
    """The score after each share of the steps, and how much better the same seeds are at the end.

    Rows are paired by seed and example, so that the gain is known better than the two scores are.
    """
    on_the_way = {v.checkpoint: runs for v, runs in study.model.parts.items() if v.checkpoint < 1}
    for share, runs in sorted(on_the_way.items()):
        then, place = study.of(runs), {"checkpoint": share}
        if not then.runs:
            yield study.absent("checkpoint_score", f"no run finished {100 * share:g} % of its training")
            continue
        n = study.size(Condition(TEST))
        score = study.tables.score(then.clean(TEST))
        yield study.row("checkpoint_score", score, place, n=n, runs=len(score))
        there = {run.seed for run in then.runs}
        both = [run.seed for run in study.runs if run.seed in there]
        if both:
            end = study.tables.score(study.clean(TEST))
            gain = of_seeds(end, study.runs, both) - of_seeds(score, then.runs, both)
            note = "what the rest of the training added, seed by seed"
            yield study.row("checkpoint_gain", gain, place, n=n, runs=len(both), bounds=DIFFERENCE, note=note)
