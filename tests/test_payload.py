"""Data as tables: what is written is what is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.payload import (
    dump_target,
    load_target,
    read_examples,
    read_table,
    read_variants,
    write_examples,
    write_table,
    write_variants,
)
from harness.text import Edit, Example, Span, Variant

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
SPANS = st.lists(st.builds(Span, st.integers(0, 9), st.integers(10, 99), TEXT, TEXT), max_size=3).map(tuple)
TARGETS = st.none() | TEXT | SPANS
EXAMPLES = st.builds(
    Example,
    TEXT,
    st.dictionaries(TEXT, TEXT, max_size=2),
    TARGETS,
    TEXT,
    st.dictionaries(TEXT, TEXT, max_size=2),
)
EDITS = st.lists(st.builds(Edit, st.integers(0, 9), st.integers(10, 99), TEXT, TEXT), max_size=3).map(tuple)
JUDGED = st.none() | st.floats(-1, 9)
VARIANTS = st.builds(Variant, EXAMPLES, EDITS, st.floats(0, 1), TEXT, JUDGED, JUDGED)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to write to."""
    return tmp_path_factory.mktemp("payload") / "file.parquet"


@settings(deadline=None, max_examples=50)
@given(target=TARGETS)
def test_a_target_survives_as_json(target) -> None:
    """Labels, spans (an empty tuple is not None) and no target at all."""
    assert load_target(dump_target(target)) == target


@settings(deadline=None, max_examples=50)
@given(examples=st.lists(EXAMPLES, max_size=4))
def test_examples_survive(file: Path, examples: list[Example]) -> None:
    """Every field of every example, whatever its characters; none at all, too."""
    write_examples(file, examples)
    assert read_examples(file) == examples


@settings(deadline=None, max_examples=50)
@given(variants=st.lists(VARIANTS, max_size=4))
def test_variants_survive(file: Path, variants: list[Variant]) -> None:
    """Edits, rates to the last bit and reasons for refusal included."""
    write_variants(file, variants)
    assert read_variants(file) == variants


def test_a_table_carries_what_is_said_about_it(file: Path) -> None:
    """In the same file, so that the two cannot come apart."""
    write_table(file, {"n": [1, 2]}, {"labels": ["é", "b"]})
    table, about = read_table(file)
    assert table["n"].to_pylist() == [1, 2]
    assert about == {"labels": ["é", "b"]}
    with pytest.raises(ValueError):
        write_table(file, {"n": [1]}, {"x": float("nan")})


def test_equal_content_is_written_as_equal_bytes(tmp_path: Path) -> None:
    """Digests of payloads depend on it."""
    found = [Example("a", {"text": "b"}, (Span(0, 1, "X"),))] * 50
    for name in "ab":
        write_examples(tmp_path / name, found)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
