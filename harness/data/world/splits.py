"""What a split of the embedded world holds back from training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.data.world.grammar import Draw, Scene
from harness.text import Target


@dataclass(frozen=True, slots=True)
class Split:
    """How large a split is, and in what it differs from the training data."""

    size: int
    unseen_entities: bool = False
    unseen_patterns: bool = False
    unseen_topics: bool = False


SPLITS: Mapping[str, Split] = {
    "train": Split(4000),
    "validation": Split(500),
    "test": Split(1000),
    "unseen-entities": Split(600, unseen_entities=True),
    "unseen-patterns": Split(600, unseen_patterns=True),
}
"""The splits every task has."""


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence with its gold answer and its columns for slicing."""

    text: str
    target: Target
    meta: Mapping[str, str]


Writer = Callable[[Scene, Draw, Split], Written]
"""Writes one sentence about a scene, as the split allows."""
