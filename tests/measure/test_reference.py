"""Errors beside those of a reference model: worked numbers, and what its rows promise."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from harness.measure.reference import corruption_error, relative_corruption_error
from harness.measure.robustness import measure
from harness.measure.tables import Fixed, Reference
from harness.rows import Status
from tests.measure.build import cell, model, noise, pick, right, run, tables

OWN = {"a": (0.12, 0.15, 0.20), "b": (0.14, 0.22, 0.34)}
THEIRS = {"a": (0.20, 0.25, 0.35), "b": (0.20, 0.30, 0.40)}
N = 1000


def test_the_worked_example():
    """CE .5875 and .7777778, mean .6826389; relative .53125 and .9523810, mean .7418155 (methods, 3.2)."""
    whole = [float(corruption_error(np.array(OWN[a]), np.array(THEIRS[a]))) for a in "ab"]
    lost = [
        float(
            relative_corruption_error(np.array(OWN[a]), np.array(0.10), np.array(THEIRS[a]), np.array(0.16))
        )
        for a in "ab"
    ]
    assert [*whole, np.mean(whole)] == pytest.approx([0.5875, 0.7777778, 0.6826389], abs=1e-7)
    assert [*lost, np.mean(lost)] == pytest.approx([0.53125, 0.9523810, 0.7418155], abs=1e-7)


def test_nothing_to_compare_with_is_no_number():
    """A reference that makes no error."""
    assert math.isnan(corruption_error(np.array([0.1]), np.array([0.0])))


def errs(clean, errors, seed=0):
    """A run with so many errors in a thousand texts, clean and by operator and severity."""
    cells = {
        noise(a, s): cell(right(N - round(e * N), N), rate=s / 10)
        for a, es in errors.items()
        for s, e in enumerate(es, 1)
    }
    return run(right(N - round(clean * N), N), cells, seed=seed)


def told(reference, *models):
    """All rows of robustness of models beside a reference."""
    return list(measure(replace(tables(*models, n=N), reference=reference)))


def test_the_worked_example_end_to_end():
    """A model of the suite is the reference; its own rows are 1 and not told."""
    own, theirs = model(errs(0.10, OWN)), model(errs(0.16, THEIRS), name="base")
    rows = told(Reference("base", "base"), own, theirs)
    assert pick(rows, "corruption_error", operator="b").value == pytest.approx(0.7777778)
    mean = pick(rows, "mean_corruption_error")
    assert (mean.value, mean.model, mean.direction) == (pytest.approx(0.6826389), "m", "lower")
    assert pick(rows, "mean_relative_corruption_error").value == pytest.approx(0.7418155)
    assert mean.low < 0.68 < mean.high


def test_both_are_resampled_together():
    """The errors of a model on the very texts of its reference vary together with those of the reference."""
    own, theirs = model(errs(0.10, OWN)), model(errs(0.16, THEIRS), name="base")
    joint = pick(told(Reference("base", "base"), own, theirs), "corruption_error", operator="a")
    scores = {noise("a", s): Fixed(1 - e, 0.01) for s, e in enumerate(THEIRS["a"], 1)}
    fixed = pick(told(Reference("base", "base of last year", scores, 0.84), own), "corruption_error")
    assert fixed.value == joint.value == pytest.approx(0.5875)
    assert joint.high - joint.low < fixed.high - fixed.low


def test_the_mean_over_its_runs_is_the_reference():
    """Two runs of the reference that err differently."""
    more = {a: tuple(e + 0.1 for e in es) for a, es in THEIRS.items()}
    less = {a: tuple(e - 0.1 for e in es) for a, es in THEIRS.items()}
    theirs = model(errs(0.2, more), errs(0.12, less, seed=1), name="base")
    rows = told(Reference("base", "base"), model(errs(0.10, OWN)), theirs)
    assert pick(rows, "corruption_error", operator="a").value == pytest.approx(0.5875)


def test_a_stored_reference_is_taken_as_certain():
    """Only operators that were written down at the same severities are compared."""
    scores = {noise("a", s): Fixed(1 - e, 0.005) for s, e in enumerate(THEIRS["a"], 1)}
    scores[noise("b", 1)] = Fixed(0.8, 0.01)
    rows = told(Reference("old", "old of base.json", scores, 0.84), model(errs(0.10, OWN)))
    assert pick(rows, "mean_corruption_error").value == pytest.approx(0.5875)
    assert pick(rows, "relative_corruption_error").value == pytest.approx(0.53125)
    assert "beside old of base.json" in pick(rows, "mean_corruption_error").note


def test_a_reference_that_hardly_minds_gives_no_relative_error():
    """Its loss has to be more than five standard errors above nought."""
    theirs = model(errs(0.16, {"a": (0.161, 0.162, 0.163), "b": THEIRS["b"]}), name="base")
    rows = told(Reference("base", "base"), model(errs(0.10, OWN)), theirs)
    assert [r.condition["operator"] for r in rows if r.measure == "relative_corruption_error"] == ["b"]
    mean = pick(rows, "mean_relative_corruption_error")
    assert mean.value == pytest.approx(0.9523810)
    assert "without a, which base hardly minds" in mean.note


def test_nothing_in_common_is_told():
    """A reference that was tested on other operators."""
    rows = told(Reference("old", "old", {noise("z", 1): Fixed(0.5, 0.1)}, 0.9), model(errs(0.1, OWN)))
    row = pick(rows, "mean_corruption_error")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert "no operator" in row.note


def test_a_reference_without_a_finished_run_is_told():
    """It diverged."""
    empty = replace(run(right(5, N)), cells={}, status="diverged")
    rows = told(Reference("base", "base"), model(errs(0.1, OWN)), model(empty, name="base"))
    assert "no run of base finished" in pick(rows, "mean_corruption_error").note


def test_without_a_reference_there_are_no_such_rows():
    """A suite need not name one."""
    assert not [row for row in told(None, model(errs(0.1, OWN))) if "corruption" in row.measure]


def test_a_model_that_was_asked_less_is_compared_on_the_same_texts():
    """An adaptive budget asked it of the first half, where the reference errs on one text in ten alone."""
    theirs = right(450, 500).tolist() + right(100, 500).tolist()
    whole = {noise("a", 1): cell(theirs, rate=0.1)}
    half = {noise("a", 1): cell(right(475, 500), index=np.arange(500), rate=0.1)}
    own, base = model(run(right(900, N), half)), model(run(right(900, N), whole), name="base")
    row = pick(told(Reference("base", "base"), own, base), "corruption_error")
    assert (row.value, row.n) == (pytest.approx(25 / 50), 500)
