"""Units are performed once, inputs first, and what goes wrong with one leaves the others alone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.execute.files import PREDICTIONS
from harness.execute.local import Event, Report, Settings, execute
from harness.execute.perform import keep_data
from harness.plan import Plan, digest, plan
from harness.store import Published, Store
from harness.suite import load
from harness.text import example
from harness.units import Data, Unit

SUITE = """\
suite: tiny
task: classification
models: [{name: rules, callable: "mannered:judge"}]
data: {test: {builtin: world/sentiment}}
perturb: {severities: [5], operators: [upper, lower]}
"""
RULES = """\
import os
from pathlib import Path

def judge(texts):
    mood = Path(__file__).with_name("mood").read_text()
    if mood == "cross" and any("GOOD" in text for text in texts):
        raise ValueError("no")
    if mood == "fatal" and any("GOOD" in text for text in texts):
        os._exit(7)
    return ["good" if "good" in text.lower() or mood == "kind" else "bad" for text in texts]
"""


class World:
    """A plan with its store, and what happened when it was executed."""

    def __init__(self, folder: Path) -> None:
        (folder / "mannered.py").write_text(RULES)
        (folder / "suite.yaml").write_text(SUITE)
        self.folder = folder
        self.mood("calm")
        self.store = Store(folder / "store")
        splits = {
            "test": [example(str(n), f"a {word} one", word) for n, word in enumerate(["good", "bad"] * 8)]
        }
        self.plan: Plan = plan(load(folder / "suite.yaml"), splits, {"rules": "code"}, "{}")
        self.events: list[Event] = []

    def mood(self, mood: str) -> None:
        (self.folder / "mood").write_text(mood)

    def execute(self, workers: int = 1) -> Report:
        self.events = []
        settings = Settings((), "cpu", 1, workers)
        return execute(self.plan.wanted(), self.store, settings, self.restore, self.events.append)

    def restore(self, unit: Data) -> Published:
        examples = next(e for e in self.plan.data.values() if digest(e) == unit.digest)
        return keep_data(unit, examples, self.store.blobs)

    def unit(self, title: str) -> Unit:
        return next(unit for unit in self.plan.wanted() if unit.title == title)

    def titles(self, keys) -> set[str]:
        return {unit.title for unit in self.plan.wanted() if unit.key in keys}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world with a model that has moods."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "mannered", raising=False)
    made = World(tmp_path)
    yield made
    made.store.close()


ALL = {f"{kind} rules on {on}" for kind in ("predict", "score") for on in ("test", "upper 5", "lower 5")}
ALL |= {"perturb upper 5", "perturb lower 5", "profile test"}


def test_all_units_are_done_and_then_cached(world: World) -> None:
    """Events tell how many there are and when each is done; the second time there is nothing to tell."""
    report = world.execute()
    assert world.titles(report.done) == ALL
    assert (report.failed, report.skipped, report.repaired, report.cached) == ({}, {}, set(), set())
    what = [event.what for event in world.events]
    assert world.events[0] == Event("planned", text="9")
    assert (what.count("start"), what.count("done")) == (9, 9)
    again = world.execute()
    assert world.titles(again.cached) == ALL
    assert (again.done, world.events) == ({}, [])


def test_a_unit_that_raises_fails_and_what_needs_it_is_skipped(world: World) -> None:
    """The reason names the error; a later execution tries it again."""
    world.mood("cross")
    report = world.execute()
    bad = world.unit("predict rules on upper 5")
    assert report.failed.keys() == {bad.key}
    assert report.failed[bad.key].startswith("ValueError: no (mannered.py:")
    assert report.skipped == {world.unit("score rules on upper 5").key: "predict rules on upper 5"}
    assert len(report.done) == 7
    world.mood("calm")
    later = world.execute()
    assert world.titles(later.done) == {"predict rules on upper 5", "score rules on upper 5"}
    report.absorb(later)
    assert (report.failed, report.skipped, len(report.done)) == ({}, {}, 9)


def test_a_worker_that_dies_twice_of_a_unit_fails_it(world: World) -> None:
    """Another worker takes its place; the reason says how it ended."""
    world.mood("fatal")
    report = world.execute(workers=2)
    assert list(report.failed.values()) == ["the worker left with code 7"]
    assert len(report.done) == 7
    started = [event.unit.title for event in world.events if event.what == "start" and event.unit]
    assert started.count("predict rules on upper 5") == 2


def test_a_lost_payload_is_made_again_and_what_was_made_from_it_stands(world: World) -> None:
    """As long as it comes out the same."""
    world.execute()
    lost = world.unit("perturb upper 5")
    shutil.rmtree(world.store.blobs.open(lost.key))
    report = world.execute()
    assert world.titles(report.done) == {"perturb upper 5"}
    assert len(report.cached) == 8


def test_when_a_payload_comes_out_differently_what_was_made_from_it_is_made_again(world: World) -> None:
    """A model that is not what it seems: no mixture of old and new."""
    world.execute()
    lost = world.unit("predict rules on test")
    shutil.rmtree(world.store.blobs.open(lost.key))
    world.mood("kind")
    report = world.execute()
    assert world.titles(report.done) == {
        "predict rules on test", "score rules on test", "score rules on upper 5", "score rules on lower 5",
    }  # fmt: skip
    assert world.titles(world.execute().cached) == ALL


def test_damage_that_a_unit_comes_upon_is_repaired_on_the_way(world: World) -> None:
    """The damaged payload is made anew, then the unit that needed it."""
    world.execute()
    blobs = world.store.blobs
    shutil.rmtree(blobs.open(world.unit("score rules on test").key))
    said = world.unit("predict rules on test")
    path = blobs.open(said.key, PREDICTIONS)
    path.write_bytes(path.read_bytes()[:-1])
    report = world.execute()
    assert report.repaired == {said.key}
    assert world.titles(report.done) == {"predict rules on test", "score rules on test"}


def test_what_another_driver_did_meanwhile_is_adopted(world: World) -> None:
    """A unit that was missing when the driver looked, and is there when it gets to it."""
    other = Store(world.store.root)
    first, *_ = [unit for unit in world.plan.wanted() if unit.kind == "perturb"]
    settings = Settings((), "cpu", 1, 1)

    def meanwhile(event: Event) -> None:
        world.events.append(event)
        if event.what == "planned":
            execute([first, *first.inputs], other, settings, world.restore, lambda _: None)

    world.restore(world.plan.units["perturbed"])
    report = execute(world.plan.wanted(), world.store, settings, world.restore, meanwhile)
    other.close()
    assert first.key in report.cached
    assert len(report.done) == 8
    assert sum(event.what == "done" for event in world.events) == 9


def test_later_reports_correct_earlier_ones() -> None:
    """What has been done or found meanwhile has neither failed nor been skipped."""
    published = Published("done", "", 0, 0.0, {})
    report = Report(failed={"a": "x", "b": "x"}, skipped={"c": "a", "d": "a"}, cached={"e"})
    report.absorb(
        Report(done={"a": published, "e": published}, cached={"c"}, skipped={"d": "b"}, repaired={"e"})
    )
    assert report.failed == {"b": "x"}
    assert report.skipped == {"d": "b"}
    assert report.cached == {"c"}
    assert (report.done.keys(), report.repaired) == ({"a", "e"}, {"e"})
