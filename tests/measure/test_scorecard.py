"""The scorecard: order, and what stands beside a headline."""

from __future__ import annotations

from harness.measure import continuity, generalization, interpretability, robustness, score, stability
from harness.measure.scorecard import scorecard
from harness.measure.tables import Condition
from harness.rows import PROPERTIES, Row, Status
from tests.measure.build import cell, model, noise, right, run, tables

MEASURES = (score, robustness, interpretability, continuity, stability, generalization)


def row(property, measure="score", model="m", value=0.5, **about):
    return Row(property=property, measure=measure, model=model, value=value, **about)


def test_properties_come_in_their_order_and_models_as_they_come():
    """Whatever order the rows are in; the task's own score is no property."""
    rows = [
        row("score", model="b"),
        row("stability", model="a"),
        row("continuity", model="a"),
        row("continuity", model="b"),
    ]
    assert [(line.property, line.model) for line in scorecard(rows, {})] == [
        ("continuity", "b"),
        ("continuity", "a"),
        ("stability", "a"),
    ]


def test_a_headline_has_its_formula_and_a_companion():
    """The worst companion stands in words before the headline's own remarks."""
    rows = [
        row("continuity", note="one run", low=0.4, high=0.6, n=9),
        row("continuity", "flip_rate", value=0.1, condition={"operator": "ocr", "severity": 1}),
        row(
            "continuity",
            "flip_rate",
            value=0.3,
            condition={"operator": "typo", "family": "character", "severity": 5},
        ),
        row("continuity", "flip_rate", value=0.9, model="other"),
    ]
    (line,) = scorecard(rows, {"continuity": "C = 1 - area"})
    assert line.formula == "C = 1 - area"
    assert line.note == "highest flip rate 0.300 (operator typo, severity 5); one run"
    assert (line.value, line.low, line.high, line.n) == (0.5, 0.4, 0.6, 9)


def test_a_headline_without_a_number_keeps_its_reason():
    """Degenerate is shown as such."""
    (line,) = scorecard([row("stability", value=None, status=Status.DEGENERATE, note="no skill")], {})
    assert (line.value, line.status, line.note) == (None, Status.DEGENERATE, "no skill")


def test_every_model_has_every_property_measured_or_explained():
    """All measures on one table give five lines for each model, with numbers or reasons."""
    cells = {noise("typo", s): cell(right(90, 100), distance=s / 10, rate=s / 10) for s in (1, 2)}
    cells |= {Condition("web"): cell(right(80, 100))}
    models = [model(run(right(95, 100), cells), name="good"), model(name="broken")]
    data = tables(*models, n=100, shifts={"web": 100})
    rows = [r for module in MEASURES for r in module.measure(data)]
    lines = scorecard(rows, {})
    assert [(line.property, line.model) for line in lines] == [
        (p, m) for p in PROPERTIES for m in ("good", "broken")
    ]
    assert all(line.value is not None or line.note for line in lines)
    known = {line.property for line in lines if line.value is not None}
    assert known == {"continuity", "robustness", "generalization"}
