"""What operators read besides their texts is part of what identifies a result, and has to be there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

RESOURCES = os.environ.get("HARNESS_RESOURCES", "")
WORDNET = Path(RESOURCES) / "nltk_data" / "corpora" / "wordnet"


def test_wordnet_that_is_not_there_is_told_before_anything_runs(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the places that were looked at, and a way without it."""
    monkeypatch.setenv("HOME", str(project.folder))
    monkeypatch.setenv("HARNESS_RESOURCES", str(project.folder))
    monkeypatch.setenv("NLTK_DATA", "")
    if Path("/usr/share/wordnet").exists() or Path("/usr/share/nltk_data").exists():
        pytest.skip("WordNet is installed for everybody here")
    project.edit("suite.yaml", "operators: [keyboard, upper]", "operators: [keyboard, {synonym: wordnet}]")
    said = project("run", "suite.yaml", "-q")
    assert said.code == 2
    assert "WordNet is not found" in said.err
    assert "source: embedded" in said.err


@pytest.mark.skipif(not WORDNET.is_dir(), reason="HARNESS_RESOURCES does not hold WordNet")
def test_another_wordnet_is_another_operator(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are part of the key."""
    own = project.folder / "resources" / "nltk_data" / "corpora" / "wordnet"
    shutil.copytree(WORDNET, own)
    for file in own.iterdir():
        file.chmod(0o644)
    monkeypatch.setenv("HARNESS_RESOURCES", str(project.folder / "resources"))
    project.edit("suite.yaml", "operators: [keyboard, upper]", "operators: [upper, {synonym: wordnet}]")
    assert project("run", "suite.yaml", "-q", "--workers", "1").code == 0
    assert project.missing() == {}
    with (own / "data.adv").open("a", encoding="utf-8") as file:
        file.write("  \n")
    assert all("synonym" in unit for unit in project.missing())
    assert project.missing()
