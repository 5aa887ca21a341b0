"""What TextAttack's recipes read besides their code: where it is, what stands in for it, how to get it.

Nothing here imports TextAttack or another large library, so that recipes can be listed. What is found is
read by :mod:`harness.attack.textattack_readers`.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from harness.errors import Fault, UserError
from harness.models.weights import resolve
from harness.perturb import libraries

LISTS, NLTK = "lists", "nltk"
"""Taggers of ours: names by TextAttack's own lists of them, parts of speech by NLTK."""
VECTORS = "word_embeddings/paragramcf"
TABLE = "paragram.npy"
HOWNET = "transformations/hownet/word_candidates_sense.pkl"
WRITING = "constraints/grammaticality/language-models/learning-to-write"
USE = "https://tfhub.dev/google/universal-sentence-encoder/3"
SAVED = "saved_model.pb"
"""What every model of TensorFlow's hub has in its folder."""


class Need(NamedTuple):
    """Something that a recipe reads.

    Args:
        what: What it is, for people.
        find: The place of what an option names, or of the real thing if the option is empty; empty if
            there is none.
        looked: Where the real thing is looked for.
        remedy: How to get it.
        option: The option that names a stand-in, if it may have one.
    """

    what: str
    find: Callable[[str], str]
    looked: Callable[[], Sequence[str]]
    remedy: str
    option: str = ""


def missing(reads: Sequence[str], options: Mapping[str, str]) -> list[Fault]:
    """What of the things that a recipe reads is not on this machine."""
    faults = []
    if any(find_spec(name) is None for name in ("textattack", "flair", "nltk")):
        hint = "pip install 'continuity-harness[textattack]'; it needs transformers below 5"
        faults.append(Fault("TextAttack is not installed", hint=hint))
    for name in reads:
        need = NEEDS[name]
        given = options.get(need.option, "")
        if need.find(given):
            continue
        if given:
            hint = "nothing is downloaded: name what is on this machine"
            faults.append(Fault(f"{given!r} cannot be the {need.what}", field=need.option, hint=hint))
        else:
            looked = ", ".join(need.looked())
            where = f"; looked in {looked}" if looked else ""
            faults.append(Fault(f"lacks {need.what}{where}", hint=need.remedy))
    return faults


def places(reads: Sequence[str], options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Where each of the things that a recipe reads is, by name.

    Raises:
        UserError: If something is missing: all of it, where it was looked for, and how to get it.
    """
    if faults := missing(reads, options):
        raise UserError(faults)
    return tuple((name, NEEDS[name].find(options.get(NEEDS[name].option, ""))) for name in reads)


# -- where ---------------------------------------------------------------------------------------


def folders() -> list[Path]:
    """Where what TextAttack downloads may lie, in the order in which it is looked for."""
    return list(_folders())


def _folders() -> Iterator[Path]:
    if resources := os.environ.get("HARNESS_RESOURCES"):
        yield Path(resources, "textattack")
    if cache := os.environ.get("TA_CACHE_DIR"):
        yield Path(cache)
    yield Path.home() / ".cache" / "textattack"


def _kept(name: str) -> Callable[[], list[str]]:
    return lambda: [str(folder / name) for folder in folders()]


def _first(candidates: Sequence[str], inside: str = "") -> str:
    return next((one for one in candidates if Path(one, inside).exists()), "")


def _vectors(given: str) -> str:
    if given == "minilm":
        given = resolve(given)
    return _first([given]) if given else _first(_kept(VECTORS)(), TABLE)


def _modules() -> list[str]:
    """Where TensorFlow's hub keeps the Universal Sentence Encoder, or a person may have put it."""
    own = [
        os.environ.get("TFHUB_CACHE_DIR", ""),
        *map(str, folders()),
        f"{tempfile.gettempdir()}/tfhub_modules",
    ]
    name = hashlib.sha1(USE.encode(), usedforsecurity=False).hexdigest()
    return [f"{folder}/{name}" for folder in own if folder]


def _universal(given: str) -> str:
    if given and not Path(given, SAVED).exists():
        return _sentences(given)
    found = _first([given] if given else _modules(), SAVED)
    return found if find_spec("tensorflow_hub") else ""


def _distilbert(given: str) -> str:
    return _sentences(given) if given else _downloaded("sentence-transformers/stsb-distilbert-base")


def _sentences(given: str) -> str:
    """A folder that sentence-transformers can read, without unpickling."""
    place = resolve(given) if given == "minilm" else given
    usable = any(Path(place).glob("*.safetensors")) and find_spec("sentence_transformers")
    return str(Path(place).resolve()) if usable else ""


def _hub() -> str:
    home = os.environ.get("HF_HOME", f"{Path.home()}/.cache/huggingface")
    return os.environ.get("HF_HUB_CACHE", f"{home}/hub")


def _downloaded(repository: str) -> str:
    """The folder of what has been downloaded of a model before; transformers will find it itself."""
    snapshots = Path(_hub(), f"models--{repository.replace('/', '--')}", "snapshots")
    return next((str(one.parent) for one in sorted(snapshots.glob("*/config.json"))), "")


def _in_nltk(*resources: str) -> Callable[[str], str]:
    """The place of the first, or nothing if one of them is not there."""
    return lambda _: min(map(libraries.nltk_place, resources), key=bool)


def _tagger(own: str) -> Callable[[str], str]:
    """A tagger of ours or the file of one of flair's: never one that nobody has named, for it is a pickle."""
    return lambda given: given if given == own else _first([given]) if given else ""


def _nowhere() -> Sequence[str]:
    return ()


# -- what ----------------------------------------------------------------------------------------

BY_HAND = "set HARNESS_RESOURCES to a folder with textattack/{}, or run the recipe in TextAttack while online"


def _of_nltk(what: str, *resources: str) -> Need:
    names = " ".join(one.rpartition("/")[2] for one in resources)
    remedy = f"python -m nltk.downloader {names}, or set HARNESS_RESOURCES to a folder with nltk_data"
    return Need(what, _in_nltk(*resources), lambda: list(libraries.nltk_folders()), remedy)


def _of_hub(repository: str) -> Need:
    remedy = f"download {repository} once while online (HF_HUB_OFFLINE unset)"
    return Need(f"model {repository}", lambda _: _downloaded(repository), lambda: [_hub()], remedy)


def _of_flair(what: str, own: str) -> Need:
    remedy = (
        f"set tagger to {own}, ours; or to the file of flair's own, a pickle that may run anything when read"
    )
    return Need(what, _tagger(own), _nowhere, remedy, "tagger")


NEEDS: Mapping[str, Need] = {
    "vectors": Need(
        "counter-fitted word vectors",
        _vectors,
        _kept(VECTORS),
        f"{BY_HAND.format(VECTORS)}; or let others stand in: set vectors, to minilm for example",
        "vectors",
    ),
    "encoder": Need(
        "Universal Sentence Encoder",
        _universal,
        _modules,
        "pip install tensorflow-hub and download it once; or let another one stand in: "
        "pip install sentence-transformers and set encoder, to minilm for example",
        "encoder",
    ),
    "distilbert": Need(
        "sentence encoder stsb-distilbert-base",
        _distilbert,
        lambda: [_hub()],
        "pip install sentence-transformers and download it once; or let another one stand in: "
        "set encoder, to minilm for example",
        "encoder",
    ),
    "wordnet": _of_nltk("WordNet", "corpora/wordnet"),
    "tags": _of_nltk("NLTK's tagger", "taggers/averaged_perceptron_tagger_eng", "taggers/universal_tagset"),
    "names": _of_flair("tagger of names", LISTS),
    "parts": _of_flair("tagger of parts of speech", NLTK),
    "hownet": Need(
        "synonyms from HowNet",
        lambda _: _first(_kept(HOWNET)()),
        _kept(HOWNET),
        BY_HAND.format(HOWNET),
    ),
    "writing": Need(
        "language model learning-to-write, and torchfile",
        lambda _: _first(_kept(WRITING)()) if find_spec("torchfile") else "",
        _kept(WRITING),
        f"pip install torchfile; {BY_HAND.format(WRITING)}",
    ),
    "bert": _of_hub("bert-base-uncased"),
    "distilroberta": _of_hub("distilroberta-base"),
    "gpt2": _of_hub("gpt2"),
}
"""By name, what recipes read."""
