"""Torch draws from global generators: seed them for a while, then put them back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from harness.rng import Key, fenced, seed_of


@contextmanager
def keyed(device: str, *purpose: Key) -> Iterator[None]:
    """Seed the global generators of torch, numpy and Python by a purpose, and restore them after.

    Args:
        device: Whose generator is to be restored besides the CPU's; several GPUs are not used.
        purpose: As for :func:`harness.rng.seed_of`.
    """
    gpus = [torch.cuda.current_device()] if device.startswith("cuda") else []
    with fenced(*purpose), torch.random.fork_rng(devices=gpus):
        torch.manual_seed(seed_of(*purpose))
        yield
