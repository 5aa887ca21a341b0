"""Libraries and their data are found on this machine; names and letters are brought back with care."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.errors import UserError
from harness.perturb import libraries
from harness.perturb.foreign import anchored, listening, offered, stumbled
from harness.text import Edit, Span, carry, diff, example


def test_data_is_looked_for_in_our_folder_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then where NLTK is told to look, and in the usual places."""
    monkeypatch.setenv("HARNESS_RESOURCES", "/ours")
    monkeypatch.setenv("NLTK_DATA", os.pathsep.join(["/one", "", "/two"]))
    found = list(libraries.nltk_folders())
    assert found[:3] == ["/ours/nltk_data", "/one", "/two"]
    assert f"{Path.home()}/nltk_data" in found


def test_nothing_is_asked_of_a_network_for_data_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The fault names what is missing, where it was looked for, and how to get it."""
    nltk = pytest.importorskip("nltk", reason="NLTK is not installed")
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path))
    with pytest.raises(UserError, match=rf"lacks corpora/xyz; looked in {tmp_path}") as caught:
        libraries.nltk("corpora/xyz")
    assert "python -m nltk.downloader xyz" in str(caught.value)


def test_data_in_our_folder_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also if the folder is named after NLTK has been imported."""
    nltk = pytest.importorskip("nltk", reason="NLTK is not installed")
    monkeypatch.setattr(nltk.data, "path", [])
    (tmp_path / "nltk_data" / "corpora" / "xyz").mkdir(parents=True)
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path))
    assert libraries.nltk("corpora/xyz") is nltk


def test_a_library_that_downloads_unasked_gets_nothing() -> None:
    """And afterwards NLTK is as it was."""
    nltk = pytest.importorskip("nltk", reason="NLTK is not installed")
    before = nltk.download
    with libraries.without_downloads():
        assert nltk.download("wordnet") is False
    assert nltk.download is before


@pytest.mark.parametrize("path", ["", "bert-base-uncased"])
def test_a_model_is_a_file_or_folder_on_this_machine(path: str) -> None:
    """A name on a hub would be downloaded."""
    with pytest.raises(UserError, match="machine"):
        libraries.local("nlpaug-model", path)


def test_a_model_is_known_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folders of one name are two models."""
    monkeypatch.chdir(tmp_path)
    Path("model").mkdir()
    assert libraries.local("x", "model") == str(tmp_path.resolve() / "model")


@pytest.mark.parametrize(
    ("after", "name"),
    [
        ("We saw xLisbon.", "xLisbon"),
        ("We saw Lisbonx.", "Lisbonx"),
        ("We saw Lisbonn.", "Lisbonn"),
        ("We saw isbon.", "isbon"),
        ('We saw "Lisbon.', "Lisbon"),
        ("Wex saw Lisbon.", "Lisbon"),
        ("We saw Lisbon!.", "Lisbon"),
    ],
)
def test_a_letter_at_the_edge_of_a_name_belongs_to_it(after: str, name: str) -> None:
    """And a mark does not."""
    source = example("a", "We saw Lisbon.", (Span(7, 13, "LOC"),))
    span, _ = carry(source.spans[0], [anchored(edit, source) for edit in diff(source.text, after)])
    assert span is not None
    assert after[span.start : span.end] == name


def test_other_edits_are_left_as_they_are() -> None:
    """Only insertions are in doubt."""
    source = example("a", "Lisbon", (Span(0, 6, "LOC"),))
    for edit in (Edit(0, 1, "l"), Edit(3, 3, "x"), Edit(0, 0, ""), Edit(5, 6, "")):
        assert anchored(edit, source) == edit
    assert anchored(Edit(0, 0, "x"), source) == Edit(0, 1, "xL")
    assert anchored(Edit(6, 6, "x"), source) == Edit(5, 6, "nx")


def test_only_those_who_listen_hear() -> None:
    """And each of what happened while they did."""
    stumbled("a library", ValueError("unheard"))
    with listening() as heard:
        stumbled("a library", ValueError("odd"))
        with listening() as inner:
            stumbled("a library", KeyError("x"))
        stumbled("a library", ValueError("odd"))
    assert heard == {"a library: ValueError: odd": 2}
    assert inner == {"a library: KeyError: 'x'": 1}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("keybord", "a has no 'keybord'\n.*did you mean 'keyboard'"),
        ("synonym", "a has no 'synonym'\n.*it belongs to b"),
        ("cloud", "'cloud' cannot be used: it is far away"),
    ],
)
def test_what_an_operator_has_not_is_told_with_who_has_it(found: str, message: str) -> None:
    """Or why nobody has."""
    operators = {"a": ("keyboard", "ocr"), "b": ("synonym",)}
    offered("ocr", "a", operators)
    with pytest.raises(UserError, match=message):
        offered(found, "a", operators, {"cloud": "it is far away"})
