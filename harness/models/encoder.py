"""A sentence encoder: texts to vectors that lie close together where meanings do (Reimers and Gurevych 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import Fault, UserError
from harness.models.weights import local, safe

BATCH = 64
"""Texts at a time, all of about the same length."""


class Encoder:
    """Mean of the last layer over a text's tokens, of length 1; and how finely texts are cut into tokens.

    Args:
        name: Weights as :func:`harness.models.weights.resolve` knows them.
        device: Where to compute.

    Raises:
        UserError: If there is no such encoder.
    """

    def __init__(self, name: str, device: str) -> None:
        import torch
        import transformers

        place = local(name)
        if Path(place).is_dir():
            safe(place)
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(place, use_fast=True)
            self._network: Any = transformers.AutoModel.from_pretrained(
                place, use_safetensors=True, dtype=torch.float32
            )
        except (OSError, ValueError) as error:
            fault = Fault(f"cannot load {name!r}: {error}", field="perturb.similarity.encoder")
            raise UserError(fault) from error
        self._network.eval().to(device)
        positions = getattr(self._network.config, "max_position_embeddings", 512)
        self._most, self._device = min(512, int(positions)), device

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, ``(texts, dimensions)``; texts are cut at 512 tokens at most. Equal texts cost one."""
        import torch

        from harness.models.transformer import pad

        different = list(dict.fromkeys(texts))
        encoded = self._tokenizer(different, truncation=True, max_length=self._most)["input_ids"]
        order = sorted(range(len(different)), key=lambda at: (len(encoded[at]), different[at]))
        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            batch = pad(self._tokenizer, [encoded[at] for at in rows], self._device)
            with torch.inference_mode():
                last = self._network(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).to(last.dtype)
            mean = torch.nn.functional.normalize((last * mask).sum(1) / mask.sum(1).clamp(min=1), dim=1)
            found |= zip((different[at] for at in rows), mean.float().cpu().numpy(), strict=True)
        return np.stack([found[text] for text in texts]) if texts else np.zeros((0, 0), np.float32)

    def fragments(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Sub-words per whitespace word of each text, ``(texts,)``; NaN for a text without words."""
        encoded = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
        return np.array(
            [
                len(ids) / size if (size := len(text.split())) else np.nan
                for ids, text in zip(encoded, texts, strict=True)
            ],
            float,
        )
