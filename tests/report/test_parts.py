"""Headlines taken apart and put together again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.measure import continuity, generalization, robustness, stability
from harness.measure.scorecard import scorecard
from harness.measure.tables import Agreement, Condition
from harness.report.parts import explained
from harness.rows import PROPERTIES
from tests.measure.build import cell, model, noise, right, run, tables

from .sample import results


def study(**about):
    """Two seeds of a model under noise of two families and on a shift."""

    def one(seed: int):
        cells = {
            noise(name, severity, family): cell(
                right(90 - severity * (4 + at), 100),
                distance=0.05 * severity + at * 0.02,
                rate=0.1 * severity,
            )
            for at, (name, family) in enumerate(
                (("keys", "character"), ("ocr", "character"), ("words", "word"))
            )
            for severity in (1, 3)
        }
        rare = {
            noise("rare", s, "word"): cell(right(1, 4), index=[0, 1, 2, 3], noop=96, rate=0.1 * s)
            for s in (1, 3)
        }
        web = {Condition("web"): cell(right(70 + seed, 100))}
        return run(right(92 + seed, 100), {**cells, **rare, **web}, seed=seed)

    agreement = Agreement(((0, 1),), np.array([[0.1] * 100]), np.array([[0.5, 0.5], [0.5, 0.5]]))
    return tables(model(one(0), one(1), agreement=agreement), n=100, shifts={"web": 100}, **about)


def measured():
    """The results of that study."""
    found = study()
    modules = (
        continuity.CONTINUITY,
        robustness.ROBUSTNESS,
        stability.STABILITY,
        generalization.GENERALIZATION,
    )
    rows = tuple(row for one in modules for row in one.function(found))
    card = scorecard(rows, {one.name: one.formula for one in modules})
    return replace(results(), rows=rows, scorecard=card)


@pytest.mark.parametrize("property", PROPERTIES[:4])
def test_parts_make_the_headline_again(property):
    """By their weights alone, to the last digit that matters."""
    (told,) = explained(measured(), property=property)
    assert told.headline.value is not None
    assert told.again == pytest.approx(told.headline.value, abs=1e-9)


@pytest.mark.parametrize("property", ["continuity", "robustness"])
def test_weights_of_each_level_sum_to_one(property):
    """Families weigh the same, and so do the operators of a family."""
    (told,) = explained(measured(), property=property)
    inside = [part for part in told.parts if part.weight]
    families = [part for part in inside if part.depth == 1]
    assert sum(part.weight for part in families) == pytest.approx(1.0)
    assert {part.label for part in families} == {"character", "word"}
    operators = [part for part in inside if part.depth == 2]
    assert sum(part.weight for part in operators) == pytest.approx(1.0)


def test_what_is_left_out_is_shown_with_the_reason():
    """An operator that found too little to edit weighs nothing."""
    (told,) = explained(measured(), property="robustness")
    out = [part for part in told.parts if not part.weight]
    assert {part.label.split()[0] for part in out} == {"rare"}
    assert all("too little to edit" in part.note for part in out)


def test_all_headlines_are_told_unless_one_is_asked_for():
    """By model and property, in the order of the scorecard."""
    assert [one.headline.property for one in explained(measured())] == list(PROPERTIES[:4])
    assert explained(measured(), model="nobody") == []
