"""Comparing numbers by what they rest on: paired where the examples are the same."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from harness import bases
from harness.assertion import parse
from harness.gate import Known, baseline_of, judge, row_id
from harness.measure.basis import Basis, basis_of, difference, error_of, independent, remedy
from harness.measure.common import over_runs
from harness.measure.statistics import Interval, left_out, needed, needed_runs, tango
from harness.measure.statistics.planning import Spread
from harness.rng import rng
from harness.rows import Row, Verdict


def of_scores(scores, units: str = "test:1") -> Basis:
    """The basis of a mean score, ``scores`` of shape ``(R, n)``."""
    scores = np.atleast_2d(np.asarray(scores, float))
    n = scores.shape[1]
    without = np.stack([(row.sum() - row) / (n - 1) for row in scores])
    found = basis_of(scores.mean(axis=1), [without], units, n)
    assert found is not None
    return found


@given(st.lists(st.floats(0, 1), min_size=3, max_size=40))
@settings(deadline=None, max_examples=50)
def test_the_parts_of_a_mean_square_up_to_its_variance(values: list[float]) -> None:
    """As the textbook has it: the variance of the values over their number."""
    error = of_scores(values).error
    assert error.variance == pytest.approx(np.var(values, ddof=1) / len(values), abs=1e-12)


def test_a_paired_difference_of_scores_is_the_paired_t_test() -> None:
    """The same standard error as SciPy's, and far less than that of two independent means."""
    random = rng("paired")
    easy = random.uniform(0, 1, 200)
    old, new = easy + random.normal(0, 0.02, 200), easy + random.normal(0.01, 0.02, 200)
    before, now = of_scores(old), of_scores(new)
    test = ttest_rel(new, old)
    assert difference(now, before, 0.95).value / math.sqrt(error_of(now, before).variance) == pytest.approx(
        test.statistic
    )
    ends = test.confidence_interval(0.95)
    found = difference(now, before, 0.95)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=5e-4)
    apart = difference(now, of_scores(old, "test:2"), 0.95)
    assert (apart.method, found.method) == ("independent-bca", "paired-bca")
    assert apart.high - apart.low > 5 * (found.high - found.low)


def test_right_and_wrong_answers_are_compared_by_tangos_interval() -> None:
    """Worked example (methods, section 7.4): 30 won, 40 lost of 1,000; read back from the parts alone."""
    old = np.r_[np.zeros(30), np.ones(40), np.ones(800), np.zeros(130)]
    new = np.r_[np.ones(30), np.zeros(40), np.ones(800), np.zeros(130)]
    found = difference(of_scores(new), of_scores(old), 0.95)
    assert (found.low, found.high, found.method) == (
        pytest.approx(-0.0269644, abs=1e-7),
        pytest.approx(0.0065579, abs=1e-7),
        "tango",
    )


def test_answers_that_are_all_the_same_are_no_proof() -> None:
    """Nobody differs on a hundred examples: the difference may still be what Tango's interval says."""
    right = np.r_[np.ones(90), np.zeros(10)]
    found = difference(of_scores(right), of_scores(right), 0.95)
    assert (found.value, found.low) == (0.0, pytest.approx(-0.0369935, abs=1e-7))
    several = difference(of_scores([right, right]), of_scores([right, right]), 0.95)
    assert (several.low, several.high) == tango(0, 0, 100)
    everything = difference(of_scores(np.ones(100)), of_scores(np.ones(100)), 0.95)
    assert everything.low == pytest.approx(-0.0369935, abs=1e-7)


def test_a_rate_that_looks_at_few_examples_is_no_surer_than_these() -> None:
    """None of 20 texts that could be edited flips, of 300: as sure as 20 are."""
    parts = np.zeros(300)
    now, before = (Basis("test:1", parts, (0.0,), 0.0, 20) for _ in range(2))
    found = difference(now, before, 0.95)
    assert (found.low, found.high) == tango(0, 0, 20)


def test_several_runs_against_an_exact_number_are_as_wide_as_their_own_interval() -> None:
    """The interval of the row itself, as the bootstrap makes it, comes out of the jackknife too."""
    random = rng("runs")
    scores = (
        random.uniform(0, 1, 150) * 0.5 + random.normal(0, 0.1, (4, 150)) + random.normal(0, 0.02, (4, 1))
    )
    now = of_scores(scores)
    exact = Basis("test:1", np.zeros(150), (0.2,), 0.0, 150)
    found = difference(now, exact, 0.95)
    draws = random.multinomial(150, np.full(150, 1 / 150), 4000) / 150
    own = over_runs(scores.mean(axis=1), scores @ draws.T, 150, 0.95, (-1, 2))
    assert found.method == "paired-runs-x-examples-t"
    assert found.high - found.low == pytest.approx(own.high - own.low, rel=0.05)


def test_any_score_can_be_compared() -> None:
    """The parts of F1 come from leaving out examples, as those of every series do."""
    random = rng("f1")
    table = random.integers(0, 3, (120, 3)).astype(float)

    def f1(sums):
        return 2 * sums[..., 0] / (2 * sums[..., 0] + sums[..., 1] + sums[..., 2])

    without = f1(left_out(table))[np.newaxis]
    now = basis_of(np.array([f1(table.sum(0))]), [without], "test:1", 120)
    assert now is not None
    weights = random.multinomial(120, np.full(120, 1 / 120), 4000)
    assert math.sqrt(now.error.variance) == pytest.approx(f1(weights @ table).std(), rel=0.06)


def test_a_number_that_is_undefined_without_some_example_rests_on_nothing() -> None:
    """Rather than on a part that is not a number."""
    assert basis_of(np.array([0.5]), [np.array([[0.5, np.nan]])], "u", 2) is None


def test_numbers_of_which_only_intervals_are_known_are_taken_as_independent() -> None:
    """Each end is as far away as its own distances make it (MOVER)."""
    found = independent(Interval(0.8, 0.7, 0.85, ""), Interval(0.75, 0.72, 0.83, ""))
    assert found.value == pytest.approx(0.05)
    assert found.low == pytest.approx(0.05 - math.hypot(0.1, 0.08))
    assert found.high == pytest.approx(0.05 + math.hypot(0.05, 0.03))


def test_what_would_decide_is_what_the_plan_says() -> None:
    """For one run the number of examples; where runs cause the spread, more runs, not more examples."""
    alone = of_scores(np.r_[np.ones(90), np.zeros(10)]).error
    assert remedy(alone, 0.03, 0.95, 100) == "about 398 examples (now 100)"
    assert math.sqrt(0.9 * 0.1 / 398) * 1.984 == pytest.approx(0.03, rel=0.01)  # a standard error, and t
    random = rng("decide")
    scores = random.uniform(0, 1, 400) + random.normal(0, 0.05, (3, 1))
    told = remedy(of_scores(scores).error, 0.04, 0.95, 400)
    assert "runs (now 3)" in told
    assert "examples" not in told
    assert remedy(alone, 1e-5, 0.95, 100) == ""


def test_bases_survive_being_written(tmp_path: Path) -> None:
    """Parts to three digits; a file that is missing or damaged is as good as none."""
    kept = {
        "a/score.score": of_scores(rng("w").uniform(0, 1, (3, 40))),
        "b/score.score": of_scores([0, 1, 1]),
    }
    bases.write(tmp_path / "b.parquet", kept, "0123")
    found, run = bases.read(tmp_path / "b.parquet")
    assert run == "0123"
    assert list(found) == list(kept)
    for name, one in kept.items():
        assert found[name].parts == pytest.approx(one.parts, rel=2**-12)
        assert (found[name].runs, found[name].both, found[name].units) == (one.runs, one.both, one.units)
    bases.write(tmp_path / "none.parquet", {}, "0123")
    assert bases.read(tmp_path / "none.parquet") == ({}, "0123")
    (tmp_path / "b.parquet").write_bytes(b"PAR1")
    assert bases.read(tmp_path / "b.parquet") == bases.read(tmp_path / "x.parquet") == ({}, "")


# -- gates against a baseline --------------------------------------------------------------------


def row_of(basis: Basis, model: str = "a") -> Row:
    """A row with a number and a wide interval of its own, which a paired comparison need not mind."""
    return Row(
        property="score", measure="score", model=model, value=basis.value, low=basis.value - 0.1,
        high=basis.value + 0.1, n=basis.count, runs=len(basis.runs), signature="s",
    )  # fmt: skip


def against(now: Basis, before: Basis, gate: str):
    """What a gate says of a run against a baseline."""
    new, old = row_of(now), row_of(before)
    known = Known(baseline_of("r", "s", [old]), {row_id(new): now}, {row_id(old): before})
    (found,) = judge([(parse(gate), 1)], [new], known)
    return found


def pair(random: np.random.Generator, n: int, psi: float, loss: float):
    """Right and wrong answers of two models that differ on a share ``psi``, the second worse by ``loss``."""
    kind = random.uniform(0, 1, n)
    won, lost = (psi - loss) / 2, (psi + loss) / 2
    old = np.where(kind < won, 0, np.where(kind < psi, 1, random.uniform(0, 1, n) < 0.9))
    new = np.where(kind < won, 1, np.where(kind < won + lost, 0, old))
    return of_scores(new), of_scores(old)


GATE = "score.score no worse than baseline by 0.02"


def test_a_candidate_on_the_margin_passes_one_time_in_forty() -> None:
    """Paired, 0/1 answers, a tenth of them discordant: simulated at the margin of the claim itself."""
    random = rng("gate", "margin")
    passes = sum(against(*pair(random, 600, 0.1, 0.02), GATE).verdict is Verdict.PASS for _ in range(1500))
    assert passes <= 56  # 37.5 expected, 56 in one of a thousand


def test_an_unchanged_candidate_fails_less_than_one_time_in_forty() -> None:
    """A false alarm is a loss beyond the margin that is not there; here there is no loss at all."""
    random = rng("gate", "null")
    verdicts = [against(*pair(random, 600, 0.1, 0.0), GATE).verdict for _ in range(1000)]
    assert verdicts.count(Verdict.FAIL) <= 3


def test_a_gate_passes_as_often_as_the_plan_promised() -> None:
    """So many examples as `needed` asks for power .8 at no true difference."""
    psi = 0.1
    n = needed(math.sqrt(psi), 0.02, alpha=0.025, power=0.8)
    random = rng("gate", "power")
    passes = sum(against(*pair(random, n, psi, 0.0), GATE).verdict is Verdict.PASS for _ in range(600))
    assert 450 <= passes <= 510  # 480 expected


def test_a_loss_is_found_as_often_as_the_plan_promised() -> None:
    """A loss that lies beyond the margin by what the number of examples can detect with power .8."""
    psi, beyond = 0.15, 0.05
    n = needed(math.sqrt(psi), beyond, alpha=0.025, power=0.8)
    random = rng("gate", "loss")
    fails = sum(
        against(*pair(random, n, psi, 0.02 + beyond), GATE).verdict is Verdict.FAIL for _ in range(600)
    )
    assert 440 <= fails <= 515


def simulated(random: np.random.Generator, runs: int, n: int, spread: Spread, loss: float):
    """Scores of two recipes of ``runs`` runs each on ``n`` examples which both share."""

    def scores(shift: float):
        own = random.normal(shift, math.sqrt(spread.run), (runs, 1))
        return easy + own + random.normal(0, math.sqrt(spread.rest), (runs, n))

    easy = random.normal(0.7, math.sqrt(spread.example), n)
    return of_scores(scores(-loss)), of_scores(scores(0.0))


@pytest.mark.parametrize("runs", [3, 5, 10])
def test_recipes_on_the_margin_pass_one_time_in_forty(runs: int) -> None:
    """Two recipes of several runs each on the same examples: runs and examples are both chance."""
    random, spread = rng("gate", "recipes", runs), Spread(0.0001, 0.04, 0.01)
    passes = sum(
        against(*simulated(random, runs, 200, spread, 0.02), GATE).verdict is Verdict.PASS
        for _ in range(1500)
    )
    assert passes <= 60  # 37.5 expected


def test_enough_runs_pass_as_often_as_the_plan_promised() -> None:
    """The difference of two recipes has twice the variance of runs of one; `needed_runs` knows how many."""
    spread = Spread(2 * 0.0001, 1e-12, 2 * 0.01)
    runs = needed_runs(spread, 200, 0.02, alpha=0.025, power=0.8)
    random = rng("gate", "recipes", "power")
    passes = sum(
        against(*simulated(random, runs, 200, Spread(0.0001, 0.04, 0.01), 0.0), GATE).verdict is Verdict.PASS
        for _ in range(500)
    )
    assert passes >= 385  # 400 promised


def test_the_reason_says_how_it_was_compared() -> None:
    """The difference, its interval, and whether the examples are the same."""
    random = rng("gate", "reason")
    now, before = pair(random, 600, 0.1, 0.0)
    found = against(now, before, GATE)
    assert found.change == pytest.approx(now.value - before.value)
    assert "against the baseline, on the same 600 examples" in found.reason
    other = against(
        now, Basis("test:2", *[getattr(before, f) for f in ("parts", "runs", "both", "count")]), GATE
    )
    assert "on other examples" in other.reason
    assert other.change_high - other.change_low > found.change_high - found.change_low


def test_to_be_as_good_is_not_to_be_the_same() -> None:
    """A number that is the baseline's to the last digit passes only if every example gave what it gave."""
    old = np.r_[np.ones(80), np.zeros(20)]
    assert against(of_scores(old), of_scores(old), GATE).reason == "equal to the baseline"
    other = against(of_scores(old[::-1]), of_scores(old), GATE)
    assert (other.verdict, other.change) == (Verdict.INCONCLUSIVE, 0.0)


def test_a_tolerable_loss_passes_and_is_told() -> None:
    """Really worse, but by less than the margin (methods, section 7.6)."""
    old = np.r_[np.ones(1940), np.zeros(60)]
    new = np.r_[np.ones(1920), np.zeros(80)]
    found = against(of_scores(new), of_scores(old), GATE)
    assert found.verdict is Verdict.PASS
    assert "worse, but within the margin" in found.reason


def test_models_of_a_suite_are_compared_with_each_other() -> None:
    """Every other model with the one that the gate names; equivalence needs both sides."""
    random = rng("gate", "models")
    new, old = pair(random, 2000, 0.05, 0.0)
    rows = [row_of(old, "old"), row_of(new, "new")]
    known = Known(None, {row_id(rows[0]): old, row_id(rows[1]): new})
    (found,) = judge([(parse("score.score no worse than old by 0.03"), 1)], rows, known)
    assert (found.model, found.verdict, found.baseline) == ("new", Verdict.PASS, old.value)
    (same,) = judge([(parse("score.score{model=new} same as old within 0.03"), 1)], rows, known)
    assert same.verdict is Verdict.PASS
    (near,) = judge([(parse("score.score{model=new} same as old within 0.001"), 1)], rows, known)
    assert near.verdict is Verdict.INCONCLUSIVE
    worse, _ = pair(random, 2000, 0.5, 0.3)
    rows[1] = row_of(worse, "new")
    known = Known(None, {row_id(rows[0]): old, row_id(rows[1]): worse})
    (far,) = judge([(parse("score.score{model=new} same as old within 0.03"), 1)], rows, known)
    assert far.verdict is Verdict.FAIL
    (missing,) = judge([(parse("score.score{model=new} same as gone within 0.03"), 1)], rows, known)
    assert (missing.verdict, missing.reason) == (Verdict.INCONCLUSIVE, "gone has no such number")


def test_where_lower_is_better_less_is_an_improvement() -> None:
    """The sign of the change is that of the benefit."""
    now, before = of_scores(np.r_[np.ones(20), np.zeros(380)]), of_scores(np.r_[np.ones(60), np.zeros(340)])
    rows = {name: Row(property="continuity", measure="flip_rate", model="a", value=b.value, low=b.value - 0.1,
                      high=b.value + 0.1, n=400, direction="lower", signature="s") for name, b in
            (("now", now), ("before", before))}  # fmt: skip
    name = row_id(rows["now"])
    known = Known(baseline_of("r", "s", [rows["before"]]), {name: now}, {name: before})
    (found,) = judge(
        [(parse("continuity.flip_rate no worse than baseline by 0.01"), 1)], [rows["now"]], known
    )
    assert (found.verdict, found.change) == (Verdict.PASS, pytest.approx(0.1))
    assert found.limit == pytest.approx(0.16)
