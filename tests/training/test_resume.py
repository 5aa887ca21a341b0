"""Training that is killed goes on from its last complete state, to the same weights bit for bit."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from harness import payload
from harness.rng import rng
from harness.run import Options, run
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.training import hf, resume
from harness.training import torch as plain
from harness.training.resume import State, latest, read, states, write

OPTIONS = {
    "epochs": 4.0,
    "batch_size": 5,
    "learning_rate": 0.01,
    "accumulate": 2,
    "layer_decay": 0.9,
    "evaluate_every": 1.0,
    "early_stopping": {"patience": 5},
}
STEPS = 12


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture(params=[hf.TRAINER, plain.TRAINER], ids=lambda trainer: trainer.name)
def trainer(request):
    """Each trainer of transformers."""
    return request.param


@pytest.fixture
def often(monkeypatch):
    """A state after every step."""
    monkeypatch.setattr(resume, "SECONDS", 0.0)
    monkeypatch.setattr(resume, "NEAR", 0.0)
    monkeypatch.setattr(resume, "SHARE", 1e9)


def digest(job) -> str:
    """Of the weights."""
    return hashlib.sha256((job.where / "model.safetensors").read_bytes()).hexdigest()


def killed(trainer, job, at: int, monkeypatch) -> None:
    """Train until so many steps are done, then die without having written anything more."""
    stepped = resume.Resume.stepped

    def die(self) -> None:
        if self.watch.step > at:
            raise Killed
        stepped(self)

    with monkeypatch.context() as patch:
        patch.setattr(resume.Resume, "stepped", die)
        with pytest.raises(Killed):
            trainer.function(job, lambda text: None, **OPTIONS)


@pytest.fixture
def broken_off(trainer, new_job, tmp_path, often, monkeypatch):
    """An uninterrupted run's outcome and digest, and a job that died after a random step."""
    whole = new_job(CLASSIFICATION)
    outcome = trainer.function(whole, lambda text: None, **OPTIONS)
    at = int(rng("kill", trainer.name).integers(3, STEPS - 1))
    job = replace(new_job(CLASSIFICATION), scratch=tmp_path / "scratch")
    killed(trainer, job, at, monkeypatch)
    assert [path.name for path in states(job.scratch)] == [f"step-{n:09d}" for n in (at - 1, at)]
    return outcome, digest(whole), job, at


def test_it_goes_on_to_the_same_bits(trainer, broken_off):
    """Weights, scores and history are those of a run that nothing disturbed; dropout is on."""
    outcome, expected, job, at = broken_off
    said = []
    again = trainer.function(job, said.append, **OPTIONS)
    assert said[0] == f"going on after step {at} of {STEPS}"
    assert not any("before training" in text for text in said)
    assert again == outcome
    assert digest(job) == expected


def damage(path: Path, how: str) -> None:
    """Spoil a state as disks, people and kills do."""
    if how == "truncated":
        os.truncate(path / resume.TENSORS, (path / resume.TENSORS).stat().st_size // 2)
    elif how == "flipped":
        content = bytearray((path / resume.TENSORS).read_bytes())
        content[-9] ^= 1
        (path / resume.TENSORS).write_bytes(content)
    elif how == "without manifest":
        (path / resume.MANIFEST).unlink()
    elif how == "without generators":
        state = read(path)
        tensors = {name: value for name, value in state.tensors.items() if name != resume.RNG}
        step = int(path.name.rpartition("-")[2])
        write(path.parent, step, State(tensors, state.figures))


@pytest.mark.parametrize("how", ["truncated", "flipped", "without manifest", "without generators"])
def test_a_damaged_state_is_passed_over(how, trainer, broken_off):
    """It says so, goes on from the one before, and still arrives at the same bits."""
    _, expected, job, at = broken_off
    newest = states(job.scratch)[-1]
    damage(newest, how)
    said = []
    trainer.function(job, said.append, **OPTIONS)
    assert said[0].startswith(f"cannot go on from {newest.name}: ")
    assert said[1] == f"going on after step {at - 1} of {STEPS}"
    assert digest(job) == expected


def test_without_a_complete_state_it_starts_anew(trainer, broken_off):
    """Nothing is made up from what is left."""
    _, expected, job, _ = broken_off
    for path in states(job.scratch):
        damage(path, "truncated")
    said = []
    trainer.function(job, said.append, **OPTIONS)
    assert said[2].startswith("before training")
    assert digest(job) == expected


PROGRAM = """
import sys, torch
from pathlib import Path
from harness import payload
from harness.tasks.classification import TASK
from harness.training import resume
from harness.training.trainer import Job
import harness.training.{trainer} as module

torch.set_num_threads(1)
resume.SECONDS = resume.NEAR = 0.0
resume.SHARE = 1e9
root = Path(sys.argv[1])
data = payload.read_examples(root / "examples.parquet")
where = root / "checkpoint"
where.mkdir(exist_ok=True)
job = Job(TASK, sys.argv[2], TASK.function(data), data, data, 0, "cpu", where, root / "scratch")
module.fit(job, lambda text: print(text, flush=True), **{options!r})
"""


@pytest.mark.parametrize(
    "trainer",
    [plain.TRAINER, pytest.param(hf.TRAINER, marks=pytest.mark.slow)],
    ids=lambda trainer: trainer.name,
)
def test_a_process_that_is_killed_at_any_moment_loses_nothing(trainer, new_job, tiny_sentiment, tmp_path):
    """kill -9 from outside, while it computes or writes; another process ends at the same bits."""
    whole = new_job(CLASSIFICATION)
    trainer.function(whole, lambda text: None, **OPTIONS)
    payload.write_examples(tmp_path / "examples.parquet", tiny_sentiment)
    program = PROGRAM.format(trainer=trainer.name, options=OPTIONS)
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path), whole.pretrained]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch 2"):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "checkpoint" / "model.safetensors").exists()
    said = []
    job = replace(new_job(CLASSIFICATION), scratch=tmp_path / "scratch")
    trainer.function(job, said.append, **OPTIONS)
    assert said[0].startswith("going on after step")
    assert digest(job) == digest(whole)


def test_what_is_read_is_what_was_written(tmp_path):
    """Tensors and figures; the last two states are kept."""
    for step in (1, 2, 10):
        write(tmp_path, step, State({resume.RNG: torch.arange(step)}, {"step": step}))
    assert [path.name for path in states(tmp_path)] == ["step-000000002", "step-000000010"]
    state = latest(tmp_path, lambda text: None)
    assert state.figures == {"step": 10}
    assert state.tensors[resume.RNG].equal(torch.arange(10))


def test_nothing_in_a_state_is_pickled(trainer, broken_off):
    """Only safetensors and JSON."""
    *_, job, _ = broken_off
    names = {path.name for path in states(job.scratch)[-1].iterdir()}
    assert names == {"MANIFEST.json", "state.json", "state.safetensors"}
    saved = load_file(states(job.scratch)[-1] / resume.TENSORS)
    assert {name.partition("/")[0] for name in saved} == {"network", "optimizer", "best", "rng"}


SUITE = """
suite: resumed
task: classification
models: [{{name: tiny, pretrained: {pretrained}, trainer: torch, training: {{epochs: 2, batch_size: 8}}}}]
data:
  train: {{builtin: world/sentiment, split: train, limit: 40}}
  validation: {{builtin: world/sentiment, split: validation, limit: 20}}
  test: {{builtin: world/sentiment, split: test, limit: 20}}
vary: {{seeds: [0]}}
statistics: {{resamples: 100}}
"""


def test_a_run_that_was_killed_goes_on_and_cleans_up(tmp_path, tiny_pretrained, often, monkeypatch):
    """States lie below the store under the key of the unit until it is published."""
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE.format(pretrained=tiny_pretrained), "utf-8")
    options = Options(tmp_path / "store", tmp_path / "reports", workers=1)
    stepped = resume.Resume.stepped

    def die(self) -> None:
        stepped(self)
        if self.watch.step == 6:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(resume.Resume, "stepped", die)
        with pytest.raises(Killed):
            run(path, options)
    (kept,) = (tmp_path / "store" / "resume").iterdir()
    assert [state.name for state in states(kept)] == ["step-000000005", "step-000000006"]
    said = []
    finished = run(path, options, lambda event: said.append(event.text))
    assert any(text.startswith("going on after step 6 of") for text in said)
    assert finished.results.failures == ()
    assert list((tmp_path / "store" / "resume").iterdir()) == []


def test_a_run_that_stops_on_the_way_has_the_weights_of_the_whole_run_then(
    trainer, new_job, tmp_path, often, monkeypatch
):
    """After half of its steps: same start, order, dropout and learning rates; it says what it scores there."""
    monkeypatch.setattr(resume, "KEPT", STEPS)
    options = {**OPTIONS, "early_stopping": {}}
    whole = replace(new_job(CLASSIFICATION), scratch=tmp_path / "scratch")
    outcome = trainer.function(whole, lambda text: None, **options)
    half = replace(new_job(CLASSIFICATION), until=0.5)
    stopped = trainer.function(half, lambda text: None, **options)
    then = read(tmp_path / "scratch" / f"step-{STEPS // 2:09d}").under("network/")
    kept = load_file(half.where / "model.safetensors")
    assert all(torch.equal(kept[name], then[name]) for name in kept)
    assert not all(
        torch.equal(kept[name], last) for name, last in load_file(whole.where / "model.safetensors").items()
    )
    assert stopped.history == outcome.history[: len(stopped.history)]
    assert (stopped.epochs, outcome.epochs) == (2.0, 4.0)
    assert stopped.after == stopped.history[-1]["score"]


def test_a_run_that_is_to_stop_early_goes_on_to_the_same_bits(trainer, new_job, tmp_path, often, monkeypatch):
    """Killed on its way to where it stops, it arrives there."""
    whole = new_job(CLASSIFICATION, until=0.75)
    trainer.function(whole, lambda text: None, **OPTIONS)
    job = replace(new_job(CLASSIFICATION, until=0.75), scratch=tmp_path / "scratch")
    killed(trainer, job, 5, monkeypatch)
    trainer.function(job, lambda text: None, **OPTIONS)
    assert digest(job) == digest(whole)
