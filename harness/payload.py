"""Examples and variants as tables: what the store keeps of data."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.columns import chosen
from harness.text import Edit, Example, Span, Target, Variant

if TYPE_CHECKING:
    import pyarrow as pa


def dump_target(target: Target) -> str:
    """A target as JSON: a label is a string, labels are a list, spans are a list of lists, none is null."""
    if isinstance(target, tuple):
        return json.dumps([_flat(one) for one in target])
    return json.dumps(target)


def load_target(text: str) -> Target:
    """The inverse of :func:`dump_target`."""
    found = json.loads(text)
    return tuple(_whole(one) for one in found) if isinstance(found, list) else found


def _flat(one: Span | str) -> list[int | str] | str:
    return one if isinstance(one, str) else [one.start, one.end, one.label, one.field]


def _whole(one: list[Any] | str) -> Any:
    return one if isinstance(one, str) else Span(*one)


def write_table(path: Path, columns: dict[str, Any], about: dict[str, Any] | None = None) -> None:
    """Write Parquet with page checksums; ``about`` goes into the schema's metadata as JSON."""
    import pyarrow as pa

    table = pa.table(columns).replace_schema_metadata({"about": json.dumps(about or {}, allow_nan=False)})
    save(path, table)


def save(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet with page checksums."""
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def read_table(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    """A table, and what :func:`write_table` was told about it."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as file:  # opens at once, unlike read_table
        table = file.read(use_threads=False)
    return table, json.loads((table.schema.metadata or {}).get(b"about", b"{}"))


def write_examples(path: Path, examples: Sequence[Example]) -> None:
    """Write examples, one row each."""
    write_table(path, _columns(examples))


def _columns(examples: Sequence[Example]) -> dict[str, Any]:
    return {
        "id": [e.id for e in examples],
        "fields": [json.dumps(dict(e.fields)) for e in examples],
        "target": [dump_target(e.target) for e in examples],
        "group": [e.group for e in examples],
        "meta": [json.dumps(dict(e.meta)) for e in examples],
        "marks": [dump_target(e.marks) for e in examples],
    }


def read_examples(path: Path) -> list[Example]:
    """The inverse of :func:`write_examples`."""
    return _examples(read_table(path)[0])


def _examples(table: pa.Table) -> list[Example]:
    return [
        Example(
            r["id"],
            json.loads(r["fields"]),
            load_target(r["target"]),
            r["group"],
            json.loads(r["meta"]),
            load_target(r["marks"]),  # type: ignore[arg-type]
        )
        for r in table.to_pylist()
    ]


def write_variants(path: Path, variants: Sequence[Variant], about: dict[str, Any] | None = None) -> None:
    """Write variants, one row each, those that changed nothing or were refused included."""
    write_table(
        path,
        _columns([v.example for v in variants])
        | {
            "edits": [json.dumps([[e.start, e.end, e.text, e.field] for e in v.edits]) for v in variants],
            "rate": [v.rate for v in variants],
            "refusal": [v.refusal for v in variants],
            "similarity": [v.similarity for v in variants],
            "fragmentation": [v.fragmentation for v in variants],
        },
        about,
    )


def read_variants(path: Path, ids: Collection[str] | None = None) -> list[Variant]:
    """The inverse of :func:`write_variants`; only those of these sources, if given."""
    table = read_table(path)[0]
    if ids is not None:
        table = chosen(table, ids)
    names = ("edits", "rate", "refusal", "similarity", "fragmentation")
    return [
        Variant(example, tuple(Edit(*e) for e in json.loads(script)), *told)
        for example, script, *told in zip(
            _examples(table), *(table[name].to_pylist() for name in names), strict=True
        )
    ]
