"""How many examples and runs decide: worked examples, round trips, and power as simulated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from scipy import stats

from harness.measure import statistics as st
from harness.rng import rng

PILOT = st.Spread(run=0.0002, example=0.09, rest=0.06)

variances = some.floats(1e-6, 0.2)
spreads = some.builds(st.Spread, run=some.floats(1e-6, 1e-3), example=variances, rest=variances)


# -- one run ---------------------------------------------------------------------------------------


def test_gates_that_shall_all_pass_need_more_examples_each() -> None:
    """Five gates at a power of .979 each: 3,383 examples instead of 2,141 (methods, section 7.6)."""
    assert st.needed(math.sqrt(0.1), 0.02, power=0.979) == 3383


@given(
    sd=some.floats(0.05, 1),
    margin=some.floats(0.01, 0.2),
    alpha=some.sampled_from([0.01, 0.05]),
    goal=some.floats(0.5, 0.99),
    difference=some.floats(-0.005, 0.05),
)
def test_so_many_examples_as_are_needed_have_the_power(
    sd: float, margin: float, alpha: float, goal: float, difference: float
) -> None:
    """And one less has not; at the margin the power is alpha."""
    n = st.needed(sd, margin, alpha, goal, difference)
    assert st.power(sd, n, margin, alpha, difference) >= goal - 1e-12
    assert n == 1 or st.power(sd, n - 1, margin, alpha, difference) < goal
    assert st.power(sd, n, margin, alpha, -margin) == pytest.approx(alpha)


def test_scores_without_spread_are_decided_by_their_sign() -> None:
    """A difference that never varies is above the margin or is not."""
    assert (st.power(0.0, 5, 0.01), st.power(0.0, 5, 0.01, difference=-0.02)) == (1, 0)


def test_the_planned_power_of_noninferiority_is_what_simulations_give() -> None:
    """4 % discordant examples, a margin of .02: 80 % of equally good candidates pass with the planned n."""
    n = st.needed(math.sqrt(0.04), 0.02)
    draws = rng("power").multinomial(n, [0.02, 0.02, 0.96], size=3000)
    outcomes, repeats = np.unique(draws, axis=0, return_counts=True)
    passed = [st.noninferior(int(b), int(c), n, 0.02) < 0.05 for b, c, _ in outcomes]
    assert repeats[passed].sum() / 3000 == pytest.approx(0.8, abs=0.04)


def test_equivalence_is_planned_for_by_half_of_what_may_be_missed_on_each_side() -> None:
    """80 % of equally good candidates are found equivalent with the n of non-inferiority at a power of 90 %."""
    n = st.needed(math.sqrt(0.04), 0.02, power=0.9)
    draws = rng("equivalence power").multinomial(n, [0.02, 0.02, 0.96], size=3000)
    outcomes, repeats = np.unique(draws, axis=0, return_counts=True)
    passed = [st.equivalent(int(b), int(c), n, 0.02) < 0.05 for b, c, _ in outcomes]
    assert repeats[passed].sum() / 3000 == pytest.approx(0.8, abs=0.04)


def test_the_standard_deviation_per_example_of_a_mean_is_the_usual_one() -> None:
    """From left-out means, whatever the values."""
    x = rng("unit").exponential(size=40)
    without = (x.sum() - x) / 39
    assert st.unit_sd(without) == pytest.approx(x.std(ddof=1))


def test_any_score_can_be_planned_for_by_its_left_out_values() -> None:
    """The standard error of a ratio of sums, so computed, is that of its resamples."""
    table = rng("ratio").poisson([2.0, 3.0], (400, 2)) + np.array([0.0, 1.0])
    replicates = st.replicates(table, st.ratio, st.weights(400, 4000, rng("resample")))
    error = st.unit_sd(st.ratio(st.left_out(table))) / math.sqrt(400)
    assert error == pytest.approx(replicates.std(), rel=0.05)


# -- runs and examples -----------------------------------------------------------------------------


@settings(max_examples=40)
@given(spread=spreads, runs=some.integers(2, 30), n=some.integers(5, 5000), distance=some.floats(0.001, 0.2))
def test_the_power_of_runs_and_examples_is_that_of_a_noncentral_t(
    spread: st.Spread, runs: int, n: int, distance: float
) -> None:
    """SciPy's distribution, where it is not too far out for it; and nothing but the sum of both distances counts."""
    error, df = spread.error(runs, n)
    found = st.two_way_power(spread, runs, n, distance)
    assert found == pytest.approx(st.two_way_power(spread, runs, n, distance / 2, difference=distance / 2))
    assume(distance / error < 10)
    expected = stats.nct.sf(stats.t.ppf(0.95, df), df, distance / error)
    assert found == pytest.approx(expected, abs=2e-5)


@settings(max_examples=40)
@given(spread=spreads, runs=some.integers(2, 30), n=some.integers(5, 5000), power=some.floats(0.2, 0.95))
def test_the_detectable_loss_is_detected_with_the_power(
    spread: st.Spread, runs: int, n: int, power: float
) -> None:
    """A round trip; at no distance the power is alpha."""
    loss = st.two_way_detectable(spread, runs, n, power=power)
    assert st.two_way_power(spread, runs, n, loss) == pytest.approx(power, abs=1e-6)
    assert st.two_way_power(spread, runs, n, 0.0) == pytest.approx(0.05, abs=2e-5)


@settings(max_examples=30, deadline=None)
@given(spread=spreads, runs=some.integers(3, 20), n=some.integers(50, 5000))
def test_so_many_runs_or_examples_as_are_needed_have_the_power_in_two_ways(
    spread: st.Spread, runs: int, n: int
) -> None:
    """And one less has not."""
    margin = 1.2 * st.two_way_detectable(spread, runs, n)
    most = st.needed_runs(spread, n, margin)
    assert 2 <= most <= runs
    assert st.two_way_power(spread, most, n, margin) >= 0.8
    assert most == 2 or st.two_way_power(spread, most - 1, n, margin) < 0.8
    least = st.needed_examples(spread, runs, margin)
    assert 2 <= least <= n
    assert st.two_way_power(spread, runs, least, margin) >= 0.8
    assert least == 2 or st.two_way_power(spread, runs, least - 1, margin) < 0.8


@pytest.mark.parametrize(("n", "margin"), [(500, 0.05), (1000, 0.04)])
def test_the_planned_runs_give_the_planned_power(n: int, margin: float) -> None:
    """Of 1,000 simulated experiments, and about 5 % pass if the recipe is worse by the margin."""
    runs = st.needed_runs(PILOT, n, margin)
    passed = wrongly = 0
    for trial in range(1000):
        random = rng("two-way power", n, trial)
        scores = math.sqrt(PILOT.run) * random.normal(size=(runs, 1))
        scores = scores + math.sqrt(PILOT.example) * random.normal(size=n)
        scores += math.sqrt(PILOT.rest) * random.normal(size=(runs, n))
        low = st.two_way_t(scores, 0.90).low
        passed += low > -margin
        wrongly += low > 0
    assert passed / 1000 == pytest.approx(st.two_way_power(PILOT, runs, n, margin), abs=0.04)
    assert 0.03 <= wrongly / 1000 <= 0.07


def test_too_few_examples_cannot_be_made_up_for_by_runs() -> None:
    """The error says how many examples it takes, and the other way round that runs are too few."""
    with pytest.raises(ValueError, match=r"no number of runs suffices with 100 examples.* more than 619"):
        st.needed_runs(PILOT, 100, 0.03)
    assert st.needed_runs(PILOT, 700, 0.03) > 5
    with pytest.raises(ValueError, match="no number of examples suffices with 2 runs"):
        st.needed_examples(PILOT, 2, 0.03)
    for function in (st.needed_runs, st.needed_examples):
        with pytest.raises(ValueError, match="no sample"):
            function(PILOT, 100, 0.03, difference=-0.03)


def test_a_design_has_two_runs_and_two_examples() -> None:
    """And variances that are not negative, nor all 0."""
    with pytest.raises(ValueError, match="got 1 and 50"):
        st.two_way_power(PILOT, 1, 50, 0.1)
    for wrong in ((-1e-9, 1, 1), (0, 0, 0)):
        with pytest.raises(ValueError, match="expected variances"):
            st.Spread(*wrong)


def test_a_pilot_study_plans_the_next_one() -> None:
    """Components of seeds x examples are the spread that plans are made of."""
    random = rng("pilot")
    scores = (
        0.02 * random.normal(size=(8, 1))
        + 0.3 * random.normal(size=2000)
        + 0.2 * random.normal(size=(8, 2000))
    )
    parts = st.crossed(scores, rng("intervals"))
    spread = st.Spread(*(max(0.0, part.variance) for part in parts))
    found = st.two_way_t(scores, 0.90)
    error, df = spread.error(8, 2000)
    assert found.value - found.low == pytest.approx(stats.t.ppf(0.95, df) * error)


def test_halving_is_what_the_width_says() -> None:
    """The least runs with which the interval is half as wide, if examples are of no help, and the reverse."""

    def width(spread: st.Spread, runs: int, n: int) -> float:
        error, df = spread.error(runs, n)
        return float(error * stats.t.ppf(0.975, df))

    uneven, even = st.Spread(1e-3, 0.01, 0.05), st.Spread(0, 0.1, 0.05)
    runs, examples = st.halving(uneven, 5, 500)
    assert examples is None
    assert runs is not None
    assert width(uneven, runs, 500) <= width(uneven, 5, 500) / 2 < width(uneven, runs - 1, 500)
    runs, examples = st.halving(even, 5, 500)
    assert runs is None
    assert examples is not None
    assert width(even, 5, examples) <= width(even, 5, 500) / 2 < width(even, 5, examples - 1)
