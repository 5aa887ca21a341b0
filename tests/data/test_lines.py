"""Every reader takes files apart into the same lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.lines import capped, read_lines, shown
from harness.errors import Fault, UserError

Write = Callable[..., str]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\rb\n", ["a\rb"]),
        (b"\xef\xbb\xbfa\n", ["a"]),
        (b"a\xef\xbb\xbf\n", ["a\ufeff"]),
        ("a\u2028b\u0085c\x1cd\x0be\n".encode(), ["a\u2028b\u0085c\x1cd\x0be"]),
    ],
)
def test_only_line_feeds_end_lines(write: Write, content: bytes, lines: list[str]) -> None:
    """LF and CRLF end a line, a byte order mark goes, and every other character is data."""
    assert read_lines(write(content)) == lines


@given(st.lists(st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=["Cs"]))))
def test_lines_survive_a_round_trip(write: Write, lines: list[str]) -> None:
    """Whatever lines are written, the same ones are read."""
    assert read_lines(write("".join(f"{line}\n" for line in ["x", *lines]))) == ["x", *lines]


def test_bytes_that_are_not_utf8_are_located(write: Write) -> None:
    """The line and the offset in the file are those an editor and a hex dump would show."""
    with pytest.raises(UserError) as caught:
        read_lines(write(b"\xef\xbb\xbfok\nl\xe9n\nok\n\xff\n"))
    assert [(f.line, f.message) for f in caught.value.faults] == [
        (2, "is not UTF-8: found 0xe9 at byte 7 of the file"),
        (4, "is not UTF-8: found 0xff at byte 13 of the file"),
    ]


def test_a_nul_is_located_by_line_and_column(write: Write) -> None:
    """A NUL is a sign of a binary or damaged file."""
    with pytest.raises(UserError) as caught:
        read_lines(write(b"one\nt\0wo\n"))
    assert [(f.line, f.column, f.message) for f in caught.value.faults] == [(2, 2, "holds a NUL character")]


@pytest.mark.parametrize("content", ["x\n".encode("utf-16"), b"\xfe\xff\0x"])
def test_utf16_is_called_by_its_name(write: Write, content: bytes) -> None:
    """A file saved as UTF-16 gets one remedy instead of a fault for each line."""
    with pytest.raises(UserError, match="is UTF-16\n  hint: save it as UTF-8"):
        read_lines(write(content))


def test_a_missing_file_is_the_users_error(write: Write) -> None:
    """A path that cannot be read is named with the reason."""
    with pytest.raises(UserError, match=r"nowhere\.txt: cannot be read: No such file"):
        read_lines(write("").replace("data.txt", "nowhere.txt"))


def test_many_faults_become_five_and_a_count() -> None:
    """Nobody reads a thousand faults, but their number tells a slip from a wrong format."""
    faults = [Fault(str(n), "f") for n in range(42)]
    assert capped(faults) == (*faults[:5], Fault("and 37 more like these", "f"))
    assert capped(faults[:5]) == tuple(faults[:5])


def test_long_values_are_cut_in_messages() -> None:
    """A value of a megabyte does not bury its message, and control characters are escaped."""
    assert shown("a\x1b[31m") == r"'a\x1b[31m'"
    assert len(shown("a" * 1_000_000)) == 60
