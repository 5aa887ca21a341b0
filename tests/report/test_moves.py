"""How answers and explanations move, on the page."""

from __future__ import annotations

from dataclasses import replace

from harness.report import html, moves
from harness.rows import Row

from . import hostile
from .sample import results


def row(measure, value, property="continuity", model="minilm", **condition):
    """A number of a run."""
    return Row(property=property, measure=measure, model=model, condition=condition, value=value, n=40)


def page(*rows):
    """The page of results with these rows besides."""
    found = results()
    return html.html.function(replace(found, rows=(*found.rows, *rows)))["report.html"].decode()


FLIPS = (
    row("type_flips", 0.08, label="PER", to="LOC"),
    row("type_flips", 0.02, label="PER", to="none"),
    row("type_flips", 0.30, label="LOC", to="PER"),
)


def test_types_that_become_others_are_a_table_with_nothing_last():
    """Lines in the order of the results, the diagonal left free, darker where more is lost."""
    found = replace(results(), rows=FLIPS)
    (one,) = moves.flips(found)
    assert (one.model, one.columns) == ("minilm", ("LOC", "PER", "none"))
    assert [label for label, _ in one.lines] == ["PER", "LOC"]
    steps = [[None if cell is None else cell.step for cell in cells] for _, cells in one.lines]
    assert steps == [[3, None, 2], [None, 5, None]]
    assert one.lines[1][1][0] is None
    shown = page(*FLIPS)
    assert "Which types become which" in shown
    assert "30.0 %" in shown


def test_explanations_are_shown_beside_those_of_unrelated_texts():
    """By edits, seeds and shares of the training data, each with its own control and its top words."""
    rows = (
        row("explanation_stability", 0.7, "interpretability"),
        row("stability_control", 0.2, "interpretability"),
        row("top_words_kept", 0.5, "interpretability"),
        row("seed_agreement", 0.6, "interpretability"),
        row("seed_agreement_control", 0.3, "interpretability"),
        row("seed_top_words", 0.4, "interpretability"),
        row("fraction_agreement", 0.9, "interpretability", fraction=0.5),
        row("fraction_agreement_control", 0.1, "interpretability", fraction=0.5),
        row("checkpoint_agreement", 0.8, "interpretability", checkpoint=0.25),
        row("checkpoint_top_words", 0.7, "interpretability", checkpoint=0.25),
    )
    found = moves.alike(replace(results(), rows=rows))
    assert [
        (one.row.value, one.control and one.control.value, one.top and one.top.value) for one in found
    ] == [
        (0.7, 0.2, 0.5),
        (0.6, 0.3, 0.4),
        (0.9, 0.1, None),
        (0.8, None, 0.7),
    ]
    assert found[2].what == "by the run on 50 % of the training data and that on all of it"
    assert found[3].what == "by the run after 25 % of its training and at the end"
    assert "Do explanations agree?" in page(*rows)


def test_a_suite_that_measures_none_of_it_shows_none_of_it():
    """No empty tables."""
    shown = page()
    for title in ("Which types become which", "What moves without an edit", "What else moves"):
        assert title not in shown


def test_floors_and_details_are_shown_by_condition():
    """What was asked twice, and what else moves."""
    shown = page(row("noise_floor", 0.1), row("tag_kappa", 0.9, operator="typo", severity=1))
    assert "What moves without an edit" in shown
    assert "What else moves, by condition" in shown


def test_hostile_labels_stay_text():
    """Entity types come from data."""
    rows = [row("type_flips", 0.1, label=text, to=text[::-1]) for text in hostile.ALL]
    shown = page(*rows)
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
