"""Slices: how they are cut, what is said of them, and the worst of them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.common import draws_of, studies
from harness.measure.generalization import measure
from harness.measure.slices import buckets, contributions, cut, design, part_sums, slope
from harness.measure.tables import TEST, Cell, Condition
from harness.rng import rng
from tests.measure.build import cell, model, pick, profile, right, run, tables

N = 400


def lengths(n=N):
    """Lengths from 1 to n, in a fixed order at random."""
    return (1.0 + rng("lengths").permutation(n)).astype(float)


def measured(correct, groups=None, **features):
    """The rows of generalization of one run with these features."""
    n = len(correct)
    data = tables(
        model(run(correct)),
        n=n,
        groups=None if groups is None else {TEST: groups},
        profiles={TEST: profile(n, **features)},
    )
    return list(measure(data))


def test_the_slope_over_buckets_is_the_published_number():
    """Methods, section 5.5: .92, .90, .86, .78 have a spread of .14 and a slope of -.046."""
    scores = np.array([0.92, 0.90, 0.86, 0.78])
    assert slope(scores, np.arange(4.0)) == pytest.approx(-0.046, abs=1e-12)
    assert scores.max() - scores.min() == pytest.approx(0.14, abs=1e-12)


def test_the_published_spread_comes_out_of_rows():
    """Four quarters of lengths with these accuracies, end to end."""
    length = np.repeat([1.0, 2.0, 4.0, 8.0], 100)
    correct = np.concatenate([right(k, 100) for k in (92, 90, 86, 78)])
    rows = measured(correct, length=length)
    assert pick(rows, "slice_spread", slice="length").value == pytest.approx(0.14)
    assert pick(rows, "slice_slope", slice="length").value == pytest.approx(-0.046)
    assert pick(rows, "slice_score", slice="length", bucket="8").value == pytest.approx(0.78)
    gap = pick(rows, "slice_gap", slice="length", bucket="8")
    assert gap.value == pytest.approx(0.78 - (92 + 90 + 86) / 300)
    assert gap.low < gap.value < gap.high < 0
    assert gap.note.startswith("p = 0.0")
    assert "adjusted for 4 slices" in gap.note


def test_numbers_are_cut_into_quarters_and_named_by_what_is_in_them():
    """Each has a quarter of the examples; the name says from where to where."""
    found = list(buckets("length", lengths()))
    assert [(one.bucket, one.size) for one in found] == [
        ("1-100", 100), ("101-200", 100), ("201-300", 100), ("301-400", 100),
    ]  # fmt: skip


@given(st.lists(st.one_of(st.integers(0, 12).map(float), st.just(np.nan)), min_size=1, max_size=80))
def test_buckets_part_what_has_a_value(values):
    """Everything that has a value is in one bucket, equal values are together, in ascending order."""
    x = np.array(values)
    found = list(buckets("f", x))
    assert (sum((one.rows for one in found), np.zeros(len(x), int)) == np.isfinite(x)).all()
    assert len(found) <= 4
    for lower, upper in itertools.pairwise(found):
        assert x[lower.rows].max() < x[upper.rows].min()


def test_categories_are_cut_as_they_are_and_small_ones_are_left_out():
    """Thirty examples are the least, of the slice and of the rest; an empty category is none."""
    channel = np.array(["mail"] * 200 + ["chat"] * 171 + ["fax"] * 29)
    assert [(one.bucket, one.size) for one in cut(profile(N, channel=channel))] == [
        ("chat", 171),
        ("mail", 200),
    ]
    assert not cut(profile(N, channel=np.array(["mail"] * 400)))
    assert [one.bucket for one in cut(profile(N, channel=np.array(["mail"] * 200 + [""] * 200)))] == ["mail"]


def test_a_slice_has_the_interval_of_its_own_examples_alone():
    """As if the others were not there: the same sums in the same resamples, fewer units to count on."""
    correct = (rng("own").random(N) < 0.8).astype(float)
    rows = measured(correct, channel=np.repeat(["a", "b"], N // 2))
    alone = list(measure(tables(model(run(correct[: N // 2])), n=N // 2, resamples=4000)))
    assert not [r for r in alone if r.measure == "slice_score"]
    row = pick(rows, "slice_score", bucket="a")
    p = correct[: N // 2].mean()
    assert row.value == pytest.approx(p)
    assert (row.high - row.low) / 2 / 1.96 == pytest.approx((p * (1 - p) / (N // 2)) ** 0.5, rel=0.12)


def test_a_slice_that_is_all_right_is_as_sure_as_it_is_large():
    """Forty of forty are not four hundred of four hundred."""
    correct = np.concatenate([np.ones(40), right(200, 360)])
    rows = measured(correct, channel=np.array(["a"] * 40 + ["b"] * 360))
    row = pick(rows, "slice_score", bucket="a")
    assert (row.value, row.high) == (1, 1)
    assert row.low == pytest.approx(0.025 ** (1 / 40), abs=1e-9)


def test_sums_over_some_examples_are_those_of_all_with_the_others_set_to_zero():
    """In the sum, in every resample and with each cluster left out."""
    groups = np.repeat(np.arange(100), 4)
    data = tables(model(run(right(300, N))), n=N, groups={TEST: groups}, resamples=100)
    draws = draws_of(data, (TEST,))
    table, rows = rng("table").random((N, 3)), rng("rows").random(N) < 0.3
    expected = draws.sums(TEST, [(np.arange(N), table * rows[:, np.newaxis])])[0]
    assert part_sums(draws, TEST, rows, np.arange(N), table) == pytest.approx(expected)


def test_the_worst_group_has_a_bound_that_holds_for_all_groups_at_once():
    """Methods, section 5.9: wider than the group's own interval, and the group is named with sizes."""
    channel = np.repeat(["a", "b", "c", "d"], 100)
    correct = np.concatenate([right(k, 100) for k in (90, 85, 70, 88)])
    rows = measured(correct, channel=channel)
    worst, own = pick(rows, "worst_group"), pick(rows, "slice_score", bucket="c")
    assert worst.value == own.value == pytest.approx(0.70)
    assert worst.low < own.low
    assert worst.note == "c of 4 buckets with 30 examples or more; groups of 100 to 100 examples"
    assert 0.70 < pick(rows, "worst_group_shrunken").value < 0.80


def test_the_bound_of_the_worst_group_keeps_its_promise():
    """Of 100 data sets with eight groups alike, the least of them is hardly ever told to be worse than it is."""
    wrong = 0
    for at in range(100):
        correct = (rng("worst", at).random(480) < 0.8).astype(float)
        data = tables(
            model(run(correct)), n=480, profiles={TEST: profile(480, channel=np.repeat(list("abcdefgh"), 60))}
        )
        row = pick(measure(data), "worst_group")
        wrong += row.high < 0.8 or row.low > 0.8
    assert wrong <= 8


def test_a_slope_may_be_steeper_than_one():
    """Texts that differ little in length may differ much in how they are answered, and runs in how much."""
    length = np.repeat([10.0, 11.0], N // 2)
    runs = [run(np.concatenate([right(20, 200), right(hits, 200)]), seed=hits) for hits in (170, 190)]
    profiles = {TEST: profile(N, length=length)}
    row = pick(measure(tables(model(*runs), n=N, profiles=profiles)), "slice_slope")
    assert row.value == pytest.approx(0.8 / np.log2(11 / 10))
    assert row.low < row.value < row.high


def test_effects_of_correlated_features_are_told_apart():
    """Long texts have rare words; only the words decide, and only they are blamed."""
    random = rng("effects")
    rare = random.random(2000)
    length = np.rint(10 + 40 * rare + 5 * random.standard_normal(2000)).clip(1)
    correct = (random.random(2000) < 0.95 - 0.5 * rare).astype(float)
    rows = measured(correct, length=length, unseen_words=rare)
    blamed, cleared = (pick(rows, "slice_effect", slice=name) for name in ("unseen_words", "length"))
    assert blamed.high < 0
    assert cleared.low < 0 < cleared.high
    assert pick(rows, "slice_slope").high < 0  # by itself the length looks guilty


def test_the_design_has_standardised_numbers_and_frequent_categories():
    """The most frequent category of a feature and rare ones have no column; a constant is left out."""
    kinds = np.array(["a"] * 200 + ["b"] * 150 + ["c"] * 50)
    names, X = design({"length": lengths(), "same": np.ones(N), "kind": kinds})
    assert names == ["length"]
    assert X.shape == (N, 4)
    assert X[:, 1].mean() == pytest.approx(0, abs=1e-12)
    assert X[:, 1].std() == pytest.approx(1)
    assert (X[:, 2] == (kinds == "b")).all()


def test_what_examples_contribute_has_the_score_as_its_mean():
    """For accuracy it is whether they are right, as the mean over runs."""
    first, second = right(300, N), right(360, N)
    data = tables(model(run(first), run(second, seed=1)), n=N)
    (study,) = studies(data, "generalization", (TEST,), 1)
    assert contributions(study, TEST) == pytest.approx((first + second) / 2)


def test_examples_that_the_score_does_not_see_are_no_slice():
    """F1 of texts with nothing to find is 0 even if nothing was found: that is no worst group."""
    kind = np.repeat(["nothing", "some", "more"], 100)
    stats = np.zeros((300, 3))  # found, made up, missed
    stats[100:180, 0], stats[180:300, 2] = 1, 1
    right = np.concatenate([np.ones(180, bool), np.zeros(120, bool)])
    clean = Cell(np.arange(300), stats, np.zeros((300, 5)), np.zeros(300), right=right)
    f1 = lambda sums: 2 * sums[..., 0] / np.maximum(1, 2 * sums[..., 0] + sums[..., 1:].sum(-1))  # noqa: E731
    one = replace(run(np.ones(300)), cells={Condition(TEST): clean})
    data = tables(model(one), n=300, profiles={TEST: profile(300, kind=kind)})
    data = replace(data, score=f1, chance=lambda sums: 0 * sums[..., 0], details={})
    rows = list(measure(data))
    assert [r.condition["bucket"] for r in rows if r.measure == "slice_score"] == ["more", "some"]
    assert "more of 2 buckets" in pick(rows, "worst_group").note


def test_shifts_are_sliced_as_the_test_data_are():
    """With buckets of their own, and p-values adjusted among these alone; rows name the shift."""
    channel = np.repeat(["a", "b"], N // 2)
    far = np.concatenate([right(150, 200), right(50, 100)])
    one = run(right(300, N), {Condition("web"): cell(far)})
    profiles = {
        TEST: profile(N, channel=channel),
        "web": profile(300, channel=np.array(["a"] * 200 + ["c"] * 60 + ["d"] * 40)),
    }
    rows = list(measure(tables(model(one), n=N, shifts={"web": 300}, profiles=profiles)))
    at_home = {r.condition["bucket"] for r in rows if r.measure == "slice_gap" and "shift" not in r.condition}
    away = {r.condition["bucket"] for r in rows if r.measure == "slice_gap" and "shift" in r.condition}
    assert (at_home, away) == ({"a", "b"}, {"a", "c", "d"})
    gap = pick(rows, "slice_gap", shift="web", bucket="a")
    assert gap.value == pytest.approx(0.75 - 0.5)
    assert "adjusted for 3 slices" in gap.note
    assert pick(rows, "worst_group", shift="web", slice="channel").note.startswith("d of 3 buckets")
    alone = tables(model(run(far)), n=300, profiles={TEST: profiles["web"]})
    again = pick(measure(alone), "slice_score", bucket="c")
    assert pick(rows, "slice_score", shift="web", bucket="c").value == again.value


def test_a_shift_that_a_run_was_not_asked_has_no_slices():
    """What is known of its texts is not yet an answer."""
    profiles = {"web": profile(N, length=lengths())}
    data = tables(model(run(right(300, N))), n=N, shifts={"web": N}, profiles=profiles)
    assert not [r for r in measure(data) if "slice" in r.condition]


def test_there_are_no_slices_without_features_or_runs():
    """Switched off, nothing is said."""
    assert not [r for r in measured(right(300, N)) if "slice" in r.condition]
    lost = replace(run(right(300, N)), cells={}, status="diverged")
    data = tables(model(lost), n=N, profiles={TEST: profile(N, length=lengths())})
    assert not [r for r in measure(data) if "slice" in r.condition]
