"""The terminal shows scores, what costs most, gates and where the report is."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from rich.console import Console

from harness.report.terminal import labels, summary
from harness.rows import Results

from .sample import empty, hostile_results, results


def printed(given: Results, width: int = 120, colour: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=colour, no_color=not colour)
    summary(given, console, "reports/ner/report.html")
    return stream.getvalue()


def test_it_holds_all_that_a_person_needs_to_act() -> None:
    """Scores with intervals, an example with its edit, verdicts in words and the path."""
    text = printed(results())
    for expected in (
        "0.874 [0.834, 0.904]",
        "degenerate",
        "Ma[-r-]{+t+}ia Keller",
        "ORG 'Northwind Labs'",
        "✗ fail",
        "? inconclusive",
        "✗ Failed.",
        "Report: reports/ner/report.html",
    ):
        assert expected in text


def test_labels_are_printed_as_tables() -> None:
    """One table per model and level, hostile names as text."""
    for given in (results(), hostile_results()):
        stream = io.StringIO()
        labels(given, Console(file=stream, width=200, force_terminal=True))
        assert unicodedata.normalize("NFC", stream.getvalue())
        assert "\x1b]" not in stream.getvalue()
    stream = io.StringIO()
    labels(results(), Console(file=stream, width=120))
    assert re.search(r"ORG +0\.820 +0\.800 +0\.810 +1,180", stream.getvalue())


def test_the_three_worst_conditions_are_of_different_operators() -> None:
    """One bad operator does not hide the others."""
    worst = re.findall(r"^minilm, ([^,]+), severity", printed(results()), re.M)
    assert worst == ["nlpaug:keyboard", "keyboard", "ocr"]


def test_attacks_are_printed_in_a_line_each() -> None:
    """With what is to be kept in mind; nothing is printed where nothing was attacked."""
    assert re.search(
        r"synonyms +minilm +0\.203 \[0\.110, 0\.328\] +1\.0 +47 +no better", printed(results(), 200)
    )
    assert "Attacks" not in printed(empty())


@pytest.mark.parametrize("width", [40, 120])
def test_hostile_text_reaches_the_terminal_as_text(width: int) -> None:
    """No control, bidirectional or separator character is printed but newlines."""
    text = printed(hostile_results(), width)
    assert {c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")} == {"\n"}
    assert "\\x1b[31mred" in text.replace("\n", "") or width == 40


def test_hostile_markup_is_not_obeyed() -> None:
    """Rich's own markup and emoji codes in data are printed as they are."""
    assert "[bold red]markup[/]" in printed(hostile_results(("[bold red]markup[/]", ":smile:")), 400)


def test_a_run_that_measured_nothing_still_says_how_it_ended() -> None:
    """Verdict and report remain."""
    assert "✓ Passed." in printed(empty())
