"""Reads YAML that a stranger may have written: plain data only, every node with its place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from harness.errors import Fault, UserError

Path_ = tuple[str | int, ...]
MAX_BYTES, MAX_DEPTH, MAX_NODES = 2**20, 50, 100_000
_TAG = "tag:yaml.org,2002:"


@dataclass
class Document:
    """A YAML file as plain data.

    Args:
        file: As the user named it.
        value: Mappings, lists and scalars.
        keys: Line and column of the key (or list item) at a path.
        values: Line and column of the value at a path.
    """

    file: str
    value: Any = None
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path_, tuple[int, int]] = field(default_factory=dict)

    def fault(self, path: Path_, message: str, hint: str = "", at_key: bool = False) -> Fault:
        """A fault at a path, or at the nearest thing around it that is in the file."""
        places = [self.keys, self.values] if at_key else [self.values, self.keys]
        around = path
        while around and not any(around in place for place in places):
            around = around[:-1]
        line, column = next((place[around] for place in places if around in place), (1, 1))
        return Fault(message, self.file, line, column, ".".join(map(str, path)), hint)


class _Refused(Exception):
    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.line, self.column = node.start_mark.line + 1, node.start_mark.column + 1


def read(path: Path) -> Document:
    """Read one YAML document.

    Raises:
        UserError: If the file cannot be read, is not YAML 1.2 in UTF-8, has several documents,
            duplicate keys, tags of other types than plain data, or is too large, too deep or
            too many nodes once its aliases are expanded.
    """
    document = Document(str(path))
    text = _text(path, document)
    try:
        loader = YAML(typ="safe", pure=True)
        loader.composer.warn_double_anchors = False  # an anchor may be used again in YAML 1.2
        node = loader.compose(text)
        if node is None:
            raise UserError(Fault("the file is empty", document.file, 1, 1))
        document.value = _Converter(document).convert(node, (), 0)
    except _Refused as refused:
        raise UserError(Fault(str(refused), document.file, refused.line, refused.column)) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise UserError(Fault(f"not valid YAML: {said}", document.file, line, column)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"not valid YAML: the character {chr(error.character)!r} is not allowed"
        raise UserError(Fault(message, document.file, line)) from None
    except YAMLError as error:
        raise UserError(Fault(f"not valid YAML: {error}", document.file)) from None
    except RecursionError:
        raise UserError(Fault(f"nested deeper than {MAX_DEPTH} levels", document.file, 1, 1)) from None
    return document


def _text(path: Path, document: Document) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UserError(Fault("no such file", document.file)) from None
    except OSError as error:
        raise UserError(Fault(f"cannot be read: {error.strerror}", document.file)) from None
    if len(raw) > MAX_BYTES:
        raise UserError(Fault(f"a suite is at most {MAX_BYTES} bytes, found {len(raw)}", document.file))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UserError(
            Fault(f"not UTF-8: byte {error.start} is {raw[error.start]:#04x}", document.file, line)
        ) from None
    if "\0" in text:
        raise UserError(
            Fault("contains a NUL character", document.file, text.count("\n", 0, text.index("\0")) + 1)
        )
    return text


class _Converter:
    """Nodes to plain data, noting places and refusing what is not data."""

    def __init__(self, document: Document) -> None:
        self.document, self.seen = document, 0

    def convert(self, node: Node, path: Path_, depth: int) -> Any:
        self.seen += 1
        if depth > MAX_DEPTH:
            raise _Refused(node, f"nested deeper than {MAX_DEPTH} levels")
        if self.seen > MAX_NODES:
            raise _Refused(node, f"more than {MAX_NODES} nodes once aliases are expanded")
        mark = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.document.values[path] = mark
        tag = str(node.tag)
        if isinstance(node, MappingNode) and tag == _TAG + "map":
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode) and tag == _TAG + "seq":
            return [self.convert(child, (*path, at), depth + 1) for at, child in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return _scalar(node, tag)
        raise _Refused(node, f"the tag {tag!r} is not allowed: a suite is plain data")

    def _mapping(self, node: MappingNode, path: Path_, depth: int) -> Mapping[str, Any]:
        out: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise _Refused(key, "a key should be a plain word")
            name = str(key.value)
            if name in out:
                raise _Refused(key, f"duplicate key {name!r}")
            self.document.keys[(*path, name)] = (key.start_mark.line + 1, key.start_mark.column + 1)
            out[name] = self.convert(value, (*path, name), depth + 1)
        return out


def _scalar(node: ScalarNode, tag: str) -> Any:
    text = str(node.value)
    kind = tag.removeprefix(_TAG)
    if kind in ("str", "timestamp"):
        return text
    if kind == "null":
        return None
    if kind not in ("bool", "int", "float"):
        raise _Refused(node, f"the tag {tag!r} is not allowed: a suite is plain data")
    try:
        return _value(kind, text.replace("_", "").lower())
    except (KeyError, ValueError, OverflowError):
        raise _Refused(node, f"not a finite {kind}: {text[:40]!r}") from None


def _value(kind: str, text: str) -> bool | int | float:
    """A truth value or a number of YAML 1.2; nothing in a suite may be infinite or not a number."""
    if kind == "bool":
        return {"true": True, "false": False}[text]
    if kind == "int":
        return int(text, 0) if text.lstrip("+-").startswith(("0x", "0o", "0b")) else int(text)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number
