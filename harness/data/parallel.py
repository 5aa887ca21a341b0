"""Parallel files: line by line a text, and in further files what it is to become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.data.check import Found, gather
from harness.data.lines import read_lines
from harness.data.reader import reader
from harness.errors import Fault, UserError
from harness.text import SOURCE, Example


@reader("parallel", files=("target",))
def parallel(path: str, *, target: tuple[str, ...] = (), skip_blank: bool = False) -> list[Example]:
    """Files that are parallel by line, such as a text and its translation; compressed if named ``.gz``.

    Args:
        path: The file of the sources.
        target: The file of the references, or several files of them. Of several, a blank line says
            that this file has no reference for the source.
        skip_blank: Whether to leave out lines that are blank in ``path`` or in all references. If
            not, they are faults.

    Raises:
        UserError: If files differ in length or lines are blank; with their names and lines.
    """
    if not target:
        hint = "write {parallel: train.de, target: train.en}"
        raise UserError(
            Fault("the option target is missing: a file of references", path, field="target", hint=hint)
        )
    columns = [read_lines(file) for file in (path, *target)]
    _same_length((path, *target), columns)
    return gather(path, _examples((path, *target), columns, skip_blank))


def _same_length(files: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
    first = len(columns[0])
    faults = [
        Fault(
            f"has {len(lines)} lines, but {files[0]} has {first}",
            file,
            min(len(lines), first) + 1,
            hint="parallel files have a line for each line of the others; see where they begin to differ",
        )
        for file, lines in zip(files, columns, strict=True)
        if len(lines) != first
    ]
    if faults:
        raise UserError(faults)


def _examples(files: Sequence[str], columns: Sequence[Sequence[str]], skip_blank: bool) -> Iterator[Found]:
    name = Path(files[0]).name
    for number, (source, *targets) in enumerate(zip(*columns, strict=True), 1):
        references = tuple(one for one in targets if one.strip())
        if source.strip() and references:
            yield number, Example(f"{name}:{number}", {SOURCE: source}, references)
        elif not skip_blank:
            file = files[0] if not source.strip() else files[1]
            yield Fault("the line is blank", file, number, hint="skip_blank: true leaves it out")
