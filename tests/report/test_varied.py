"""What the report says of runs that differ: causes, sizes, settings, data sets, disagreement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report import varied
from harness.report.json import FILE, load_results, results_json
from harness.rows import Passage, Results, Row, Unstable

from . import hostile
from .sample import results
from .test_html import ATTACKABLE, Reader, page

MATRIX = {("home", "home"): 0.90, ("home", "other"): 0.72, ("other", "home"): 0.66, ("other", "other"): 0.88}


def row(measure: str, value: float, property: str = "stability", **condition: str | float) -> Row:
    """A row of the model minilm, sure to within .05."""
    return Row(
        property=property,
        measure=measure,
        model="minilm",
        condition=condition,
        value=value,
        low=value - 0.05,
        high=value + 0.05,
    )


def with_runs(text: str = "") -> Results:
    """Results with everything there is to say of runs that differ; ``text`` stands wherever data put any."""
    rows = [
        *(row("variance_share", 0.4, cause=cause) for cause in ("initialisation", "order")),
        *(row("learning_curve", 0.6 + 0.2 * share, fraction=share) for share in (0.25, 0.5, 1.0)),
        row("checkpoint_score", 0.7, checkpoint=0.5),
        row("setting_score", 0.8, setting=text or "slow"),
        *(
            row("cross_score", value, "generalization", trained=j.replace("other", text or "other"), tested=k.replace("other", text or "other"))
            for (j, k), value in MATRIX.items()
        ),
    ]  # fmt: skip
    said = (
        (0, Passage(text=text or "a", label=text or "good", confidence=0.7)),
        (1, Passage(text=text or "a", label="bad")),
    )
    known = results()
    return replace(
        known,
        rows=(*known.rows, *(replace(one, note=text) for one in rows)),
        models=(*known.models, replace(known.models[0], setting=text or "slow", order=3, checkpoint=0.5, shuffled=True, part="empty")),
        unstable=(Unstable(model="minilm", id=text or "e1", instability=0.67, gold=Passage(text=text or "a film", label="good"), said=said),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def told() -> str:
    """The page of a run whose runs differ."""
    return page(with_runs())


def test_every_part_has_its_title_and_its_numbers(told: str) -> None:
    """Causes, curve, settings, data sets, and the examples with what each run said."""
    text = "".join(Reader(told).text.split())
    for words in (
        "What causes the spread",
        "Learning curve",
        "On the way",
        "minilm order 3, setting slow, stopped at 50 %, gold shuffled, part empty",
        "Across data sets",
        "example e1; two runs differ by 0.67 on average",
        "Gold a film good Seed 0 good p = 0.700 Seed 1 bad",
    ):
        assert "".join(words.split()) in text


def test_a_matrix_is_coloured_by_what_is_lost_down_a_column() -> None:
    """Against the runs that were trained where they are tested: .72 against .88, .66 against .90."""
    (matrix,) = varied.matrices(with_runs())
    assert (matrix.model, matrix.columns) == ("minilm", ("home", "other"))
    assert [[cell.step for cell in cells] for _, cells in matrix.lines] == [[0, 4], [5, 0]]


def test_a_single_point_is_no_curve() -> None:
    """There is nothing to draw."""
    known = with_runs()
    rows = tuple(one for one in known.rows if one.condition.get("fraction") in (None, 1.0))
    assert varied.curve(replace(known, rows=rows)) == []


def test_without_runs_that_differ_there_is_no_such_section() -> None:
    """And no link to one."""
    usual = page(results())
    assert 'id="runs"' not in usual
    assert 'href="#runs"' not in usual
    assert 'id="runs"' in page(with_runs())


def test_hostile_texts_of_runs_are_shown_and_not_obeyed() -> None:
    """Names of settings and data sets, texts and answers: no element comes from them."""
    tags = Reader(page(with_runs(" ".join(hostile.ALL)))).tags
    assert sorted(tag for tag, _ in tags if tag in ATTACKABLE) == ["script", "style"]
    assert not [
        name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"
    ]


def test_unstable_examples_survive_the_way_through_json() -> None:
    """What each run said included."""
    known = with_runs()
    again = load_results(results_json.function(known)[FILE])
    assert again.unstable == known.unstable
    assert again.models[-1] == known.models[-1]
