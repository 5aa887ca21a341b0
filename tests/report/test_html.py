"""report.html is one inert, self-contained page that says what was found."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.errors import BrokenPromise
from harness.report import charts, html, select, sliced, view
from harness.rows import Budget, Passage, Results, Spent

from .sample import empty, hostile_results, results

ATTACKABLE = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "base",
    "form",
    "img",
    "audio",
    "video",
    "foreignobject",
}


class Reader(HTMLParser):
    """Collects tags with their attributes, and the text that is seen."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(given: Results) -> str:
    return html.html.function(given)["report.html"].decode()


@pytest.fixture(scope="module")
def usual() -> str:
    """The page of the usual results."""
    return page(results())


@pytest.fixture(scope="module")
def attacked() -> str:
    """The page of hostile results."""
    return page(hostile_results())


def test_the_same_results_make_the_same_bytes(usual: str) -> None:
    """Nothing on the page depends on the day or the process."""
    assert page(results()) == usual


def test_the_policy_names_exactly_the_style_and_script_that_are_there(usual: str) -> None:
    """The hashes are those of the content between the tags, and there is no other way in."""
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", usual, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in usual
    assert "default-src &#39;none&#39;" in usual
    assert "unsafe" not in usual


@pytest.mark.parametrize("which", ["usual", "attacked"])
def test_no_element_comes_from_data(which: str, request: pytest.FixtureRequest) -> None:
    """There is one script, one style, and neither handlers, inline styles nor links that leave the page."""
    tags = Reader(request.getfixturevalue(which)).tags
    assert sorted(tag for tag, _ in tags if tag in ATTACKABLE) == ["script", "style"]
    for _, attributes in tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("style", "src", "srcdoc")
        ]
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))


def test_identifiers_are_unique(usual: str) -> None:
    """Every id occurs once, the chart's included."""
    ids = [attributes["id"] for _, attributes in Reader(usual).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_hostile_characters_are_shown_and_not_obeyed(attacked: str) -> None:
    """No bidirectional control, no C1 and no surrogate is in the page, but their codes are."""
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b\x80-\x9f\u2028\x00\ud800-\udfff]", attacked)
    assert "U+202E" in attacked
    assert "RIGHT-TO-LEFT OVERRIDE" in attacked


def test_it_says_the_verdict_and_what_could_not_be_measured(usual: str) -> None:
    """Words, not zeros: degenerate, not applicable, underpowered and diverged."""
    text = " ".join(Reader(usual).text.split())
    for expected in (
        "✗ Failed At least one gate failed",
        "not above chance on shifted data",
        "not applicable",
        "underpowered",
        "diverged the loss was not finite at step 41",
        "normalised area under the severity–distance curve",
        "harness run suites/ner.yaml --workers 2",
    ):
        assert expected in text


def test_labels_are_shown_with_their_averages(usual: str) -> None:
    """A table for entities and one for words; the summary line gives the averages."""
    text = " ".join(Reader(usual).text.split())
    assert "minilm by entity micro 0.900; macro 0.900; weighted 0.900" in text
    assert "0.810 [0.760, 0.850]1,180" in text
    assert "minilm by word and tag" in text


def test_what_becomes_of_answers_is_counted(usual: str) -> None:
    """Against what is right and against the answer before, with the runs that were added up."""
    text = " ".join(Reader(usual).text.split())
    assert "What becomes of answers" in text
    assert "keyboard, severity 5" in text
    assert "minilm 3 runs 250200555< 0.001< 0.001248307225" in text


def test_outliers_are_shown_by_the_score_that_tells_them_best(usual: str) -> None:
    """The others follow; of a model without any score the reason is told; means come first."""
    text = " ".join(Reader(usual).text.split())
    assert "How familiar texts look" in usual
    assert "probability 0.810, entropy 0.790" in text
    assert "the model does not tell how sure it is" in text
    assert text.index("mean corruption error") < text.index("keyboardcorruption error")


def test_of_the_slices_of_shifts_the_largest_gaps_are_shown(usual: str) -> None:
    """Each with its shift, and of how many they were chosen; they are not among the features of the test data."""
    text = " ".join(Reader(usual).text.split())
    assert "the largest gaps of 1: as they were chosen for being large" in text
    assert "1-12length 1-12minilm120" in text
    assert len([one for one in sliced.features(results()) if one.name == "length"]) == 1
    row = next(row for row in results().rows if row.measure == "slice_gap" and "shift" in row.condition)
    many = [replace(row, value=-at / 100, condition={**row.condition, "bucket": str(at)}) for at in range(40)]
    scores = [replace(one, measure="slice_score", value=0.5) for one in many]
    shown, looked = sliced.farthest(replace(results(), rows=(*many, *scores)))
    assert (looked, [one.gap.value for one in shown]) == (40, [-at / 100 for at in range(39, 29, -1)])


def test_parts_of_the_input_are_shown_beside_the_whole(usual: str) -> None:
    """What holds for all of them is said once, and where there is no share, why."""
    text = " ".join(Reader(usual).text.split())
    assert "entitiesminilmall of it2500.880 [0.440, 0.610]0.620 [0.440, 0.610]" in text
    assert "0.520 [0.440, 0.610]chance 0.340; entities" in text
    assert "degeneratewhy" in text
    assert text.count("inputs that they never saw") == 1


def test_of_parts_each_kind_and_model_has_an_example_before_any_has_two() -> None:
    """As many as the page has room for, those of a kind together."""
    first = results().examples[0]
    many = [
        replace(first, kind="partial", model=model, condition={"partial": kind}, id=f"{model} {kind} {at}")
        for model in ("a", "b")
        for kind in ("entities", "context")
        for at in range(2)
    ]
    kept = view.parts(replace(results(), examples=tuple(many)))
    assert [one.shown.id for one in kept] == [
        "a entities 0",
        "a entities 1",
        "b entities 0",
        "a context 0",
        "a context 1",
        "b context 0",
    ]
    assert not view.examples(replace(results(), examples=tuple(many)))


def test_intervals_are_named_by_their_level() -> None:
    """That of the suite; where an adaptive budget looked several times, that of each look."""
    whole = results()
    suite = replace(whole.suite, resolved={**whole.suite.resolved, "statistics": {"level": 0.9}})
    assert "its interval, at 90 %." in page(replace(whole, suite=suite))
    budget = Budget(
        looks=5,
        level=0.98,
        spent=(Spent(model="a", condition={"operator": "ocr", "severity": 1}, examples=64, of=300, why="w"),),
    )
    seen = page(replace(whole, suite=suite, budget=budget))
    assert "at 90 %, of continuity and robustness at 98 %" in seen
    assert "asked 64 of 300 perturbed texts (21%): 1 of 1 conditions were stopped early" in " ".join(
        seen.split()
    )


def test_weak_slices_are_shown_with_an_example_and_a_warning(usual: str) -> None:
    """Where none was found, that is said; a bucket stands beside its difference to the rest."""
    seen = " ".join(Reader(usual).text.split())
    assert "minilm: 1 of 118 slices is surely weaker than the rest" in seen
    assert "bag-of-words: none of 118 slices" in seen
    assert "no gate can name them" in seen
    assert "length 1-12 and label 1-12" in seen


def test_an_edit_is_shown_as_deletion_and_insertion(usual: str) -> None:
    """The diff has signs of its own, not only colour."""
    expected = 'Ma<del><span class="sign">−</span>r</del><ins><span class="sign">+</span>t</ins>ia Keller'
    assert expected in usual


def test_a_run_that_measured_nothing_makes_a_page(tmp_path: Path) -> None:
    """Empty parts say that they are empty."""
    text = Reader(page(empty())).text
    assert "The suite has no gates, so nothing could fail." in text
    assert "The suite attacks no model." in text


def test_the_page_stays_small_however_much_is_shown() -> None:
    """Thousands of examples and rows, and texts of a million characters, stay below 3 MB."""
    whole = results()
    shown = whole.examples[0]
    long = Passage(text="Wort " * 200_000, marks=shown.gold.marks)
    many = replace(
        whole,
        examples=(*(replace(shown, id=str(i)) for i in range(5000)), replace(shown, gold=long, distance=0.0)),
        rows=(whole.rows * 60)[:5000],
    )
    content = html.html.function(many)["report.html"]
    assert len(content) < 3_000_000
    assert b"more are in results.json" in content


def test_the_script_is_tiny() -> None:
    """Comfort costs no more than 5 KB."""
    assert len(html._asset("report.js").encode()) <= 5 * 1024


def test_a_drawing_with_anything_but_shapes_and_text_is_refused() -> None:
    """Scripts, links, styles and references do not get onto the page through the renderer."""
    frame = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
    for bad in (
        "<script/>",
        '<g onclick="x"/>',
        '<g style="x"/>',
        '<path fill="url(#a)"/>',
        '<g xlink:href="x"/>',
    ):
        with pytest.raises(BrokenPromise, match="chart renderer"):
            charts.inline(frame.format(bad), "t", "d")


def test_a_drawing_is_named_for_those_who_do_not_see_it() -> None:
    """It has the role of an image, a title and a description."""
    svg = charts.severity_curves(
        select.grid(results().rows, "continuity", "distance"),
        {"minilm": 0.0},
        ["minilm", "bag-of-words"],
        "Distance",
    )
    assert re.match(r'<svg [^>]*role="img"[^>]*><title>Distance by severity', svg)
    assert "<desc>10 small charts" in svg


def test_heat_is_the_loss_against_the_clean_score() -> None:
    """The class of a cell counts the bounds that its loss reaches; no number means no colour."""
    heat = view.heat_maps(results())[0]
    cells = {operator: line for operator, _, line in heat.lines}
    assert [cell.step for cell in cells["whitespace"][:3]] == [0, 1, 2]
    assert cells["delete-word"][5].step is None


@pytest.mark.parametrize(
    ("value", "lowest", "where"), [(0.5, 0.0, 50), (0.0, -1.0, 50), (1.7, 0.0, 100), (-3, 0, 0)]
)
def test_positions_stay_on_the_scale(value: float, lowest: float, where: float) -> None:
    """A value beyond the scale is drawn at its end."""
    assert html.position(value, lowest) == where
