"""The task's own metric: what its rows promise."""

from __future__ import annotations

import pytest

from harness.measure.score import measure
from harness.measure.tables import TEST, Condition, RunTable
from harness.rows import Status
from tests.measure.build import assault, cell, model, noise, pick, right, run, tables


def headline(rows, split=TEST):
    (row,) = [r for r in rows if r.measure == "score" and dict(r.condition) == {"split": split}]
    return row


def test_every_split_has_its_score_chance_and_details():
    """The numbers are the metric's own, on all splits that were predicted."""
    web = {Condition("web"): cell(right(30, 50))}
    rows = list(measure(tables(model(run(right(90, 100), web)), n=100, shifts={"web": 50, "train": 50})))
    assert headline(rows).value == pytest.approx(0.9)
    assert headline(rows, "web").value == pytest.approx(0.6)
    assert pick(rows, "chance", split=TEST).value == pytest.approx(0.5)
    assert pick(rows, "error", split="web").value == pytest.approx(0.4)
    assert not [r for r in rows if r.condition.get("split") == "train"]


def test_each_seed_has_a_row_and_the_mean_speaks_for_the_recipe():
    """The mean's interval is wider than each run's as soon as runs differ."""
    runs = [run(right(k, 100), seed=s) for s, k in enumerate((80, 90, 95))]
    rows = list(measure(tables(model(*runs), n=100)))
    mean = headline(rows)
    assert mean.value == pytest.approx(0.8833333)
    assert mean.runs == 3
    seeds = [pick(rows, "score", seed=s) for s in range(3)]
    assert [r.value for r in seeds] == pytest.approx([0.8, 0.9, 0.95])
    assert all(r.runs == 1 for r in seeds)
    assert mean.high - mean.low > max(r.high - r.low for r in seeds)


def test_a_model_that_was_given_has_no_seeds():
    """There is one row per split, without a remark on other seeds."""
    rows = list(measure(tables(model(run(right(90, 100), seed=None)), n=100)))
    assert [dict(r.condition) for r in rows if r.measure == "score"] == [{"split": TEST}]
    assert headline(rows).note == ""


def test_a_model_that_never_finished_says_so():
    """All runs diverged: one row, no number."""
    (row,) = measure(tables(model(RunTable(0, "diverged", {})), n=100))
    assert (row.value, row.status, row.note) == (None, Status.NOT_APPLICABLE, "no run finished")


def test_the_gain_over_the_first_model_is_paired_by_example():
    """Two models that are wrong on nearly the same examples differ more surely than their scores tell."""
    first, second = run(right(70, 100), seed=None), run(right(76, 100), seed=None)
    rows = list(measure(tables(model(first, name="plain"), model(second, name="hardened"), n=100)))
    gain = pick(rows, "gain", split=TEST)
    assert (gain.model, gain.condition["over"]) == ("hardened", "plain")
    assert gain.value == pytest.approx(0.06)
    assert 0 < gain.low < 0.06 < gain.high < 0.15
    scores = [r for r in rows if r.measure == "score"]
    assert scores[0].high > scores[1].low  # which alone would decide nothing


def test_gains_are_paired_by_seed_where_there_are_as_many():
    """What a seed does to both models is no part of the gain."""
    plain = [run(right(k, 200), seed=s) for s, k in enumerate((120, 150, 180))]
    better = [run(right(k + 10, 200), seed=s) for s, k in enumerate((120, 150, 180))]
    fewer = better[:2]
    paired = pick(
        measure(tables(model(*plain, name="a"), model(*better, name="b"), n=200)), "gain", split=TEST
    )
    apart = pick(measure(tables(model(*plain, name="a"), model(*fewer, name="b"), n=200)), "gain", split=TEST)
    assert paired.value == pytest.approx(0.05)
    assert (paired.low > 0, apart.low > 0) == (True, False)
    assert (paired.runs, apart.runs) == (3, 2)


def test_a_gain_under_attack_counts_all_that_was_attacked():
    """What was skipped was wrong already, and stays so; the plain model loses five, the other two."""
    models = [
        model(run(right(8, 10), seed=None), name=name, attacks=(assault(course, seed=None),))
        for name, course in (("plain", "SSSSSfff--"), ("hardened", "SSffffff--"))
    ]
    gain = pick(measure(tables(*models, n=10)), "gain", attack="greedy")
    assert gain.value == pytest.approx(0.3)
    assert gain.n == 10


def test_a_recipe_whose_runs_are_all_better_dominates_the_other():
    """Methods, section 4.10: runs of .7 and .9 against .75 and .8 violate by .2; one run says nothing."""

    def of(*counts, name):
        return model(*(run(right(k, 20), seed=seed) for seed, k in enumerate(counts)), name=name)

    def row(first, second):
        return pick(measure(tables(of(*first, name="a"), of(*second, name="b"), n=20)), "dominance")

    assert row((15, 16), (14, 18)).value == pytest.approx(0.2)
    better = row((15, 16, 14), (18, 19, 17))
    assert (better.value, better.condition, better.direction) == (0, {"over": "a"}, "lower")
    assert not [
        r for r in measure(tables(of(15, name="a"), of(18, 19, name="b"), n=20)) if r.measure == "dominance"
    ]


def test_a_suite_of_one_model_has_no_gain():
    """There is nothing to be better than."""
    assert not [r for r in measure(tables(model(run(right(9, 10))), n=10)) if r.measure == "gain"]


def test_the_gain_in_a_condition_is_paired() -> None:
    """What training on edited texts brought: ten of two hundred more, and no fewer clean."""
    worse, better = (cell(right(count, 200), rate=0.1) for count in (120, 130))
    plain = model(run(right(160, 200), {noise("keyboard", 3): worse}), name="plain")
    hardened = model(run(right(160, 200), {noise("keyboard", 3): better}), name="hardened")
    rows = list(measure(tables(plain, hardened, n=200)))
    row = pick(rows, "gain", operator="keyboard", severity=3)
    assert (row.model, row.condition["over"], row.value) == ("hardened", "plain", pytest.approx(0.05))
    assert 0 < row.low < 0.05 < row.high < 0.1
    assert pick(rows, "gain", split="test").value == 0


def test_the_gain_in_a_condition_is_on_texts_that_both_were_asked() -> None:
    """An adaptive budget asked one of them only the first half, which is the easy one."""
    plain = model(run(right(200, 200), {noise("keyboard", 3): cell(right(100, 200), rate=0.1)}), name="plain")
    half = cell(right(90, 100), index=range(100), rate=0.1)
    other = model(run(right(200, 200), {noise("keyboard", 3): half}), name="other")
    row = pick(measure(tables(plain, other, n=200)), "gain", operator="keyboard")
    assert (row.value, row.n) == (pytest.approx(-0.1), 100)
