"""How answers respond to growing edits: worked numbers, and what the rows promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kendalltau

from harness.measure.continuity import measure
from harness.measure.response import kendall, largest_step, page
from harness.rng import rng
from harness.rows import Status

from .build import cell, model, noise, pick, right, run, tables

N = 60


def test_tau_is_the_published_number() -> None:
    """Methods, section 2.7: 0.7333333."""
    assert kendall(np.array([[0, 0.05, 0.04, 0.10, 0.08, 0.16]])) == pytest.approx([0.7333333], abs=5e-8)


@given(arrays(float, (3, 5), elements=st.sampled_from([0.0, 0.1, 0.2, 0.9])))
def test_tau_is_scipys(d: np.ndarray) -> None:
    """Ties included; a text that never moves has none."""
    expected = [kendalltau(range(5), row).statistic if len(set(row)) > 1 else np.nan for row in d]
    assert kendall(d) == pytest.approx(expected, nan_ok=True)


def test_pages_test_is_the_published_number() -> None:
    """Methods, section 2.7: L = 41, p = 0.0324."""
    statistic, p = page(np.array([(0, 0.03, 0.05), (0.01, 0.02, 0.08), (0, 0.04, 0.03)]))
    assert (statistic, round(p, 4)) == (41, 0.0324)


def test_the_largest_step_is_that_of_the_curve_either_way() -> None:
    """Up or down, of each run and each resample by itself."""
    assert largest_step(np.array([[0.0, 0], [0.1, 0.3], [0.4, 0.1]])) == pytest.approx([0.3, 0.3])


def rows(moved: np.ndarray):
    """The rows of an operator at three severities with these distances, ``(texts, 3)``."""
    cells = {
        noise("keyboard", s): cell(right(40, N), distance=moved[:, at], rate=0.1 * (at + 1))
        for at, s in enumerate((1, 3, 5))
    }
    return list(measure(tables(model(run(right(50, N), cells)), n=N)))


def test_a_trend_is_seen_text_by_text() -> None:
    """Answers that move on and on: tau near 1 and hardly a chance; those that move at random have neither."""
    random = rng("response")
    rising = np.cumsum(random.random((N, 3)) * 0.3, axis=1)
    found, aimless = rows(rising), rows(random.random((N, 3)))
    tau, p = pick(found, "severity_tau"), pick(found, "trend_p")
    assert (tau.value, tau.n, tau.direction) == (1, N, "higher")
    assert p.value < 1e-9
    assert p.note.startswith("Page's L = 840:")
    step = pick(found, "largest_step", operator="keyboard")
    assert step.value == pytest.approx(np.diff([0, *rising.mean(axis=0)]).max())
    assert step.low < step.value < step.high
    assert pick(aimless, "severity_tau").value < 0.7
    assert pick(aimless, "trend_p").value > 0.05


def test_texts_that_never_move_have_no_trend() -> None:
    """They do not count among the n; if none moves there is no number."""
    some = np.zeros((N, 3))
    some[:10] = (0.1, 0.2, 0.3)
    assert (pick(rows(some), "severity_tau").value, pick(rows(some), "severity_tau").n) == (1, 10)
    still = pick(rows(np.zeros((N, 3))), "severity_tau")
    assert (still.value, still.n, still.status) == (None, 0, Status.NOT_APPLICABLE)
    assert still.note == "no answer moves in some run"
