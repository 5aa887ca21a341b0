"""What a page tells of attacks: a line each, budgets, entities, what carries over, and doubts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from harness.report import charts, html, select, view
from harness.rows import Results, Row, Status

from .sample import MODELS, empty, hostile_results, results


def section(given: Results) -> str:
    """The part of the page that is about attacks."""
    page = html.html.function(given)["report.html"].decode()
    return page.partition('<section id="attacks"')[2].partition("</section>")[0]


def text_of(markup: str) -> str:
    """What is to be read there."""
    cells = re.sub(r"</t[dh]>", " ", markup)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", cells))


@pytest.fixture(scope="module")
def usual() -> str:
    """The attacks of the usual results."""
    return section(results())


def test_an_attack_on_a_model_is_one_line(usual: str) -> None:
    """Success with its interval, chance, the score before and after, words, queries, time, examples, flags."""
    told = text_of(usual)
    expected = (
        "minilm 56 % [41, 69] 15 % 0.400 of 0.900 3.0 → 1.0 5.0 % 172 to 367 0.098 s 54 constraint similarity"
    )
    assert expected in told
    assert "20 % [11, 33] 31 % 0.797 of 1.000 3.0 → 1.0 5.0 % 47 to 84 1.8 s 59 no better than random" in told


def test_attacks_stand_together_and_models_in_their_order() -> None:
    """The same attack on two models is read from one line to the next."""
    found = [(attack.name, [one.model for one in attack.lines]) for attack in view.attacks(results())]
    assert found == [("greedy-character", list(MODELS)), ("synonyms", list(MODELS))]


def test_every_tag_is_explained_once_by_a_sentence(usual: str) -> None:
    """Which says of which attacks and models it holds."""
    warned = view.warned(view.attacks(results()))
    tags = [one.flag.tag for one in warned]
    assert tags == [
        "constraint similarity inert",
        "no better than random at equal budget",
        "budget truncated",
        "errors",
    ]
    assert warned[1].of == (("synonyms", ("minilm", "bag-of-words")),)
    assert "The budget ended 34% of the searches" in text_of(usual)
    assert text_of(usual).count("The budget ended") == 1


def test_a_curve_begins_with_nothing_and_reaches_as_far_as_the_others() -> None:
    """No example falls before the first query, and none falls anew after the last change."""
    points = [p for p in view.spent(results()) if p.attack == "greedy-character"]
    for model in MODELS:
        own = [p for p in points if p.model == model]
        assert (own[0].budget, own[0].value) == (1, 0.0)
        assert own[-1].budget == max(p.budget for p in points)
        assert [p.value for p in own] == sorted(p.value for p in own)


def test_curves_are_drawn_for_attacks_that_ever_succeeded() -> None:
    """A chart for each attack, named for those who do not see it; none if nothing fell."""
    svg = charts.budget_curves(view.spent(results()), list(MODELS), "Fallen")
    assert re.match(r'<svg [^>]*role="img"[^>]*><title>Fallen by queries', svg)
    assert "<desc>2 small charts, one per attack" in svg
    held = [row for row in results().rows if row.measure != "attack_success_within"]
    assert view.spent(replace(results(), rows=tuple(held))) == []
    assert charts.budget_curves([], list(MODELS), "Fallen") == ""
    assert "Success against budget" not in section(replace(results(), rows=tuple(held)))


def test_entities_are_told_by_what_became_of_them(usual: str) -> None:
    """Only of attacks on models that tag them."""
    told = text_of(usual).partition("What became of entities")[2]
    assert "minilm 50 % [38, 66] 22 % 11 % 17 % 3.1" in told
    assert "synonyms" not in told.partition("What carries over")[0]


def test_what_carries_over_is_a_table_from_runs_to_runs(usual: str) -> None:
    """Runs in the same order both ways, and nothing where a text was made."""
    (matrix,) = view.transfers(results())
    runs = tuple((model, seed) for model in MODELS for seed in (0, 1))
    assert matrix.columns == runs
    assert tuple(source for source, _ in matrix.lines) == runs
    for at, (_, cells) in enumerate(matrix.lines):
        assert [cell is None for cell in cells] == [column == at for column in range(4)]
        assert all(cell.step is not None for cell in cells if cell is not None)
    assert usual.count("where they were found") == 4


def test_a_model_without_seeds_and_texts_that_were_never_found_have_their_place() -> None:
    """No seed is shown, and no number is invented."""
    none = Row(
        property="robustness",
        measure="transfer_rate",
        model="given",
        condition={"attack": "greedy", "from": "other"},
        status=Status.NOT_APPLICABLE,
        note="no text that was found",
    )
    given = replace(empty(), rows=(none,))
    (matrix,) = view.transfers(given)
    assert matrix.columns == (("given", None),)
    assert matrix.lines[0][1][0] == view.HeatCell(none, None)


def test_attacks_that_were_not_run_say_why() -> None:
    """One that lacks something keeps its line; a model that cannot be attacked is named."""
    absent = Row(
        property="robustness",
        measure="attack_success_rate",
        model="m",
        condition={"attack": "ready"},
        status=Status.NOT_APPLICABLE,
        note="needs WordNet",
    )
    lacking = section(replace(empty(), rows=(absent,)))
    assert "readym" in text_of(lacking).replace(" ", "")
    assert "needs WordNet" in lacking
    whole = section(replace(empty(), rows=(replace(absent, condition={}, note="diverged"),)))
    assert "m was not attacked: diverged." in text_of(whole)
    assert "The suite attacks no model." in section(empty())


def test_hostile_names_of_attacks_and_constraints_are_shown_and_not_obeyed() -> None:
    """They add no element and no cell."""
    given = hostile_results()
    assert select.assaults(given)
    told = section(given)
    assert "<script" not in told
    assert "<img" not in told
    lines = [line for line in re.findall(r"<tr>.*?</tr>", told, re.S) if 'class="flags"' in line]
    assert len(lines) == len(select.assaults(given))
