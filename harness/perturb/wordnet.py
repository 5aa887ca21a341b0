"""Synonyms from the files of WordNet 3.x, read directly; nothing is downloaded.

Only words with at most two senses are replaced, by words of their first sense: the more senses a
word has, the likelier a synonym of the wrong one. File formats: wndb(5WN).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from harness.errors import Fault, UserError

PARTS = ("noun", "verb", "adj", "adv")


def synonyms(word: str) -> tuple[str, ...]:
    """The single-word, lower-case synonyms of a base form; empty if it has none or many senses.

    Raises:
        UserError: If no folder with WordNet's files is found.
    """
    return _synonyms(_folder(), word)


@cache
def _synonyms(folder: Path, word: str) -> tuple[str, ...]:
    senses = [(part, offset) for part in PARTS for offset in _index(folder, part).get(word, ())]
    if not 1 <= len(senses) <= 2:
        return ()
    others = _members(folder, *senses[0])
    return tuple(w for w in others if w != word and w.isalpha() and w.islower())


def _folder() -> Path:
    places = [Path(place) for place in _places()]
    for place in places:
        if (place / "index.noun").is_file():
            return place
    looked = ", ".join(map(str, places))
    hint = "set HARNESS_RESOURCES to a folder that holds nltk_data/corpora/wordnet, or use source: embedded"
    raise UserError(Fault(f"WordNet is not found; looked in {looked}", hint=hint))


def _places() -> Iterator[str]:
    inside = "corpora/wordnet"
    if resources := os.environ.get("HARNESS_RESOURCES"):
        yield f"{resources}/nltk_data/{inside}"
    for place in filter(None, os.environ.get("NLTK_DATA", "").split(os.pathsep)):
        yield f"{place}/{inside}"
    yield f"{Path.home()}/nltk_data/{inside}"
    yield f"/usr/share/nltk_data/{inside}"
    yield "/usr/share/wordnet"


@cache
def _index(folder: Path, part: str) -> dict[str, tuple[int, ...]]:
    """Byte offsets of the senses of every single-word lemma, most frequent first."""
    index = {}
    for line in (folder / f"index.{part}").read_text("utf-8").splitlines():
        cells = line.split()
        if not line.startswith(" ") and "_" not in cells[0]:
            index[cells[0]] = tuple(map(int, cells[-int(cells[2]) :]))
    return index


def _members(folder: Path, part: str, offset: int) -> tuple[str, ...]:
    with (folder / f"data.{part}").open("rb") as file:
        file.seek(offset)
        cells = file.readline().decode("utf-8").split()
    count = int(cells[3], 16)
    return tuple(cell.partition("(")[0] for cell in cells[4 : 4 + 2 * count : 2])
