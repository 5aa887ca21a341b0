"""Runs a plan on this machine: inputs first, one process per worker, only what is missing.

Workers are started afresh (spawned), get units through a pipe and write payloads; only the driver
writes the index. A worker that dies takes down one unit, which is tried once more alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from harness.errors import UserError
from harness.execute.bench import Bench, environment
from harness.execute.perform import published
from harness.store import DIVERGED, Blobs, Damaged, Published, Store
from harness.units import Data, Unit


@dataclass(frozen=True)
class Event:
    """Something the live view shows.

    ``what`` is ``planned`` (``text`` is the number of units to do), ``start``, ``done``,
    ``failed``, ``skipped`` or ``said``.
    """

    what: str
    unit: Unit | None = None
    text: str = ""
    seconds: float = 0.0


PATIENCE = 0.2
"""Seconds between looks at what another driver is doing."""
Emit = Callable[[Event], None]
Restore = Callable[[Data], Published]


@dataclass
class Report:
    """What became of the units.

    Args:
        cached: Keys of units that were there already.
        done: Payloads made now, by key.
        failed: Why units failed, by key.
        skipped: Units that could not be tried, and the title of the unit that stood in the way.
        diverged: Trainings that left the finite numbers.
        repaired: Keys of payloads that were damaged and have been made anew.
    """

    cached: set[str] = field(default_factory=set)
    done: dict[str, Published] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    diverged: set[str] = field(default_factory=set)
    repaired: set[str] = field(default_factory=set)

    def absorb(self, later: Report) -> None:
        """Add what a later execution has come to."""
        self.done |= later.done
        there = self.done.keys() | later.cached
        self.failed = {k: v for k, v in self.failed.items() if k not in there} | later.failed
        self.skipped = {k: v for k, v in self.skipped.items() if k not in there} | later.skipped
        self.diverged |= later.diverged
        self.repaired |= later.repaired
        self.cached = (self.cached | later.cached) - self.done.keys()


@dataclass(frozen=True)
class Settings:
    """Where and how units are performed; none of it but device and threads decides a result."""

    plugins: tuple[str, ...]
    device: str
    threads: int
    workers: int


def execute(units: Sequence[Unit], store: Store, settings: Settings, restore: Restore, emit: Emit) -> Report:
    """Perform every unit that is not there yet.

    Args:
        units: Inputs before those that need them.
        store: Where results go.
        settings: Workers, device, plug-ins.
        restore: Puts the examples of a data unit into the store.
        emit: Told of every event.

    Raises:
        KeyboardInterrupt: After the workers have been stopped; what was published stays.
    """
    run = _Run(units, store, settings, restore, emit)
    if run.waiting:
        emit(Event("planned", text=str(len(run.waiting))))
        count = min(settings.workers, len(run.waiting))
        with store.beating(), _workers(store, settings, count) as workers:
            run.drive(workers)
    return run.report


class _Inline:
    """A worker in this very process, for one worker: nothing to start, simple to debug."""

    def __init__(self, blobs: Blobs, settings: Settings) -> None:
        self.bench = Bench(blobs, settings.plugins, settings.device, settings.threads)
        self.answers: list[tuple[str, Any]] = []

    def send(self, job: tuple[Unit, Mapping[str, str]]) -> None:
        self.answers.append(_performed(job, self.bench, lambda text: self.answers.append(("said", text))))

    def stop(self) -> None:
        """Nothing to stop."""


class _Process:
    """A worker in a process of its own."""

    def __init__(self, blobs: Blobs, settings: Settings) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, blobs.root, settings), daemon=True)
        with _set(environment(settings.threads)):
            self.process.start()
        theirs.close()

    def send(self, job: tuple[Unit, Mapping[str, str]]) -> None:
        with suppress(OSError):  # it has died: waiting for its answer will tell
            self.pipe.send(job)

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def obituary(self) -> str:
        """Why the process is no longer there."""
        self.process.join()
        code = self.process.exitcode or 0
        if code == -signal.SIGKILL:
            return "the worker was killed, probably because memory ran out"
        return (
            f"the worker died with {signal.Signals(-code).name}"
            if code < 0
            else f"the worker left with code {code}"
        )


Worker = _Inline | _Process


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _workers(store: Store, settings: Settings, count: int) -> Iterator[list[Worker]]:
    kind = _Inline if count == 1 else _Process
    workers: list[Worker] = [kind(store.blobs, settings) for _ in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def _serve(pipe: Connection, root: Any, settings: Settings) -> None:
    """A worker's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver decides when to stop
    bench = Bench(Blobs(root), settings.plugins, settings.device, settings.threads)
    with suppress(EOFError, OSError):  # the driver is gone
        while True:
            pipe.send(_performed(pipe.recv(), bench, lambda text: pipe.send(("said", text))))


def _performed(
    job: tuple[Unit, Mapping[str, str]], bench: Bench, say: Callable[[str], None]
) -> tuple[str, Any]:
    """Perform one unit, passing on what it says meanwhile; how it ended."""
    unit, inputs = job
    try:
        return "done", published(unit, bench, say, inputs)
    except Damaged as damage:
        return "damaged", damage.key
    except UserError as error:
        return "failed", str(error)
    except Exception as error:  # noqa: BLE001 - whatever a unit does, the others go on
        last = traceback.extract_tb(error.__traceback__)[-1]
        return "failed", f"{type(error).__name__}: {error} ({os.path.basename(last.filename)}:{last.lineno})"


class _Run:
    """The state of one execution: what waits, what runs, what came of the rest."""

    def __init__(
        self, units: Sequence[Unit], store: Store, settings: Settings, restore: Restore, emit: Emit
    ) -> None:
        self.units = {unit.key: unit for unit in units}
        self.store, self.settings, self.restore, self.emit = store, settings, restore, emit
        self.report = Report()
        data = {key: unit for key, unit in self.units.items() if isinstance(unit, Data)}
        kept, self.report.repaired = store.cached(dict.fromkeys(data, ()))
        for key in data.keys() - kept.keys():
            restore(data[key])
        self.known, damaged = store.cached(
            {key: [i.key for i in unit.inputs] for key, unit in self.units.items()}
        )
        self.report.repaired |= damaged
        self.report.cached = self.known.keys() - data.keys()
        self.report.diverged = {key for key, p in self.known.items() if p.state == DIVERGED}
        self.waiting = {key: unit for key, unit in self.units.items() if key not in self.known}
        self.died: set[str] = set()
        self.damaged: Counter[str] = Counter()

    def drive(self, workers: list[Worker]) -> None:
        """Hand out units until none is left."""
        busy: dict[int, str] = {}
        last: dict[int, str] = {}
        while self.waiting or busy:
            self._skip_blocked()
            left = len(self.waiting)
            for at, worker in enumerate(workers):
                if at not in busy and (unit := self._next(last.get(at), busy)) is not None:
                    self.emit(Event("start", unit))
                    worker.send((unit, self._inputs(unit)))
                    busy[at], last[at] = unit.key, _affinity(unit)
            if not busy and 0 < len(self.waiting) == left:  # another driver has what we wait for
                time.sleep(PATIENCE)
            for at, answer, value in self._answers(workers, busy):
                self._settle(at, answer, value, workers, busy)

    def _next(self, model: str | None, busy: Mapping[int, str]) -> Unit | None:
        """A unit that can be started; rather one for the model that the worker has loaded."""
        for unit in sorted(self._ready(set(busy.values())), key=lambda unit: _affinity(unit) != model):
            if self.store.claim(unit.key, unit.kind, unit.title, unit.recipe) and self._missing(unit):
                return unit
        return None

    def _ready(self, running: Set[str]) -> list[Unit]:
        """Units whose inputs are all there. One that a worker died of has to be alone."""
        if running & self.died:
            return []
        return [
            unit
            for key, unit in self.waiting.items()
            if key not in running
            and all(i.key in self.known for i in unit.inputs if i.performed)
            and not (key in self.died and running)
        ]

    def _missing(self, unit: Unit) -> bool:
        """Whether a claimed unit has still to be performed.

        It has not if another driver has done so meanwhile, or if what it was once made from is back.
        """
        try:
            there = self.store.current(unit.key, self._inputs(unit))
        except Damaged as damage:
            self.report.repaired.add(damage.key)
            return True
        if there is None:
            self.store.discard(unit.key)
            return True
        self.store.finish(unit.key, there)
        self._keep(unit, there)
        self.report.cached.add(unit.key)
        self.emit(Event("done", unit, there.state, there.seconds))
        return False

    def _inputs(self, unit: Unit) -> dict[str, str]:
        """Digests of what the unit is made from, by key."""
        return {i.key: self.known[i.key].digest for i in unit.inputs if i.key in self.known}

    def _keep(self, unit: Unit, published: Published) -> None:
        del self.waiting[unit.key]
        self.known[unit.key] = published
        if published.state == DIVERGED:
            self.report.diverged.add(unit.key)

    def _answers(self, workers: list[Worker], busy: Mapping[int, str]) -> Iterator[tuple[int, str, Any]]:
        pipes = {w.pipe: at for at, w in enumerate(workers) if isinstance(w, _Process) and at in busy}
        for at in list(busy):
            worker = workers[at]
            if isinstance(worker, _Inline):
                answers, worker.answers = worker.answers, []
                yield from ((at, what, value) for what, value in answers)
        for pipe in wait(list(pipes), timeout=1.0) if pipes else ():
            at = pipes[pipe]  # type: ignore[index]
            worker = workers[at]
            assert isinstance(worker, _Process)
            try:
                what, value = worker.pipe.recv()
            except (EOFError, OSError):
                yield at, "died", worker.obituary()
            else:
                yield at, what, value

    def _settle(self, at: int, answer: str, value: Any, workers: list[Worker], busy: dict[int, str]) -> None:
        unit = self.units[busy[at]]
        if answer == "said":
            self.emit(Event("said", unit, str(value)))
            return
        del busy[at]
        if answer == "died":
            workers[at] = _Process(self.store.blobs, self.settings)
            if unit.key not in self.died:
                self.died.add(unit.key)
                return
            answer = "failed"
        if answer == "damaged":
            self.damaged[value] += 1
            if self.damaged[value] <= len(workers):  # each may have noticed the same damage
                self._remake(str(value))
                return
            answer, value = "failed", f"payload {value} is damaged again whenever it is made anew"
        if answer == "failed":
            del self.waiting[unit.key]
            self.store.fail(unit.key, str(value))
            self.report.failed[unit.key] = str(value)
            self.emit(Event("failed", unit, str(value)))
            return
        self.store.finish(unit.key, value)
        if value.inputs != self._inputs(unit):  # one of them is being made anew
            return
        self._keep(unit, value)
        self.report.done[unit.key] = value
        self._outdate(unit.key, value.digest)
        self.emit(Event("done", unit, value.state, value.seconds))

    def _outdate(self, key: str, digest: str) -> None:
        """What was made from another content of this payload has to be made from this one."""
        stale = {k for k, made in self.known.items() if made.inputs.get(key, digest) != digest}
        for one in stale:
            del self.known[one]
        self.report.cached -= stale
        self.waiting = {k: u for k, u in self.units.items() if k in self.waiting or k in stale}

    def _remake(self, key: str) -> None:
        """A payload was found damaged: it and nothing else is made again."""
        self.report.repaired.add(key)
        self.report.cached.discard(key)
        self.known.pop(key, None)
        unit = self.units[key]
        if isinstance(unit, Data):
            self.known[key] = self.restore(unit)
            return
        self.waiting = {k: u for k, u in self.units.items() if k in self.waiting or k == key}

    def _skip_blocked(self) -> None:
        """Units whose inputs failed or diverged cannot be tried."""
        out = self.report.failed.keys() | self.report.skipped.keys() | self.report.diverged
        for key, unit in list(self.waiting.items()):
            blocker = next((i for i in unit.inputs if i.key in out), None)
            if blocker is not None:
                del self.waiting[key]
                out = out | {key}
                self.report.skipped[key] = blocker.title
                self.emit(Event("skipped", unit, blocker.title))


def _affinity(unit: Unit) -> str:
    """The model that a unit needs in memory, if any."""
    said = getattr(unit, "said", unit)
    model = getattr(said[0] if isinstance(said, tuple) else said, "model", None)
    return model.key if isinstance(model, Unit) else unit.key
