"""An encoder-decoder out of an encoder, both of whose sides start from the same weights."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Collection
from typing import Any

FRESH = ("crossattention", "cls.", "lm_head.", "predictions")
"""What an encoder has nothing for: the attention to what was read, and what turns states into words."""

Reader = Callable[..., tuple[Any, Collection[str]]]


def encoder_decoder(place: str, config: Any, tokenizer: Any, read: Reader) -> tuple[Any, list[str]]:
    """Both sides from the same pre-trained encoder (Rothe et al. 2020, BERT2BERT).

    Nothing that is new starts from noise, which makes it learn several times faster: the attention to
    what was read is a copy of the attention to what was written below it, words are written with the
    embeddings they are read with, and the layer before that passes on what it gets.

    Args:
        place: Folder or hub name.
        config: The encoder's.
        tokenizer: Gives the tokens that begin, end and pad.
        read: ``read(kind, place, config, **more)``: a network of that class of the library, and the
            names of weights that were not there.

    Returns:
        The network, and the names of weights that are missing and not new.

    Raises:
        ValueError: If the library has no decoder of this architecture.
    """
    import transformers

    if type(config) not in transformers.MODEL_FOR_CAUSAL_LM_MAPPING:
        raise ValueError(f"the library has no decoder of the architecture {config.model_type!r}")
    reading, writing = copy.deepcopy(config), copy.deepcopy(config)
    writing.is_decoder, writing.add_cross_attention, writing.tie_word_embeddings = True, True, True
    encoder, lost = read("AutoModel", place, reading)
    decoder, missing = read("AutoModelForCausalLM", place, writing)
    network = transformers.EncoderDecoderModel(encoder=encoder, decoder=decoder)
    start = _first(tokenizer.cls_token_id, tokenizer.bos_token_id)
    end = _first(tokenizer.sep_token_id, tokenizer.eos_token_id)
    for told in (network.config, network.generation_config):
        told.decoder_start_token_id, told.eos_token_id = start, end
        told.pad_token_id, told.bos_token_id = tokenizer.pad_token_id, start
    network.config.vocab_size = writing.vocab_size
    _attend(decoder)
    _speak(decoder)
    return network, [*lost, *(name for name in missing if not any(part in name for part in FRESH))]


def hush() -> None:
    """Let the library's encoder-decoder be silent: each loss of it warns of what changed years ago."""
    warnings.filterwarnings("ignore", module=r"transformers\.models\.encoder_decoder\.")


def _first(*found: int | None) -> int | None:
    return next((one for one in found if one is not None), None)


def _attend(decoder: Any) -> None:
    """Copy each layer's self-attention to its attention to the encoder, where they are of one shape."""
    for layer in decoder.modules():
        if hasattr(layer, "crossattention") and hasattr(layer, "attention"):
            layer.crossattention.load_state_dict(layer.attention.state_dict())


def _speak(decoder: Any) -> None:
    """Make the layer between states and words the identity, where the architecture has one."""
    from torch import nn

    for name, layer in decoder.named_modules():
        if name.endswith(("predictions.transform.dense", "lm_head.dense")):
            nn.init.eye_(layer.weight)
            nn.init.zeros_(layer.bias)
