"""Label shift: worked numbers, what it takes apart, and when it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.generalization import measure
from harness.measure.label_shift import bbse, em, expected
from harness.measure.tables import TEST, Cell, Condition, ModelTable, RunTable, Tables
from harness.rng import rng
from harness.rows import Status
from harness.tasks.scoring import relations
from harness.tasks.scoring.classes import accuracy, columns, majority
from tests.measure.build import pick

LABELS = ("no", "yes")


def test_weights_are_the_published_numbers():
    """Methods, section 5.8: w = (.4, 1.6), q = (.2, .8), expected accuracy .82."""
    C = np.array([[0.45, 0.10], [0.05, 0.40]])
    weights = bbse(C, np.array([0.34, 0.66]))
    assert weights == pytest.approx([0.4, 1.6], abs=1e-12)
    shares = weights * C.sum(axis=0)
    assert shares == pytest.approx([0.2, 0.8], abs=1e-12)
    assert expected(shares, np.array([0.9, 0.8])) == pytest.approx(0.82, abs=1e-12)


def test_weights_are_cut_at_zero():
    """No label is less often there than never."""
    weights = bbse(np.array([[0.45, 0.10], [0.05, 0.40]]), np.array([0.05, 0.95]))
    assert weights[0] == 0
    assert weights[1] > 0


@pytest.mark.parametrize(("steps", "share"), [(1, 0.45), (2, 0.42115), (3, 0.404512), (1000, 0.381306)])
def test_shares_by_em_are_the_published_numbers(steps, share):
    """Methods, section 5.8: .45, .42115, .404512 after one, two and three steps; the limit is .381306."""
    p = np.array([0.9, 0.6, 0.2, 0.1])
    found = em(np.column_stack([p, 1 - p]), np.array([0.5, 0.5]), steps)
    assert found == pytest.approx([share, 1 - share], abs=1e-6)


@given(st.floats(0.05, 0.95), st.floats(0.6, 0.99), st.floats(0.6, 0.99))
def test_a_pure_label_shift_is_found_exactly(share, recall_no, recall_yes):
    """With the same recalls at both places the inversion gives back the shares."""
    recalls = np.array([[recall_no, 1 - recall_yes], [1 - recall_no, recall_yes]])
    weights = bbse(recalls * 0.5, recalls @ np.array([share, 1 - share]))
    assert weights * 0.5 == pytest.approx([share, 1 - share], abs=1e-9)


def classified(gold, said):
    """A cell of a classifier with these gold and predicted labels, 0 or 1."""
    gold, said = np.asarray(gold), np.asarray(said)
    n = len(gold)
    rows = np.zeros((n, 2 + 3 * 2))
    rows[:, 0], rows[:, 1] = 1, gold == said
    hit = gold == said
    rows[np.arange(n)[hit], 2 + gold[hit]] = 1
    rows[np.arange(n)[~hit], 4 + said[~hit]] = 1
    rows[np.arange(n)[~hit], 6 + gold[~hit]] = 1
    return Cell(np.arange(n), rows, np.zeros((n, 5)), np.zeros(n))


def shifted(home, there, resamples=400):
    """Tables of one run at home and on the shift ``web``, from (gold, said) counts."""
    cells = {}
    for split, counts in ((TEST, home), ("web", there)):
        pairs = [pair for pair, count in counts.items() for _ in range(count)]
        cells[Condition(split)] = classified(*zip(*pairs, strict=True))
    sizes = {c.split: len(cell.index) for c, cell in cells.items()}
    sure = {split: np.full((n, 2), 0.5) for split, n in sizes.items()}
    run = RunTable(0, "ok", cells, probabilities=sure)
    return Tables(
        "accuracy", accuracy, majority, {}, sizes, {}, (ModelTable("m", False, (run,)),), 7, resamples,
        columns={"m": columns(LABELS)},
    )  # fmt: skip


HOME = {(0, 0): 450, (0, 1): 50, (1, 0): 100, (1, 1): 400}


def test_the_gap_is_taken_apart_as_published():
    """Methods, section 5.8: accuracy .85 at home, .74 there; -.03 is label shift and -.08 the rest."""
    there = {(0, 0): 150, (0, 1): 50, (1, 0): 210, (1, 1): 590}
    rows = list(measure(shifted(HOME, there)))
    assert pick(rows, "gap").value == pytest.approx(0.85 - 0.74)
    parts = [pick(rows, name) for name in ("label_shift", "shift_rest")]
    assert [row.value for row in parts] == pytest.approx([-0.03, -0.08])
    assert all(row.low < row.value < row.high for row in parts)


def test_without_labels_the_expected_accuracy_is_the_published_number():
    """34 % are predicted to be the first label: the inversion tells the shares, and so .82."""
    there = {(0, 0): 180, (0, 1): 20, (1, 0): 160, (1, 1): 640}
    rows = list(measure(shifted(HOME, there)))
    row = pick(rows, "expected_bbse")
    assert row.value == pytest.approx(0.82)
    assert row.low < 0.82 < row.high
    assert pick(rows, "shift_rest").value == pytest.approx(0)
    assert pick(rows, "expected_em").value == pytest.approx(0.85)  # probabilities that say nothing


def test_a_confusion_matrix_that_is_ill_conditioned_is_not_inverted():
    """A model that says the same whatever is right tells nothing of the shares; the parts stand."""
    home = {(0, 0): 490, (0, 1): 10, (1, 0): 480, (1, 1): 20}
    rows = list(measure(shifted(home, HOME)))
    row = pick(rows, "expected_bbse")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)
    assert "ill-conditioned" in row.note
    assert pick(rows, "label_shift").value is not None


def test_a_label_that_home_has_never_seen_leaves_the_parts_undefined():
    """What its recall would be nobody knows."""
    rows = list(measure(shifted({(0, 0): 450, (0, 1): 50}, HOME)))
    assert pick(rows, "label_shift").status is Status.NOT_APPLICABLE


def test_only_tasks_with_one_label_a_text_are_taken_apart():
    """Without probabilities over labels there are no such rows."""
    data = shifted(HOME, HOME)
    (model,) = data.models
    plain = replace(model, runs=tuple(replace(run, probabilities={}) for run in model.runs))
    assert not [r for r in measure(replace(data, models=(plain,))) if r.measure == "label_shift"]


def test_the_f1_of_relations_is_not_taken_apart():
    """It is no mean of recalls, though its statistics are told of each label, too."""
    data = shifted({(0, 0): 90, (0, 1): 10, (1, 1): 80, (1, 0): 20}, {(0, 0): 30, (1, 1): 100})
    data = replace(data, columns=dict.fromkeys(data.columns, relations.columns(LABELS)))
    assert not [row for row in measure(data) if row.measure in ("label_shift", "shift_rest", "expected_em")]


def test_em_finds_the_shares_that_calibrated_probabilities_were_drawn_from():
    """5,000 texts of which 20 % bear the first label, judged by a model that expects half."""
    random = rng("em")
    gold = (random.random(5000) < 0.8).astype(int)
    x = random.standard_normal(5000) + np.where(gold == 1, 1.0, -1.0)
    yes = 1 / (1 + np.exp(-2 * x))
    found = em(np.column_stack([1 - yes, yes]), np.array([0.5, 0.5]))
    assert found[0] == pytest.approx(0.2, abs=0.02)
