"""Sentences that look like English and come with gold spans, made from a seed."""

from __future__ import annotations

import pytest

from harness.text import Example
from tests.perturb.samples import sentence


@pytest.fixture(scope="session")
def sentences() -> list[Example]:
    """Three hundred sentences with gold spans."""
    return [sentence(seed) for seed in range(300)]
