"""Which factor causes how much of the spread, with intervals that hold for a few levels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from harness.measure import statistics as st
from harness.rng import rng

TABLE = np.array([(0.90, 0.91, 0.89), (0.86, 0.88, 0.87), (0.92, 0.93, 0.90)])


def effects(trial: int, shape: tuple[int, ...], *sds: float) -> np.ndarray:
    """Normal effects of each factor with these standard deviations, the last that of the rest."""
    random = rng("effects", trial, *shape)
    total = sds[-1] * random.normal(size=shape)
    for axis, sd in enumerate(sds[:-1]):
        total = total + sd * random.normal(size=[n if k == axis else 1 for k, n in enumerate(shape)])
    return np.asarray(total)


def test_crossed_components_agree_with_the_worked_example() -> None:
    """Three initialisations x three orders: components, shares, F tests and the total spread."""
    init, order, rest = st.crossed(TABLE, rng("draw"))
    found = [part.variance for part in (init, order, rest)]
    assert found == pytest.approx([0.0005389, 0.0000833, 0.0000611], abs=5e-8)
    assert [part.share.value for part in (init, order, rest)] == pytest.approx(
        [0.789, 0.122, 0.089], abs=5e-4
    )
    assert math.sqrt(sum(found)) == pytest.approx(0.0261406, abs=5e-8)
    assert (init.f, order.f) == pytest.approx((27.4545, 5.0909), abs=5e-5)
    assert (init.p, order.p) == pytest.approx((0.0046, 0.0796), abs=5e-5)
    assert math.isnan(rest.f)
    assert [part.levels for part in (init, order, rest)] == [3, 3, 5]
    assert all(part.share.status == "ok" for part in (init, order, rest))


@settings(max_examples=30, deadline=None)
@given(
    shape=some.lists(some.integers(2, 5), min_size=2, max_size=3),
    trial=some.integers(0, 99),
    shift=some.floats(-5, 5),
    factor=some.sampled_from([0.01, 1.0, 100.0]),
)
def test_components_follow_the_unit_of_the_scores(
    shape: list[int], trial: int, shift: float, factor: float
) -> None:
    """A constant does not matter, a factor does by its square and leaves the shares alone; these add up to 1."""
    scores = effects(trial, tuple(shape), *[1.0] * (len(shape) + 1))
    for design in (st.crossed, st.nested):
        once, again = design(scores, rng("same")), design(shift + factor * scores, rng("same"))
        assert sum(part.share.value for part in once) == pytest.approx(1)
        for one, other in zip(once, again, strict=True):
            assert other.variance == pytest.approx(one.variance * factor**2, rel=1e-6, abs=1e-9 * factor**2)
            bounds = (one.share.low, one.share.value, one.share.high)
            assert (other.share.low, other.share.value, other.share.high) == pytest.approx(bounds, abs=1e-6)
            assert 0 <= one.share.low <= one.share.high <= 1


@settings(max_examples=20, deadline=None)
@given(trial=some.integers(0, 99), runs=some.integers(2, 6), n=some.integers(2, 20))
def test_the_component_of_runs_is_the_variance_that_the_test_set_does_not_explain(
    trial: int, runs: int, n: int
) -> None:
    """Section 4.6 on seeds x examples gives the number of section 4.2."""
    scores = effects(trial, (runs, n), 0.5, 1.0, 1.0)
    assert st.crossed(scores, rng("draw"))[0].variance == pytest.approx(st.run_variance(scores))


def test_the_test_of_the_outer_of_two_nested_factors_is_an_analysis_of_variance() -> None:
    """SciPy's one-way F test of the same groups."""
    scores = effects(1, (4, 6), 0.7, 0.0, 1.0)
    outer, rest = st.nested(scores, rng("draw"))
    expected = stats.f_oneway(*scores)
    assert (outer.f, outer.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert rest.variance == pytest.approx(scores.var(axis=1, ddof=1).mean())
    assert outer.variance == pytest.approx(scores.mean(axis=1).var(ddof=1) - rest.variance / 6)


def test_each_nested_factor_is_tested_against_the_one_below_it() -> None:
    """Subset, seed within it, order within that: mean squares 18, 4.5 and 1 by hand."""
    scores = np.array([[[0.0, 0], [3, 3]], [[3, 3], [6, 6]]]) + np.array([-0.5, 0.5]) * math.sqrt(2)
    outer, inner, rest = st.nested(scores, rng("draw"))
    assert (outer.f, inner.f) == pytest.approx((2, 9))
    assert (outer.variance, inner.variance, rest.variance) == pytest.approx((9 / 4, 8 / 2, 1))


@pytest.mark.parametrize(
    ("shape", "sds"), [((5, 5), (1.0, 0.7, 0.7)), ((3, 3), (1.0, 0.7, 0.7)), ((5, 200), (0.05, 0.3, 0.3))]
)
def test_intervals_of_shares_hold_for_a_few_levels(
    shape: tuple[int, ...], sds: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the three covers the true share in about 95 % of 300 cases."""
    monkeypatch.setattr("harness.measure.statistics.components.DRAWS", 1000)
    true = np.square(sds) / np.square(sds).sum()
    covered = np.zeros(3)
    for trial in range(300):
        found = st.crossed(effects(trial, shape, *sds), rng("gci", trial))
        covered += [
            part.share.low <= share <= part.share.high for part, share in zip(found, true, strict=True)
        ]
    assert (covered / 300 >= 0.92).all()
    assert (covered / 300 <= 0.99).all()


def test_a_factor_that_does_nothing_is_rarely_found_to_do_something() -> None:
    """Its F test rejects in about 5 % of 1,000 cases, and its share starts at 0 in nearly all."""
    found = [st.crossed(effects(trial, (4, 5), 0.0, 1.0, 1.0), rng(trial))[0] for trial in range(1000)]
    assert np.mean([part.p < 0.05 for part in found]) == pytest.approx(0.05, abs=0.02)
    assert np.mean([part.share.low == 0 for part in found]) >= 0.95
    negative = [part for part in found if part.variance < 0]
    assert negative
    assert all(part.share.value == 0 for part in negative)


def test_what_does_not_vary_has_no_shares() -> None:
    """Equal scores are degenerate, also where their mean rounds; two levels are underpowered."""
    for design in (st.crossed, st.nested):
        flat, few = design(np.full((3, 7), 0.1), rng("flat")), design(TABLE[:2], rng("few"))
        assert {part.share.status for part in flat} == {"degenerate"}
        assert all(math.isnan(part.share.value) for part in flat)
        assert {part.share.status for part in few} == {"underpowered"}


def test_a_factor_that_explains_all_leaves_nothing_to_the_rest() -> None:
    """Rows that differ, and nothing else: share 1, an infinite F."""
    part, order, rest = st.crossed(np.repeat([[0.1], [0.2], [0.4]], 4, axis=1), rng("all"))
    assert (part.share.value, order.share.value, rest.share.value) == (1, 0, 0)
    assert (part.f, part.p) == (math.inf, 0)


@pytest.mark.parametrize("shape", [(3,), (1, 5), (4, 1)])
def test_a_design_has_two_factors_of_two_levels(shape: tuple[int, ...]) -> None:
    """Otherwise nothing can be told apart, and the shape is named."""
    for design in (st.crossed, st.nested):
        with pytest.raises(ValueError, match="two factors or more"):
            design(np.zeros(shape), rng("shape"))
