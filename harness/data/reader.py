"""The record of a reader of data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from harness.catalog import Extension
from harness.text import Example


@dataclass(frozen=True, kw_only=True)
class Reader(Extension):
    """``function(path, **options)`` returns examples with whatever target the data holds.

    Args:
        local: Whether ``path`` is a file below the suite's folder (to be resolved against it).
        files: Options that name further files, resolved likewise.
    """

    kind: ClassVar[str] = "reader"
    local: bool = True
    files: tuple[str, ...] = ()


def reader(
    name: str, *, local: bool = True, files: tuple[str, ...] = (), version: int = 1
) -> Callable[[Callable[..., Iterable[Example]]], Reader]:
    """Turn a function into a :class:`Reader`."""

    def record(function: Callable[..., Iterable[Example]]) -> Reader:
        return Reader(name=name, function=function, local=local, files=files, version=version)

    return record
