"""junit.xml shows a gate as a test case to any CI."""

from __future__ import annotations

from xml.etree import ElementTree

from harness.report.junit import junit
from harness.rows import Results

from .sample import empty, hostile_results, results


def suite_of(given: Results) -> ElementTree.Element:
    suite = ElementTree.fromstring(junit.function(given)["junit.xml"]).find("testsuite")
    assert suite is not None
    return suite


def test_verdicts_become_what_a_ci_knows() -> None:
    """Fail, error and inconclusive are failure, error and skipped; a pass has nothing."""
    outcomes = {
        case.get("name"): [child.tag for child in case if child.tag != "properties"]
        for case in suite_of(results()).iter("testcase")
    }
    assert outcomes == {
        "robustness.score >= 0.80": ["skipped"],
        "continuity.flip_rate{operator=keyboard, severity=1} <= 0.05": ["failure"],
        "stability.score no worse than baseline by 0.02": [],
        "interpretability.score >= 0.2": ["error"],
    }


def test_counts_agree_with_the_cases() -> None:
    """The suite's attributes count what is in it."""
    suite = suite_of(results())
    assert [suite.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["4", "1", "1", "1"]


def test_a_case_carries_the_measured_numbers_and_its_place() -> None:
    """Value, interval, limit, file and line are there for programs."""
    case = suite_of(results()).findall("testcase")[1]
    numbers = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert numbers == {"value": "0.094", "low": "0.071", "high": "0.118", "limit": "0.05"}
    assert (case.get("file"), case.get("line")) == ("suites/ner.yaml", "32")


def test_hostile_text_leaves_the_document_well_formed() -> None:
    """Whatever gates and errors are called, a parser finds every case."""
    given = hostile_results()
    assert len(suite_of(given).findall("testcase")) == len(given.gates)


def test_a_run_without_gates_has_no_cases() -> None:
    """An empty suite is valid."""
    assert suite_of(empty()).get("tests") == "0"
