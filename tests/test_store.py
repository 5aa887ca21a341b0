"""What is published is whole, what is damaged is noticed, and what is claimed is done by one."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from harness import store as module
from harness.errors import UserError
from harness.store import DONE, Blobs, Damaged, Store

KEY, OTHER = "ab" * 20, "cd" * 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store(tmp_path)
    yield opened
    opened.close()


def content(text: str = "content") -> Callable[[Path], str]:
    """Fills a payload with two files."""

    def make(folder: Path) -> str:
        (folder / "file").write_text(text)
        (folder / "sub").mkdir()
        (folder / "sub" / "other").write_text("other")
        return DONE

    return make


def payload(root: Path, key: str = KEY) -> Path:
    return root / "blobs" / key[:2] / key


# -- payloads ---------------------------------------------------------------------------------------


def test_what_was_published_is_read_back(tmp_path: Path) -> None:
    """Files, state, size and what it was made from."""
    blobs = Blobs(tmp_path)
    assert not blobs.has(KEY)
    published = blobs.publish(KEY, content(), {OTHER: "digest"})
    assert (published.state, published.size, published.inputs) == (DONE, 12, {OTHER: "digest"})
    assert blobs.open(KEY, "file").read_text() == "content"
    assert (blobs.open(KEY) / "sub" / "other").read_text() == "other"
    assert blobs.described(KEY) == published


def test_a_digest_depends_on_content_alone(tmp_path: Path) -> None:
    """Not on the key, the time or the place."""
    digests = [
        Blobs(tmp_path / name).publish(key, content(text), {}).digest
        for name, key, text in (("a", KEY, "x"), ("b", OTHER, "x"), ("c", KEY, "y"))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_what_is_there_stays(tmp_path: Path) -> None:
    """A second payload under the same key is dropped, and leaves nothing behind."""
    blobs = Blobs(tmp_path)
    first = blobs.publish(KEY, content("first"), {})
    assert blobs.publish(KEY, content("second"), {}) == first
    assert blobs.open(KEY, "file").read_text() == "first"
    assert not list((tmp_path / "tmp").iterdir())


def test_what_could_not_be_made_is_not_there(tmp_path: Path) -> None:
    """An error while a payload is made leaves neither payload nor scratch."""

    def make(folder: Path) -> str:
        (folder / "half").write_text("…")
        raise OSError("no space")

    blobs = Blobs(tmp_path)
    with pytest.raises(OSError, match="no space"):
        blobs.publish(KEY, make, {})
    assert not blobs.has(KEY)
    assert not list((tmp_path / "tmp").iterdir())


DAMAGE = {
    "a bit has flipped": (lambda p: (p / "file").write_text("cnntent"), "the content of file has changed"),
    "a file is shorter": (lambda p: (p / "file").write_text("cont"), "4 bytes instead of 7"),
    "a file is missing": (lambda p: (p / "sub" / "other").unlink(), "sub/other is missing"),
    "the manifest is missing": (lambda p: (p / "MANIFEST.json").unlink(), "manifest cannot be read"),
    "the manifest is cut": (lambda p: (p / "MANIFEST.json").write_text("{"), "manifest cannot be read"),
    "the manifest is a list": (lambda p: (p / "MANIFEST.json").write_text("[]"), "manifest cannot be read"),
    "the manifest says less": (
        lambda p: (p / "MANIFEST.json").write_text('{"files": {"file": 3}}'),
        "manifest",
    ),
}


@pytest.mark.parametrize(("damage", "complaint"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_noticed_and_set_aside(
    tmp_path: Path, damage: Callable[[Path], None], complaint: str
) -> None:
    """Reading raises, the payload is in quarantine, and it can be made anew."""
    blobs = Blobs(tmp_path)
    blobs.publish(KEY, content(), {})
    damage(payload(tmp_path))
    with pytest.raises(Damaged, match=complaint):
        blobs.open(KEY)
    assert not blobs.has(KEY)
    assert len(list((tmp_path / "quarantine").iterdir())) == 1
    assert blobs.publish(KEY, content(), {}).size == 12


def test_a_file_that_was_never_there_is_damage(tmp_path: Path) -> None:
    """Whoever asks for it has been promised it."""
    blobs = Blobs(tmp_path)
    blobs.publish(KEY, content(), {})
    with pytest.raises(Damaged, match="no file gone"):
        blobs.open(KEY, "gone")


# -- what is cached ---------------------------------------------------------------------------------


def test_a_payload_counts_as_long_as_it_was_made_from_what_is_there(store: Store) -> None:
    """When an input is made anew and comes out differently, it does not."""
    blobs = store.blobs
    data = blobs.publish(KEY, content("one"), {})
    blobs.publish(OTHER, content(), {KEY: data.digest})
    assert store.cached({KEY: [], OTHER: [KEY]})[0].keys() == {KEY, OTHER}
    blobs.quarantine(KEY)
    assert store.cached({KEY: [], OTHER: [KEY]}) == ({}, set())
    blobs.publish(KEY, content("one"), {})
    assert store.cached({KEY: [], OTHER: [KEY]})[0].keys() == {KEY, OTHER}
    blobs.quarantine(KEY)
    blobs.publish(KEY, content("two"), {})
    assert store.cached({KEY: [], OTHER: [KEY]})[0].keys() == {KEY}


def test_a_broken_manifest_is_reported(store: Store) -> None:
    """It is not cached, and its key is among the damaged ones."""
    store.blobs.publish(KEY, content(), {})
    (payload(store.root) / "MANIFEST.json").write_text("{")
    assert store.cached({KEY: []}) == ({}, {KEY})


# -- the index --------------------------------------------------------------------------------------


def claim(store: Store, key: str = KEY) -> bool:
    return store.claim(key, "predict", "predict a", {"unit": "Predict"})


def test_a_unit_is_claimed_by_one_driver_until_it_is_done(store: Store) -> None:
    """The second waits; what is finished may be claimed again."""
    second = Store(store.root)
    assert claim(store)
    assert claim(store)
    assert not claim(second)
    store.finish(KEY, store.blobs.publish(KEY, content(), {}))
    assert claim(second)
    second.close()


def test_closing_gives_back_what_was_claimed(store: Store) -> None:
    """As an interrupted driver does."""
    second = Store(store.root)
    assert claim(second)
    assert not claim(store)
    second.close()
    assert claim(store)


def test_what_a_killed_driver_held_can_be_claimed_at_once(store: Store) -> None:
    """Its process is gone; and its scratch is swept away."""
    code = (
        "import sys, os; from pathlib import Path; from harness.store import Store; s = Store(Path(sys.argv[1]));"
        "print(s.claim(sys.argv[2], 'predict', '', {}), flush=True);"
        "s.blobs.publish(sys.argv[2], lambda folder: os.kill(os.getpid(), 9), {})"
    )
    driver = subprocess.run(
        [sys.executable, "-c", code, str(store.root), KEY], capture_output=True, text=True, check=False
    )
    assert (driver.returncode, driver.stdout) == (-signal.SIGKILL, "True\n"), driver.stderr
    assert len(list((store.root / "tmp").iterdir())) == 1
    second = Store(store.root)
    assert not list((store.root / "tmp").iterdir())
    assert claim(second)
    second.close()


def test_a_driver_that_is_silent_for_long_is_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it runs; what it then says of the unit has no effect."""
    second = Store(store.root)
    assert claim(store)
    later = time.time() + module.LEASE + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert claim(second)
    store.fail(KEY, "too late")
    assert store.failures() == {}
    second.close()


def test_a_beating_driver_is_not_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of life go on while the driver is busy with something else."""
    second = Store(store.root)
    assert claim(store)
    monkeypatch.setattr(module, "BEAT", 0.02)
    later = time.time() + module.LEASE + 1
    monkeypatch.setattr(time, "time", lambda: later)
    with store.beating():
        until = time.monotonic() + 5
        while time.monotonic() < until and claimable(store.root, later):
            time.sleep(0.02)
    assert not claim(second)
    second.close()


def claimable(root: Path, now: float) -> bool:
    with sqlite3.connect(root / "store.db") as db:
        (beat,) = db.execute("SELECT beat FROM units").fetchone()
    db.close()
    return now - float(beat) > module.LEASE


def test_the_index_remembers_failures_recipes_and_seconds(store: Store) -> None:
    """Until the unit is tried again."""
    assert claim(store)
    store.fail(KEY, "out of luck")
    assert store.failures() == {KEY: "out of luck"}
    assert store.history() == {KEY: {"unit": "Predict"}}
    assert claim(store)
    assert store.failures() == {}
    store.finish(KEY, store.blobs.publish(KEY, content(), {}))
    assert store.seconds().keys() == {"predict"}


def test_runs_are_listed_newest_first_and_a_repeated_run_is_new_again(store: Store) -> None:
    """So that a suite's name means its last run."""
    store.record("a", "suite", "folder", 0, "2026-01-01")
    store.record("b", "suite", "folder", 0, "2026-01-02")
    assert [run[0] for run in store.runs()] == ["b", "a"]
    store.record("a", "suite", "folder", 1, "2026-01-03")
    assert [(run[0], run[3]) for run in store.runs()] == [("a", 1), ("b", 0)]


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """Rather than misread."""
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(UserError, match="schema 99, this harness knows 1"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made_is_a_fault_with_a_remedy(tmp_path: Path) -> None:
    """A file stands where the store should be."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="--store"):
        Store(tmp_path / "taken")


def test_many_drivers_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    """None of them finds it half made."""
    code = "import sys; from pathlib import Path; from harness.store import Store; Store(Path(sys.argv[1])).close()"
    drivers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "s")]) for _ in range(4)]
    assert [driver.wait(60) for driver in drivers] == [0] * 4


class Leases(RuleBasedStateMachine):
    """Three drivers that claim, finish, fail, leave and fall silent in any order."""

    keys = Bundle("keys")

    @initialize(number=st.integers(0, 2**30))
    def open(self, number: int) -> None:
        self.root = Path(os.environ["LEASES"]) / f"{number}-{time.monotonic_ns()}"
        self.drivers = [Store(self.root) for _ in range(3)]
        self.held: dict[str, int] = {}

    @rule(target=keys, key=st.sampled_from([KEY, OTHER]), who=st.integers(0, 2))
    def claims(self, key: str, who: int) -> tuple[str, int]:
        free = self.held.get(key, who) == who
        assert claim(self.drivers[who], key) == free
        if free:
            self.held[key] = who
        return key, who

    @rule(what=consumes(keys))
    def fails(self, what: tuple[str, int]) -> None:
        key, who = what
        self.drivers[who].fail(key, "reason")
        if self.held.get(key) == who:
            del self.held[key]

    @rule(who=st.integers(0, 2))
    def leaves(self, who: int) -> None:
        self.drivers[who].close()
        self.drivers[who] = Store(self.root)
        self.held = {key: holder for key, holder in self.held.items() if holder != who}

    @invariant()
    def the_index_says_who_holds_what(self) -> None:
        with sqlite3.connect(self.root / "store.db") as db:
            owners = dict(
                db.execute("SELECT key, owner FROM units WHERE owner IS NOT NULL AND state = 'running'")
            )
        db.close()
        assert owners == {key: self.drivers[who].owner for key, who in self.held.items()}

    def teardown(self) -> None:
        for driver in getattr(self, "drivers", ()):
            driver.close()


def test_a_unit_is_never_held_by_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the drivers do."""
    monkeypatch.setenv("LEASES", str(tmp_path))
    Leases.TestCase.settings = settings(max_examples=8, stateful_step_count=10, deadline=None)
    Leases.TestCase("runTest").runTest()


def test_the_manifest_is_for_people_too(tmp_path: Path) -> None:
    """Plain JSON with a size and a hash for each file."""
    Blobs(tmp_path).publish(KEY, content(), {})
    about = json.loads((payload(tmp_path) / "MANIFEST.json").read_text())
    assert about["key"] == KEY
    assert [(name, size) for name, (size, _) in about["files"].items()] == [("file", 7), ("sub/other", 5)]
