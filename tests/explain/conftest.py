"""Models whose explanations are known: additive by construction, or tiny networks with random heads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.models.function import Function
from harness.models.transformer import Transformer
from harness.tasks import classification

from .forms import LABELS, TASKS

POINTS = {"awful": 0.4, "bad": 0.2, "poor": 0.1, "dull": 0.05, "great": -0.1}
BASE = 0.15


def chance(text: str) -> float:
    """The additive model: each known word adds its points to the probability of ``negative``."""
    return BASE + sum(POINTS.get(word.strip(".,").lower(), 0.0) for word in text.split())


@pytest.fixture
def additive() -> Function:
    """A black box that says ``negative`` with probability :func:`chance`."""
    return Function(
        lambda texts: [{"negative": chance(text), "positive": 1 - chance(text)} for text in texts],
        ("negative", "positive"),
        classification.TASK,
    )


@pytest.fixture(scope="session")
def tiny(tiny_pretrained: Path) -> Callable[[str], Transformer]:
    """A tiny transformer with a random head, lively enough for its answers to depend on the text."""
    import torch
    import transformers

    def build(task: str) -> Transformer:
        record = {**TASKS, "classification": classification.TASK}[task]
        labels = LABELS.get(task, ("negative", "neutral", "positive"))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            network = getattr(transformers, record.head).from_pretrained(
                tiny_pretrained, id2label=dict(enumerate(labels)), num_labels=len(labels)
            )
            with torch.no_grad():
                for weights in network.parameters():
                    weights += torch.randn_like(weights) * 0.3
        tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_pretrained)
        return Transformer(network, tokenizer, record, "cpu")

    return build
