"""Random generators keyed by what they are for; nothing here touches a global one."""

from __future__ import annotations

import hashlib
import json
import random  # noqa: TID251 - fenced below, never drawn from
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random as Random  # noqa: TID251 - one of its own for each purpose

import numpy as np

Key = str | int | float | bool | None


def seed_of(*purpose: Key) -> int:
    """A 64-bit seed that depends on the purpose alone, on any machine and in any process.

    Example:
        ``seed_of(suite_seed, "perturb", "keyboard", example.id, draw)``
    """
    text = json.dumps(purpose, ensure_ascii=True, allow_nan=False)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def rng(*purpose: Key) -> np.random.Generator:
    """A generator seeded by :func:`seed_of`."""
    return np.random.default_rng(seed_of(*purpose))


def dice(*purpose: Key) -> Random:
    """A small generator seeded by :func:`seed_of`: made and asked in a fraction of a microsecond.

    For the few draws that one text takes. Only ``random()`` is promised to give the same numbers in
    every release of Python, so draw with that alone.
    """
    return Random(seed_of(*purpose))


@contextmanager
def fenced(*purpose: Key) -> Iterator[None]:
    """Seed the global generators for a library that insists on them, then put them back."""
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    seed = seed_of(*purpose) % 2**32
    random.seed(seed)
    np.random.seed(seed)  # noqa: TID251, NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002
