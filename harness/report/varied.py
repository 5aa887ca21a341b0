"""What the page shows of runs that differ: causes, sizes, settings, data sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.report import select
from harness.report.view import HeatCell, shaded
from harness.rows import Results, Row, Trained

CURVE = ("learning_area", "learning_slope", "learning_needed", "learning_violation", "subset_sd")
COURSE = ("checkpoint_score", "checkpoint_gain")
DATA_SETS = ("dataset_sd", "dataset_iqm", "dataset_worst", "rank_agreement")
SPREAD = (
    "score_mean",
    "score_sd",
    "distribution_sd",
    "next_run",
    "worst_run",
    "expected_worst",
    "needed_runs",
)
SETTINGS = ("setting_score", "setting_regret", "good_settings", "option_share", "option_slope")


class CrossMatrix(NamedTuple):
    """Scores of a model by the data set it was trained on (lines) and tested on (columns).

    Cells are coloured by what is lost against the runs that were trained where they are tested.
    """

    model: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[HeatCell, ...]], ...]


def there(results: Results) -> bool:
    """Whether there is anything to say of runs that differ."""
    return bool(
        results.unstable or causes(results) or curve(results) or of(results, SPREAD + COURSE + SETTINGS)
    )


def of(results: Results, measures: Sequence[str]) -> list[Row]:
    """The rows of some measures of stability."""
    return [row for row in results.rows if row.property == "stability" and row.measure in measures]


def causes(results: Results) -> list[Row]:
    """What the spread of runs is due to."""
    return of(results, ("variance_share",))


def curve(results: Results) -> list[Row]:
    """The points of learning curves that have more than one."""
    rows = [row for row in of(results, ("learning_curve",)) if row.value is not None]
    return rows if len({row.condition["fraction"] for row in rows}) > 1 else []


def matrices(results: Results) -> list[CrossMatrix]:
    """A matrix per model."""
    rows = [row for row in results.rows if row.measure == "cross_score"]
    models = dict.fromkeys(row.model for row in rows)
    return [_matrix(model, [row for row in rows if row.model == model]) for model in models]


def _matrix(model: str, rows: Sequence[Row]) -> CrossMatrix:
    at = {(str(row.condition.get("trained", "")), str(row.condition["tested"])): row for row in rows}
    trained, tested = (tuple(dict.fromkeys(key[side] for key in at)) for side in (0, 1))
    lines = tuple(
        (name, tuple(_cell(at.get((name, column)), at.get((column, column))) for column in tested))
        for name in trained
    )
    return CrossMatrix(model, tested, lines)


def _cell(row: Row | None, home: Row | None) -> HeatCell:
    def lost(row: Row) -> float | None:
        if row.value is None or home is None or home.value is None:
            return None
        return home.value - row.value

    return shaded(row, select.LOSS_STEPS, lost)


def steps_aside(one: Trained) -> str:
    """How a run differs from the main ones besides the share of the data, in words; empty if it does not."""
    told = {
        "draw": one.subset or "",
        "order": "" if one.order is None else one.order,
        "setting": one.setting,
        "trained on": one.source,
        "stopped at": "" if one.checkpoint == 1 else f"{100 * one.checkpoint:g} %",
        "gold": "shuffled" if one.shuffled else "",
        "part": one.part,
    }
    return ", ".join(f"{name} {value}" for name, value in told.items() if value != "")
