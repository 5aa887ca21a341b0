"""What a gate may say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.assertion import CONDITIONS, parse


def test_a_gate_names_a_measure_conditions_and_a_limit() -> None:
    """All parts are read, with white space where one likes it."""
    found = parse(" continuity.flip_rate { operator = nlpaug:ocr , severity=1 } <= 5e-2 ")
    assert (found.property, found.measure, found.relation, found.limit) == (
        "continuity",
        "flip_rate",
        "<=",
        0.05,
    )
    assert found.where == {"operator": "nlpaug:ocr", "severity": "1"}
    assert found.against == ""


def test_a_gate_may_compare_with_a_baseline() -> None:
    """The number is then the margin that is allowed; instead of the baseline, a model may be named."""
    found = parse("stability.score no worse than baseline by 0.02")
    assert (found.relation, found.against, found.where, found.limit) == ("no worse", "baseline", {}, 0.02)
    found = parse("robustness.score{model=new} no worse than old by 0")
    assert (found.relation, found.against, found.where) == ("no worse", "old", {"model": "new"})


def test_a_gate_may_ask_for_the_same() -> None:
    """Neither better nor worse by more than what counts as the same."""
    found = parse("continuity.score same as bag-of-words within 0.05")
    assert (found.relation, found.against, found.limit) == ("same", "bag-of-words", 0.05)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("robustness.score > 0.8", "not a gate"),
        ("robustness >= 0.8", "not a gate"),
        ("", "not a gate"),
        ("robustnes.score >= 0.8", "did you mean 'robustness'"),
        ("robustness.score{operater=ocr} >= 0.8", "did you mean 'operator'"),
        ("robustness.score{operator} >= 0.8", "should be key=value, found 'operator'"),
        ("robustness.score{operator=} >= 0.8", "should be key=value"),
        ("robustness.score >= high", "should be a number, found 'high'"),
        ("robustness.score >= nan", "should be a finite number"),
        ("robustness.score <= inf", "should be a finite number"),
        ("robustness.score no worse than baseline by -0.1", "should not be negative"),
        ("robustness.score same as baseline within 0", "should be more than 0"),
        ("robustness.score as good as baseline by 0.1", "not a gate"),
    ],
)
def test_a_wrong_gate_is_refused_with_what_would_be_right(text: str, complaint: str) -> None:
    """Each part has its own complaint."""
    with pytest.raises(ValueError, match=complaint):
        parse(text)


VALUES = st.text(st.characters(exclude_characters=",{}=", exclude_categories=("C", "Z")), min_size=1)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from(CONDITIONS), VALUES), st.sampled_from((">=", "<=")), st.floats(-9, 9))
def test_what_is_written_is_what_is_read(where: dict[str, str], operator: str, limit: float) -> None:
    """Conditions and limits survive being written as a gate."""
    written = ", ".join(f"{key}={value}" for key, value in where.items())
    found = parse(f"score.score{{{written}}} {operator} {limit!r}")
    assert (found.where, found.relation, found.limit) == (where, operator, limit)


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_any_text_is_a_gate_or_a_complaint(text: str) -> None:
    """Nothing else can happen."""
    try:
        assert parse(text).text == text
    except ValueError as error:
        assert str(error)
