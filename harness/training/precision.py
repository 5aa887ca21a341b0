"""Which precision trains faster on this machine: measured once, then known.

Mixed precision in bfloat16 is twice as fast on processors with units for it and several times slower
on others, and nothing but trying tells which. What was measured is written down, so that a suite with
``precision: auto`` means the same tomorrow, and planning it needs no torch.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from harness.store import cache

FLOAT32, BFLOAT16 = "float32", "bfloat16"
GAIN = 0.9
"""Share of the time of float32 that bfloat16 may take to be worth its rounding."""
REPEATS = 5
WIDTH, HEADS, INNER, ROWS, LENGTH = 384, 12, 1536, 32, 32
"""Of the layers that are timed: those of MiniLM, on a batch of short texts."""


def resolve(wanted: str, device: str, threads: int) -> str:
    """The precision behind ``auto``; any other is returned as it is.

    Imports torch only if this machine has not been measured with so many threads.
    """
    if wanted != "auto":
        return wanted
    seconds = measured(device, threads)
    return BFLOAT16 if seconds[BFLOAT16] < GAIN * seconds[FLOAT32] else FLOAT32


def measured(device: str, threads: int) -> dict[str, float]:
    """Seconds per step of training by precision, from the cache or by trying."""
    path = cache() / f"precision-{_machine(device, threads)}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):  # not there, or not whole: measured again
        known = json.loads(path.read_text("utf-8"))
        return {name: float(known[name]) for name in (FLOAT32, BFLOAT16)}
    found = measure(device, threads)
    with suppress(OSError):  # a home that cannot be written to: measured every time
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(found), "utf-8")
        os.replace(new, path)
    return found


def _machine(device: str, threads: int) -> str:
    """A digest of all that decides which is faster."""
    parts = [device, str(threads), version("torch"), platform.machine(), platform.processor()]
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        parts += sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    for card in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        with suppress(OSError):
            parts += [line for line in card.read_text("utf-8").splitlines() if line.startswith("Model")]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


def measure(device: str, threads: int) -> dict[str, float]:
    """Seconds per step of training two layers, by precision; the shortest of a few, taken in turn."""
    import torch

    from harness.training.fence import keyed

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with keyed(device, "precision"):
            step = _step(torch, device)
            taken: dict[str, list[float]] = {FLOAT32: [], BFLOAT16: []}
            for _ in range(REPEATS):
                for name, seconds in taken.items():
                    seconds.append(step(name == BFLOAT16))
    finally:
        torch.set_num_threads(before)
    return {name: min(seconds[1:]) for name, seconds in taken.items()}  # the first warms up


def _step(torch: Any, device: str) -> Any:
    layer = torch.nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, batch_first=True, activation="gelu")
    network = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-5)
    given, kind = torch.randn(ROWS, LENGTH, WIDTH, device=device), torch.device(device).type

    def wait() -> None:
        getattr(torch, kind).synchronize() if kind != "cpu" else None

    def step(mixed: bool) -> float:
        wait()
        start = time.perf_counter()
        with torch.autocast(kind, torch.bfloat16, enabled=mixed):
            loss = network(given).float().square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        wait()
        return time.perf_counter() - start

    return step
