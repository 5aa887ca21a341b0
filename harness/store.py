"""The store: an index in SQLite, and immutable payloads named by the hash of their recipe.

Publishing is writing beside, syncing, renaming: what is not published is not there. Every file is
checked by size and hash when it is read; a damaged payload is set aside and made anew. Only the
driver writes the database; workers write payloads and return a small record. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import Fault, UserError

SCHEMA = 1
BEAT, LEASE = 10.0, 60.0
"""Seconds between signs of life of a driver, and of silence after which it is given up."""
_MANIFEST = "MANIFEST.json"


class Damaged(Exception):
    """A payload is not what was published; it has been set aside."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"payload {key} is damaged: {why}")
        self.key, self.why = key, why

    def __reduce__(self) -> tuple[type[Damaged], tuple[str, str]]:
        return Damaged, (self.key, self.why)


def cache() -> Path:
    """Where is kept what outlives stores, such as converted weights: ``HARNESS_CACHE``, or ``~/.cache/harness``."""
    return Path(os.environ.get("HARNESS_CACHE") or Path.home() / ".cache" / "harness")


DONE, DIVERGED, RUNNING, FAILED = "done", "diverged", "running", "failed"


@dataclass(frozen=True)
class Published:
    """What the manifest of a payload says.

    Args:
        state: ``done``, or ``diverged`` for a training that left the finite numbers.
        digest: Of all files.
        size: Of all files, in bytes.
        seconds: It took to make.
        inputs: Digests of the payloads that it was made from, by key.
    """

    state: str
    digest: str
    size: int
    seconds: float
    inputs: Mapping[str, str]


class Blobs:
    """The payloads. Safe for any number of processes on one file system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            for name in ("blobs", "tmp", "quarantine"):
                (root / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            fault = Fault(
                f"cannot be written: {error.strerror}", str(root), hint="choose another store with --store"
            )
            raise UserError(fault) from None

    def _folder(self, key: str) -> Path:
        return self.root / "blobs" / key[:2] / key

    def publish(self, key: str, make: Callable[[Path], str], inputs: Mapping[str, str]) -> Published:
        """Let ``make`` fill an empty folder, then make it visible under the key at once.

        If the key is there already, what is there stays.

        Args:
            key: Of the unit.
            make: Fills the folder and returns the state, ``done`` or ``diverged``.
            inputs: Digests of the payloads it reads, by key.
        """
        scratch = self.root / "tmp" / _owner()
        scratch.mkdir()
        try:
            start = time.monotonic()
            state = make(scratch)
            seconds = round(time.monotonic() - start, 3)
            files = {}
            for path in sorted(p for p in scratch.rglob("*") if p.is_file()):
                _sync(path)
                files[path.relative_to(scratch).as_posix()] = [path.stat().st_size, _hash(path)]
            about = {"key": key, "state": state, "seconds": seconds, "inputs": dict(inputs), "files": files}
            (scratch / _MANIFEST).write_text(json.dumps(about, indent=1, sort_keys=True), "utf-8")
            _sync(scratch / _MANIFEST)
            final = self._folder(key)
            final.parent.mkdir(parents=True, exist_ok=True)
            _sync(scratch)
            try:
                os.rename(scratch, final)
            except OSError:
                if not self.has(key):
                    raise
            _sync(final.parent)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.described(key)

    def described(self, key: str) -> Published:
        """What the manifest of a payload says.

        Raises:
            Damaged: If it cannot be read.
        """
        about = self._manifest(key)
        files = json.dumps(about["files"], sort_keys=True)
        digest = hashlib.blake2b(files.encode(), digest_size=16).hexdigest()
        size = sum(size for size, _ in about["files"].values())
        return Published(about["state"], digest, size, about["seconds"], about["inputs"])

    def has(self, key: str) -> bool:
        """Whether there is a payload under this key; its content is checked when it is read."""
        return self._folder(key).is_dir()

    def _manifest(self, key: str) -> dict[str, Any]:
        try:
            about = json.loads((self._folder(key) / _MANIFEST).read_text("utf-8"))
            files = {str(name): (int(size), str(digest)) for name, (size, digest) in about["files"].items()}
            return {
                "files": files,
                "state": str(about["state"]),
                "seconds": float(about["seconds"]),
                "inputs": dict(about["inputs"]),
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._damaged(key, f"its manifest cannot be read ({error})") from None

    def open(self, key: str, name: str = "") -> Path:
        """The path of one file of a payload, or of its folder, after checking size and hash.

        Raises:
            Damaged: If anything differs from what was published.
        """
        files = self._manifest(key)["files"]
        folder = self._folder(key)
        for own, (size, digest) in files.items():
            if name and own != name:
                continue
            path = folder / own
            if not path.is_file():
                raise self._damaged(key, f"{own} is missing")
            if path.stat().st_size != size:
                raise self._damaged(key, f"{own} has {path.stat().st_size} bytes instead of {size}")
            if _hash(path) != digest:
                raise self._damaged(key, f"the content of {own} has changed")
        if name and name not in files:
            raise self._damaged(key, f"it has no file {name}")
        return folder / name if name else folder

    def sweep(self) -> None:
        """Remove what processes of this machine left unpublished when they were killed."""
        for scratch in (self.root / "tmp").glob("[0-9]*-*-*"):
            if _gone(scratch.name):
                shutil.rmtree(scratch, ignore_errors=True)

    def quarantine(self, key: str) -> None:
        """Set a payload aside, where a person can look at it."""
        with suppress(FileNotFoundError):
            os.rename(self._folder(key), self.root / "quarantine" / f"{key}-{uuid.uuid4().hex[:8]}")

    def _damaged(self, key: str, why: str) -> Damaged:
        self.quarantine(key)
        return Damaged(key, why)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Store:
    """The index beside the payloads. One driver process writes it; several may take turns."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = Blobs(root)
        self.owner = _owner()
        self._db = _opened(root / "store.db")
        self.blobs.sweep()

    def close(self) -> None:
        """Give back what this driver holds and close the database."""
        with self._writing() as db:
            db.execute("UPDATE units SET owner = NULL WHERE owner = ?", (self.owner,))
        self._db.close()

    def cached(self, units: Mapping[str, Iterable[str]]) -> tuple[dict[str, Published], set[str]]:
        """What need not be run again, by key; and the keys of what was found damaged.

        Args:
            units: Keys of inputs by key, inputs first.
        """
        known: dict[str, Published] = {}
        damaged: set[str] = set()
        for key, inputs in units.items():
            try:
                there = self.current(key, {one: known[one].digest for one in inputs if one in known})
            except Damaged:
                damaged.add(key)
                continue
            if there is not None:
                known[key] = there
        return known, damaged

    def current(self, key: str, inputs: Mapping[str, str]) -> Published | None:
        """The payload under a key, if it is there and was made from these inputs.

        Args:
            key: Of a unit.
            inputs: Digests of the payloads that it would be made from now, by key.

        Raises:
            Damaged: If its manifest cannot be read.
        """
        if not self.blobs.has(key):
            return None
        there = self.blobs.described(key)
        return there if there.inputs == inputs else None

    def discard(self, key: str) -> None:
        """Set a payload aside whose inputs have changed since it was made."""
        if self.blobs.has(key):
            self.blobs.quarantine(key)

    def failures(self) -> dict[str, str]:
        """Why units failed when they were last tried, by key."""
        return dict(self._db.execute("SELECT key, error FROM units WHERE state = ?", (FAILED,)))

    def history(self) -> dict[str, dict[str, Any]]:
        """The recipe of every unit that this store has seen, by key."""
        rows = self._db.execute("SELECT key, recipe FROM units")
        return {key: json.loads(recipe) for key, recipe in rows}

    def seconds(self) -> dict[str, float]:
        """Mean seconds of finished units by kind, to tell what a plan will cost."""
        return dict(
            self._db.execute("SELECT kind, AVG(seconds) FROM units WHERE state = ? GROUP BY kind", (DONE,))
        )

    def claim(self, key: str, kind: str, title: str, recipe: Mapping[str, Any]) -> bool:
        """Take a unit for this driver; False if another live driver is at it."""
        with self._writing() as db:
            row = db.execute("SELECT state, owner, beat FROM units WHERE key = ?", (key,)).fetchone()
            if row and row[0] == RUNNING and row[1] not in (None, self.owner):
                silent = time.time() - row[2] > LEASE  # or another process has got its number since
                if not silent and not _gone(row[1]):
                    return False
            db.execute(
                "INSERT INTO units (key, kind, title, recipe, state, owner, beat) "
                "VALUES (?, ?, ?, ?, 'running', ?, ?) ON CONFLICT (key) DO UPDATE SET "
                "state = 'running', owner = excluded.owner, beat = excluded.beat, "
                "attempts = attempts + 1, error = ''",
                (key, kind, title, json.dumps(recipe, sort_keys=True), self.owner, time.time()),
            )
        return True

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Tell other drivers from time to time that this one is alive."""
        done = threading.Event()
        thread = threading.Thread(target=self._beat, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _beat(self, done: threading.Event) -> None:
        with closing(_opened(self.root / "store.db")) as db:  # a connection belongs to one thread
            while not done.wait(BEAT):
                with suppress(sqlite3.OperationalError):  # busy; there will be another time
                    db.execute("UPDATE units SET beat = ? WHERE owner = ?", (time.time(), self.owner))

    def finish(self, key: str, published: Published) -> None:
        """Record that a claimed unit is done; without effect if another driver has taken it over."""
        self._settle(key, published.state, published.seconds, published.digest, published.size, "")

    def fail(self, key: str, error: str) -> None:
        """Record that a claimed unit failed, and why."""
        self._settle(key, FAILED, 0.0, "", 0, error)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _settle(self, key: str, *values: str | float | int) -> None:
        with self._writing() as db:
            db.execute(
                "UPDATE units SET state = ?, seconds = ?, digest = ?, size = ?, error = ?, owner = NULL "
                "WHERE key = ? AND owner = ?",
                (*values, key, self.owner),
            )

    def record(self, run: str, suite: str, folder: str, exit_code: int, started: str) -> None:
        """Note a finished run."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO runs (id, suite, folder, exit_code, started) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET folder = excluded.folder, exit_code = excluded.exit_code, "
                "started = excluded.started",
                (run, suite, folder, exit_code, started),
            )

    def runs(self) -> list[tuple[str, str, str, int, str]]:
        """Finished runs, newest first: id, suite, folder, exit code, start."""
        return list(
            self._db.execute(
                "SELECT id, suite, folder, exit_code, started FROM runs ORDER BY started DESC, id"
            )
        )


_TABLES = """
CREATE TABLE units (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, recipe TEXT NOT NULL,
    state TEXT NOT NULL, owner TEXT, beat REAL NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 1,
    seconds REAL NOT NULL DEFAULT 0, digest TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
);
CREATE TABLE runs (
    id TEXT PRIMARY KEY, suite TEXT NOT NULL, folder TEXT NOT NULL,
    exit_code INTEGER NOT NULL, started TEXT NOT NULL
);
"""


def _opened(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path, timeout=30, isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'units'").fetchone():
                for statement in filter(str.strip, _TABLES.split(";")):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA}")
            db.execute("COMMIT")
            version = SCHEMA
    except sqlite3.DatabaseError as error:
        raise UserError(
            Fault(
                f"the store's index cannot be used: {error}",
                str(path),
                hint="move the file away; payloads stay valid",
            )
        ) from None
    if version > SCHEMA:
        raise UserError(
            Fault(
                f"the store has schema {version}, this harness knows {SCHEMA}",
                str(path),
                hint="upgrade harness",
            )
        )
    return db


def _owner() -> str:
    """A name that no other process or call gives itself."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:8]}-{socket.gethostname()}"


def _gone(owner: str) -> bool:
    """Whether the owner was a process of this machine that has ended."""
    pid, _, host = owner.split("-", 2)
    if host != socket.gethostname():
        return False
    try:
        with suppress(PermissionError):  # it is there, and somebody else's
            os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    return False
