"""Training that was killed goes on where it was, to the same weights bit for bit.

From time to time all that decides the further course is written into a scratch folder: trained
weights, optimizer, schedule, the watch with its best weights, and the state of every generator.
A state is a folder with tensors (safetensors), figures (JSON) and a manifest of sizes and hashes
that is written last; then it is renamed. Two are kept. What is not complete is not gone on from.
"""

from __future__ import annotations

import hashlib
import json
import os
import random  # noqa: TID251 - its state is kept, nothing is drawn
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from harness.training.settings import Settings
from harness.training.trainer import Emit, Job
from harness.training.watch import Watch

SECONDS, NEAR = 60.0, 10.0
"""Between two states: at any step, and right after an evaluation."""
SHARE = 0.02
"""Of the time of training that writing states may take."""
KEPT = 2
MANIFEST, TENSORS, FIGURES = "MANIFEST.json", "state.safetensors", "state.json"
RNG = "rng/torch"


@dataclass(frozen=True)
class State:
    """All that decides how training goes on."""

    tensors: Mapping[str, torch.Tensor]
    figures: Mapping[str, Any]

    def under(self, prefix: str) -> dict[str, torch.Tensor]:
        """The tensors whose names start so, by the rest of their names."""
        return {k.removeprefix(prefix): v for k, v in self.tensors.items() if k.startswith(prefix)}


# -- on disk ---------------------------------------------------------------------------------------


def write(folder: Path, step: int, state: State) -> None:
    """Write a state, make it visible at once, and remove all but the last two."""
    new = folder / f"tmp-{os.getpid()}-{step}"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    save_file({k: v.contiguous() for k, v in state.tensors.items()}, new / TENSORS)
    (new / FIGURES).write_text(json.dumps(state.figures, allow_nan=False), "utf-8")
    files = {name: [(new / name).stat().st_size, _hash(new / name)] for name in (TENSORS, FIGURES)}
    (new / MANIFEST).write_text(json.dumps(files), "utf-8")
    final = folder / f"step-{step:09d}"
    shutil.rmtree(final, ignore_errors=True)  # there, and not gone on from: it is damaged
    os.rename(new, final)
    for old in states(folder)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def states(folder: Path) -> list[Path]:
    """The states in a folder, oldest first; whether they are complete is not looked at."""
    return sorted(folder.glob("step-*"))


def read(path: Path) -> State:
    """A state.

    Raises:
        ValueError: If it is not what was written, or lacks what an equal course needs.
    """
    try:
        files = json.loads((path / MANIFEST).read_text("utf-8"))
        for name in (TENSORS, FIGURES):
            if [(path / name).stat().st_size, _hash(path / name)] != files[name]:
                raise ValueError(f"{name} is not what was written")
        state = State(load_file(path / TENSORS), json.loads((path / FIGURES).read_text("utf-8")))
    except (OSError, KeyError, TypeError) as error:
        raise ValueError(str(error)) from error
    if RNG not in state.tensors:
        raise ValueError("it lacks the state of the generators, without which the course would be another")
    return state


def latest(folder: Path, emit: Emit) -> State | None:
    """The last state that is complete; damaged ones are told of and passed over."""
    for path in reversed(states(folder)):
        try:
            return read(path)
        except ValueError as why:
            emit(f"cannot go on from {path.name}: {why}")
    return None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- a training ------------------------------------------------------------------------------------


class Resume:
    """Keeps the states of one training, and goes on from the last.

    Args:
        job: Its ``scratch`` is where states are kept; without one nothing is.
        settings: A state of other settings, threads or another torch is not gone on from.
        network: What is trained; only free weights and buffers are kept.
        optimizer: Over its free weights.
        scheduler: Of the optimizer.
        watch: Knows the step.
        emit: Told where training goes on, and of damaged states.
    """

    def __init__(
        self,
        job: Job,
        settings: Settings,
        network: Any,
        optimizer: Any,
        scheduler: Any,
        watch: Watch,
        emit: Emit,
    ) -> None:
        self.folder, self.network, self.watch = job.scratch, network, watch
        self.optimizer, self.scheduler = optimizer, scheduler
        self.cuda = job.device.startswith("cuda")
        self.cost, self.at = 0.0, time.monotonic()
        own = {"settings": asdict(settings), "seed": job.seed, "steps": watch.steps}
        self.own = json.dumps(own | {"torch": torch.__version__, "threads": torch.get_num_threads()})
        found = latest(job.scratch, emit) if job.scratch else None
        self.state = found if found is not None and found.figures["own"] == self.own else None
        if self.state is not None:
            self._restore(self.state)
            emit(f"going on after step {watch.step} of {watch.steps}")

    def generators(self) -> None:
        """Put the generators where they were; to be called right before the first step."""
        if self.state is not None:
            _set_generators(self.state)
            self.state = None

    def stepped(self) -> None:
        """Write a state if it is time to."""
        if self.folder is None:
            return
        since = time.monotonic() - self.at
        if since >= max(NEAR if self.watch.looked else SECONDS, self.cost / SHARE):
            start = time.monotonic()
            write(self.folder, self.watch.step, self._state())
            self.at = time.monotonic()
            self.cost = self.at - start

    def _state(self) -> State:
        optimizer = self.optimizer.state_dict()
        tensors = {f"network/{name}": value for name, value in _trained(self.network).items()}
        figures: dict[str, Any] = {
            "own": self.own,
            "groups": optimizer["param_groups"],
            "slots": {},
        }
        for at, slots in optimizer["state"].items():
            for name, value in slots.items():
                if isinstance(value, torch.Tensor):
                    tensors[f"optimizer/{at}/{name}"] = value
                else:
                    figures["slots"][f"{at}/{name}"] = value
        figures["scheduler"] = self.scheduler.state_dict()
        best, figures["watch"] = self.watch.state()
        tensors |= {f"best/{name}": value for name, value in best.items()}
        return _with_generators(State(tensors, figures), self.cuda)

    def _restore(self, state: State) -> None:
        with torch.no_grad():
            for name, value in _trained(self.network).items():
                value.copy_(state.tensors[f"network/{name}"])
        slots: dict[int, dict[str, Any]] = {}
        for key, value in [*state.under("optimizer/").items(), *state.figures["slots"].items()]:
            at, _, name = key.partition("/")
            slots.setdefault(int(at), {})[name] = value
        self.optimizer.load_state_dict({"state": slots, "param_groups": state.figures["groups"]})
        self.scheduler.load_state_dict(state.figures["scheduler"])
        self.watch.restore(state.under("best/"), state.figures["watch"])


def _trained(network: Any) -> dict[str, torch.Tensor]:
    """Free weights and buffers, by name; the others are where they came from."""
    free = {name: value.detach() for name, value in network.named_parameters() if value.requires_grad}
    return free | {f"{name}#": value for name, value in network.named_buffers()}


def _with_generators(state: State, cuda: bool) -> State:
    legacy: Any = np.random.get_state()  # noqa: NPY002
    version, internal, gauss = random.getstate()
    tensors = {RNG: torch.get_rng_state()} | ({"rng/cuda": torch.cuda.get_rng_state()} if cuda else {})
    figures = {
        "python": [version, list(internal), gauss],
        "numpy": [legacy[0], legacy[1].tolist(), *legacy[2:]],
    }
    return State({**state.tensors, **tensors}, {**state.figures, **figures})


def _set_generators(state: State) -> None:
    torch.set_rng_state(state.tensors[RNG])
    if "rng/cuda" in state.tensors:
        torch.cuda.set_rng_state(state.tensors["rng/cuda"])
    version, internal, gauss = state.figures["python"]
    random.setstate((version, tuple(internal), gauss))
    name, keys, *rest = state.figures["numpy"]
    np.random.set_state((name, np.array(keys, np.uint32), *rest))  # noqa: NPY002
