"""What edits do to written texts (methods, section 2.14): worked examples, properties, rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.continuity import measure as continuity
from harness.measure.robustness import measure as robustness
from harness.measure.written import length_jump, outweighs, relative_loss
from harness.rows import Status
from harness.tasks.scoring import chrf
from tests.measure.build import accuracy, assault, majority, model, noise, pick, right, run, tables

COLUMNS = ("n", "right", "yes", "no", "words:said", "empty")


def written(words, *, correct=None, rate=0.1, index=None):
    """A cell of a task that asks for texts of so many words."""
    from harness.measure.tables import Cell

    said = np.asarray(words, float)
    at = np.arange(len(said)) if index is None else np.asarray(index)
    hit = np.ones(len(said)) if correct is None else np.asarray(correct, float)
    stats = np.column_stack([np.ones(len(said)), hit, at % 2 == 0, at % 2 == 1, said, said == 0]).astype(
        float
    )
    moved = np.tile([0.5, 1, 0.5, 1, 1], (len(said), 1))
    return Cell(at, stats, moved, np.full(len(said), rate))


def of(cells, clean):
    """Tables of a model that writes, whose clean outputs are this long."""
    from harness.measure.tables import TEST, Condition

    one = run(right(len(clean), len(clean)), cells)
    one = replace(one, cells={**one.cells, Condition(TEST): written(clean)})
    found = tables(model(one), n=len(clean))
    return replace(
        found,
        score=lambda sums: accuracy(sums[..., :4]),
        chance=lambda sums: 0.0 * majority(sums[..., :4]),
        columns={"m": COLUMNS},
        details={"m": {}},
    )


def test_consistency_is_the_harmonic_mean_of_the_worked_example():
    """Each text foretells .8 and .7 of the other: .7466667, which is chrF with beta 1."""
    counts = np.array([70.0, 80, 56])  # 56 of 70 and of 80 are in both
    assert chrf.fscore(counts, beta=1) == pytest.approx(0.7466667, abs=5e-8)


def test_source_aware_success_is_that_of_the_worked_example():
    """Likeness .87, a score from .60 to .45: a quarter is lost, 1.12 in all, so it counts."""
    loss = relative_loss(np.array([0.60]), np.array([0.45]))
    assert loss == pytest.approx(0.25)
    assert outweighs(np.array([0.87]), loss).tolist() == [1.0]
    assert outweighs(np.array([0.75]), loss).tolist() == [0.0]


SHARES = st.floats(0, 1)


@given(SHARES, SHARES, SHARES)
def test_no_harm_never_outweighs_and_a_total_loss_always_does(likeness, before, after):
    """Unless the text has nothing left in common with what it was."""
    loss = float(relative_loss(np.array(before), np.array(after)))
    assert 0 <= loss <= 1
    if after >= before:
        assert not outweighs(np.array(likeness), np.array(loss))
    assert bool(outweighs(np.array(likeness), np.array(1.0))) == (likeness + 1.0 > 1.0)


def test_meanings_move_as_the_encoder_saw_them():
    """The mean over texts, in the conditions in which it was asked."""
    asked = replace(written(np.full(40, 5)), sense=np.tile([0.1, 0.3], 20))
    rows = list(
        continuity(of({noise("typo", 1): asked, noise("caps", 1): written(np.full(40, 5))}, np.full(40, 5)))
    )
    (row,) = [row for row in rows if row.measure == "meaning_distance"]
    assert (row.value, row.condition["operator"]) == (pytest.approx(0.2), "typo")
    assert row.low < 0.2 < row.high


def test_lengths_jump_both_ways_and_an_empty_output_is_a_word():
    """From 10 words to 15 and to 5 it is one half; from nothing to three words, 3."""
    assert length_jump(np.array([10.0, 10, 0, 4]), np.array([15.0, 5, 3, 4])).tolist() == [0.5, 0.5, 3, 0]


def test_jumps_and_empty_outputs_are_told_for_each_condition():
    """Half of the outputs double, a fifth are empty that were not; what was empty before is not counted."""
    clean = np.full(40, 10.0)
    clean[:4] = 0
    after = np.where(np.arange(40) % 2, 20.0, 10.0)
    after[:12] = 0
    rows = list(continuity(of({noise("typo", 1): written(after)}, clean)))
    jump, emptied = pick(rows, "length_jump", operator="typo"), pick(rows, "emptied", operator="typo")
    assert emptied.value == pytest.approx(8 / 40)
    assert emptied.low < emptied.value < emptied.high
    assert jump.value == pytest.approx((8 * 1.0 + 14 * 1.0) / 40)
    assert jump.direction == emptied.direction == "lower"


def test_the_relative_score_is_that_of_the_worked_example():
    """From .30 to .27 of the same texts it is .9; a score that rises is above 1."""
    clean = np.full(100, 5.0)
    for kept, expected in ((27, 0.9), (36, 1.2)):
        data = of({noise("typo", 1): written(clean, correct=right(kept, 100))}, clean)
        (one,) = data.models
        before = one.runs[0].cells[next(iter(one.runs[0].cells))]
        assert before.stats[:, 1].sum() == 100
        before.stats[:, 1] = right(30, 100)
        row = pick(robustness(data), "relative_score", operator="typo")
        assert row.value == pytest.approx(expected)
        assert row.status is Status.OK


def test_other_tasks_have_no_such_rows():
    """There is no length to jump where the answer is a label."""
    rows = list(continuity(tables(model(run(right(9, 20))), n=20)))
    assert not {"length_jump", "emptied", "relative_score"} & {row.measure for row in rows}


def test_attacks_that_destroy_the_text_are_told_from_those_that_harm_the_output():
    """Ten outputs lose everything: of the five whose text is half gone and like the clean one no more, none counts."""
    course = "S" * 10 + "f" * 10
    likeness = np.concatenate([np.full(5, 0.9), np.full(5, 0.0), np.ones(10)])
    attacked = model(run(right(20, 20)), attacks=(assault(course, likeness=likeness),))
    rows = list(robustness(tables(attacked, n=20)))
    row = pick(rows, "attack_outweighing_rate")
    assert (row.value, row.n) == (pytest.approx(5 / 20), 20)
    assert pick(rows, "attack_success_rate").value == pytest.approx(0.5)
    plain = model(run(right(20, 20)), attacks=(assault(course),))
    assert not [r for r in robustness(tables(plain, n=20)) if r.measure == "attack_outweighing_rate"]
