"""Entities by what training has seen of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.measure.generalization import measure
from harness.measure.tables import TEST, Mentions
from harness.rows import Status
from tests.measure.build import model, pick, right, run, tables

N = 100


def parted(confusable=(0, 0), **counts):
    """Rows of a run that found, made up and missed so many mentions of each partition."""
    table = np.zeros((N, 12))
    for at, name in enumerate(("seen", "type_shifted", "partial", "new")):
        for kind, count in enumerate(counts.get(name, (0, 0, 0))):
            table[:, 3 * at + kind] = np.bincount(np.arange(count) % N, minlength=N)
    pairs = np.zeros((N, 2))
    pairs[0] = confusable
    one = replace(run(right(90, N)), mentions={TEST: Mentions({"exact": table, "folded": table}, pairs)})
    return list(measure(tables(model(one), n=N)))


def test_recall_by_partition_is_the_published_number():
    """Methods, section 5.4: seen 45/50, new 12/20 give .90, .60 and a ratio of .6666667."""
    rows = parted(seen=(45, 0, 5), new=(12, 0, 8))
    about = {"split": TEST, "case": "exact"}
    seen, new = (pick(rows, "partition_recall", partition=p, **about) for p in ("seen", "new"))
    assert (seen.value, new.value) == pytest.approx((0.90, 0.60))
    assert pick(rows, "new_ratio", **about).value == pytest.approx(0.6666667, abs=5e-8)
    assert (seen.status, new.status) == (Status.OK, Status.UNDERPOWERED)
    assert new.note == "20 gold mentions"


def test_f1_counts_what_was_made_up_where_its_own_name_belongs():
    """Twelve found, eight missed and four made up: 24 of 36."""
    rows = parted(new=(12, 4, 8), seen=(60, 0, 0))
    row = pick(rows, "partition_f1", partition="new", case="folded")
    assert row.value == pytest.approx(24 / 36)
    assert "its own name and type" in row.note


def test_a_partition_without_mentions_has_no_recall():
    """Nothing to find is no recall of zero."""
    row = pick(parted(seen=(45, 0, 5)), "partition_recall", partition="type-shifted", case="exact")
    assert (row.value, row.status) == (None, Status.NOT_APPLICABLE)


def test_texts_with_nothing_but_seen_entities_are_counted():
    """Fifty texts have a seen entity and the first twelve of them a new one as well."""
    found = pick(parted(seen=(50, 0, 0), new=(12, 0, 8)), "known_entities")
    assert (found.value, found.n) == (38 / 50, 50)


def test_confusable_names_are_told_if_there_are_any():
    """Three of four were found."""
    row = pick(parted(confusable=(3, 4), seen=(4, 0, 0)), "confusable_recall")
    assert (row.value, row.status) == (0.75, Status.UNDERPOWERED)
    assert not [r for r in parted(seen=(4, 0, 0)) if r.measure == "confusable_recall"]


def test_a_few_mentions_are_as_sure_as_the_texts_they_stand_in():
    """Three of three found in a hundred texts are three, not a hundred."""
    row = pick(parted(seen=(3, 0, 0)), "partition_recall", partition="seen", case="exact")
    assert (row.value, row.n) == (1, 3)
    assert row.low == pytest.approx(0.025 ** (1 / 3), abs=1e-9)
