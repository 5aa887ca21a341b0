"""Lines of JSON that are written as they come, so that what is killed goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class Journal:
    """A file of JSON lines; what it held when it was opened is in ``rows``.

    A last line that was cut off is taken out, for the next one must not be joined to it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows: list[dict[str, Any]] = list(_whole(path))
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.write_text("".join(map(_line, self.rows)), "utf-8")
        os.replace(new, path)

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a line; whoever reads the file from now on finds it."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(row))


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"


def _whole(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    with path.open("rb") as file:  # a kill may have cut a letter in two
        for line in file:
            try:
                found = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                return
            if not isinstance(found, dict):
                return
            yield found
