"""Bounds and evidence that hold however often one looks: worked examples and rates as simulated."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from harness.measure import statistics as st
from harness.rng import rng

shares = some.lists(some.floats(0, 1), min_size=1, max_size=40)
SEQUENCES = (st.empirical_bernstein, st.betting)


def test_the_confidence_sequence_agrees_with_the_worked_example() -> None:
    """X = 1, 0, 1, 1: all stakes are .5, centre .75, half-width 1.9606298."""
    low, high = st.empirical_bernstein([1, 0, 1, 1], running=False)
    assert (low[-1] + high[-1]) / 2 == pytest.approx(0.75)
    assert (high[-1] - low[-1]) / 2 == pytest.approx(1.9606298, abs=5e-8)


def test_a_thousand_examples_give_the_widths_of_the_worked_examples() -> None:
    """At a mean of .9 about .036, by their order; asymptotically .0287945 for a spread of .3, planned for 1,000."""
    orders = [rng("thousand", k).permutation(np.repeat([1.0, 0.0], [900, 100])) for k in range(20)]
    low, high = st.empirical_bernstein(orders, running=False)
    halves = (high - low)[:, -1] / 2
    assert halves.mean() == pytest.approx(0.036, abs=0.002)
    assert ((halves > 0.0186) & (halves < 0.0429)).all()  # Wilson's for a fixed number, and Hoeffding's
    x = orders[0]
    low, high = st.asymptotic(x, planned=1000)
    assert (high[-1] - low[-1]) / 2 == pytest.approx(0.0287945, abs=5e-8)


def test_wealth_agrees_with_the_worked_example() -> None:
    """Stakes of .5 against .49 on 1, .5, .5, 1: 1.5908146; who stakes nothing keeps 1."""
    assert st.wealth([1, 0.5, 0.5, 1], 0.49, 0.5)[-1] == pytest.approx(1.5908146, abs=5e-8)
    assert st.wealth([1, 0, 1], 0.3, 0.0).tolist() == [1, 1, 1]


@given(x=shares)
def test_the_plug_in_sequence_is_what_its_definition_says(x: list[float]) -> None:
    """One value after the other, as methods, section 7.7 writes it."""
    total = squares = staked = weighted = paid = 0.0
    mean, variance = 0.5, 0.25
    low, high = st.empirical_bernstein(x, 0.9, running=False)
    for t, value in enumerate(x, 1):
        stake = min(math.sqrt(2 * math.log(20) / (variance * t * math.log(1 + t))), 0.5)
        staked, weighted = staked + stake, weighted + stake * value
        paid += (value - mean) ** 2 * (-math.log(1 - stake) - stake)
        total += value
        mean = (0.5 + total) / (t + 1)
        squares += (value - mean) ** 2
        variance = (0.25 + squares) / (t + 1)
        half = (math.log(20) + paid) / staked
        assert (low[t - 1], high[t - 1]) == pytest.approx(
            (weighted / staked - half, weighted / staked + half)
        )


@settings(max_examples=25, deadline=None)
@given(x=shares, start=some.floats(-3, 3), width=some.floats(0.5, 4))
def test_confidence_sequences_only_ever_narrow_within_the_range(
    x: list[float], start: float, width: float
) -> None:
    """And follow the unit of the values."""
    for sequence in SEQUENCES:
        low, high = sequence(x)
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) <= 0).all()
        assert (low >= 0).all()
        assert (low <= high).all()
        assert (high <= 1).all()
        bounds = (start, start + width)
        scaled = np.clip(start + width * np.array(x), *bounds)
        other = sequence(scaled, bounds=bounds)
        # rounding may move the last of a thousand candidates in or out
        assert other[0] == pytest.approx(start + width * low, abs=0.0011 * width)
        assert other[1] == pytest.approx(start + width * high, abs=0.0011 * width)


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_the_truth_is_rarely_lost_at_any_time(
    sequence: Callable[..., tuple[np.ndarray, np.ndarray]], share: float
) -> None:
    """Of 200 streams of 400 examples, at most 18 at 5 % (the 99th percentile); an ordinary interval loses more."""
    streams = rng("lost", share).random((200, 400)) < share
    lost = 0
    for stream in streams.astype(float):
        low, high = sequence(stream)
        lost += bool(((low > share) | (high < share)).any())
    assert lost <= 18
    t = np.arange(1, 401)
    means = streams.cumsum(axis=1) / t
    half = 1.96 * np.sqrt(share * (1 - share) / t)
    assert (np.abs(means - share) > half)[:, 9:].any(axis=1).sum() > 36


def test_the_asymptotic_sequence_holds_once_there_are_some_examples() -> None:
    """Looked at from the hundredth to the two-thousandth example: at most 18 of 200 skewed streams are lost."""
    streams = rng("asymptotic").exponential(size=(200, 2000))
    low, high = st.asymptotic(streams, planned=500)
    assert low.shape == (200, 2000)
    assert np.isinf(low[:, 0]).all()
    assert ((low > 1) | (high < 1))[:, 99:].any(axis=1).sum() <= 18


def test_bets_need_fewer_examples_near_the_ends_of_the_range() -> None:
    """An accuracy of .98 is bounded more tightly than by the plug-in sequence."""
    widths = []
    for sequence in SEQUENCES:
        found = [sequence((rng("ends", k).random(800) < 0.98).astype(float)) for k in range(10)]
        widths.append(np.mean([high[-1] - low[-1] for low, high in found]))
    assert widths[1] < 0.95 * widths[0]


def test_bets_on_long_streams_are_carried_from_part_to_part() -> None:
    """What is bet in parts of 256 values is what is bet on all of them at once."""
    x = rng("long").random(700)
    together = np.stack(st.betting(x))
    shorter = np.stack(st.betting(x[:300]))
    assert together[:, :300] == pytest.approx(shorter)
    mean, alpha = 0.45, 0.05
    before_mean = np.concatenate([[0.5], (0.5 + np.cumsum(x)) / np.arange(2, 702)])
    squares = 0.25 + np.cumsum((x - before_mean[1:]) ** 2)
    variance = np.concatenate([[0.25], squares / np.arange(2, 702)])[:700]
    t = np.arange(1, 701)
    stake = np.sqrt(2 * math.log(2 / alpha) / (variance * t * np.log1p(t)))
    up = st.wealth(x, mean, np.minimum(stake, 0.5 / mean))
    down = st.wealth(x, mean, -np.minimum(stake, 0.5 / (1 - mean)))
    out = np.maximum(up, down) / 2 >= 1 / alpha
    first = out.argmax()
    assert out.any()
    assert together[0, first] >= mean - 0.0011 or together[1, first] <= mean + 0.0011
    assert together[0, first - 1] <= mean <= together[1, first - 1]


def test_nothing_is_known_before_the_first_example() -> None:
    """Empty streams give empty bounds, and many streams go together."""
    assert [len(side) for side in st.betting([])] == [0, 0]
    x = rng("many").random((3, 50))
    low, high = st.empirical_bernstein(x)
    for k in range(3):
        assert (low[k], high[k]) == (
            pytest.approx(st.empirical_bernstein(x[k])[0]),
            pytest.approx(st.empirical_bernstein(x[k])[1]),
        )


@pytest.mark.parametrize("values", [[0.5, 1.2], [-0.1], [math.nan]])
def test_values_beyond_the_range_are_refused(values: list[float]) -> None:
    """The guarantee rests on it."""
    for sequence in SEQUENCES:
        with pytest.raises(ValueError, match="expected values in"):
            sequence(values)


# -- non-inferiority -------------------------------------------------------------------------------


def discordant(trial: int, gains: float, losses: float, n: int) -> np.ndarray:
    """Differences of correctness: 1, -1 and mostly 0."""
    drawn = rng("discordant", trial).random(n)
    return np.where(drawn < gains, 1.0, np.where(drawn < gains + losses, -1.0, 0.0))


def test_evidence_against_a_loss_is_what_its_definition_says() -> None:
    """Stakes are those of methods, section 7.7: chosen before each value, at most 3 / (4 m)."""
    x = discordant(0, 0.2, 0.1, 50)
    found, null = st.noninferior_evidence(x, 0.1), 0.45
    owned, total, squares, mean, variance = 1.0, 0.0, 0.0, 0.5, 0.25
    for t, value in enumerate((x + 1) / 2, 1):
        edge = mean - null
        owned *= 1 + min(max(edge / (variance + edge**2), 0), 3 / (4 * null)) * (value - null)
        total += value
        mean = (0.5 + total) / (t + 1)
        squares += (value - mean) ** 2
        variance = (0.25 + squares) / (t + 1)
        assert found[t - 1] == pytest.approx(owned)


def test_a_loss_of_the_margin_rarely_passes_however_often_one_looks() -> None:
    """Of 300 candidates that are worse by the margin at most 24 ever reach 20 in 3,000 examples."""
    streams = np.stack([discordant(trial, 0.02, 0.04, 3000) for trial in range(300)])
    assert (st.noninferior_evidence(streams, 0.02) >= 20).any(axis=1).sum() <= 24


def test_equally_good_candidates_pass_early() -> None:
    """With 4 % discordant examples and a margin of .02: half of them within 700 to 850 examples."""
    streams = np.stack([discordant(1000 + trial, 0.02, 0.02, 4000) for trial in range(300)])
    reached = st.noninferior_evidence(streams, 0.02) >= 20
    stops = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, 4001)
    assert 700 <= np.median(stops) <= 850


def test_differences_and_margins_have_a_range() -> None:
    """Differences in [-1, 1], the margin in (0, 1)."""
    with pytest.raises(ValueError, match="expected values"):
        st.noninferior_evidence([0.5, 1.5], 0.1)
    for margin in (0.0, 1.0):
        with pytest.raises(ValueError, match="margin"):
            st.noninferior_evidence([0.5], margin)
