"""Other people's libraries and their data: found on this machine, loaded quietly, never downloaded.

Importing TextAttack changes the process: it fetches data for NLTK, sets environment variables,
draws random numbers and logs. Everything that can be undone is undone here, nothing is fetched and
nothing is written outside a temporary folder.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.errors import Fault, UserError
from harness.rng import Key, fenced, seed_of


def nltk_folders() -> Iterator[str]:
    """Where NLTK's data may lie, in the order in which they are looked for."""
    if resources := os.environ.get("HARNESS_RESOURCES"):
        yield f"{resources}/nltk_data"
    yield from filter(None, os.environ.get("NLTK_DATA", "").split(os.pathsep))
    yield f"{Path.home()}/nltk_data"
    yield "/usr/share/nltk_data"


def nltk_place(resource: str) -> str:
    """Where NLTK would find some data such as ``corpora/wordnet``, or an empty string.

    Without importing NLTK, which takes time. Data may be in the archive that it is downloaded in.
    """
    usual = (f"{sys.prefix}/{one}nltk_data" for one in ("", "share/", "lib/"))
    system = ("/usr/local/share/nltk_data", "/usr/lib/nltk_data", "/usr/local/lib/nltk_data")
    candidates = (f"{folder}/{resource}" for folder in (*nltk_folders(), *usual, *system))
    places = (f"{one}{end}" for one in candidates for end in ("", ".zip"))
    return next((place for place in places if Path(place).exists()), "")


def nltk(*needed: str) -> Any:
    """NLTK, looking for its data where we do.

    Args:
        needed: Data without which the caller cannot go on, such as ``corpora/wordnet``.

    Raises:
        UserError: If NLTK is not installed or lacks some of the data.
    """
    try:
        library = import_module("nltk")
    except ImportError as error:
        raise UserError(Fault(f"NLTK is needed: {error}", hint="pip install nltk")) from error
    # Ours comes last: a list of stop words, for TextAttack reads one when imported.
    ours = str(files("harness.perturb").joinpath("resources", "nltk_data"))
    folders = [*nltk_folders(), ours]
    library.data.path.extend(one for one in folders if one not in library.data.path)
    if missing := [one for one in needed if not _there(library, one)]:
        names = " ".join(one.rpartition("/")[2] for one in missing)
        looked = ", ".join(folders[:-1])
        hint = f"python -m nltk.downloader {names}, or set HARNESS_RESOURCES to a folder with nltk_data"
        raise UserError(Fault(f"NLTK lacks {', '.join(missing)}; looked in {looked}", hint=hint))
    return library


def _there(library: Any, resource: str) -> bool:
    try:
        library.data.find(resource)
    except LookupError:
        return False
    return True


@contextmanager
def without_downloads() -> Iterator[None]:
    """Answer libraries that make NLTK fetch something, wanted or not, that it cannot be had."""
    with replaced(import_module("nltk"), "download", lambda *_, **__: False):
        yield


@contextmanager
def without_hub() -> Iterator[None]:
    """Let transformers and its hub read what has been downloaded before, and ask no network for news of it."""
    hub, library = import_module("huggingface_hub.constants"), import_module("transformers.utils.hub")
    with replaced(hub, "HF_HUB_OFFLINE", True), replaced(library, "_is_offline_mode", True):
        yield


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Let an attribute be something else for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def without_homoglyphs() -> Iterator[None]:
    """Let TextAttack's homoglyphs find an empty list, for version 0.3.11 comes without it.

    It is read by searches for invisible changes only; the letters that look alike are in the code.
    """
    module = import_module("textattack.transformations.word_swaps.word_swap_homoglyph_swap")
    with TemporaryDirectory() as folder:
        Path(folder, "shared").mkdir()
        Path(folder, "shared", "intentional_homoglyphs.txt").touch()
        with replaced(module, "__file__", f"{folder}/transformations/word_swaps/swap.py"):
            yield


def local(operator: str, path: str, option: str = "path") -> str:
    """The absolute path of a model that an option names.

    Raises:
        UserError: If none is named or there is nothing: names of models on a hub are not for here.
    """
    if not path:
        raise UserError(Fault(f"{operator} needs a model", hint=f"set {option} to one on this machine"))
    if not Path(path).exists():
        hint = "nothing is downloaded: name what is on this machine"
        raise UserError(Fault(f"{operator}: there is no file or folder {path!r}", field=option, hint=hint))
    return str(Path(path).resolve())


@contextmanager
def fenced_with_torch(*purpose: Key) -> Iterator[None]:
    """As :func:`harness.rng.fenced`, for torch's generator on the CPU as well."""
    import torch  # not when operators are listed: it takes seconds

    with fenced(*purpose), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed_of(*purpose))
        yield


@cache
def textattack() -> Any:
    """TextAttack, imported once, quietly and offline.

    Raises:
        UserError: If it, or something that it needs, is not installed.
    """
    try:
        # These read the environment when imported, so they come before it is changed for TextAttack.
        for name in ("transformers", "datasets", "flair"):
            with undone():
                import_module(name)
        nltk()
        with TemporaryDirectory() as folder, undone():
            # Where this file is, TextAttack holds its downloads to be complete.
            Path(folder, "post_install_check_3").touch()
            os.environ["TA_CACHE_DIR"] = folder
            library = import_module("textattack")
    except ImportError as error:
        hint = "pip install 'continuity-harness[textattack]'; it needs transformers below 5"
        raise UserError(Fault(f"TextAttack cannot be loaded: {error}", hint=hint)) from error
    for name in ("textattack.shared.utils.install", "flair", "jieba"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return library


@contextmanager
def undone() -> Iterator[None]:
    """Put environment, warnings and global generators back to what they were."""
    before = dict(os.environ)
    try:
        with warnings.catch_warnings(), fenced("textattack", "import"):
            warnings.simplefilter("ignore")
            yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)
