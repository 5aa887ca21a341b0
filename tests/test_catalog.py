"""Finding extensions, and refusing what is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.catalog import KINDS, Extension, every, find, listing
from harness.errors import UserError
from harness.perturb.operator import Operator

PLUGIN = """\
from harness.perturb.operator import operator
from harness.text import Edit

@operator("{name}", level="word", version=3)
def edit(source, rng, *, strength: float = 1.0, mark: str = "!"):
    "Does something."
    yield Edit(0, 0, mark)
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with an operator called ``mine``, which can also be imported as ``plugged``."""
    path = tmp_path / "plugged.py"
    path.write_text(PLUGIN.format(name="mine"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "plugged", raising=False)
    return path


def test_an_extension_is_found_by_name() -> None:
    """With its kind, summary and version."""
    found = find("operator", "keyboard")
    assert isinstance(found, Operator)
    assert (found.name, found.source) == ("keyboard", "")
    assert found.summary


def test_an_extension_of_a_file_is_found_and_hashed_by_its_source(plugin: Path) -> None:
    """It stands beside the built-in ones."""
    found = find("operator", "mine", [str(plugin)])
    assert (found.version, found.summary, len(found.source)) == (3, "Does something.", 16)
    assert {"mine", "keyboard"} <= every("operator", [str(plugin)]).keys()
    assert "mine" not in every("operator")


def test_an_extension_of_a_module_is_found_by_its_place(plugin: Path) -> None:
    """``package.module:object``, if it is of that kind."""
    assert find("operator", "plugged:edit").name == "mine"
    for wrong in ("plugged:operator", "plugged:gone"):
        with pytest.raises(UserError, match="is not a operator"):
            find("operator", wrong)
    with pytest.raises(UserError, match="is not a task"):
        find("task", "plugged:edit")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("keybord", "did you mean 'keyboard'"),
        ("nowhere/keyboard", "no installed package offers 'nowhere'"),
        ("nowhere.module:edit", "No module named 'nowhere'"),
        (":edit", "cannot import"),
        (".:edit", "cannot import"),
        ("gone.py:edit", "cannot import"),
    ],
)
def test_what_is_not_there_is_refused(name: str, complaint: str) -> None:
    """With the nearest name, or why it could not be imported."""
    with pytest.raises(UserError, match=complaint):
        find("operator", name)


@pytest.mark.parametrize("source", ["1 / 0", "def f(:", "import gone", "raise Exception('no')"])
def test_a_broken_file_is_a_fault_whatever_it_raises(tmp_path: Path, source: str) -> None:
    """Its author reads why, without a traceback of ours."""
    path = tmp_path / "broken.py"
    path.write_text(source)
    with pytest.raises(UserError, match="cannot import operator 'mine'"):
        find("operator", "mine", [str(path)])


def test_options_have_the_types_of_their_defaults(plugin: Path) -> None:
    """A single value is the first option; an integer will do for a float; nothing else is converted."""
    mine = find("operator", "mine", [str(plugin)])
    assert mine.bind(None) == {"strength": 1.0, "mark": "!"}
    assert mine.bind(2) == {"strength": 2.0, "mark": "!"}
    assert mine.bind({"mark": "?"}) == {"strength": 1.0, "mark": "?"}
    for given, complaint in (
        ({"marc": "?"}, "did you mean 'mark'"),
        ({"mark": 1}, "should be str, found 1"),
        (True, "should be float, found True"),
        ("much", "should be float, found 'much'"),
    ):
        with pytest.raises(ValueError, match=complaint):
            mine.bind(given)
    several = Extension(name="several", function=lambda source, *, names=(): names)
    assert several.bind({"names": ["a", "b"]}) == {"names": ("a", "b")}
    with pytest.raises(ValueError, match=r"should be list of str, found \['a', 1\]"):
        several.bind({"names": ["a", 1]})
    bare = Extension(name="bare", function=lambda source: source)
    with pytest.raises(ValueError, match="bare has no options, found 3"):
        bare.bind(3)


def test_everything_that_comes_along_is_listed() -> None:
    """At least one of each kind, no name twice, each with a summary; none broken, but some lack data."""
    rows = listing()
    assert {row.kind for row in rows} == set(KINDS)
    assert len({(row.kind, row.name) for row in rows}) == len(rows)
    assert all(row.summary for row in rows)
    assert all(row.name.startswith("textattack/") for row in rows if row.problem)
