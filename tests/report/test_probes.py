"""The section of probes: figures by model and operator, curves, and where answers jump."""

from __future__ import annotations

from dataclasses import replace

from harness import catalog
from harness.report import charts, probes, view
from harness.rows import Passage, Results, Row, Shown, Status

from .sample import results
from .test_html import Reader, page

OPERATORS = ("keyboard", "synonym")
MODELS = ("minilm", "bag-of-words")


def probed() -> Results:
    """Results with a probe of paths for two models and operators, and one that suits no model."""
    rows = [
        Row(
            property="continuity",
            measure=measure,
            model=model,
            condition={"probe": "path:2", "operator": operator, "family": "character", **further},
            value=0.9 - 0.1 * at,
            low=0.5,
            high=1.0,
            direction="higher",
            n=50,
            status=Status.UNDERPOWERED if measure == "edits_to_flip" else Status.OK,
            note="3 stands for more than 2" if measure == "edits_to_flip" else "",
        )
        for model in MODELS
        for operator in OPERATORS
        for at, (measure, further) in enumerate(
            (
                ("smoothness", {}),
                ("edits_to_flip", {}),
                ("answer_survival", {"step": 1}),
                ("answer_survival", {"step": 2}),
            )
        )
    ]
    rows.append(
        replace(
            rows[0],
            measure="slope",
            condition={"probe": "embedding"},
            value=None,
            status=Status.NOT_APPLICABLE,
            note="needs gradients",
        )
    )
    jumps = [
        Shown(
            kind="probe",
            model=model,
            seed=0,
            condition={"probe": "path:2", "operator": "keyboard"},
            id=f"jump-{at}",
            edits=((0, 1, "W"),),
            gold=Passage(text="a b", label="x"),
            before=Passage(text="a b", label="yes"),
            after=Passage(text="W b", label="no"),
            distance=0.1 * at,
            rate=0.1,
            note="edit 2 of 2",
        )
        for model in MODELS
        for at in range(5)
    ]
    whole = results()
    return replace(whole, rows=(*whole.rows, *rows), examples=(*whole.examples, *jumps))


def test_every_probe_comes_with_how_to_read_it() -> None:
    """A sentence for each that is built in."""
    assert set(probes.READ) == set(catalog.every("probe"))


def test_figures_are_arranged_by_operator_and_model() -> None:
    """A line for each measure, a table for each further condition, and the reason where there is nothing."""
    path, embedding = probes.found(probed())
    assert path.name == "path:2"
    assert path.read.startswith("Texts are edited one edit after the other.")
    assert path.columns == tuple(probes.Column(o, m) for o in OPERATORS for m in MODELS)
    assert path.operators == (("keyboard", 2), ("synonym", 2))
    assert [line[:3] for line in path.lines] == [
        ("smoothness", "higher", ""),
        ("edits_to_flip", "higher", "3 stands for more than 2"),
    ]
    assert [row.value for row in path.lines[0][3] if row] == [0.9] * 4
    ((key, values, steps),) = path.by
    assert (key, values, len(steps)) == ("step", ("1", "2"), 4)
    assert round(steps[0].rows["2"].value or 0, 3) == 0.6
    assert (embedding.lines, embedding.by, embedding.read) == ((), (), "")
    assert [row.note for row in embedding.silent] == ["needs gradients"]


def test_the_page_shows_what_probes_found() -> None:
    """Curve, figures, what could not be measured, and the largest jumps beside the sentence on how to read."""
    shown = page(probed())
    text = " ".join(Reader(shown).text.split())
    for told in (
        "How long answers hold",
        "edits to flip ↑ 3 stands for more than 2 0.800",
        "Nothing of minilm: needs gradients.",
        "edit 2 of 2",
    ):
        assert told in text, told
    assert 'href="#probes"' in shown
    assert "Answers that hold by edits made" in shown


def test_a_run_without_probes_has_no_section_of_them() -> None:
    """Neither section nor link."""
    shown = page(results())
    assert "probes" not in shown.replace("no probes", "")


def test_the_largest_jumps_of_each_model_stand_with_their_probe_alone() -> None:
    """Three of each model; they are not repeated among the examples."""
    whole = probed()
    assert [one.id for one in probes.jumps(whole, "path:2")] == ["jump-4", "jump-3", "jump-2"] * 2
    assert probes.jumps(whole, "embedding") == []
    assert [one.shown.kind for one in view.jumps(whole, "path:2")] == ["probe"] * 6
    assert view.examples(whole) == view.examples(results())


def test_curves_of_two_probes_are_told_apart() -> None:
    """A panel for each operator, and for each probe where there are several."""
    rows = probes.curve(probed())
    other = [replace(row, condition={**row.condition, "probe": "path"}) for row in rows]
    one = charts.survival_curves(rows, list(MODELS), "held")
    both = charts.survival_curves([*rows, *other], list(MODELS), "held")
    assert (one.count(">keyboard<"), both.count(">keyboard<")) == (1, 0)
    assert (both.count(">keyboard path:2<"), both.count(">synonym path<")) == (1, 1)
    assert charts.survival_curves([], list(MODELS), "held") == ""
