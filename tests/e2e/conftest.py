"""A small project as a user has it: data, a model that is a function, and a suite; and its command."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import harness
from harness.cli import app

GOOD, BAD = ("good", "great", "fine", "lovely"), ("bad", "awful", "poor", "sad")
PATTERNS = (
    "the food at that place was {} today",
    "what a {} day it was for all of us",
    "{} , said the man at the door",
)
SUITE = """\
suite: tiny
task: classification
models:
  - {name: rules, callable: "rules:judge"}
data:
  train: {jsonl: train.jsonl}
  test: {jsonl: test.jsonl}
perturb:
  severities: [1, 5]
  operators: [keyboard, upper]
statistics: {resamples: 100}
gates:
  - score.score{split=test} >= 0.5
"""
RULES = '''\
"""A sentiment by key words; the environment decides how slowly, and whether it dies on the way."""

import os
import signal
import time

BAD = {"bad", "awful", "poor", "sad"}


def judge(texts):
    time.sleep(float(os.environ.get("RULES_SECONDS", "0")))
    if os.environ.get("RULES_KILLED", "\\0") in " ".join(texts):
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("RULES_RAISE", "\\0") in " ".join(texts):
        raise ValueError("no \\x1b[31mopinion")
    if "RULES_LOG" in os.environ:
        with open(os.environ["RULES_LOG"], "a") as log:
            log.write(f"{len(texts)}\\n")
    return ["negative" if BAD & set(text.split()) else "positive" for text in texts]
'''
TIMES = {"started", "seconds", "command"}


def rows(split: str) -> str:
    """24 opinions as JSON lines."""
    found = [
        {
            "id": f"{split}-{at}",
            "text": f"{pattern.format(word)} ({split})",
            "label": "positive" if word in GOOD else "negative",
        }
        for at, (pattern, word) in enumerate(itertools.product(PATTERNS, (*GOOD, *BAD)))
    ]
    return "".join(json.dumps(row) + "\n" for row in found)


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


def _interruptible() -> None:
    """What a shell starts in the background ignores interrupts, and so does all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Project:
    """A folder with a suite; calling it calls ``harness`` there, in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("rules.py", RULES)
        self.write("train.jsonl", rows("train"))
        self.write("test.jsonl", rows("test"))
        self.write("suite.yaml", SUITE)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def __call__(self, *arguments: str) -> Said:
        sys.modules.pop("rules", None)  # it may have been edited
        outcome = CliRunner().invoke(app, list(arguments))
        if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
            raise outcome.exception
        return Said(outcome.exit_code, outcome.stdout, outcome.stderr)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """The command in a process of its own."""
        return self.process("-m", "harness", *arguments, **environment)

    def process(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Python in the project's folder."""
        path = os.pathsep.join([str(Path(harness.__file__).parents[1]), str(self.folder)])
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_interruptible,
        )

    def apart(self, *arguments: str, **environment: str) -> Said:
        """The command in a process of its own, to its end."""
        return self.python("-m", "harness", *arguments, **environment)

    def python(self, *arguments: str, **environment: str) -> Said:
        """Python in the project's folder, to its end."""
        process = self.process(*arguments, **environment)
        out, err = process.communicate(timeout=120)
        return Said(process.returncode, out, err)

    def results(self, reports: str = "reports") -> dict[str, Any]:
        """The results of the only run there is."""
        (path,) = (self.folder / reports).glob("*/*/results.json")
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found

    def work(self, reports: str = "reports") -> dict[str, dict[str, int]]:
        """What became of the units of each kind in the last run."""
        return {work["kind"]: work for work in self.results(reports)["units"]}

    def missing(self, apart: bool = False) -> dict[str, str]:
        """Units that are still to do, and why, as ``plan --explain`` says."""
        ask = self.apart if apart else self
        said = ask("plan", "suite.yaml", "--explain", "--json")
        assert said.code == 0, said.err
        return {line["unit"]: line["why"] for line in json.loads(said.out)["missing"]}


def essence(value: Any) -> Any:
    """Results without what may differ between two equal runs: when, how long, and what was cached."""
    if isinstance(value, dict):
        return {key: essence(one) for key, one in value.items() if key not in {*TIMES, "units"}}
    return [essence(one) for one in value] if isinstance(value, list) else value


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of its own for each test, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Project(tmp_path)


@pytest.fixture(scope="session")
def make_project() -> type[Project]:
    """For projects that several tests share."""
    return Project


@pytest.fixture(scope="session")
def same():
    """Results without what may differ between two equal runs."""
    return essence
