"""Words near others in an embedding space: the input embeddings of a model, or vectors from a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.errors import Fault, UserError
from harness.perturb.forms import slips
from harness.perturb.lexical import (
    Changes,
    agreeing,
    capital,
    content,
    english,
    placed,
    reworded,
    sites,
)
from harness.perturb.sites import Word, pick, wordlist
from harness.perturb.thesaurus import groups
from harness.rng import Random
from harness.text import Edit, Example

Vectors = NDArray[np.float32]


@english(
    "embedding",
    needs="minilm",
    weights=("vectors",),
    invalid_for=frozenset({"relation", "qa", "dialogue", "response"}),
    reference="Jin et al. 2020, TextFooler",
)
def embedding(
    example: Example, rng: Random, *, vectors: str = "minilm", neighbours: int = 10, least: float = 0.5
) -> Iterator[Edit]:
    """Replace a word by one that is near it in an embedding space.

    Near are words that occur in like places, and these are not all synonyms: *king* is near *queen*, and
    many a word near its opposite. Opposites that we know of, other forms of the word, numbers,
    negations and other protected words are left out, but labels may become untrue all the same: have
    variants audited before conclusions rest on them. Not for relations (methods, section 9.6), nor where
    a single word of a question or of the last turn decides.

    Args:
        vectors: ``minilm``, a folder or a hub name of a model in safetensors, whose whole-word tokens are
            the words; or a text file of word2vec or GloVe, with a word and its numbers on each line.
        neighbours: How many of the nearest words are considered.
        least: The least cosine to the word.

    Raises:
        UserError: If a number is out of its range, or the vectors cannot be read.
    """
    if neighbours < 1:
        raise UserError(Fault(f"embedding: neighbours should be at least 1, found {neighbours}"))
    if not -1 <= least <= 1:
        raise UserError(Fault(f"embedding: least should be a cosine between -1 and 1, found {least:g}"))
    known = _neighbourhood(vectors, neighbours, least)
    for text in example.fields.values():
        known.learn(text.split())
    for word, own in sites(example, rng, known.changes.__getitem__):
        if not capital(word, example) and (fitting := agreeing(word, own, example)):
            yield placed(pick(rng, fitting), word)


@cache
def _neighbourhood(vectors: str, neighbours: int, least: float) -> Neighbourhood:
    return Neighbourhood(*load(vectors), neighbours, least)


BLOCK = 256
"""How many words are compared with all others at once."""


class Neighbourhood:
    """What is near a word in a space, worked out once for each word that occurs.

    Args:
        words: In lower case.
        vectors: A row for each of them.
        most: How many of the nearest are considered.
        least: The least cosine.
    """

    def __init__(self, words: Sequence[str], vectors: Vectors, most: int, least: float) -> None:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._vectors = vectors / np.where(lengths > 0, lengths, 1)
        self._words = words
        self._at = {word: at for at, word in enumerate(words)}
        self._most, self._least = most, least
        self._near: dict[str, tuple[str, ...]] = {}
        self.changes: dict[str, Changes] = {}
        """What words that were learnt may become, as they stand in texts."""

    def learn(self, words: Iterable[str]) -> None:
        """Look for the neighbours of words, all at once for that is quickest."""
        new = {word for word in words if word not in self.changes}
        if not new:
            return
        plain = {word: Word(0, len(word), word, "").core.text.lower() for word in new}
        asked = sorted({w for w in plain.values() if w in self._at and w not in self._near and content(w)})
        for at in range(0, len(asked), BLOCK):
            block = asked[at : at + BLOCK]
            # Rounded, so that what counts as near does not depend on how many are multiplied at once.
            cosines = (self._vectors[[self._at[word] for word in block]] @ self._vectors.T).round(4)
            for word, row in zip(block, cosines, strict=True):
                self._near[word] = tuple(islice(self._among(word, row), self._most))
        self.changes |= {word: reworded(word, self._near.get) for word in new}

    def _among(self, word: str, cosines: Vectors) -> Iterator[str]:
        """What is near enough and may mean the same, the nearest first."""
        near = np.flatnonzero(cosines >= self._least)
        others = (self._words[at] for at in near[np.argsort(-cosines[near], kind="stable")])
        return (other for other in others if content(other) and not _apart(word, other))


def _apart(one: str, other: str) -> bool:
    """Whether two words are known to be opposites, measures, or forms of the same one."""
    if not wordlist("measures").isdisjoint((one, other)):
        return True
    if any(other in groups(name).get(one, ()) for name in ("antonyms", "contraries")):
        return True
    if other in slips().get(one, ()) or one in slips().get(other, ()):
        return True
    stem, derived = sorted((one, other), key=len)
    common = max(3, len(stem) - 2)
    return stem[:common] == derived[:common] or any(derived == prefix + stem for prefix in DENYING)


DENYING = ("un", "in", "im", "ir", "il", "dis", "non", "mis", "anti", "de")


# -- reading vectors -----------------------------------------------------------------------------

MOST = 100_000
"""How many words of a text file are read; files of vectors begin with the most frequent ones."""
INPUT = (
    "word_embeddings.weight",
    "embed_tokens.weight",
    "wte.weight",
    "tok_embeddings.weight",
    "shared.weight",
)
"""How the matrix of input embeddings is called in one architecture or other."""
BEGINNINGS = ("\u0120", "\u2581")
"""How tokens begin that begin a word, in vocabularies that mark these instead of the others."""


@cache
def load(vectors: str) -> tuple[list[str], Vectors]:
    """Words in lower case and their vectors, see :data:`embedding`.

    Raises:
        UserError: If there are none.
    """
    file = Path(vectors).expanduser()
    words, matrix = _from_text(file) if file.is_file() else _from_checkpoint(vectors)
    if not words:
        raise UserError(Fault("no word in lower case letters is in it", file=vectors))
    return words, matrix


def _usable(word: str) -> bool:
    return word.isascii() and word.isalpha() and word.islower() and len(word) > 2


def _from_text(file: Path) -> tuple[list[str], Vectors]:
    words: dict[str, list[float]] = {}
    size = 0
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            cells = line.split()
            if not cells or (number == 1 and len(cells) == 2):  # how many words and dimensions there are
                continue
            size = size or len(cells) - 1
            word = " ".join(cells[:-size])  # GloVe has tokens with spaces
            try:
                if not word:
                    raise ValueError(f"{len(cells) - 1} numbers, others have {size}")
                if _usable(word):
                    words.setdefault(word, [float(cell) for cell in cells[-size:]])
            except ValueError as error:
                raise UserError(
                    Fault(f"a word and its numbers were expected: {error}", str(file), number)
                ) from error
            if len(words) == MOST:
                break
    return list(words), np.array(list(words.values()), dtype=np.float32).reshape(len(words), size)


def _from_checkpoint(name: str) -> tuple[list[str], Vectors]:
    folder = _folder(name)
    try:
        ids = _whole_words(json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"])
        matrix = _matrix(folder)
        rows = matrix[list(ids.values())].astype(np.float32)
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise UserError(Fault(f"its input embeddings cannot be read: {error}", file=str(folder))) from error
    return list(ids), rows


def _folder(name: str) -> Path:
    from harness.models.weights import commit, local

    place = local(name)
    if Path(place).is_dir():
        return Path(place)
    from huggingface_hub import hf_hub_download

    revision = commit(place)
    hf_hub_download(place, "tokenizer.json", revision=revision)
    return Path(hf_hub_download(place, "model.safetensors", revision=revision)).parent


def _whole_words(vocabulary: dict[str, int] | list[tuple[str, float]]) -> dict[str, int]:
    """The rows of tokens that are words."""
    if isinstance(vocabulary, list):
        vocabulary = {token: at for at, (token, _) in enumerate(vocabulary)}
    mark = next((m for m in BEGINNINGS if any(token.startswith(m) for token in vocabulary)), "")
    words = {token.removeprefix(mark): at for token, at in vocabulary.items() if token.startswith(mark)}
    return {word: at for word, at in words.items() if _usable(word)}


def _matrix(folder: Path) -> Vectors:
    from safetensors import safe_open

    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "numpy") as weights:
            for key in weights.keys():  # noqa: SIM118 - it is no mapping
                if key.endswith(INPUT):
                    found: Vectors = weights.get_tensor(key)
                    return found
    raise KeyError(f"none of {', '.join(INPUT)} is in its safetensors files")
