"""Which device to compute on."""

from __future__ import annotations

import torch

from harness.models.device import numerics, resolve


def test_a_device_that_was_named_is_taken():
    """No guessing."""
    assert resolve("cpu") == "cpu"
    assert resolve("cuda") == "cuda"


def test_auto_agrees_with_torch():
    """What is found out without importing torch is what torch would say."""
    wanted = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert resolve("auto") == wanted


def test_threads_matter_on_the_cpu_alone():
    """They enter the key of what is trained there, and not elsewhere."""
    assert numerics("cpu", 1) != numerics("cpu", 2)
    assert numerics("cuda", 1) == numerics("cuda", 2)
    assert numerics("cpu", 1)["torch"] == torch.__version__
