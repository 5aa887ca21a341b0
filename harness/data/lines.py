"""Text files as lines, read the same way by every reader."""

from __future__ import annotations

import gzip
import json
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Any

from harness.errors import Fault, UserError


def read_lines(path: str) -> list[str]:
    r"""The lines of a UTF-8 file without their ends; line ``n`` of an editor is element ``n - 1``.

    Only ``\n`` and ``\r\n`` end a line. U+2028, U+0085 and their like are data, and so is a ``\r``
    anywhere else. A byte order mark is not part of the first line. A file whose name ends in ``.gz``
    is decompressed.

    Raises:
        UserError: If the file cannot be read, is not UTF-8 or holds a NUL; one fault for each line.
    """
    data = _bytes(path)
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise UserError(Fault("is UTF-16", file=path, line=1, hint="save it as UTF-8"))
    mark = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
    try:
        text = data[mark:].decode()
    except UnicodeDecodeError:
        text = "\0"  # some line is at fault; finding out which is worth the time only now
    if "\0" in text and (faults := capped(_unreadable(path, data, mark))):
        raise UserError(faults)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _bytes(path: str) -> bytes:
    try:
        data = Path(path).read_bytes()
        return gzip.decompress(data) if path.endswith(".gz") else data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        hint = "is it damaged, or not compressed at all?"
        raise UserError(Fault(f"cannot be decompressed: {error}", file=path, hint=hint)) from error
    except OSError as error:
        raise UserError(Fault(f"cannot be read: {error.strerror}", file=path)) from error


def _unreadable(path: str, data: bytes, mark: int) -> list[Fault]:
    faults, offset = [], mark
    for number, line in enumerate(data[mark:].split(b"\n"), 1):
        try:
            if (column := line.decode().find("\0")) >= 0:
                faults.append(Fault("holds a NUL character", file=path, line=number, column=column + 1))
        except UnicodeDecodeError as error:
            message = (
                f"is not UTF-8: found 0x{line[error.start]:02x} at byte {offset + error.start} of the file"
            )
            faults.append(Fault(message, file=path, line=number, hint="save it as UTF-8"))
        offset += len(line) + 1
    return faults


def read_json(path: str) -> Any:
    """What a JSON file holds.

    Raises:
        UserError: If the file cannot be read (:func:`read_lines`) or is not JSON; with the place.
    """
    try:
        return json.loads("\n".join(read_lines(path)))
    except json.JSONDecodeError as error:
        raise UserError(Fault(f"not JSON: {error.msg}", path, error.lineno, error.colno)) from error
    except (RecursionError, ValueError) as error:  # thousands of brackets, or of digits
        raise UserError(Fault(f"not readable JSON: {error}", path)) from error


def capped(faults: list[Fault], most: int = 5) -> tuple[Fault, ...]:
    """The first ``most`` faults, and one that counts the rest."""
    rest = len(faults) - most
    if rest <= 0:
        return tuple(faults)
    return (*faults[:most], Fault(f"and {rest} more like these", file=faults[0].file, field=faults[0].field))


def shown(value: object, most: int = 60) -> str:
    """A value as a message quotes it: escaped, and cut where it would bury the message."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
