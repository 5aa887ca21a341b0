"""YAML from strangers as plain data with places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from harness.document import Document, read
from harness.errors import UserError


@pytest.fixture
def load(tmp_path: Path):
    """Reads a text as a YAML file."""

    def load(text: str) -> Document:
        path = tmp_path / "suite.yaml"
        path.write_bytes(text.encode())
        return read(path)

    return load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000", 1000), ("0x1F", 31), ("0o17", 15), ("-3", -3), ("1.5e-3", 0.0015), ("true", True), ("False", False),
        ("~", None), ("null", None), ("yes", "yes"), ("on", "on"), ("2024-01-02", "2024-01-02"), ("'1'", "1"), ("007", 7),
        ("[1, [a]]", [1, ["a"]]), ("{a: {b: c}}", {"a": {"b": "c"}}), ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(load, text: str, value: Any) -> None:
    """No surprises such as ``no`` for false or dates that become objects."""
    found = load(f"key: {text}").value["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "complaint", "line", "column"),
    [
        ("a: 1\nb: .inf", "not a finite float: '.inf'", 2, 4),
        ("a: 1e999", "not a finite float: '1e999'", 1, 4),
        ("a: !!int five", "not a finite int: 'five'", 1, 4),
        (f"a: {'9' * 5000}", "not a finite int", 1, 4),
        ("a: !!bool perhaps", "not a finite bool: 'perhaps'", 1, 4),
        ("a: !!binary aGk=", "is not allowed", 1, 4),
        ("a: !!set {b}", "is not allowed", 1, 4),
        ("a: !mine b", "is not allowed", 1, 4),
        ("[a]: b", "a key should be a plain word", 1, 1),
        ("a: 1\na: 2", "duplicate key 'a'", 2, 1),
        ("a: [", "not valid YAML", 2, 1),
        ("a: *b", "undefined alias", 1, 4),
    ],
)
def test_what_is_not_plain_data_is_refused_where_it_is(
    load, text: str, complaint: str, line: int, column: int
) -> None:
    """The fault has line and column of the very node."""
    with pytest.raises(UserError, match=complaint.replace("[", r"\[")) as raised:
        load(text + "\n")
    (fault,) = raised.value.faults
    assert (fault.line, fault.column) == (line, column)


def test_aliases_are_expanded_and_an_anchor_may_be_used_again(load) -> None:
    """As YAML 1.2 has it."""
    assert load("a: &x [1]\nb: *x\nc: &x 2\nd: *x\n").value == {"a": [1], "b": [1], "c": 2, "d": 2}


def test_a_fault_is_at_the_nearest_place_that_is_in_the_file(load) -> None:
    """For a key that is missing, that is what it is missing from."""
    document = load("models:\n  - name: a\n    trainer: b\n")
    assert document.fault(("models", 0, "trainer"), "").place.endswith(":3:14")
    assert document.fault(("models", 0, "trainer"), "", at_key=True).place.endswith(":3:5")
    assert document.fault(("models", 0, "callable"), "").place.endswith(":2:5")
    assert document.fault(("data",), "").place.endswith(":1:1")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A file that is not there, and a folder."""
    with pytest.raises(UserError, match="no such file"):
        read(tmp_path / "gone.yaml")
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(value=PLAIN)
def test_plain_data_survive_being_written_and_read(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    """What another program dumps is what is read, types included."""
    path = tmp_path_factory.mktemp("yaml") / "file.yaml"
    YAML(typ="safe", pure=True).dump({"value": value}, path)
    assert read(path).value == {"value": value}


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_data_or_a_fault_with_the_file(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Nothing else is raised, whatever the file holds."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        assert read(path).file == str(path)
    except UserError as error:
        assert all(fault.file == str(path) for fault in error.faults)
