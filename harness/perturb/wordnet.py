"""What the files of WordNet 3.x say about words, read directly; nothing is downloaded.

Only words with at most two senses are answered for, by their first: the more senses a word has, the
likelier is an answer about the wrong one. File formats: wndb(5WN).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from harness.errors import Fault, UserError
from harness.perturb.libraries import nltk_folders

NAME = "wordnet"
"""What operators that read it say they need, or take as their source."""
PARTS = ("noun", "verb", "adj", "adv")
DATA = tuple(f"data.{part}" for part in PARTS)
"""The files that decide what is found."""
LETTER = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
CONCRETE = frozenset({"05", "06", "08", "13", "17", "20", "27"})
"""The files of animals, artefacts, bodies, food, natural objects, plants and substances."""
ROOTS = 5
"""How many steps below the root a noun must be to say something: an *object* or a *whole* is anything."""


class Lemma(NamedTuple):
    """Where the senses of a word are, most frequent first, and how many of them texts were seen to use."""

    offsets: tuple[int, ...]
    seen: int


class Pointer(NamedTuple):
    """A relation from a word of a sense, or from all of them if that is 0, to another sense."""

    symbol: str
    part: str
    offset: int
    source: int
    target: int


class Sense(NamedTuple):
    """A set of synonyms, the file it is from, and how it is related to others."""

    file: str
    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]


def synonyms(word: str, place: Path | None = None) -> tuple[str, ...]:
    """The single-word, lower-case synonyms of a base form; empty if it has none or many senses.

    Args:
        word: In lower case.
        place: What :func:`folder` found.

    Raises:
        UserError: If no folder with WordNet's files is found.
    """
    sense = _first(place or folder(), word)
    return tuple(w for w in sense.words if w != word and _plain(w)) if sense else ()


def hypernyms(word: str, levels: int = 1, place: Path | None = None) -> tuple[str, ...]:
    """What a concrete thing is a kind of, so many steps up; common single words only, and nothing vague.

    Raises:
        UserError: If no folder with WordNet's files is found.
    """
    place = place or folder()
    if word.endswith(("ing", "ed")) or singular(word, place) or any(_senses(place, word, PARTS[1:])):
        return ()  # likelier a form of some verb, or of another noun
    sense = _first(place, word, PARTS[:1])
    if sense is None or sense.file not in CONCRETE:
        return ()
    chain = list(_above(place, sense))  # from the nearest to the root
    if len(chain) - levels < ROOTS or chain[levels - 1].file not in CONCRETE:
        return ()
    nouns = _index(place, PARTS[0])
    return tuple(
        w for w in chain[levels - 1].words if w != word and _plain(w) and w in nouns and nouns[w].seen
    )


def singular(word: str, place: Path | None = None) -> str:
    """What a noun is the regular plural of; empty if of none.

    Raises:
        UserError: If no folder with WordNet's files is found.
    """
    nouns = _index(place or folder(), PARTS[0])
    stems = (word.removesuffix(old) + new for old, new in PLURALS if word.endswith(old))
    return next((stem for stem in stems if stem in nouns), "")


PLURALS = (("ies", "y"), ("xes", "x"), ("ses", "s"), ("ches", "ch"), ("shes", "sh"), ("s", ""))


def antonyms(word: str, place: Path | None = None) -> tuple[str, ...]:
    """The single words that mean the opposite of a base form; of verbs, adjectives and adverbs only.

    Raises:
        UserError: If no folder with WordNet's files is found.
    """
    place = place or folder()
    sense = _first(place, word)
    if sense is None or word not in sense.words:
        return ()
    own = sense.words.index(word) + 1
    facing = (p for p in sense.pointers if p.symbol == "!" and p.source == own and p.part != PARTS[0])
    found = (_sense(place, p.part, p.offset).words[p.target - 1] for p in facing)
    return tuple(w for w in found if _plain(w))


def _plain(word: str) -> bool:
    return word.isalpha() and word.islower()


def _first(place: Path, word: str, parts: Sequence[str] = PARTS) -> Sense | None:
    """The first sense of a word with one or two."""
    senses = list(_senses(place, word, parts))
    return _sense(place, *senses[0]) if 1 <= len(senses) <= 2 else None


def _senses(place: Path, word: str, parts: Sequence[str]) -> Iterator[tuple[str, int]]:
    for part in parts:
        if lemma := _index(place, part).get(word):
            yield from ((part, offset) for offset in lemma.offsets)


def _above(place: Path, sense: Sense) -> Iterator[Sense]:
    while up := next((p for p in sense.pointers if p.symbol == "@"), None):
        sense = _sense(place, up.part, up.offset)
        yield sense


def folder() -> Path:
    """Where WordNet's files are.

    Raises:
        UserError: If no folder with them is found.
    """
    get = os.environ.get
    return _found(get("HARNESS_RESOURCES", ""), get("NLTK_DATA", ""), get("HOME", ""))


@cache
def _found(*_: str) -> Path:
    """The first place that has them, looked for once for each setting of the environment."""
    places = [*(f"{place}/corpora/wordnet" for place in nltk_folders()), "/usr/share/wordnet"]
    for place in map(Path, places):
        if (place / "index.noun").is_file():
            return place
    hint = "set HARNESS_RESOURCES to a folder that holds nltk_data/corpora/wordnet, or use words that need none (source: embedded)"
    raise UserError(Fault(f"WordNet is not found; looked in {', '.join(places)}", hint=hint))


@cache
def _index(folder: Path, part: str) -> dict[str, Lemma]:
    """Every single-word lemma; its offsets are in bytes."""
    index = {}
    for line in (folder / f"index.{part}").read_text("utf-8").splitlines():
        cells = line.split()
        if not line.startswith(" ") and "_" not in cells[0]:
            senses = int(cells[2])
            index[cells[0]] = Lemma(tuple(map(int, cells[-senses:])), int(cells[-senses - 1]))
    return index


@cache
def _sense(folder: Path, part: str, offset: int) -> Sense:
    with (folder / f"data.{part}").open("rb") as file:
        file.seek(offset)
        cells = file.readline().decode("utf-8").split()
    after = 4 + 2 * int(cells[3], 16)
    words = tuple(cell.partition("(")[0] for cell in cells[4:after:2])
    ends = after + 1 + 4 * int(cells[after])
    pointers = tuple(_pointer(cells[at : at + 4]) for at in range(after + 1, ends, 4))
    return Sense(cells[1], words, pointers)


def _pointer(cells: list[str]) -> Pointer:
    symbol, offset, part, ends = cells
    return Pointer(symbol, LETTER[part], int(offset), int(ends[:2], 16), int(ends[2:], 16))
