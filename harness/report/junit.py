"""junit.xml: a gate is a test case, so that every CI shows it."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from harness.report import safe, words
from harness.report.reporter import reporter
from harness.rows import GateResult, Results, Verdict

_OUTCOMES: Mapping[Verdict, str] = {
    Verdict.FAIL: "failure",
    Verdict.ERROR: "error",
    Verdict.INCONCLUSIVE: "skipped",
}


@reporter("junit")
def junit(results: Results) -> Mapping[str, bytes]:
    """Gates as test cases, for the test view of a CI."""
    counts = {
        f"{name}s" if name != "skipped" else name: str(sum(g.verdict is verdict for g in results.gates))
        for verdict, name in _OUTCOMES.items()
    }
    suite = _element(
        "testsuite",
        name=results.suite.name,
        tests=str(len(results.gates)),
        **counts,
        time=f"{results.run.seconds:.3f}",
        timestamp=results.run.started,
    )
    suite.extend(_case(gate, results) for gate in results.gates)
    if results.failures:
        errors = "\n".join(f"{failure.unit}: {failure.error}" for failure in results.failures)
        suite.append(_element("system-err", errors))
    root = _element("testsuites", name="harness")
    root.append(suite)
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return {"junit.xml": document + b"\n"}


def _case(gate: GateResult, results: Results) -> ElementTree.Element:
    place = {"file": results.suite.file, "line": str(gate.line)} if gate.line else {}
    classname = ".".join(part for part in (results.suite.name, gate.model) if part)
    case = _element("testcase", classname=classname, name=gate.expression, time="0", **place)
    properties = _element("properties")
    case.append(properties)
    for name in ("value", "low", "high", "limit", "baseline", "change", "change_low", "change_high"):
        number = getattr(gate, name)
        if number is not None:
            properties.append(_element("property", name=name, value=repr(float(number))))
    if gate.verdict in _OUTCOMES:
        message = gate.reason or gate.verdict
        measured = f"value {words.number(gate.value)} {words.interval(gate.low, gate.high)}".rstrip()
        detail = f"{message}\n{measured}, limit {words.number(gate.limit)}"
        case.append(_element(_OUTCOMES[gate.verdict], detail, message=message))
    return case


def _element(tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.Element(tag, {key: safe.xml(value) for key, value in attributes.items()})
    element.text = safe.xml(text) or None
    return element
