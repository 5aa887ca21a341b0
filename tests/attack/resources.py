"""What of other people's data is on this machine."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from harness.errors import UserError
from harness.perturb import libraries


def _there() -> bool:
    if find_spec("nltk") is None:
        return False
    try:
        libraries.nltk("corpora/wordnet")
    except UserError:
        return False
    return True


wordnet_is_there = pytest.mark.skipif(
    not _there(), reason="WordNet is not on this machine: set HARNESS_RESOURCES"
)
