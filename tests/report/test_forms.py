"""Every form is readable in the report: several fields, answers, candidates, texts."""

from __future__ import annotations

import re

import pytest

from harness.passage import NOTHING
from harness.report import html, terminal, view
from harness.report.json import results_schema
from harness.rows import Passage, Results
from harness.tasks.task import Form

from .forms import LONG, REPLIES, of_every_form


@pytest.fixture(scope="module")
def everything() -> Results:
    """Results with an example of every form."""
    return of_every_form()


@pytest.fixture(scope="module")
def told(everything: Results) -> dict[str, view.Example]:
    """What the page shows of each example, by id."""
    return {one.shown.id: one for one in view.examples(everything)}


def text_of(page: str) -> str:
    """What is to be read on the page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))


def test_an_answer_is_marked_in_its_context_and_none_is_said_in_words(told: dict[str, view.Example]) -> None:
    """The mark is called an answer rather than by its own text; its field is named."""
    one = told["question-7"]
    (found,) = [s for s in one.before.segments if s.marks]
    assert (found.text, found.marks[0][2:]) == ("Ines Falk", ("answer", 0.82))
    assert told["question-8"].gold.passage.label == told["question-8"].before.passage.label == "no answer"
    assert "".join(s.text for s in told["question-8"].after.segments).startswith("context: …")


def test_long_texts_are_shown_around_what_changed_or_is_marked(told: dict[str, view.Example]) -> None:
    """A context fills no screen four times over."""
    one = told["question-7"]
    for parts in (one.pieces, one.gold.segments, one.before.segments):
        assert len("".join(part.text for part in parts)) < len(LONG) / 2


def test_candidates_are_told_with_their_texts_and_probabilities_best_first(
    told: dict[str, view.Example],
) -> None:
    """The slot alone would say nothing."""
    one = told["response-2"]
    assert one.gold.passage.label == f"candidate 1: {REPLIES[0]}"
    assert one.after.passage.label.startswith("candidate 2: Please restart the rooter")
    assert [p for _, p in one.after.passage.choices] == [0.45, 0.37, 0.1, 0.08]
    assert told["clicks-9"].before.passage.confidence is None


def test_several_labels_stand_beside_those_that_were_nearly_given(told: dict[str, view.Example]) -> None:
    """Given are those above one half; the improbable are left out."""
    one = told["ticket-5"]
    assert one.before.passage.label == "delivery + damage"
    assert one.after.passage.label == "no label"
    assert [label for label, _ in one.before.passage.choices] == ["delivery", "damage", "refund"]


def test_a_text_written_after_the_edits_is_shown_as_a_diff(told: dict[str, view.Example]) -> None:
    """Word by word against the text before; a text that is gone is said to be empty."""
    changed = [(piece.change, piece.text) for piece in told["summary-6"].after.answer]
    assert ("deleted", "damaged in 1903, ") in changed
    assert ("inserted", "destroyed by tar, ") in changed
    gone = told["translation-1"].after
    assert gone.passage.label == NOTHING[Form.TEXT]
    assert [piece.change for piece in gone.answer] == ["same"]


def test_the_page_breaks_lines_between_fields(everything: Results) -> None:
    """A line break between fields is not shown as an invisible character."""
    page = html.html.function(everything)["report.html"].decode()
    assert "<br>context: The lighthouse" in page
    assert "U+000A" not in text_of(page)
    assert "founder(e1,e2)" in text_of(page)


def test_attributions_lie_on_the_words_of_their_own_field(everything: Results) -> None:
    """Offsets of several fields become offsets of the page."""
    (one,) = everything.explanations
    first = [one.clean.text[a:b] for a, b, _, _ in one.clean.marks[:7]]
    assert first == ["Who", "built", "the", "lighthouse", "of", "Aberwick?", "The"]


def test_the_terminal_keeps_long_answers_short(everything: Results) -> None:
    """A summary does not fill the screen."""
    said = Passage(text="x", label="so it was " * 40, written=True)
    assert len(terminal._answer(said)) == terminal.LONGEST


def test_the_schema_knows_what_was_written_and_weighed() -> None:
    """What results.json holds is described."""
    properties = results_schema()["$defs"]["Passage"]["properties"]
    assert {"written", "choices"} <= set(properties)
