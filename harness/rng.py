"""Random generators keyed by what they are for; nothing here touches a global one."""

from __future__ import annotations

import hashlib
import json
import random  # noqa: TID251 - fenced, or one of its own for each purpose
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

Key = str | int | float | bool | None


def seed_of(*purpose: Key) -> int:
    """A 64-bit seed that depends on the purpose alone, on any machine and in any process.

    Example:
        ``seed_of(suite_seed, "perturb", "keyboard", example.id, draw)``
    """
    return int.from_bytes(hashlib.blake2b(_ENCODE(purpose).encode(), digest_size=8).digest(), "big")


_ENCODE = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode


def rng(*purpose: Key) -> np.random.Generator:
    """A generator seeded by :func:`seed_of`."""
    return np.random.default_rng(seed_of(*purpose))


class Random:
    """Numbers in [0, 1) for the few draws that one text takes: made in a third of the time of a generator.

    The first sixteen are the hash of the purpose itself; what is drawn beyond comes from a generator
    that is seeded by it.
    """

    __slots__ = ("_left", "_more", "_seed")

    def __init__(self, *purpose: Key) -> None:
        digest = hashlib.blake2b(_ENCODE(purpose).encode()).digest()
        self._left: list[int] = list(_WORDS(digest))
        self._seed = digest
        self._more: random.Random | None = None

    def random(self) -> float:
        """A number in [0, 1), of 32 bits and later of 53."""
        if self._left:
            return self._left.pop() * _SCALE
        if self._more is None:
            self._more = random.Random(int.from_bytes(self._seed, "big"))
        return self._more.random()


_WORDS = struct.Struct(">16I").unpack
_SCALE = 2.0**-32


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


class Resumed:
    """Global generators for a library that insists on them and is called again and again.

    Each time it finds them as it left them, and everybody else as they were: those of ``random``, NumPy
    and torch, the latter on the CPU and, if CUDA is in use, on its devices.

    Args:
        seed: What all of them are seeded with in the beginning, below 2**32.
    """

    def __init__(self, seed: int) -> None:
        before = _states()
        random.seed(seed)
        np.random.seed(seed)  # noqa: TID251, NPY002
        for generator in _of_torch():
            generator.manual_seed(seed)
        self._own = _states()
        _put(before)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within, the generators go on from where they were at the end of the last turn; takes 0.15 ms."""
        before = _states()
        _put(self._own)
        try:
            yield
        finally:
            self._own = _states()
            _put(before)


def _of_torch() -> list[Any]:
    import torch  # only those come here who use it

    cuda: Any = torch.cuda
    return [torch.default_generator, *(cuda.default_generators if cuda.is_initialized() else ())]


def _states() -> tuple[Any, Any, list[Any]]:
    return random.getstate(), np.random.get_state(), [one.get_state() for one in _of_torch()]  # noqa: NPY002


def _put(states: tuple[Any, Any, list[Any]]) -> None:
    python, legacy, of_torch = states
    random.setstate(python)
    np.random.set_state(legacy)  # noqa: NPY002
    for generator, state in zip(_of_torch(), of_torch, strict=False):  # CUDA may have been put to use since
        generator.set_state(state)
