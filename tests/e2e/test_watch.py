"""Watching a stream: an alarm where there is reason for one, silence where there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.rng import rng

GOOD, BAD = "all is well with this", "it was a sad story"


@pytest.fixture
def ran(project: Any) -> Any:
    """A project with a run, and a normal time of 300 opinions on two topics, a fifth of them bad."""
    assert project("run", "suite.yaml", "--workers", "1", "--quiet").code == 0
    project.write("normal.jsonl", opinions("normal", (300, 0.2, 0.2)))
    return project


def opinions(purpose: str, *parts: tuple[int, float, float]) -> str:
    """So many lines with these shares of bad opinions on food and on rooms, one part after the other."""
    random = rng("opinions", purpose)
    found = []
    for size, food, rooms in parts:
        for _ in range(size):
            topic, share = ("food", food) if random.random() < 0.5 else ("rooms", rooms)
            text = BAD if random.random() < share else GOOD
            found.append({"text": text, "topic": topic, "time": f"t{len(found)}"})
    return "".join(json.dumps(one) + "\n" for one in found)


WATCH = ("watch", "tiny", "--label", "negative", "--by", "topic", "--reference", "normal.jsonl")


def test_a_jump_of_one_topic_raises_an_alarm_that_says_when_and_where(ran: Any) -> None:
    """Exit code 1; line, group, the share before and since when, each with its interval."""
    ran.write("new.jsonl", opinions("jump", (200, 0.2, 0.2), (200, 0.8, 0.2)))
    said = ran(*WATCH, "--input", "new.jsonl", "--json")
    assert said.code == 1, said.err
    found = json.loads(said.out)
    (alarm,) = found["alarms"]
    assert (alarm["what"], alarm["group"]) == ("negative", "food")
    assert 200 < alarm["line"] < 280
    assert abs(alarm["since_line"] - 201) < 30
    assert alarm["before"]["low"] < 0.2 < alarm["before"]["high"] < alarm["after"]["low"]
    assert alarm["evidence"] >= alarm["threshold"]
    assert alarm["columns"]["time"] == f"t{alarm['line'] - 1}"
    assert (found["lines"], found["false_alarm_rate"]) == (400, 0.01)
    text = ran(*WATCH, "--input", "new.jsonl")
    assert text.code == 1
    assert f"alarm: line {alarm['line']}: the share of negative in topic food has risen" in text.out


def test_a_stream_like_the_one_before_raises_none(ran: Any) -> None:
    """Exit code 0, and what the promise is."""
    ran.write("new.jsonl", opinions("calm", (400, 0.2, 0.2)))
    said = ran(*WATCH, "--input", "new.jsonl")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "400 lines, 2 shares watched, 0 alarms; the probability of any false alarm is at most 0.01\n"
    )


def test_a_topic_that_is_new_is_compared_with_all_of_what_was_before(ran: Any) -> None:
    """It need not be known to be watched."""
    lines = opinions("other", (150, 0.9, 0.9)).replace("rooms", "staff").replace("food", "staff")
    ran.write("new.jsonl", lines)
    found = json.loads(ran(*WATCH, "--input", "new.jsonl", "--json").out)
    (alarm,) = found["alarms"]
    assert (alarm["group"], alarm["before"]["n"]) == ("staff", 300)


def test_all_labels_are_watched_if_none_is_named_and_the_first_alarm_may_end_it(ran: Any) -> None:
    """From standard input, against the test data of the run."""
    ran.write("test.jsonl", ran.folder.joinpath("test.jsonl").read_text("utf-8"))
    outcome = CliRunner().invoke(
        app, ["watch", "tiny", "--format", "text", "--first", "--batch", "10"], input=f"{BAD}\n" * 500
    )
    assert outcome.exit_code == 1
    assert "share of negative has risen: it was 0.500" in outcome.stdout
    assert "of 24, and is 1.000" in outcome.stdout
    assert "2 shares watched, 1 alarms" in outcome.stdout
    assert int(outcome.stdout.splitlines()[-1].split()[0]) < 200


def test_answers_that_begin_to_flip_under_small_edits_raise_an_alarm(ran: Any) -> None:
    """Upper case hides the key words from this model: bad opinions flip, good ones do not."""
    flips = ("watch", "tiny", "--operator", "upper", "--severity", "5", "--reference", "normal.jsonl")
    ran.write("new.jsonl", opinions("flips", (100, 0.2, 0.2), (300, 0.9, 0.9)))
    said = ran(*flips, "--input", "new.jsonl")
    assert said.code == 1, said.err
    assert "the rate of flips under upper has risen: it was 0.0" in said.out
    ran.write("new.jsonl", opinions("no flips", (300, 0.2, 0.2)))
    assert ran(*flips, "--input", "new.jsonl").code == 0


def test_lines_that_cannot_be_used_are_told_and_do_not_count(ran: Any) -> None:
    """Exit code 3 if there was no alarm: something was not watched."""
    ran.write("new.jsonl", '{"text": "fine", "topic": "food"}\n{"text": "fine"}\nnonsense\n')
    said = ran(*WATCH, "--input", "new.jsonl")
    assert said.code == 3
    assert "new.jsonl:2: topic is missing" in said.err
    assert "new.jsonl:3: is not JSON" in said.err
    assert said.out.startswith("1 lines")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--label", "negativ"), "did you mean 'negative'?"),
        (("--operator", "keybaord"), "did you mean 'keyboard'?"),
        (("--operator", "entity-swap"), "does not preserve the labels"),
        (("--false-alarms", "0"), "should be at least 1e-09 and below 1, found 0"),
        (("--margin", "1"), "below 1"),
        (("--reference", "gone.jsonl"), "cannot be read"),
    ],
)
def test_what_cannot_be_watched_is_refused(ran: Any, arguments: tuple[str, ...], part: str) -> None:
    """Exit code 2, before anything is read."""
    said = ran("watch", "tiny", "--input", "test.jsonl", *arguments)
    assert said.code == 2
    assert part in said.err
