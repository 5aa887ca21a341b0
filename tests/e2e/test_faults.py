"""Whatever happens to a run, running again gives what an undisturbed run gives."""

from __future__ import annotations

import json
import os
import random  # noqa: TID251 - when to kill a process need not be repeatable
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.store import Blobs

Same = Callable[[Any], Any]
TRAINED = """\
  - {name: words, trainer: sklearn}
data:
  train: {jsonl: train.jsonl}
  validation: {jsonl: train.jsonl}
"""


def payloads(project, kind: str) -> list[Path]:
    """The files with the content of all payloads of a kind."""
    return sorted((project.folder / ".harness" / "blobs").glob(f"*/*/{kind}.parquet"))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def forget(path: Path) -> None:
    (path.parent / "MANIFEST.json").unlink()


def garble(path: Path) -> None:
    (path.parent / "MANIFEST.json").write_text('{"files": 3')


# -- what was done is not done again ----------------------------------------------------------------


def test_a_second_run_asks_the_model_nothing_and_imports_no_torch(project) -> None:
    """All is cached: the function is not called, reports are left alone, and it is quick."""
    assert project.apart("run", "suite.yaml", "--workers", "1", RULES_LOG="calls").code == 0
    calls = (project.folder / "calls").read_text()
    (report,) = project.folder.glob("reports/*/*/report.html")
    written = report.stat().st_mtime_ns
    script = "import sys; from harness.run import run, Options; run('suite.yaml', Options(workers=1)); "
    script += "print(sorted({'torch', 'transformers', 'sklearn'} & set(sys.modules)))"
    project.write("again.py", script)
    said = project.python("again.py", RULES_LOG="calls")
    assert (said.code, said.out.strip()) == (0, "[]"), said.err
    assert (project.folder / "calls").read_text() == calls
    assert report.stat().st_mtime_ns == written


def test_a_file_that_was_only_touched_changes_nothing(project) -> None:
    """Keys hash content: neither dates nor the layout of a file enter them."""
    assert project("run", "suite.yaml", "--workers", "1").code == 0
    before = (project.folder / "test.jsonl").read_text()
    project.write("test.jsonl", before.replace('", "', '"  ,  "').replace("\n", "\r\n"))
    project.write("suite.yaml", "# a comment\n" + (project.folder / "suite.yaml").read_text())
    os.utime(project.folder / "train.jsonl", (0, 0))
    assert project.missing() == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "units", "differs"),
    [
        (
            "suite.yaml",
            "[keyboard, upper]",
            "[keyboard, upper, lower]",
            {"perturb lower 1", "predict rules on lower 1", "score rules on lower 1"},
            "operator.name differs",
        ),
        (
            "suite.yaml",
            "severities: [1, 5]",
            "severities: [1, 4]",
            {"perturb keyboard 4", "predict rules on upper 4", "score rules on keyboard 4"},
            "severity differs",
        ),
        (
            "suite.yaml",
            "suite: tiny",
            "suite: tiny\nseed: 7",
            {"perturb keyboard 1", "perturb upper 5"},
            "seed differs",
        ),
        (
            "rules.py",
            "awful",
            "awkward",
            {"predict rules on test", "score rules on upper 5"},
            "model.digest differs",
        ),
        (
            "test.jsonl",
            "fine today",
            "fine now",
            {"predict rules on test", "perturb upper 1"},
            "data differs",
        ),
    ],
)
def test_a_change_reruns_what_it_affects_and_says_why(
    project, file: str, old: str, new: str, units: set[str], differs: str
) -> None:
    """``plan --explain`` names what differs; what does not depend on it stays."""
    assert project("run", "suite.yaml", "--workers", "1").code == 0
    project.edit(file, old, new)
    missing = project.missing()
    assert units <= missing.keys()
    assert any(why.startswith(differs) for why in missing.values()), missing
    if file == "rules.py":
        assert not any(unit.startswith("perturb") for unit in missing)
    if "lower" in new or "4" in new:
        assert all("lower" in unit or " 4" in unit for unit in missing)


def test_an_operator_from_a_file_is_used_and_editing_it_reruns_its_units(project) -> None:
    """The source of a plug-in is part of the key, since no version number stands for it."""
    project.write(
        "mine.py",
        "from harness.perturb.operator import operator\n"
        "from harness.perturb.sites import shuffled\n\n"
        '@operator("shout", level="word")\n'
        "def shout(source, rng, *, mark: str = '!'):\n"
        '    """Words that shout."""\n'
        "    for word in shuffled(source, rng):\n"
        "        yield word.edit(len(word.text), len(word.text), mark)\n",
    )
    project.edit(
        "suite.yaml",
        "operators: [keyboard, upper]",
        'operators: [keyboard, {shout: "?"}]\nplugins: [mine.py]',
    )
    said = project.apart("run", "suite.yaml", "--workers", "2")
    assert said.code == 0, said.err
    shown = {
        one["condition"]["operator"] for one in project.results()["rows"] if "operator" in one["condition"]
    }
    assert {"keyboard", "shout:?"} <= shown
    project.edit("mine.py", "Words that shout.", "Words that shout loudly.")
    missing = project.missing(apart=True)
    assert {unit for unit in missing if unit.startswith("perturb")} == {
        "perturb shout:? 1",
        "perturb shout:? 5",
    }
    assert missing["perturb shout:? 1"].startswith("operator.source differs")


def test_the_number_of_workers_does_not_change_a_number(project, same: Same) -> None:
    """One process or two, trained models included: equal results."""
    project.edit("suite.yaml", "data:\n  train: {jsonl: train.jsonl}\n", TRAINED)
    for workers in "12":
        said = project(
            "run",
            "suite.yaml",
            "--workers",
            workers,
            "--store",
            f"store{workers}",
            "--reports",
            f"reports{workers}",
        )
        assert said.code == 0, said.err
    one, two = (same(project.results(f"reports{workers}")) for workers in "12")
    one["suite"].pop("baseline"), two["suite"].pop("baseline")
    assert one == two


# -- damage -----------------------------------------------------------------------------------------


DAMAGES = [(kind, flip) for kind in ("examples", "variants", "predictions", "scores")]
DAMAGES += [
    ("scores", truncate),
    ("scores", Path.unlink),
    ("scores", forget),
    ("scores", garble),
    ("examples", garble),
]


@pytest.mark.parametrize(("kind", "damage"), DAMAGES)
def test_a_damaged_payload_is_noticed_and_made_anew(
    project, same: Same, kind: str, damage: Callable[[Path], None]
) -> None:
    """What is damaged is set aside; the results are the same and say that it happened."""
    assert project("run", "suite.yaml", "--workers", "1").code == 0
    before = same(project.results())
    if kind in ("examples", "variants"):
        for path in payloads(project, "predictions"):
            shutil.rmtree(path.parent)  # not damage: nothing that is there is wrong
    (results,) = project.folder.glob("reports/*/*/results.json")
    results.unlink()
    damage(payloads(project, kind)[0])
    assert project("run", "suite.yaml", "--workers", "1").code == 0
    after = same(project.results())
    old, new = (found["run"].pop("warnings") for found in (before, after))
    assert after == before
    assert [one for one in new if one not in old] == ["1 damaged payload(s) of the store were made anew"]
    assert len(list((project.folder / ".harness" / "quarantine").iterdir())) == 1


def test_a_damaged_index_is_refused_with_what_to_do(project) -> None:
    """The index is not guessed at: exit code 2, and payloads stay valid without it."""
    assert project("run", "suite.yaml", "--workers", "1").code == 0
    index = project.folder / ".harness" / "store.db"
    for leftover in index.parent.glob("store.db-*"):
        leftover.unlink()
    index.write_bytes(b"not a database at all" * 400)
    said = project("run", "suite.yaml", "--workers", "1")
    assert said.code == 2
    assert "store.db" in said.err
    assert "move the file away" in said.err
    index.unlink()
    assert project.missing() == {}


def test_an_interruption_at_any_step_of_publishing_leaves_no_torn_payload(
    project, same: Same, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before the first, second, third … sync or rename until all is done: whole at any time."""
    assert (
        project("run", "suite.yaml", "--workers", "1", "--store", "whole", "--reports", "whole-reports").code
        == 0
    )
    whole = same(project.results("whole-reports"))
    real = {name: getattr(os, name) for name in ("fsync", "rename")}
    left = 0

    def interrupted(name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return real[name](*arguments)

        return call

    code, step = 130, 0
    while code == 130:
        with monkeypatch.context() as patch:
            for name in real:
                patch.setattr(os, name, interrupted(name))
            left = step = step + 1
            code = project("run", "suite.yaml", "--workers", "1").code
        blobs = Blobs(project.folder / ".harness")
        for payload in (project.folder / ".harness" / "blobs").glob("*/*"):
            blobs.open(payload.name)
        assert not list((project.folder / ".harness" / "tmp").iterdir())
    assert code == 0
    assert step > 8
    again = same(project.results())
    again["suite"].pop("baseline"), whole["suite"].pop("baseline")
    assert again == whole


# -- processes that die -----------------------------------------------------------------------------


def killed(project, after: float, workers: str) -> bool:
    """Start a run, kill the driver a while after the model was first asked; whether it was still alive."""
    calls = project.folder / "calls"
    calls.unlink(missing_ok=True)
    process = project.start(
        "run", "suite.yaml", "--workers", workers, "-q", RULES_SECONDS="0.3", RULES_LOG="calls"
    )
    while process.poll() is None and not calls.exists():
        time.sleep(0.02)
    time.sleep(after)
    alive = process.poll() is None
    process.kill()
    process.communicate()
    return alive


def rounds(project, same: Same, count: int) -> None:
    assert (
        project("run", "suite.yaml", "--workers", "1", "--store", "whole", "--reports", "whole-reports").code
        == 0
    )
    whole = same(project.results("whole-reports"))
    hits = sum(killed(project, random.uniform(0.0, 0.6), random.choice("12")) for _ in range(count))
    assert hits
    assert project.apart("run", "suite.yaml", "--workers", "2").code == 0
    again = same(project.results())
    again["suite"].pop("baseline"), whole["suite"].pop("baseline")
    assert again == whole
    assert project.missing() == {}
    assert not list((project.folder / ".harness" / "tmp").iterdir())


def test_a_run_that_is_killed_and_started_again_ends_like_one_that_was_not(project, same: Same) -> None:
    """SIGKILL at random moments, twice, then to the end: equal results, nothing left lying about."""
    rounds(project, same, 2)


@pytest.mark.slow
def test_a_run_that_is_killed_many_times_ends_like_one_that_was_not(project, same: Same) -> None:
    """The same twenty times over."""
    rounds(project, same, 20)


def test_two_drivers_on_one_store_do_every_unit_once(project, same: Same) -> None:
    """They lease units instead of fighting; both end well, and the model is not asked more than by one."""
    alone = project.apart("run", "suite.yaml", "--workers", "1", "--store", "alone", RULES_LOG="calls-alone")
    assert alone.code == 0, alone.err
    both = [
        project.start(
            "run",
            "suite.yaml",
            "--workers",
            "1",
            "--reports",
            f"reports{at}",
            RULES_LOG="calls",
            RULES_SECONDS="0.3",
        )
        for at in range(2)
    ]
    for process in both:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    with sqlite3.connect(project.folder / ".harness" / "store.db") as index:
        assert index.execute("SELECT DISTINCT state FROM units").fetchall() == [("done",)]
    calls = [sorted((project.folder / name).read_text().split()) for name in ("calls", "calls-alone")]
    assert calls[0] == calls[1]
    found = [same(project.results(reports)) for reports in ("reports", "reports0", "reports1")]
    for one in found:
        one["suite"].pop("baseline")
    assert found[0] == found[1] == found[2]


def test_a_unit_that_kills_its_worker_twice_fails_and_the_others_go_on(project) -> None:
    """Its reason is readable, what depends on it is skipped, and the exit code says incomplete."""
    said = project.apart("run", "suite.yaml", "--workers", "2", RULES_KILLED="FOOD")
    assert said.code == 3, said.err
    found = project.results()
    assert {one["unit"] for one in found["failures"]} <= {
        "predict rules on upper 5",
        "predict rules on upper 1",
    }
    assert "the worker was killed, probably because memory ran out" in found["failures"][0]["error"]
    work = project.work()
    assert work["score"]["skipped"] == work["predict"]["failed"] == len(found["failures"])
    assert work["perturb"]["done"] == 4
    with sqlite3.connect(project.folder / ".harness" / "store.db") as index:
        assert index.execute("SELECT DISTINCT attempts FROM units WHERE state = 'failed'").fetchall() == [
            (2,)
        ]


def test_a_unit_that_raises_fails_alone_and_is_tried_again_by_the_next_run(project) -> None:
    """Exit code 3, the reason with its place, its terminal codes harmless; the next run completes it."""
    said = project.apart("run", "suite.yaml", "--workers", "1", RULES_RAISE="(TEST)")
    assert said.code == 3, said.err
    (failure, *_) = project.results()["failures"]
    assert failure["error"].startswith("ValueError: no ")
    assert re.search(r"\(rules\.py:\d+\)$", failure["error"])
    assert "\x1b" not in said.out + said.err
    assert any(why.startswith("it failed: ValueError") for why in project.missing().values())
    assert project("run", "suite.yaml", "--workers", "1").code == 0
    assert not project.results()["failures"]
    assert project.missing() == {}


def test_an_interrupted_run_stops_soon_and_keeps_what_was_finished(project) -> None:
    """Control-C: exit code 130, without a traceback, and workers are gone."""
    process = project.start(
        "run", "suite.yaml", "--workers", "2", "-q", RULES_SECONDS="0.5", RULES_LOG="calls"
    )
    until = time.monotonic() + 30
    while not (project.folder / "calls").exists() and time.monotonic() < until:
        time.sleep(0.05)
    try:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=5)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "run again to go on" in err
    assert len(json.loads(project("plan", "suite.yaml", "--json").out)["units"]) == 4


def test_a_store_that_cannot_be_written_is_named(project) -> None:
    """A file where the store should be: exit code 2, with its path and what to do."""
    project.write("taken", "")
    said = project("run", "suite.yaml", "--store", "taken")
    assert said.code == 2
    assert "taken: cannot be written" in said.err
    assert "--store" in said.err


def test_reports_that_cannot_be_written_leave_the_results_in_the_store(project) -> None:
    """A file where the folder should be: exit code 3 with its path; elsewhere they are written at once."""
    project.write("taken/tiny", "")
    said = project("run", "suite.yaml", "--workers", "1", "--reports", "taken")
    assert said.code == 3
    assert "taken/tiny" in said.err
    assert project.missing() == {}
    assert project("run", "suite.yaml", "--workers", "1").code == 0
