"""The classification report over training runs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import classification_report

from harness.measure.labels import reports
from harness.measure.tables import TEST, Cell, Condition, ModelTable, RunTable, Tables
from harness.prediction import Classes
from harness.tasks.scoring.classes import SCORING
from harness.text import Example

LABELS = ("a", "b", "c")
N = 40


def a_run(seed: int, gold: list[str], said: list[str]) -> RunTable:
    """A run that said that."""
    rows = [
        SCORING.stats(
            Example("x", {"text": "x"}, one),
            Classes(LABELS, np.array([label == other for label in LABELS], np.float32)),
            LABELS,
        )
        for one, other in zip(gold, said, strict=True)
    ]
    cell = Cell(np.arange(N), np.array(rows), np.zeros((N, 5)), np.zeros(N))
    return RunTable(seed, "ok", {Condition(TEST): cell})


def tables(runs: tuple[RunTable, ...], **more: object) -> Tables:
    """Tables of one model with these runs."""
    return Tables(
        metric=SCORING.metric,
        score=SCORING.score,
        chance=SCORING.chance,
        details={},
        sizes={TEST: N},
        groups={TEST: np.arange(N)},
        models=(ModelTable("m", False, runs),),
        seed=0,
        resamples=200,
        **more,
    )


def test_numbers_are_means_over_runs_with_an_interval_of_f1() -> None:
    """Each run's own report is scikit-learn's."""
    draw = np.random.default_rng(0)
    gold = [LABELS[at] for at in draw.integers(0, 3, N)]
    said = [[g if draw.random() < 0.7 else LABELS[draw.integers(0, 3)] for g in gold] for _ in range(3)]
    runs = tuple(a_run(seed, gold, one) for seed, one in enumerate(said))
    (found,) = reports(tables(runs, columns={"m": SCORING.columns(LABELS)}))
    theirs = [classification_report(gold, one, output_dict=True, zero_division=0) for one in said]
    assert (found.model, found.level, found.runs) == ("m", "label", 3)
    names = {"macro average": "macro avg", "weighted average": "weighted avg"}
    for line in found.lines:
        if line.name != "micro average":
            rows = [one[names.get(line.name, line.name)] for one in theirs]
            assert line.f1 == pytest.approx(np.mean([row["f1-score"] for row in rows]))
            assert line.precision == pytest.approx(np.mean([row["precision"] for row in rows]))
            assert line.support == rows[0]["support"]
        assert line.low <= line.f1 <= line.high
    assert next(line for line in found.lines if line.name == "micro average").f1 == pytest.approx(
        np.mean([one["accuracy"] for one in theirs])
    )


def test_tasks_without_labels_and_models_without_runs_have_none() -> None:
    """There is nothing to report."""
    run = a_run(0, ["a"] * N, ["a"] * N)
    assert reports(tables((run,))) == ()
    assert reports(tables((), columns={"m": SCORING.columns(LABELS)})) == ()
