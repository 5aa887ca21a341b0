"""summary.md tells the verdict on one screen and cannot be turned against the CI."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.report import select
from harness.report.markdown import LIMIT, job_summary
from harness.rows import Results

from .sample import empty, hostile_results, results


def summary(given: Results) -> str:
    return job_summary.function(given)["summary.md"].decode()


def test_it_opens_with_the_verdict_and_shows_gates_scores_and_what_costs_most() -> None:
    """The first line says failed; the sections follow in the order in which they matter."""
    text = summary(results())
    assert text.startswith("## ✗ Failed: ner\n")
    assert re.findall(r"^### (.*)$", text, re.M) == [
        "Gates",
        "Scorecard",
        "Entities: minilm",
        "What costs most",
        "Attacks",
    ]


def test_the_most_frequent_labels_stand_before_their_averages() -> None:
    """Of many labels only some are shown, and all averages; words and their tags are left to the page."""
    assert "| ORG | 0.820 | 0.800 | 0.810 [0.760, 0.850] | 1,180 |" in summary(results())
    given = results().labels[0]
    many = [replace(given.lines[0], name=f"label-{at:03}", support=at) for at in range(300)]
    kept = select.frequent(replace(given, lines=(*many, *given.lines)), 12)
    names = [line.name for line in kept]
    assert len([name for name in names if "average" not in name]) == 12
    assert names[-3:] == ["micro average", "macro average", "weighted average"]
    assert {"ORG", "label-299"} < set(names)


def test_what_could_not_be_measured_is_said_in_words() -> None:
    """No number is invented for a degenerate or missing value."""
    row = next(line for line in summary(results()).splitlines() if line.startswith("| Generalization"))
    assert row.endswith("| degenerate: not above chance on shifted data |")


def test_attacks_are_told_in_a_line_each() -> None:
    """How often, how many words, how many queries, and what is to be kept in mind."""
    text = summary(results())
    line = "| synonyms | minilm | 0.203 [0.110, 0.328] | 1.0 | 47 |"
    assert f"{line} no better than random at equal budget&#44; budget truncated&#44; errors |" in text
    assert "Attacks" not in summary(empty())
    hostile = [line for line in summary(hostile_results()).splitlines() if "| – | – |" in line]
    assert {line.count("|") for line in hostile} == {7}


def test_hostile_text_adds_no_row_link_tag_or_command() -> None:
    """Tables keep their columns, and no line is a workflow command."""
    text = summary(hostile_results())
    tags = set(re.findall(r"<[^>]*>", text))
    assert tags <= {"<code>", "</code>"}
    assert not re.search(r"^\s*(::|##\[)", text, re.M)
    assert not re.search(r"\]\(|https?://|@everyone", text)
    gates = [line for line in text.splitlines() if re.match(r"\| . (fail|pass|error|inconclusive)", line)]
    assert gates
    assert {line.count("|") for line in gates} == {7}


def test_a_long_summary_is_cut_after_a_whole_line() -> None:
    """It stays below the limit, remains valid UTF-8 and says that it was cut."""
    given = results()
    many = replace(given, run=replace(given.run, warnings=("⚠ zu groß " * 40,) * 400))
    content = job_summary.function(many)["summary.md"]
    assert len(content) <= LIMIT
    assert content.decode().endswith("report.html and results.json hold everything.*\n")


def test_a_run_that_measured_nothing_says_only_its_verdict() -> None:
    """There are no empty tables."""
    assert "###" not in summary(empty())
