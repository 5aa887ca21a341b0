"""Interpretability: what its rows promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.explain.checks import CHECKS, told_by
from harness.explain.erasure import SHARES
from harness.explain.stability import spearman
from harness.measure.interpretability import measure
from harness.measure.tables import ExplainTable
from harness.rng import rng
from harness.rows import Status
from harness.variation import Variation
from tests.measure.build import model, pick, right, run, tables

N = 120
NAN = float("nan")


def explained(faithfulness, *, control=None, stability=0.5, completeness=0.01, seed=0):
    """Attributions of the first examples."""
    values = np.asarray(faithfulness, float)
    size = len(values)

    def column(given):
        return np.broadcast_to(np.asarray(given, float), size).copy()

    even = np.where(np.arange(size) % 2, 0.3, -0.3)
    return ExplainTable(
        "gradients",
        seed,
        np.arange(size),
        values,
        even if control is None else column(control),
        column(stability),
        column(completeness),
    )


def worded(texts, *, seed=0, targets=None, faithfulness=0.5, **more):
    """Attributions of the first examples, word by word, with further columns."""
    table = explained(np.full(len(texts), faithfulness), seed=seed)
    columns = {name: np.asarray(values, float) for name, values in more.items()}
    return replace(
        table,
        weights=tuple(np.asarray(one, float) for one in texts),
        targets=tuple(targets or ["positive"] * len(texts)),
        more=columns,
        passes=12.0,
    )


def drawn(key, words=8, n=N):
    """Attributions at random, of texts of as many words."""
    return list(rng(key).normal(size=(n, words)))


def names(rows):
    """The measures of rows."""
    return {row.measure for row in rows}


def rows_of(*explanations, **about):
    return list(measure(tables(model(run(right(100, N)), explanations=explanations, **about), n=N)))


def test_the_headline_is_the_mean_faithfulness():
    """Methods, section 6.3: I is the mean over texts."""
    values = rng("f").uniform(0.2, 0.8, N)
    row = pick(rows_of(explained(values)), "score")
    assert row.value == pytest.approx(values.mean())
    assert row.low < row.value < row.high
    assert row.n == N


def test_the_six_orders_of_the_published_example_are_no_better_than_random():
    """Methods, section 6.3: the mean over all orders is 0 (abc 1, cba -1, bac .5 and its reverse -.5 ...)."""
    values = np.tile([1.0, -1.0, 0.5, -0.5, 0.5, -0.5], N // 6)
    row = pick(rows_of(explained(values)), "score")
    assert row.value == pytest.approx(0, abs=1e-12)


def test_explanations_worse_than_random_score_zero():
    """The headline does not go below 0."""
    assert pick(rows_of(explained(np.full(N, -0.4))), "score").value == 0


def test_predictions_with_nothing_to_explain_are_left_out_and_counted():
    """They count neither as faithful nor as unfaithful."""
    values = np.where(np.arange(N) < 30, NAN, 0.6)
    rows = rows_of(explained(values))
    assert pick(rows, "score").value == pytest.approx(0.6)
    assert pick(rows, "score").n == 90
    assert pick(rows, "skipped_share").value == pytest.approx(0.25)


def test_if_nothing_could_be_explained_there_is_no_number():
    """A constant model has no explanation, rather than a perfect or a useless one."""
    rows = rows_of(explained(np.full(N, NAN), control=NAN, stability=NAN, completeness=NAN))
    row = pick(rows, "score")
    assert (row.value, row.status, row.n) == (None, Status.NOT_APPLICABLE, 0)
    assert pick(rows, "skipped_share").value == 1


def test_explanations_that_turn_round_count_as_unstable_not_as_less():
    """Methods, section 6.5: A is the mean of max(0, rho)."""
    stability = np.where(np.arange(N) < 60, -1.0, 0.8)
    row = pick(rows_of(explained(np.full(N, 0.5), stability=stability)), "explanation_stability")
    assert row.value == pytest.approx(0.4)


def test_a_random_order_of_words_must_score_zero():
    """A control away from 0 means that something is wrong with the measurement."""
    fine = pick(rows_of(explained(np.full(N, 0.5))), "random_control")
    assert (fine.status, fine.note) == (Status.OK, "")
    off = 0.3 + rng("c").normal(0, 0.05, N)
    wrong = pick(rows_of(explained(np.full(N, 0.5), control=off)), "random_control")
    assert wrong.status is Status.UNRELIABLE
    assert wrong.note


def test_the_completeness_error_is_a_median():
    """A few texts with an error near infinity do not hide that the rest is fine."""
    errors = np.where(np.arange(N) < 5, 1e9, 0.01)
    assert pick(rows_of(explained(np.full(N, 0.5), completeness=errors)), "completeness_error").value == 0.01


def test_gradients_that_miss_their_sum_say_so():
    """Methods, section 6.1: above .05 there should have been more steps."""
    fine, far = (
        pick(rows_of(explained(np.full(N, 0.5), completeness=error)), "completeness_error")
        for error in (0.04, 0.06)
    )
    assert (fine.note, far.note) == ("", "above 0.05: more steps would be needed")


def test_a_model_without_explanations_says_why():
    """The reason is the model's own, if it has one."""
    row = pick(rows_of(explainable="needs gradients"), "score")
    assert (row.value, row.status, row.note) == (None, Status.NOT_APPLICABLE, "needs gradients")
    assert pick(rows_of(), "score").note == "no predictions were explained"


def test_few_texts_are_remarked_upon():
    """Below a hundred texts the headline says so."""
    assert "100 recommended" in pick(rows_of(explained(np.full(20, 0.5))), "score").note


def test_runs_are_averaged():
    """Each run's explanations count alike."""
    row = pick(rows_of(explained(np.full(N, 0.4)), explained(np.full(N, 0.6), seed=1)), "score")
    assert (row.value, row.runs) == (pytest.approx(0.5), 2)


def test_the_method_is_part_of_the_signature_and_named_where_there_are_several():
    """Scores of different attribution methods must not be compared by accident."""
    one = explained(np.full(N, 0.4))
    assert "|gradients|" in pick(rows_of(one), "score").signature
    rows = rows_of(one, replace(one, method="occlusion", faithfulness=np.full(N, 0.6)))
    assert pick(rows, "score", method="occlusion").value == pytest.approx(0.6)


# -- what removals do ----------------------------------------------------------------------------


def test_comprehensiveness_and_sufficiency_have_a_row_for_each_share_and_their_mean():
    """Methods, section 6.2: AOPC is the mean over shares, and compared within a model only."""
    gone, left = np.tile([0.1, 0.1, 0.2, 0.3, 0.4], (N, 1)), np.tile([0.4, 0.3, 0.2, 0.1, -0.1], (N, 1))
    rows = rows_of(worded(drawn("w"), comprehensiveness=gone, sufficiency=left, turning=np.full(N, 0.3)))
    assert pick(rows, "comprehensiveness", share=0.2).value == pytest.approx(0.3)
    assert pick(rows, "sufficiency", share=0.5).value == pytest.approx(-0.1)
    assert len([row for row in rows if row.measure == "sufficiency"]) == len(SHARES)
    both = pick(rows, "aopc_comprehensiveness"), pick(rows, "aopc_sufficiency")
    assert [row.value for row in both] == pytest.approx([0.22, 0.18])
    assert [row.direction for row in both] == ["higher", "lower"]
    assert all("differs by model" in row.note for row in both)
    assert pick(rows, "decision_turns").value == pytest.approx(0.3)


def test_a_model_that_does_not_tell_whether_its_decision_stands_has_no_turn():
    """There is a row that says so."""
    nothing = np.full((N, len(SHARES)), 0.1)
    told = worded(drawn("w"), comprehensiveness=nothing, sufficiency=nothing, turning=np.full(N, NAN))
    row = pick(rows_of(told), "decision_turns")
    assert (row.value, row.status, row.note) == (None, Status.NOT_APPLICABLE, "the model does not tell")


def test_what_attributions_leave_unexplained_is_a_ratio_of_sums():
    """A text of which nothing depends on its words does not count, however wrong its attributions are."""
    error, change = np.where(np.arange(N) < 60, 0.0, 0.03), np.where(np.arange(N) < 60, 0.0, 0.12)
    rows = rows_of(worded(drawn("w"), infidelity=error, change=change))
    assert pick(rows, "infidelity").value == pytest.approx(0.015)
    row = pick(rows, "unexplained_change")
    assert (row.value, row.direction) == (pytest.approx(0.25), "lower")


def test_sensitivity_has_no_upper_bound_and_says_why_it_is_missing():
    """A black box has no word embeddings."""
    row = pick(rows_of(worded(drawn("w"), sensitivity=rng("s").uniform(1, 3, N))), "max_sensitivity")
    assert row.value > 1
    assert row.high > row.value
    none = pick(rows_of(worded(drawn("w"), sensitivity=np.full(N, NAN))), "max_sensitivity")
    assert (none.value, none.note) == (None, "the model has no word embeddings to shake")


def test_checks_that_nobody_asked_for_have_no_rows():
    """They are not missing: they were not paid for."""
    found = names(rows_of(worded(drawn("w"))))
    asked = {"comprehensiveness", "decision_turns", "max_sensitivity", "rerun_control", "random_weights"}
    assert not asked & found
    assert {"concentration", "decisive_words", "stability_control"} <= found


# -- alike for a reason --------------------------------------------------------------------------


def test_runs_that_explain_alike_agree_more_than_unrelated_texts_do():
    """Two seeds whose attributions differ by noise."""
    one, noise = drawn("w"), drawn("noise")
    other = [a + 0.2 * b for a, b in zip(one, noise, strict=True)]
    rows = rows_of(worded(one), worded(other, seed=1))
    agreement, control = pick(rows, "seed_agreement"), pick(rows, "seed_agreement_control")
    assert agreement.value > 0.9
    assert agreement.low > control.high
    assert (agreement.n, agreement.runs, agreement.note) == (N, 2, "one pair of runs")
    assert 0 < control.value < 0.3
    assert control.direction == "none"


def test_runs_that_share_a_habit_only_do_not_agree_beyond_it():
    """If the last words always count most, texts need not be the same for attributions to be alike."""
    habit = np.arange(8.0) * 3
    one, other = ([w + habit for w in drawn(key)] for key in ("a", "b"))
    rows = rows_of(worded(one), worded(other, seed=1))
    agreement, control = pick(rows, "seed_agreement"), pick(rows, "seed_agreement_control")
    assert agreement.value == pytest.approx(control.value, abs=0.02)
    assert agreement.value > 0.8
    assert "not surely more alike than the attributions of unrelated texts" in agreement.note


def test_only_outputs_that_both_runs_give_are_compared():
    """A run that says something else explains something else, and an example may not be explained at all."""
    one = drawn("w")
    said = ["negative" if at < 20 else "positive" for at in range(N)]
    other = worded(one[10:], seed=1)
    rows = rows_of(worded(one, targets=said), replace(other, index=np.arange(10, N)))
    row = pick(rows, "seed_agreement")
    assert (row.value, row.n) == (pytest.approx(1), N - 20)


def test_three_runs_are_three_pairs():
    """The mean over pairs, of the runs that there are."""
    one, other = drawn("w"), drawn("v")
    rows = rows_of(worded(one), worded(one, seed=1), worded(other, seed=2))
    row, control = pick(rows, "seed_agreement"), pick(rows, "seed_agreement_control")
    assert row.note == "mean over 3 pairs of these runs"
    assert row.value == pytest.approx((1 + 2 * control.value) / 3, abs=0.05)


def test_runs_that_agree_wholly_are_as_sure_as_the_explained_texts_are_many():
    """Thirty of a thousand test texts were explained: the exact interval is that of thirty."""
    one = drawn("w", n=30)
    row = pick(rows_of(worded(one), worded(one, seed=1)), "seed_agreement")
    assert (row.value, row.high) == (1, 1)
    assert row.low == pytest.approx(0.025 ** (1 / 30))


def test_one_run_has_nobody_to_agree_with():
    """There is no row."""
    assert not {"seed_agreement", "seed_agreement_control"} & names(rows_of(worded(drawn("w"))))


def test_stability_under_edits_is_shown_beside_that_of_unrelated_texts():
    """Stability of .5 is something where unrelated texts have .15, and nothing if all attributions are alike."""
    fine = rows_of(worded(drawn("w")))
    assert pick(fine, "explanation_stability").note == ""
    assert pick(fine, "stability_control").value < 0.25
    same = rows_of(worded([np.arange(8.0)] * N))
    assert pick(same, "stability_control").value == pytest.approx(1)
    assert "not surely more alike" in pick(same, "explanation_stability").note


def test_texts_without_company_of_their_length_have_no_control():
    """A text of 5 words, one of 6, ..."""
    rows = rows_of(worded([np.arange(5.0 + at) for at in range(20)]))
    row = pick(rows, "stability_control")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert pick(rows, "explanation_stability").note == ""


# -- whether to trust it -------------------------------------------------------------------------


def test_attributions_that_change_when_asked_again_are_flagged():
    """Rounding is not a change; what five texts can say of others is told by the exact interval."""
    few = np.where(np.arange(N) < 5, 1 - 1e-6, NAN)
    row = pick(rows_of(worded(drawn("w"), again=few)), "rerun_control")
    assert (row.value, row.n, row.note) == (1, 5, "")
    assert row.low == pytest.approx(0.025 ** (1 / 5))
    assert row.status is not Status.UNRELIABLE
    off = pick(rows_of(worded(drawn("w"), again=np.where(np.arange(N) < 2, 0.7, few))), "rerun_control")
    assert (off.value, off.status) == (0.6, Status.UNRELIABLE)
    assert off.note == "explained otherwise when asked again: correlation 0.700 at the least"


def test_random_weights_that_explain_alike_fail_the_sanity_check():
    """Methods, section 6.6: the margin is .3, beyond what chance gives to texts of so few words."""
    texts = drawn("w", words=6)
    by_luck = [spearman(a, b) for a, b in zip(texts, drawn("v", words=6), strict=True)]
    assert np.mean(np.abs(by_luck)) > 0.3  # what a margin that ignores the length would have failed
    passed = pick(rows_of(worded(texts, randomised=by_luck)), "random_weights")
    assert passed.value == pytest.approx(0, abs=0.1)
    assert (passed.status, passed.note) == (Status.OK, "passed: surely below 0.3")
    failed = pick(rows_of(worded(texts, randomised=np.full(N, -0.95))), "random_weights")
    assert failed.status is Status.UNRELIABLE
    assert failed.note.startswith("failed")
    few = np.where(np.arange(N) < 12, np.tile([0.95, 0.1], N // 2), NAN)
    assert pick(rows_of(worded(texts, randomised=few)), "random_weights").note.startswith("undecided")


def test_a_model_without_weights_to_draw_has_no_sanity_check():
    """There is a row that says so."""
    row = pick(rows_of(worded(drawn("w"), randomised=np.full(N, NAN))), "random_weights")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert row.note == "no text with weights that could be drawn at random"


def test_concentration_and_cost_are_told():
    """Methods, section 6.8: the Gini coefficient of the worked example, and its two decisive words."""
    rows = rows_of(worded([[0.5, 0.3, 0.1, 0.05]] * N))
    assert pick(rows, "concentration").value == pytest.approx(0.4078947, abs=5e-8)
    assert pick(rows, "decisive_words").value == 2
    assert pick(rows, "passes_per_explanation").value == 12


def test_every_row_has_an_interval_within_its_range_or_says_why_not():
    """Whatever was asked for."""
    single = set(told_by(CHECKS)) - {"comprehensiveness", "sufficiency"}
    told = [
        worded(
            drawn(f"w{seed}"),
            seed=seed,
            comprehensiveness=rng("c", seed).uniform(-1, 1, (N, len(SHARES))),
            sufficiency=rng("u", seed).uniform(-1, 1, (N, len(SHARES))),
            **{name: rng(name, seed).random(N) * (0.1 if name == "infidelity" else 1) for name in single},
        )
        for seed in range(2)
    ]
    for row in rows_of(*told):
        assert row.value is not None, row
        if row.measure in ("completeness_error", "skipped_share", "passes_per_explanation"):
            assert row.low is None
        else:
            assert row.low <= row.value <= row.high, row


def test_the_top_words_of_two_runs_overlap_beyond_chance():
    """The same first two of ten words are all of what can be kept; two others are less than chance."""
    one = [np.arange(10.0)] * N
    other = [np.concatenate([np.arange(8.0, 10), np.arange(8.0)])] * N
    same = pick(rows_of(worded(one), worded(one, seed=1)), "seed_top_words")
    apart = pick(rows_of(worded(one), worded(other, seed=1)), "seed_top_words")
    assert same.value == pytest.approx(1)
    assert apart.value == pytest.approx(-0.25)  # (0 - 2 / 10) / (1 - 2 / 10)


def test_runs_on_parts_of_the_training_data_are_compared_with_the_whole_of_their_seed():
    """And stand for nothing else: the headline is that of the whole."""
    one, other = drawn("w"), drawn("v")
    whole = [worded(one), worded(other, seed=1)]
    half = [replace(worded(one, faithfulness=0.1), variation=Variation(0.5))]
    half.append(replace(worded(one, seed=1, faithfulness=0.1), variation=Variation(0.5)))
    tenth = [replace(worded(one, faithfulness=0.1), variation=Variation(0.1))]
    rows = rows_of(*whole, *half, *tenth)
    assert pick(rows, "score").value == pytest.approx(0.5)
    control = pick(rows, "fraction_agreement_control", fraction=0.5).value
    row = pick(rows, "fraction_agreement", fraction=0.5)
    assert row.value == pytest.approx(
        (1 + control) / 2, abs=0.05
    )  # one seed says the same, one something else
    assert row.note == "with the run on all of it, 2 seeds"
    assert pick(rows, "fraction_agreement", fraction=0.1).value == pytest.approx(1)
    assert pick(rows, "fraction_top_words", fraction=0.1).value == pytest.approx(1)
    assert pick(rows, "seed_agreement").note.startswith("one pair of runs")


def test_runs_that_stopped_on_the_way_are_compared_with_their_end():
    """By seed, each share of the steps by itself, and apart from parts of the data."""
    one, other = drawn("w"), drawn("v")
    whole = [worded(one), worded(other, seed=1)]
    early = [replace(worded(other, seed=seed), variation=Variation(checkpoint=0.25)) for seed in (0, 1)]
    late = [
        replace(worded(w, seed=s), variation=Variation(checkpoint=0.75)) for s, w in enumerate((one, other))
    ]
    part = [replace(worded(other), variation=Variation(0.75))]
    rows = rows_of(*whole, *early, *late, *part)
    control = pick(rows, "checkpoint_agreement_control", checkpoint=0.25).value
    row = pick(rows, "checkpoint_agreement", checkpoint=0.25)
    assert row.value == pytest.approx((1 + control) / 2, abs=0.05)
    assert row.note == "with the run at its end, 2 seeds"
    assert row.low < row.value < row.high
    assert pick(rows, "checkpoint_agreement", checkpoint=0.75).value == pytest.approx(1)
    assert pick(rows, "checkpoint_top_words", checkpoint=0.75).value == pytest.approx(1)
    assert pick(rows, "fraction_agreement", fraction=0.75).value < 0.5


def test_explanations_should_be_unlike_those_of_a_run_on_shuffled_gold():
    """Where both say the same: others, the same again, and nothing to compare."""
    one, other = drawn("w"), drawn("v")

    def row(weights, **about):
        aside = replace(worded(weights), variation=Variation(shuffled=True), **about)
        return pick(rows_of(worded(one), aside), "random_labels")

    learned, blind = row(other), row(one)
    silent = row(other, targets=["something else"] * N)
    assert (learned.note, learned.status) == ("passed: surely below 0.3", Status.OK)
    assert blind.value == pytest.approx(1)
    assert (blind.status, blind.note[:6]) == (Status.UNRELIABLE, "failed")
    assert (silent.value, silent.note) == (None, "no text of which the run on shuffled gold says the same")
    rows = rows_of(worded(one), replace(worded(other), variation=Variation(shuffled=True)))
    assert not [r for r in rows if "agreement" in r.measure]


def test_a_part_whose_whole_was_not_explained_has_no_row():
    """There is nothing to compare it with."""
    rows = rows_of(worded(drawn("w")), replace(worded(drawn("w"), seed=5), variation=Variation(0.5)))
    assert not {name for name in names(rows) if name.startswith("fraction_")}
