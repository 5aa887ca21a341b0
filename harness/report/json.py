"""results.json: everything, for programs; and the way back."""

from __future__ import annotations

import json as standard
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NoReturn

from harness.errors import BrokenPromise, Fault, UserError
from harness.report import safe
from harness.report.reporter import reporter
from harness.rows import Results

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "results.json"


@reporter("json")
def results_json(results: Results) -> Mapping[str, bytes]:
    """Everything in one file for programs, with a JSON Schema.

    Raises:
        BrokenPromise: If a number is not finite or a value has no counterpart in JSON.
    """
    document = standard.dumps(_plain(results, "results"), indent=1, ensure_ascii=False, allow_nan=False)
    return {FILE: (document + "\n").encode()}


def results_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``results.json``."""
    schema = _adapter().json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def load_results(content: bytes, file: str = FILE) -> Results:
    """The results that ``results.json`` holds.

    Args:
        content: The bytes of the file.
        file: How to name it if something is wrong with it.

    Raises:
        UserError: If it is not JSON, is of a newer version, or lacks something; all faults at once.
    """
    from pydantic import ValidationError

    try:
        document = standard.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UserError(Fault(f"is not valid JSON: {error}", file=file)) from error
    found = document.get("schema_version") if isinstance(document, dict) else None
    known = Results.__dataclass_fields__["schema_version"].default
    if found != known:
        hint = "install the version of harness that wrote it, or run the suite again"
        raise UserError(
            Fault(f"should be {known}, found {found!r}", file=file, field="schema_version", hint=hint)
        )
    try:
        return _adapter().validate_python(document)
    except ValidationError as error:
        raise UserError(
            Fault(str(one["msg"]), file=file, field=".".join(str(part) for part in one["loc"]))
            for one in error.errors(include_url=False, include_input=False)
        ) from error


@cache
def _adapter() -> TypeAdapter[Results]:
    from pydantic import TypeAdapter

    return TypeAdapter(Results)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _plain(value: object, place: str) -> object:
    """The value in the types of JSON; ``place`` names it in complaints."""
    match value:
        case None | bool() | int():
            return value
        case float():
            if not math.isfinite(value):
                raise BrokenPromise(f"{place} should be a finite number or None, found {value}")
            return value
        case str():
            return safe.encodable(value)
        case PurePath():
            return safe.encodable(value.as_posix())
        case Mapping():
            return {safe.encodable(str(key)): _plain(one, f"{place}.{key}") for key, one in value.items()}
        case list() | tuple():
            return [_plain(one, f"{place}.{index}") for index, one in enumerate(value)]
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name), f"{place}.{f.name}") for f in fields(value)}
    raise BrokenPromise(f"{place} should fit into JSON, found {type(value).__name__}")
