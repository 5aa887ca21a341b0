"""Reads what TextAttack's recipes need, or what stands in for it, and hands it to them unseen.

Recipes make their own parts, by name and with their own settings. While they do so, these names stand
for what is on this machine. Nothing is downloaded, and of pickles only plain data is read.
"""

from __future__ import annotations

import pickle  # noqa: TID251 - TextAttack's files are pickles, of which only plain data is read
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import numpy as np

from harness.attack.textattack_resources import LISTS, NLTK, SAVED, TABLE, folders
from harness.errors import Fault, UserError
from harness.perturb import libraries
from harness.perturb.vectors import Vectors, load

NEIGHBOURS = 50
"""As many as any recipe asks for."""
GLOVE = "textattack_counterfitted_GLOVE_embedding"
"""Where TextAttack keeps its table of vectors once it has been read."""
KINDS: Mapping[str, Sequence[str]] = {
    "names": ("ner", "flair/ner-french", "flair/ner-multi-fast"),
    "parts": ("upos-fast",),
}
"""What TextAttack calls flair's taggers of a kind."""


@contextmanager
def furnished(recipe: type, places: Mapping[str, str]) -> Iterator[None]:
    """Let a recipe that is made within find what it reads.

    Args:
        recipe: The class.
        places: As found by :func:`harness.attack.textattack_resources.places`.
    """
    with ExitStack() as stack:
        stack.enter_context(libraries.fenced_with_torch("textattack", "make"))
        stack.enter_context(libraries.undone())
        stack.enter_context(libraries.without_downloads())
        stack.enter_context(libraries.without_hub())
        stack.enter_context(libraries.without_homoglyphs())
        utils = import_module("textattack.shared.utils")
        stack.enter_context(libraries.replaced(utils, "download_from_s3", kept))
        bank = import_module("textattack.transformations.word_swaps.word_swap_hownet")
        stack.enter_context(libraries.replaced(bank, "pickle", SimpleNamespace(load=plain)))
        if "vectors" in places:
            known = {**utils.GLOBAL_OBJECTS, GLOVE: vectors(places["vectors"])}
            stack.enter_context(libraries.replaced(utils, "GLOBAL_OBJECTS", known))
        encoder = places.get("encoder") or places.get("distilbert")
        if encoder and not Path(encoder, SAVED).exists():
            module = sys.modules[recipe.__module__]
            for name in {"UniversalSentenceEncoder", "SBERT"} & vars(module).keys():
                stack.enter_context(libraries.replaced(module, name, standing_in(encoder)))
        yield


def kept(name: str) -> str:
    """Where something is that TextAttack would download.

    Raises:
        UserError: If it is not there.
    """
    found = next((folder / name for folder in folders() if (folder / name).exists()), None)
    if found is None:
        looked = ", ".join(map(str, folders()))
        raise UserError(Fault(f"TextAttack lacks {name}; looked in {looked}"))
    return str(found)


# -- plain data ----------------------------------------------------------------------------------

PLAIN = frozenset(
    {
        ("builtins", "dict"),
        ("__builtin__", "dict"),
        ("collections", "defaultdict"),
        ("collections", "OrderedDict"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        *(
            (f"numpy.{core}.multiarray", name)
            for core in ("core", "_core")
            for name in ("scalar", "_reconstruct")
        ),
    }
)


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in PLAIN:
            raise UserError(
                Fault(f"a pickle that is not plain data is not read: it asks for {module}.{name}")
            )
        return super().find_class(module, name)


def plain(file: IO[bytes]) -> Any:
    """What a pickle holds: dictionaries, lists, strings, numbers and arrays of them.

    Raises:
        UserError: If it asks for anything else, which might run anything.
    """
    return _Plain(file).load()


# -- vectors -------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def vectors(place: str) -> Any:
    """TextAttack's table of word vectors.

    Args:
        place: A folder with TextAttack's files: ``paragram.npy``, a row for each word;
            ``wordlist.pickle``, the number of each word; and, if they are there, ``nn.npy`` with the
            nearest rows of each row, itself first, and ``mse_dist.p`` and ``cos_sim.p``, distances that
            were worked out before. Or whatever :func:`harness.perturb.vectors.load` reads.

    Raises:
        UserError: If it cannot be read.
    """
    folder = Path(place)
    if not Path(folder, TABLE).exists():
        words, table = load(place)
        return _table(table, {word: at for at, word in enumerate(words)}, None)
    try:
        table = np.load(folder / TABLE)
        near = np.load(folder / "nn.npy") if Path(folder, "nn.npy").exists() else None
        made = _table(table, _pickled(folder / "wordlist.pickle"), near)
        for attribute, name in (("_mse_dist_mat", "mse_dist.p"), ("_cos_sim_mat", "cos_sim.p")):
            if Path(folder, name).exists():
                setattr(made, attribute, _pickled(folder / name))
    except (OSError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise UserError(Fault(f"word vectors cannot be read: {error}", file=place)) from error
    return made


def _pickled(file: Path) -> Any:
    with file.open("rb") as content:
        return plain(content)


def _table(table: Vectors, numbers: Mapping[str, int], near: Any) -> Any:
    words = {at: word for word, at in numbers.items()}
    embedding = libraries.textattack().shared.WordEmbedding
    return embedding(table, numbers, words, _Near(table) if near is None else near)


class _Near:
    """The nearest rows by row, itself first, worked out when asked for.

    TextAttack's own way to do so fails in version 0.3.11.
    """

    def __init__(self, table: Vectors) -> None:
        self._table = table
        self._known: dict[int, list[int]] = {}

    def __getitem__(self, at: int) -> list[int]:
        if at not in self._known:
            far = np.linalg.norm(self._table - self._table[at], axis=1).argsort(kind="stable")
            near = [other for other in far[: NEIGHBOURS + 1].tolist() if other != at]
            self._known[at] = [at, *near[:NEIGHBOURS]]
        return self._known[at]


# -- encoders ------------------------------------------------------------------------------------


def standing_in(place: str) -> Callable[..., Any]:
    """TextAttack's constraint by sentence-transformers, with the settings of the one it stands for."""

    def made(threshold: float = 0.8, metric: str = "angular", large: bool = False, **rest: Any) -> Any:
        del large  # only the Universal Sentence Encoder comes in two sizes
        encoders = import_module("textattack.constraints.semantics.sentence_encoders")
        return encoders.SBERT(**{**rest, "threshold": threshold, "metric": metric, "model_name": place})

    return made


# -- taggers -------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def tagger(which: str) -> Any:
    """What tags flair's sentences: ours, or one of flair's from its file."""
    if which == LISTS:
        return _Names()
    if which == NLTK:
        return _Parts()
    with libraries.undone():
        return import_module("flair.models").SequenceTagger.load(which)


@contextmanager
def tagging(places: Mapping[str, str]) -> Iterator[None]:
    """Let TextAttack find its taggers."""
    found = {name: tagger(places[kind]) for kind, names in KINDS.items() if kind in places for name in names}
    if not found:
        yield
        return
    strings = import_module("textattack.shared.utils.strings")
    with libraries.replaced(strings, "_flair_taggers", {**strings._flair_taggers, **found}):
        yield


class _Names:
    """Capitalised words that are in TextAttack's own lists: places, otherwise first and last names."""

    def predict(self, sentence: Any, **_: Any) -> None:
        people, places = _listed()
        for token in sentence:
            if token.text[:1].isupper() and token.text in places | people:
                token.add_label("ner", "S-LOC" if token.text in places else "S-PER")


@cache
def _listed() -> tuple[frozenset[str], frozenset[str]]:
    data = import_module("textattack.shared.data")
    people, places = (chain.from_iterable(one.values()) for one in (data.PERSON_NAMES, data.NAMED_ENTITIES))
    return frozenset(people), frozenset(places)


class _Parts:
    """Parts of speech by NLTK, of its universal set."""

    def predict(self, sentence: Any, **_: Any) -> None:
        tokens = list(sentence)
        tagged = libraries.nltk().pos_tag([token.text for token in tokens], tagset="universal")
        for token, (_word, tag) in zip(tokens, tagged, strict=True):
            token.add_label("pos", tag)
