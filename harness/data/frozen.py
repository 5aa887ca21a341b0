"""Frozen sets: perturbed examples as files that others can score on, and read again.

The format is public, see docs/perturbations.md: a folder of ``<operator>-<severity>.jsonl``, a line for
each example, and ``manifest.json`` with counts and digests. Reading checks a file against its manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.data.check import gather
from harness.data.jsonl import each
from harness.data.lines import shown
from harness.data.reader import reader
from harness.data.records import Wrong
from harness.errors import Fault, UserError, nearest
from harness.text import TEXT, Example, Span, Target, Variant

MANIFEST, CLEAN_FILE = "manifest.json", "clean.jsonl"
CLEAN, CHANGED, UNCHANGED, REFUSED = "clean", "changed", "unchanged", "refused"
STATES = (CLEAN, CHANGED, UNCHANGED, REFUSED)


# -- writing -------------------------------------------------------------------------------------


def line(variant: Variant, clean: bool = False) -> str:
    """A variant as one line of JSON, with its end."""
    one = variant.example
    told: dict[str, Any] = {"id": one.id, "fields": dict(one.fields), "target": _target(one.target)}
    told |= {"marks": [_span(mark) for mark in one.marks]} if one.marks else {}
    told |= {"group": one.group} if one.group else {}
    told |= {"meta": dict(one.meta)} if one.meta else {}
    told["edits"] = [
        {"field": e.field, "start": e.start, "end": e.end, "replacement": e.text} for e in variant.edits
    ]
    told |= {
        "rate": round(variant.rate, 6),
        "status": CLEAN if clean else status(variant),
        "reason": variant.refusal,
    }
    return json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n"


def status(variant: Variant) -> str:
    """What became of an example: refused, unchanged or changed."""
    return REFUSED if variant.refusal else UNCHANGED if variant.noop else CHANGED


def _target(target: Target) -> Any:
    if isinstance(target, tuple):
        return [one if isinstance(one, str) else _span(one) for one in target]
    return target


def _span(span: Span) -> dict[str, Any]:
    return {"field": span.field, "start": span.start, "end": span.end, "label": span.label}


# -- reading -------------------------------------------------------------------------------------


@reader("frozen")
def frozen(path: str, *, keep: tuple[str, ...] = (CLEAN, CHANGED), answers: bool = False) -> list[Example]:
    """A file of a frozen set, as `harness perturb --freeze` writes them: perturbed examples with their gold.

    Args:
        path: The file. If there is a ``manifest.json`` beside it, the file has to be what that says.
        keep: Which lines to take: clean, changed, unchanged or refused. What an operator left as it was
            is no evidence of anything, so it is not among them.
        answers: Whether the spans are answers to a question, of which one is enough.

    Raises:
        UserError: If the file is not like that; with its lines.
    """
    if wrong := [state for state in keep if state not in STATES]:
        fault = f"unknown status {shown(wrong[0])} in keep"
        raise UserError(Fault(fault, file=path, hint=nearest(wrong[0], STATES)))
    _intact(Path(path))
    return gather(path, each(path, lambda row, name: _kept(row, keep)), alternatives=answers)


def _intact(path: Path) -> None:
    """See that a file is the one that was frozen."""
    manifest = path.with_name(MANIFEST)
    if not manifest.is_file() or not path.is_file():
        return
    try:
        listed = {one["file"]: one["sha256"] for one in json.loads(manifest.read_text("utf-8"))["files"]}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(Fault(f"is not the manifest of a frozen set: {error}", str(manifest))) from error
    if path.name in listed and listed[path.name] != sha256(path):
        hint = "freeze it again, or remove manifest.json if the change is meant"
        raise UserError(
            Fault("is not what was frozen: its digest differs from the manifest's", str(path), hint=hint)
        )


def sha256(path: Path) -> str:
    """The digest of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _kept(row: Mapping[str, Any], keep: tuple[str, ...]) -> list[Example]:
    state = row.get("status")
    if state not in STATES:
        raise Wrong("status", f"should be one of {', '.join(STATES)}, found {shown(state)}")
    return [_example(row)] if state in keep else []


def _example(row: Mapping[str, Any]) -> Example:
    return Example(
        id=_text(row, "id"),
        fields=_texts(row, "fields"),
        target=_read_target(row.get("target")),
        group=_text(row, "group") if "group" in row else "",
        meta=_texts(row, "meta") if "meta" in row else {},
        marks=tuple(
            _read_span(one, f"marks.{at}") for at, one in enumerate(_list(row.get("marks", []), "marks"))
        ),
    )


def _read_target(found: Any) -> Target:
    if found is None or isinstance(found, str):
        return found
    given = _list(found, "target")
    if all(isinstance(one, str) for one in given):
        return tuple(given)
    return tuple(_read_span(one, f"target.{at}") for at, one in enumerate(given))


def _read_span(found: Any, key: str) -> Span:
    try:
        start, end, label, name = found["start"], found["end"], found["label"], found.get("field", TEXT)
    except (TypeError, KeyError, AttributeError):
        wanted = "a span has field, start, end and label"
        raise Wrong(key, f"{wanted}, found {shown(found)}") from None
    if (
        type(start) is not int
        or type(end) is not int
        or not isinstance(label, str)
        or not isinstance(name, str)
    ):
        raise Wrong(
            key, f"start and end should be whole numbers, label and field texts, found {shown(found)}"
        )
    return Span(start, end, label, name)


def _list(found: Any, key: str) -> list[Any]:
    if not isinstance(found, list):
        raise Wrong(key, f"should be a list, found {shown(found)}")
    return found


def _text(row: Mapping[str, Any], key: str) -> str:
    found = row.get(key)
    if not isinstance(found, str):
        raise Wrong(key, f"should be a text, found {shown(found)}")
    return found


def _texts(row: Mapping[str, Any], key: str) -> dict[str, str]:
    found = row.get(key)
    if not isinstance(found, dict) or not found or not all(isinstance(v, str) for v in found.values()):
        raise Wrong(key, f"should hold a text for each name, found {shown(found)}")
    return found
