"""The embedded world, read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import pytest

from harness.data.world import builtin
from harness.text import Example

Read = Callable[..., Sequence[Example]]


@cache
def _read(path: str, split: str = "train", limit: int = 0) -> Sequence[Example]:
    return builtin.function(path, split=split, limit=limit)


@pytest.fixture(scope="session")
def read() -> Read:
    """Read a split of a collection; the same one is read only once."""
    return _read
