"""The record of a reporter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from harness.catalog import Extension
from harness.rows import Results


@dataclass(frozen=True, kw_only=True)
class Reporter(Extension):
    """``function(results)`` returns the content of files by their name.

    It is pure and deterministic: the same results make the same bytes, on any day. It writes
    nothing itself. A name is that of a file in the folder of the run, without separators.
    """

    kind: ClassVar[str] = "reporter"


def reporter(
    name: str, *, version: int = 1
) -> Callable[[Callable[[Results], Mapping[str, bytes]]], Reporter]:
    """Turn a function into a :class:`Reporter`."""

    def record(function: Callable[[Results], Mapping[str, bytes]]) -> Reporter:
        return Reporter(name=name, function=function, version=version)

    return record
