"""Attacks: worked numbers of what they cost, and when they are not to be believed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measure.attacked import budgets, costs, flags, quantile
from harness.measure.robustness import measure
from harness.measure.statistics import clopper_pearson, tango
from harness.measure.tables import TransferTable
from harness.rng import rng
from harness.rows import Status
from tests.measure.build import assault, model, pick, right, run, tables

N = 200
COURSE = "--SSSSSfff"
"""The worked example of section 3.4: of 10 inputs 2 are skipped, 5 succeed and 3 fail."""


def rows_of(*attacks, n=N, groups=None, **about):
    """The rows of a model that is mostly right, under these attacks."""
    known = tables(model(run(right(180, n)), attacks=attacks, **about), n=n, groups=groups)
    return [row for row in measure(known) if row.measure != "score"]


def tags_of(table):
    """What is to be kept in mind of an attack."""
    return [flag.tag for flag in flags(rows_of(table))]


def test_attack_numbers_are_the_published_ones():
    """Methods, section 3.4: accuracy 0.80, under attack 0.30, success rate 0.625."""
    rows = rows_of(assault(COURSE))
    success = pick(rows, "attack_success_rate", attack="greedy")
    expected = clopper_pearson(5, 8)
    assert (success.value, success.low, success.high) == (0.625, expected.low, expected.high)
    assert (success.n, success.direction) == (8, "lower")
    assert 1 - pick(rows, "attack_skipped").value == 0.80
    assert pick(rows, "accuracy_under_attack").value == 0.30
    assert pick(rows, "score_under_attack").value == pytest.approx(0.30)
    assert pick(rows, "attack_score_drop").value == pytest.approx(0.80 - 0.30)
    assert {pick(rows, name).n for name in ("accuracy_under_attack", "score_under_attack")} == {10}


def test_errors_are_counted_and_left_out_of_everything_else():
    """Two examples on which the model broke change no rate and no score."""
    clean, broken = rows_of(assault(COURSE)), rows_of(assault(COURSE + "ee"))
    errors = pick(broken, "attack_errors")
    assert (errors.value, errors.n) == (pytest.approx(2 / 12), 12)
    for row in clean:
        if row.measure != "attack_errors":
            assert pick(broken, row.measure, **row.condition).value == row.value


def test_an_attack_that_only_broke_has_no_numbers():
    """Nothing is known of the model then."""
    rows = rows_of(assault("eee"))
    assert pick(rows, "attack_errors").value == 1
    for name in ("attack_success_rate", "accuracy_under_attack", "score_under_attack", "attack_queries"):
        assert pick(rows, name).status is Status.NOT_APPLICABLE
    assert pick(rows, "accuracy_under_attack").note == "every example broke"


def test_what_was_edited_is_told_as_found_as_needed_and_over_all():
    """Rates over successes, and over all attacked whether they were fooled or not."""
    table = assault(COURSE)
    rows = rows_of(replace(table, rate=np.where(table.success, 0.15, 0.4 * table.attacked)))
    assert pick(rows, "attack_rate").value == pytest.approx(0.15)
    assert pick(rows, "attack_minimal_rate").value == pytest.approx(0.05)
    assert pick(rows, "attack_words").value == pytest.approx(3)
    assert pick(rows, "attack_minimal_words").value == pytest.approx(1)
    assert pick(rows, "attack_rate_all").value == pytest.approx((5 * 0.15 + 3 * 0.4) / 8)
    assert pick(rows, "attack_rate").n == 5
    assert pick(rows, "attack_rate_all").n == 8


def test_attacks_that_never_succeed_edit_nothing_rather_than_zero_words():
    """The share of words edited is conditional on success, so it is undefined without one."""
    rows = rows_of(assault("--ffffffff"))
    rate = pick(rows, "attack_rate")
    assert (rate.value, rate.status, rate.note) == (None, Status.NOT_APPLICABLE, "no attack succeeded")
    assert pick(rows, "attack_success_rate").value == 0
    assert not [row for row in rows if row.measure == "attack_success_within"]


def test_attacks_on_examples_that_were_all_wrong_have_no_rate():
    """Nothing was attacked, so nothing was withstood."""
    rows = rows_of(assault("-" * 10))
    assert pick(rows, "attack_success_rate").value is None
    assert pick(rows, "attack_queries").value is None
    assert pick(rows, "accuracy_under_attack").value == 0


def test_a_model_that_cannot_be_attacked_says_why():
    """The reason reaches the report, for all attacks or for one."""
    row = pick(rows_of(attackable="needs probabilities"), "attack_success_rate")
    assert (row.status, row.note) == (Status.NOT_APPLICABLE, "needs probabilities")
    rows = rows_of(assault(COURSE), attackable="failed", missing={"other": "needs WordNet"})
    other = pick(rows, "attack_success_rate", attack="other")
    assert (other.value, other.status, other.note) == (None, Status.NOT_APPLICABLE, "needs WordNet")
    assert pick(rows, "attack_success_rate", attack="greedy").value == 0.625


# -- queries -------------------------------------------------------------------------------------


def test_queries_are_told_by_their_median_and_the_ninth_decile():
    """Over what was attacked; with an interval each."""
    queries = np.arange(10) * 10.0
    rows = rows_of(replace(assault(COURSE), queries=queries))
    median, most = pick(rows, "attack_queries"), pick(rows, "attack_queries_p90")
    assert median.value == np.median(queries[2:])
    assert most.value == 90
    assert median.low < median.value < median.high
    assert most.low < most.value


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=12),
    st.sampled_from([1, 5, 9]),
)
def test_a_weighted_quantile_is_that_of_the_values_as_often_as_they_count(pairs, tenths):
    """As numpy has it where the distribution function is inverted and ties are averaged."""
    values, counts = (np.array(x, float) for x in zip(*pairs, strict=True))
    found = quantile(values, counts[np.newaxis], tenths / 10)
    many = np.repeat(values, counts.astype(int))
    if not len(many):
        assert np.isnan(found[0])
    else:
        assert found[0] == np.quantile(many, tenths / 10, method="averaged_inverted_cdf")


def test_success_within_a_budget_is_told_where_it_changes():
    """8 attacked; successes took 7, 7, 35, 40 and 300 queries: nothing changes at 20, 100 and 200."""
    queries = np.array([1, 1, 7, 7, 35, 40, 300, 9, 500, 500], float)
    rows = rows_of(replace(assault(COURSE), queries=queries))
    curve = {
        row.condition["budget"]: (row.value, row.n) for row in rows if row.measure == "attack_success_within"
    }
    assert curve == {10: (0.25, 8), 50: (0.5, 8), 500: (0.625, 8)}
    assert budgets(np.array([12, 4000.0])) == [20, 5000]


# -- control -------------------------------------------------------------------------------------


def test_the_advantage_over_chance_is_paired():
    """5 of 8 succeed, by chance 2 of 8, one of which the attack missed: 4 gained, 1 lost."""
    control = np.array([np.nan, np.nan, 1, 0, 0, 0, 0, 1, 0, 0])
    rows = rows_of(replace(assault(COURSE), control=control))
    assert pick(rows, "attack_control_rate").value == 0.25
    advantage = pick(rows, "attack_advantage")
    assert (advantage.value, advantage.n) == (pytest.approx(3 / 8), 8)
    assert (advantage.low, advantage.high) == tango(4, 1, 8)


def test_without_a_control_nothing_is_said_about_chance():
    """What was not tried is not 0."""
    measured = {row.measure for row in rows_of(assault(COURSE))}
    assert not {"attack_control_rate", "attack_advantage"} & measured


@pytest.mark.parametrize("way", ["examples", "documents"])
def test_intervals_cover_what_they_should(way):
    """Of 200 data sets of 60 attacked examples, about 190 intervals hold the true rate and advantage."""
    random, inside = rng("coverage", way), {"attack_success_rate": 0, "attack_advantage": 0}
    groups = {"test": np.repeat(np.arange(30), 2)} if way == "documents" else None
    for _ in range(200):
        hard = random.random(60) < 0.5
        won = random.random(60) < np.where(hard, 0.2, 0.8)
        chance = (random.random(60) < np.where(hard, 0.1, 0.4)).astype(float)
        table = assault("".join(np.where(won, "S", "f")), control=chance)
        known = tables(model(run(right(50, 60)), attacks=(table,)), n=60, groups=groups, resamples=200)
        rows = list(measure(known))
        for name, truth in (("attack_success_rate", 0.5), ("attack_advantage", 0.25)):
            row = pick(rows, name)
            inside[name] += row.low <= truth <= row.high
    assert all(181 <= count <= 199 for count in inside.values()), inside


def test_several_runs_are_told_as_one_recipe():
    """Mean over runs, with an interval that knows that they differ."""
    rows = rows_of(assault("SSSSffff" * 4), assault("SSSSSSff" * 4, seed=1))
    row = pick(rows, "attack_success_rate")
    assert (row.value, row.runs, row.status) == (pytest.approx(0.625), 2, Status.UNDERPOWERED)
    assert row.low < 0.5
    assert row.high > 0.75


def test_a_share_of_none_is_no_surer_than_the_attacked_examples_make_it():
    """Twelve of a test set of 200 were attacked, twice: none fell, which is a bound for 12 and not for 200."""
    rows = rows_of(
        assault("f" * 12, entities=np.ones((12, 6)) * [1, 0, 0, 0, 0, 9]), assault("f" * 12, seed=1)
    )
    assert pick(rows, "attack_success_rate").high == clopper_pearson(0, 12).high
    single = rows_of(assault("f" * 12, entities=np.ones((12, 6)) * [1, 0, 0, 0, 0, 9]))
    assert pick(single, "attack_entity_rate").high == clopper_pearson(0, 12).high
    paired = rows_of(assault("f" * 12), groups={"test": np.arange(N) // 2})
    assert pick(paired, "attack_success_rate").high == clopper_pearson(0, 6).high


def test_resampling_nine_examples_is_underpowered():
    """However many there are in the test set."""
    queries = np.arange(20) * 10.0
    few, more = rows_of(assault("S" * 9, queries=queries[:9])), rows_of(assault("S" * 20, queries=queries))
    assert pick(few, "attack_queries").status is Status.UNDERPOWERED
    assert pick(more, "attack_queries").status is Status.OK


# -- entities ------------------------------------------------------------------------------------


def test_the_rate_of_entities_is_the_published_one():
    """Methods, section 3.5: of 20 found before, 3 missed, 2 mistyped and 1 cut otherwise make 0.30."""
    found = np.zeros((10, 6))
    found[2:7] = [
        [4, 1, 0, 0, 1, 10],
        [4, 0, 2, 0, 0, 10],
        [4, 2, 0, 0, 0, 10],
        [4, 0, 0, 1, 1, 10],
        [4, 0, 0, 0, 0, 10],
    ]
    found[0] = 9  # what was skipped is not attacked
    rows = rows_of(replace(assault(COURSE), entities=found))
    assert pick(rows, "attack_entity_rate").value == pytest.approx(0.30)
    parts = [pick(rows, f"attack_entities_{fate}").value for fate in ("missed", "mistyped", "split")]
    assert parts == pytest.approx([3 / 20, 2 / 20, 1 / 20])
    assert pick(rows, "attack_entities_invented").value == pytest.approx(100 * 2 / 50)
    assert pick(rows, "attack_entity_rate").n == 5


# -- transfer ------------------------------------------------------------------------------------


def test_transfer_is_over_what_the_other_model_had_right():
    """Of 10 texts that fooled one model, another had 8 right and 2 of them fool it; a fooled wrong one is none."""
    had, fooled = np.arange(10) < 8, np.isin(np.arange(10), [0, 1, 9])
    table = TransferTable("greedy", "small", None, 3, np.arange(10), had, fooled)
    row = pick(rows_of(transfers=(table,)), "transfer_rate")
    assert dict(row.condition) == {"attack": "greedy", "from": "small", "seed": 3}
    expected = clopper_pearson(2, 8)
    assert (row.value, row.low, row.high) == (0.25, expected.low, expected.high)
    assert (row.n, row.direction) == (8, "lower")


def test_nothing_to_transfer_is_said():
    """An attack without success found no text that could be tried."""
    table = TransferTable(
        "greedy", "small", 0, 1, np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(0, bool)
    )
    row = pick(rows_of(transfers=(table,)), "transfer_rate")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)


# -- whether they may be believed ----------------------------------------------------------------


def test_an_attack_that_is_sound_has_no_flags():
    """It beats chance, was not cut off, and its constraints refuse some of what they see."""
    refused = {"gold": np.zeros(60), "pos": np.full(60, 4.0), "sim": np.full(60, 2.0)}
    table = assault("S" * 40 + "f" * 20, control=np.zeros(60), refused=refused)
    assert tags_of(table) == []
    assert pick(rows_of(table), "attack_success_rate").note == ""


@pytest.mark.parametrize(
    ("about", "tag"),
    [
        ({"control": np.ones(60) * (np.arange(60) < 38)}, "no better than random at equal budget"),
        ({"truncated": np.arange(60) < 7}, "budget truncated"),
        (
            {"candidates": np.full(60, 10.0) * (np.arange(60) > 0), "queries": 1.0 + (np.arange(60) > 0)},
            "no candidates",
        ),
        ({"unstable": np.arange(60) == 50}, "non-deterministic model"),
        ({"refused": {"gold": np.zeros(60), "sim": np.zeros(60)}}, "constraint sim inert"),
        (
            {"refused": {"gold": np.full(60, 3.0), "pos": np.full(60, 3.0), "sim": np.full(60, 4.0)}},
            "constraint sim refuses everything",
        ),
        ({"minimal": np.full(60, 0.5)}, "far from the clean texts"),
        ({"characters": np.full(60, 0.31)}, "far from the clean texts"),
    ],
)
def test_what_makes_an_attack_doubtful_is_told(about, tag):
    """In words among the flags, which say why, and in the note of the success rate."""
    table = assault("S" * 40 + "f" * 20, **about)
    (flag,) = flags(rows_of(table))
    assert flag.tag == tag
    assert flag.meaning.endswith(".")
    assert pick(rows_of(table), "attack_success_rate").note == tag


def test_a_tenth_of_the_searches_may_be_cut_off():
    """The flag is about more than that."""
    assert tags_of(assault("S" * 40 + "f" * 20, truncated=np.arange(60) < 6)) == []


def test_errors_are_flagged_and_many_of_them_pass_no_gate():
    """One in a hundred is to be kept in mind, one in four makes the numbers unreliable; so does idleness."""
    few, many = rows_of(assault("S" * 49 + "f" * 50 + "e")), rows_of(assault("SSfe" * 15))
    idle = rows_of(assault("SSff" * 15, candidates=np.arange(60) % 4.0, queries=1 + np.arange(60) % 4.0))
    assert [flag.tag for flag in flags(few)] == ["errors"]
    assert pick(few, "attack_success_rate").status is Status.OK
    assert pick(many, "attack_success_rate").status is Status.UNRELIABLE
    assert pick(idle, "accuracy_under_attack").status is Status.UNRELIABLE


def test_what_is_refused_is_a_share_of_what_was_seen():
    """A constraint does not see what an earlier one has refused."""
    refused = {"gold": np.full(10, 2.0), "pos": np.full(10, 4.0), "sim": np.full(10, 1.0)}
    rows = rows_of(replace(assault(COURSE), refused=refused))
    found = {name: pick(rows, "attack_refused", constraint=name).value for name in refused}
    assert found == pytest.approx({"gold": 2 / 10, "pos": 4 / 8, "sim": 1 / 4})


# -- and beyond ----------------------------------------------------------------------------------


def test_what_an_attack_took_is_told_beside_the_rows():
    """Seconds differ each time, so that no row holds them."""
    data = tables(model(run(right(180, N)), attacks=(assault(COURSE),)), n=N)
    (cost,) = costs(data)
    assert (cost.attack, cost.model, cost.seed, cost.examples, cost.queries) == ("greedy", "m", 0, 8, 160)
    assert cost.seconds == 0.5
    slow = tables(model(run(right(180, N)), attacks=(assault(COURSE, seconds=np.full(10, 9.0)),)), n=N)
    assert list(measure(slow)) == list(measure(data))


def test_every_row_of_an_attack_is_explained():
    """The documentation names them all."""
    table = assault(COURSE, control=np.zeros(10), entities=np.ones((10, 6)))
    transfer = TransferTable("greedy", "small", 0, 1, np.arange(10), np.ones(10, bool), np.ones(10, bool))
    page = (Path(__file__).parents[2] / "docs" / "measures.md").read_text("utf-8")
    section = page.partition("\n## Robustness\n")[2].partition("\n## ")[0]
    names = {row.measure for row in rows_of(table, transfers=(transfer,)) if "attack" in row.condition}
    assert len(names) > 20
    assert {name for name in names if not re.search(rf"`{name}`", section)} == set()
