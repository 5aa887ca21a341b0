"""Parts of the input alone: the published numbers, paired intervals, and when there is no number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.measure.generalization import measure
from harness.measure.partial import UNUSED
from harness.measure.tables import Condition
from harness.rows import Status
from harness.variation import Variation
from tests.measure.build import cell, model, pick, right, run, tables

N = 1000


def asked(whole, part, index=None, seed=0, kind="only-hypothesis", **about):
    """A run with who is right on whole inputs, and on parts of those at ``index``."""
    return replace(run(whole, seed=seed, **about), partial={kind: cell(part, index=index)})


def with_chance(data, value):
    """The same where guessing scores so much."""
    return replace(data, chance=lambda sums: np.full(sums.shape[:-1], value))


def test_the_artefact_is_the_published_number():
    """Methods, section 5.7: full .88, hypothesis-only .62, chance .34 give .5185185."""
    data = with_chance(tables(model(asked(right(880, N), right(620, N))), n=N), 0.34)
    rows = list(measure(data))
    row = pick(rows, "artefact", partial="only-hypothesis")
    assert round(row.value, 7) == 0.5185185
    assert row.low < row.value < row.high
    assert (row.direction, row.n, row.status) == ("lower", N, Status.OK)
    assert row.note == f"{UNUSED}; chance 0.340"
    assert pick(rows, "partial_score", partial="only-hypothesis").value == pytest.approx(0.62)
    assert pick(rows, "partial_whole", partial="only-hypothesis").value == pytest.approx(0.88)


def test_both_scores_are_resampled_together():
    """Methods, section 3.1: .80 and .90 with .78 both right above a chance of .5 give a standard error of .0274574."""
    whole, part = right(900, N), np.concatenate([right(780, 900), right(20, 100)])
    data = with_chance(tables(model(asked(whole, part)), n=N, resamples=4000), 0.5)
    row = pick(measure(data), "artefact")
    assert row.value == pytest.approx(0.75)
    assert (row.high - row.low) / 2 / 1.96 == pytest.approx(0.0274574, rel=0.05)


def test_the_whole_is_that_of_the_same_examples():
    """An example without such a part counts for neither score."""
    half = np.arange(0, N, 2)
    whole = np.where(np.arange(N) % 2 == 0, np.arange(N) < 800, 0.0)
    data = with_chance(tables(model(asked(whole, right(300, N // 2), half)), n=N), 0.2)
    rows = list(measure(data))
    assert pick(rows, "partial_whole").value == pytest.approx(0.8)
    assert pick(rows, "partial_score").value == pytest.approx(0.6)
    row = pick(rows, "artefact")
    assert row.value == pytest.approx(0.4 / 0.6)
    assert row.n == N // 2
    assert "of 500 of 1000 examples" in row.note


def test_worse_than_a_guess_keeps_nothing():
    """The share is cut at 0, as that of a shift or of noise is."""
    row = pick(measure(tables(model(asked(right(900, N), right(300, N))), n=N)), "artefact")
    assert (row.value, row.low) == (0, 0)


def test_the_mean_over_runs_is_told():
    """Each run has a share of its own."""
    runs = [asked(right(900, N), right(hits, N), seed=seed) for seed, hits in enumerate((700, 600))]
    row = pick(measure(tables(model(*runs), n=N)), "artefact")
    assert row.value == pytest.approx((0.5 + 0.25) / 2)
    assert row.runs == 2


def test_without_skill_there_is_a_reason_instead_of_a_share():
    """Nothing is left of nothing; what is scored on the part is told all the same."""
    rows = list(measure(tables(model(asked(right(510, N), right(505, N))), n=N)))
    row = pick(rows, "artefact")
    assert (row.value, row.status) == (None, Status.DEGENERATE)
    assert "no skill to speak of" in row.note
    assert pick(rows, "partial_score").value == pytest.approx(0.505)


def test_skill_that_other_examples_have_does_not_count():
    """The examples that have such a part may be those that the model knows nothing of."""
    last = np.arange(N - 100, N)
    row = pick(measure(tables(model(asked(right(900, N), right(50, 100), last)), n=N)), "artefact")
    assert (row.value, row.status) == (None, Status.DEGENERATE)


def test_a_part_that_a_run_was_not_asked_has_no_rows():
    """Runs are compared on the same inputs only."""
    runs = asked(right(900, N), right(700, N)), run(right(900, N), seed=1)
    assert not [row for row in measure(tables(model(*runs), n=N)) if "partial" in row.condition]


def test_parts_count_in_no_headline():
    """Generalization is what carries over to shifts, whatever a part of the input gives away."""
    cells = {Condition("web"): cell(right(800, N))}
    plain = run(right(900, N), cells)
    data = [
        tables(model(one), n=N, shifts={"web": N})
        for one in (plain, replace(plain, partial={"empty": cell(right(900, N))}))
    ]
    bare, more = (list(measure(one)) for one in data)
    assert pick(bare, "score") == pick(more, "score")
    assert len(more) == len(bare) + 3


def test_the_full_version_compares_runs_that_were_trained_on_parts_with_those_of_their_seed():
    """.62 of who was trained on hypotheses against .88 of who reads both; a seed without a whole run counts for nothing."""
    part = Variation(part="only-hypothesis")
    trained = tuple(asked(right(500, N), right(hits, N), seed=seed) for seed, hits in ((0, 620), (7, 990)))
    one = model(asked(right(880, N), right(400, N)), parts={part: trained})
    rows = list(measure(with_chance(tables(one, n=N), 0.34)))
    full, light = (pick(rows, "artefact", version=version) for version in ("full", "light"))
    assert round(full.value, 7) == 0.5185185
    assert (full.condition["partial"], full.runs) == ("only-hypothesis", 1)
    assert full.note.startswith("full version: another run was trained on such parts alone; chance 0.340")
    assert pick(rows, "partial_score", version="full").value == pytest.approx(0.62)
    assert pick(rows, "partial_whole", version="full").value == pytest.approx(0.88)
    assert light.value == pytest.approx((0.40 - 0.34) / (0.88 - 0.34))
