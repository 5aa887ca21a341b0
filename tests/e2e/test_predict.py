"""Answers for a stream: in order, with ids, whatever single lines are like."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app


def ran(project: Any) -> Any:
    """The project, its suite run."""
    said = project("run", "suite.yaml", "--workers", "1", "--quiet")
    assert said.code == 0, said.out + said.err
    return project


def parsed(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_stream_is_answered_in_order_and_ids_are_kept(project: Any) -> None:
    """Every text gets its label with probabilities, under the id that it came with."""
    ran(project)
    rows = [{"id": f"n{at}", "text": text} for at, text in enumerate(("a good day", "a sad day") * 40)]
    project.write("new.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    said = project("predict", "tiny:rules", "--input", "new.jsonl", "--batch", "7")
    found = parsed(said.out)
    assert said.code == 0, said.err
    assert [one["id"] for one in found] == [row["id"] for row in rows]
    assert [one["label"] for one in found] == ["positive", "negative"] * 40
    assert found[1]["probabilities"] == {"negative": 1.0, "positive": 0.0}


def test_lines_that_cannot_be_read_are_named_and_the_rest_goes_on(project: Any) -> None:
    """They keep their place in the output as errors, are told with number on standard error; exit 3."""
    ran(project)
    project.write(
        "new.jsonl",
        b'{"id": 7, "text": "good"}\nnot json\n\n[1]\n{"id": "x", "txet": "sad"}\n'
        b'{"text": 3}\n{"text": "  "}\ncaf\xe9\n{"text": "sad"}\n',
    )
    said = project("predict", "tiny", "--input", "new.jsonl")
    assert said.code == 3
    found = parsed(said.out)
    assert [one["line"] for one in found] == [1, 2, 4, 5, 6, 7, 8, 9]
    assert [one.get("label") for one in found] == ["positive", *[None] * 6, "negative"]
    assert (found[0]["id"], found[3]["id"]) == ("7", "x")
    told = [one["error"] for one in found if "error" in one]
    for error, part in zip(
        told, ("not JSON", "JSON object", "text is missing", "should be a string", "white space", "0xe9"), strict=True
    ):  # fmt: skip
        assert part in error
    assert said.err.count("error: new.jsonl:") == 6
    assert "new.jsonl:5: text is missing" in said.err
    assert "6 line(s) without an answer" in said.err


def test_plain_text_comes_in_and_a_file_comes_out(project: Any) -> None:
    """Each line of standard input is a text; the answers are in the file."""
    ran(project)
    outcome = CliRunner().invoke(
        app, ["predict", "tiny", "--format", "text", "--output", "out.jsonl"], input="so good\nso sad\n"
    )
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    found = parsed((project.folder / "out.jsonl").read_text("utf-8"))
    assert [(one["line"], one["label"]) for one in found] == [(1, "positive"), (2, "negative")]


def test_a_line_that_the_model_fails_at_does_not_take_its_batch_along(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets an error with the model's complaint, made harmless; the others are answered."""
    ran(project)
    monkeypatch.setenv("RULES_RAISE", "BOOM")
    project.write("new.txt", "good\nBOOM\nsad\n")
    said = project("predict", "tiny", "--input", "new.txt", "--format", "text")
    found = parsed(said.out)
    assert said.code == 3
    assert [one.get("label") for one in found] == ["positive", None, "negative"]
    assert "ValueError" in found[1]["error"]
    assert "\x1b" not in said.err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("nowhere",), "no run 'nowhere'"),
        (("tiny:ruels",), "did you mean 'rules'?"),
        (("tiny:rules@3",), "no seed 3"),
        (("tiny:rules@x",), "should be a whole number, found 'x'"),
        (("tiny", "--input", "gone.jsonl"), "gone.jsonl: cannot be read"),
        (("tiny", "--format", "xml"), "unknown format 'xml'"),
        (("tiny", "--input", "test.jsonl", "--output", "test.jsonl"), "is the input"),
    ],
)
def test_wrong_requests_are_refused(project: Any, arguments: tuple[str, ...], part: str) -> None:
    """Exit code 2; the message says what there is."""
    ran(project)
    said = project("predict", *arguments)
    assert said.code == 2, said.out
    assert part in said.err
    assert (project.folder / "test.jsonl").read_text("utf-8")


TRAINED = """\
suite: trained
task: classification
models:
  - {name: bag, trainer: sklearn}
  - {name: rules, callable: "rules:judge"}
data:
  train: {jsonl: train.jsonl}
  validation: {jsonl: test.jsonl}
  test: {jsonl: test.jsonl}
vary: {seeds: [4, 5]}
statistics: {resamples: 100}
"""


def test_the_model_and_the_seed_are_chosen_by_name(project: Any) -> None:
    """Of several models one has to be named; without a seed it is the first."""
    project.write("suite.yaml", TRAINED)
    ran(project)
    assert "which model? The run has bag, rules" in project("predict", "trained").err
    answers = [project("predict", f"trained:{name}", "-i", "test.jsonl") for name in ("bag", "bag@5")]
    assert [one.code for one in answers] == [0, 0]
    assert answers[0].out == answers[1].out
    assert {one["label"] for one in parsed(answers[0].out)} == {"positive", "negative"}


def test_a_checkpoint_that_is_gone_is_said_with_the_way_to_get_it_back(project: Any) -> None:
    """The message names the command; after it, there are answers again."""
    project.write("suite.yaml", TRAINED)
    ran(project)
    for weights in (project.folder / ".harness" / "blobs").glob("*/*/checkpoint/model.safetensors"):
        weights.write_bytes(b"")
    said = project("predict", "trained:bag", "-i", "test.jsonl")
    assert said.code == 2
    assert "no longer in the store" in said.err
    assert "`harness run suite.yaml` makes again what is missing" in said.err
    ran(project)
    assert project("predict", "trained:bag", "-i", "test.jsonl").code == 0


def test_a_reader_that_goes_away_ends_it_quietly(project: Any) -> None:
    """As with ``| head``: no traceback, exit code 0."""
    ran(project)
    project.write("new.txt", "so good\n" * 20_000)
    with project.start("predict", "tiny", "--input", "new.txt", "--format", "text") as process:
        assert json.loads(process.stdout.readline())["label"] == "positive"
        process.stdout.close()
        assert (process.stderr.read(), process.wait(timeout=60)) == ("", 0)
