"""Tiny transformers with random heads, as those whose explanations are tested; and one whose slopes are known."""

from __future__ import annotations

import types

import pytest
import torch

from harness.models.transformer import Transformer
from harness.tasks import classification
from tests.explain.conftest import tiny  # noqa: F401


class Linear(torch.nn.Module):
    """Log-odds that are the sum over tokens of a projection of their embeddings: slopes are known."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.config = types.SimpleNamespace(pad_token_id=0, id2label={0: "negative", 1: "positive"})
        self.table = torch.nn.Embedding(size, 2)
        self.ahead = torch.tensor([3.0, 4.0])
        with torch.no_grad():
            self.table.weight.zero_()

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.table

    def forward(self, input_ids, attention_mask):
        odds = (self.table(input_ids) @ self.ahead * attention_mask).sum(-1)
        return types.SimpleNamespace(logits=torch.stack([torch.zeros_like(odds), odds], -1))


@pytest.fixture
def linear(tiny) -> Transformer:  # noqa: F811
    """On the boundary between two labels: p = 1/2 at every text."""
    tokenizer = tiny("classification").tokenizer
    return Transformer(Linear(len(tokenizer)), tokenizer, classification.TASK, "cpu")
