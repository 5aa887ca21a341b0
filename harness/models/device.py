"""Which device to compute on, found out without importing torch."""

from __future__ import annotations

import ctypes
import platform
from importlib.metadata import PackageNotFoundError, version


def resolve(wanted: str) -> str:
    """``cuda``, ``mps`` or ``cpu`` for ``auto``; anything else is returned as it is."""
    if wanted != "auto":
        return wanted
    if _cuda():
        return "cuda"
    return "mps" if (platform.system(), platform.machine()) == ("Darwin", "arm64") else "cpu"


def _cuda() -> bool:
    """Whether torch can use CUDA here: not a CPU build, a driver, and a device behind it."""
    try:
        if version("torch").endswith("+cpu"):
            return False
        driver = ctypes.CDLL("nvcuda.dll" if platform.system() == "Windows" else "libcuda.so.1")
    except (PackageNotFoundError, OSError):
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def numerics(device: str, threads: int) -> dict[str, str | int]:
    """All that can change the last bit of a result; part of the key of every trained model.

    Args:
        device: As resolved.
        threads: CPU threads per worker; weights differ between one and two.
    """
    named = {name: _version(name) for name in ("torch", "transformers", "tokenizers")}
    return {**named, "device": device, "dtype": "float32", "threads": threads if device == "cpu" else 0}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
