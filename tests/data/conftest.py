"""What the tests of readers share."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.data.reader import Reader
from harness.errors import Fault, UserError

Write = Callable[..., str]
Faults = Callable[..., tuple[Fault, ...]]


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Writes content to a file of that name, in a folder of its own, and returns its path."""
    folder, numbers = tmp_path_factory.mktemp("files"), itertools.count()

    def write(content: str | bytes, name: str = "data.txt") -> str:
        path = folder / str(next(numbers)) / name
        path.parent.mkdir()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture(scope="session")
def faults(write: Write) -> Faults:
    """The faults that a reader finds in a file of that content."""

    def faults(reader: Reader, content: str | bytes, **options: Any) -> tuple[Fault, ...]:
        with pytest.raises(UserError) as caught:
            reader.function(write(content), **options)
        return caught.value.faults

    return faults


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real data, which not every machine has."""
    if "HARNESS_DATA" not in os.environ:
        pytest.skip("HARNESS_DATA does not name a folder of real data")
    return Path(os.environ["HARNESS_DATA"])
