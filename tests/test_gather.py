"""What attacks left in the store becomes tables for measures and examples for people."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from harness.execute.files import ATTACK, TRANSFER
from harness.gather import gather
from harness.plan import Plan
from harness.showcase import examples
from harness.store import DONE, Blobs
from harness.tasks.classification import TASK
from harness.text import Edit, Example, vary
from harness.units import Assault, Called, Data, Given, Transfer
from harness.variation import MAIN

TEXT = "a fine film with a very fine cast indeed"
TESTED = tuple(Example(f"e{at}", {"text": TEXT}, "pos") for at in range(5))
CALLED = Called("classification", 1, "", "{}")
SPECIFIED = SimpleNamespace(
    data=SimpleNamespace(shifts={}, others={}),
    tests=(),
    seed=1,
    statistics=SimpleNamespace(resamples=50, level=0.95),
    perturb=SimpleNamespace(worst_of=5),
)


def given(name):
    """A model that is already there."""
    return Given("checkpoint", name, CALLED, Data("d", "train"), name=name)


def assault(name, label="greedy"):
    """An attack on it, under two constraints, with a control."""
    constraints = tuple(Called(one, 1, "", "{}", one) for one in ("pos", "sim"))
    called = Called(label, 1, "", "{}", label)
    return Assault(
        given(name), Data("t", "attacked"), called, CALLED, CALLED, constraints, called, 50, None, 1, ""
    )


def row(at, status, edits=(), minimal=(), **about):
    """What an attack left of an example, as a unit writes it."""
    after, least = (vary(TESTED[at], [Edit(*e) for e in many], by_word=True) for many in (edits, minimal))
    said = {"label": "pos", "probability": 0.9, "ranked": [["pos", 0.9], ["neg", 0.1]]}
    known = status != "error"
    found = {
        "id": f"e{at}",
        "status": status,
        "queries": 12 + at,
        "note": "",
        "stage": "",
        "truncated": False,
        "candidates": 10,
        "refused": {},
        "unstable": False,
        "control": None if status in ("skipped", "error") else False,
        "seconds": 0.5,
        "edits": [list(e) for e in edits],
        "minimal": [list(e) for e in minimal],
        "rate": after.rate,
        "minimal_rate": least.rate,
        "words": 9,
        "changed": 9 * after.rate,
        "minimal_changed": 9 * least.rate,
        "fields": dict(after.example.fields),
        "target": "pos",
        "clean_stats": [float(status != "skipped"), 0.0, 1.0, 0.0, 1.0] if known else None,
        "stats": [float(status == "failed"), 0.0, 1.0, 0.0, 1.0] if known else None,
        "entities": None,
        "clean": said if known else None,
        "final": said | {"label": "neg" if status == "success" else "pos"} if known else None,
        "least": said | {"label": "neg"} if status == "success" else None,
    }
    return found | about


FINE, CAST = (2, 6, "f1ne", "text"), (29, 33, "cost", "text")
ROWS = [
    row(0, "skipped"),
    row(1, "success", (FINE, CAST), (CAST,), stage="words", refused={"sim": 4, "gold": 1}),
    row(2, "failed", (FINE,), refused={"gold": 2}, truncated=True, control=True),
    row(3, "success", (FINE,), (FINE,), queries=1400),
    row(4, "error"),
]


@pytest.fixture
def blobs(tmp_path):
    """A store."""
    return Blobs(tmp_path)


def keep(blobs, unit, name, content):
    """Publish the payload of a unit."""

    def make(folder):
        (folder / name).write_text(json.dumps(content), "utf-8")
        return DONE

    blobs.publish(unit.key, make, {})


def plan(attacks=(), transfers=(), missing=None):
    """A plan of nothing but attacks on one model."""
    model = given("m")
    return Plan(
        task=TASK,
        called=CALLED,
        seed=1,
        data={"train": (), "test": TESTED, "attacked": TESTED},
        units={},
        models={"m": (model,)},
        scores={("m", None, MAIN): {}},
        attacks={"m": tuple(attacks)},
        transfers={"m": tuple(transfers)},
        missing=missing or {},
        explanations={},
        tests={},
    )


def tables(plan, blobs, out=None):
    """What measures get of it."""
    return gather(plan, {}, blobs, out or {}, SPECIFIED, {}).models[0]


def test_an_attack_becomes_a_table(blobs):
    """A row per example; what was not there is zero, NaN or named."""
    unit = assault("m")
    keep(blobs, unit, ATTACK, ROWS)
    (table,) = tables(plan([unit]), blobs).attacks
    assert (table.attack, table.seed) == ("greedy", None)
    assert table.attacked.tolist() == [False, True, True, True, False]
    assert table.error.tolist() == [False, False, False, False, True]
    assert table.success.tolist() == [False, True, False, True, False]
    assert table.queries.tolist() == [12, 13, 14, 1400, 16]
    assert table.changed.tolist() == pytest.approx([0, 2, 1, 1, 0])
    assert table.minimal_changed.tolist() == pytest.approx([0, 1, 0, 1, 0])
    assert table.stats.tolist()[4] == [0.0] * 5
    assert np.isnan(table.control).tolist() == [True, False, False, False, True]
    assert table.entities is None


def test_constraints_that_refused_nothing_are_there_in_their_order(blobs):
    """Payloads name only those that refused."""
    unit = assault("m")
    keep(blobs, unit, ATTACK, ROWS)
    (table,) = tables(plan([unit]), blobs).attacks
    assert {name: counts.tolist() for name, counts in table.refused.items()} == {
        "gold": [0, 1, 2, 0, 0],
        "pos": [0, 0, 0, 0, 0],
        "sim": [0, 4, 0, 0, 0],
    }
    assert list(table.refused) == ["gold", "pos", "sim"]


def test_characters_are_counted_of_the_edits_that_are_needed(blobs):
    """One letter of one word, of a text of 40 letters."""
    unit = assault("m")
    keep(blobs, unit, ATTACK, ROWS)
    (table,) = tables(plan([unit]), blobs).attacks
    assert table.characters.tolist() == [0, 1 / len(TEXT), 0, 1 / len(TEXT), 0]


def test_entities_are_there_if_anything_told_of_them(blobs):
    """An example that broke has none."""
    unit = assault("m")
    told = [one | {"entities": None if one["status"] == "error" else [3, 1, 0, 0, 2, 5]} for one in ROWS]
    keep(blobs, unit, ATTACK, told)
    (table,) = tables(plan([unit]), blobs).attacks
    assert table.entities.tolist() == [[3, 1, 0, 0, 2, 5]] * 4 + [[0] * 6]


def test_attacks_without_a_result_are_told_with_their_reasons(blobs):
    """Those that could not be run here, and those that failed; not those that succeeded on some run."""
    there, broken = assault("m"), assault("m", "slow")
    keep(blobs, there, ATTACK, ROWS)
    found = tables(
        plan([there, broken], missing={"words": "needs WordNet"}), blobs, {broken.key: "failed: x"}
    )
    assert dict(found.missing) == {"words": "needs WordNet", "slow": "failed: x"}
    assert len(found.attacks) == 1


def test_what_carries_over_becomes_a_table(blobs):
    """With where it comes from."""
    unit = Transfer(given("m"), assault("other"), CALLED, "")
    said = [{"id": "e1", "right": True, "fooled": True}, {"id": "e3", "right": False, "fooled": False}]
    keep(blobs, unit, TRANSFER, {"rows": said})
    (table,) = tables(plan(transfers=[unit]), blobs).transfers
    assert (table.attack, table.source, table.source_seed, table.seed) == ("greedy", "other", None, None)
    assert table.index.tolist() == [1, 3]
    assert table.right.tolist() == [True, False]
    assert table.fooled.tolist() == [True, False]


def test_examples_show_the_edits_that_are_needed(blobs):
    """Those with the fewest first; how they came about is said beside."""
    unit = assault("m")
    keep(blobs, unit, ATTACK, ROWS)
    shown = examples(replace(plan([unit]), models={}), blobs, {})
    assert [one.id for one in shown] == ["e1", "e3"]
    assert shown[0].edits == ((29, 33, "cost"),)
    assert shown[0].note == "success by words after 13 queries; 1 of 2 edits taken back"
    assert shown[0].after.text == "a fine film with a very fine cost indeed"
    assert shown[1].note == "success after 1,400 queries"
    assert (shown[0].before.label, shown[0].after.label) == ("pos", "neg")
    assert shown[0].rate == pytest.approx(1 / 9, abs=1e-4)
