"""Figures and conditions read the same in every report."""

from __future__ import annotations

import pytest

from harness.errors import ExitCode
from harness.report import words
from harness.rows import Status


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.8534, "0.853"), (-0.5, "−0.500"), (12345.6, "12,346"), (0.0, "0.000")]
)
def test_numbers(value: float | None, text: str) -> None:
    """A missing number is a dash and never 0."""
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0 %"), (0.034, "3.4 %"), (0.0996, "10 %"), (0.5, "50 %"), (1, "100 %")],
)
def test_shares(value: float | None, text: str) -> None:
    """Small ones with a decimal."""
    assert words.percent(value) == text


def test_an_open_interval_ends_in_infinity() -> None:
    """One-sided bounds are shown as such."""
    assert words.interval(0.8, None) == "[0.800, ∞]"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({"operator": "ocr", "family": "character", "severity": 3}, "ocr, severity 3"),
        ({"operator": "case", "severity": 0}, "case"),
        ({"attack": "greedy", "seed": 0}, "greedy, seed 0"),
        ({"attack": "greedy", "from": "small", "from_seed": 0}, "greedy, from small, from seed 0"),
        ({}, ""),
    ],
)
def test_conditions(condition: dict[str, str | int | float], text: str) -> None:
    """Names stand for themselves, other keys are named; seed 0 is a seed."""
    assert words.condition(condition) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.416, "0.42 s"),
        (2.25, "2.2 s"),
        (59.4, "59 s"),
        (59.7, "1 min 0 s"),
        (125, "2 min 5 s"),
        (11220, "3 h 7 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """Durations grow coarser as they grow longer."""
    assert words.duration(seconds) == text


def test_every_exit_code_has_a_meaning() -> None:
    """No public exit code is left unexplained."""
    assert all("no meaning" not in words.outcome(code).meaning for code in ExitCode)


def test_only_good_numbers_have_no_status() -> None:
    """Every other status is said in words."""
    assert [words.status(s) for s in Status] == [
        "",
        "degenerate",
        "underpowered",
        "unreliable",
        "not applicable",
    ]
