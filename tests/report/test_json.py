"""results.json is complete, standard JSON that leads back to the same results."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from harness.errors import BrokenPromise, UserError
from harness.report.json import load_results, results_json, results_schema
from harness.rows import Results

from .sample import empty, hostile_results, results


def written(given: Results) -> bytes:
    return results_json.function(given)["results.json"]


@pytest.mark.parametrize("given", [results(), empty()], ids=["full", "empty"])
def test_reading_back_gives_the_same_results(given: Results) -> None:
    """What was written is read as equal records."""
    assert load_results(written(given)) == given


def test_hostile_text_survives_but_for_what_utf8_cannot_hold() -> None:
    """Writing what was read changes nothing any more."""
    once = written(hostile_results())
    assert written(load_results(once)) == once


@pytest.mark.parametrize("given", [results(), hostile_results()], ids=["usual", "hostile"])
def test_the_schema_accepts_what_is_written(given: Results) -> None:
    """Every file is valid under the published schema."""
    jsonschema.validate(json.loads(written(given)), results_schema())


def test_the_schema_refuses_a_gap() -> None:
    """A file without its rows is not valid."""
    document = json.loads(written(results()))
    del document["rows"]
    with pytest.raises(jsonschema.ValidationError, match="rows"):
        jsonschema.validate(document, results_schema())


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused_by_place(number: float) -> None:
    """The complaint names the row and field that broke the promise."""
    whole = results()
    broken = replace(whole, rows=(replace(whole.rows[0], value=number),))
    with pytest.raises(BrokenPromise, match=r"results\.rows\.0\.value should be a finite number"):
        written(broken)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"schema_version": NaN}', "NaN is not a JSON number"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "schema_version: should be 1, found None"),
        (b'{"schema_version": 2}', "should be 1, found 2"),
    ],
)
def test_what_is_no_results_file_is_a_fault_of_that_file(content: bytes, complaint: str) -> None:
    """The fault names the file and what is wrong with it."""
    with pytest.raises(UserError, match=complaint) as caught:
        load_results(content, "old/results.json")
    assert caught.value.faults[0].file == "old/results.json"


def test_all_faults_are_told_at_once_with_their_fields() -> None:
    """Two mistakes make two faults."""
    document = json.loads(written(results()))
    document["exit_code"] = "many"
    document["rows"][3]["value"] = "high"
    with pytest.raises(UserError) as caught:
        load_results(json.dumps(document).encode())
    assert {fault.field for fault in caught.value.faults} == {"exit_code", "rows.3.value"}
