"""A diff shows both texts, and marks cut a passage without losing any of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.report import diff
from harness.rows import Passage
from harness.text import apply
from harness.text import diff as edits_between

WORDS = st.text("ab \u200b", max_size=25)
MARKS = st.lists(
    st.tuples(st.integers(-3, 30), st.integers(-3, 30), st.sampled_from(["PER", "LOC"]), st.floats(-1, 1)),
    max_size=4,
)


@given(WORDS, WORDS)
def test_pieces_hold_both_texts(before: str, after: str) -> None:
    """Without insertions the pieces are the text before, without deletions the text after."""
    edits = edits_between(before, after)
    parts = diff.pieces(before, [(e.start, e.end, e.text) for e in edits])
    assert "".join(p.text for p in parts if p.change != "inserted") == before
    assert "".join(p.text for p in parts if p.change != "deleted") == after == apply(before, edits)


def test_a_diff_reads_as_plain_text() -> None:
    """A replacement shows what went before what came."""
    parts = diff.pieces("in Zurich now", [(5, 6, "l")])
    assert diff.plain(parts) == "in Zu[-r-]{+l+}ich now"


def test_an_excerpt_keeps_changes_and_their_surroundings() -> None:
    """Long unchanged stretches are cut, what changed is not."""
    parts = diff.pieces("a" * 100 + "x" + "b" * 100, [(100, 101, "yy")])
    assert diff.plain(diff.excerpt(parts, context=3)) == "…aaa[-x-]{+yy+}bbb…"


def test_an_excerpt_says_which_field_it_goes_on_in() -> None:
    """Where several fields stand one below the other, a gap keeps the name of the one after it."""
    page = f"question: who?\ncontext: {'so and so ' * 9}Berlin{' it was' * 9}\nnote: {'well ' * 20}end"
    start = page.index("Berlin")
    parts = diff.pieces(page, [(start, start + 6, "Belrin")])
    assert diff.plain(diff.excerpt(parts, context=10)) == "context: … and so [-Berlin-]{+Belrin+} it was …"
    parts = diff.pieces(page, [(start, start + 6, "Belrin"), (len(page) - 3, len(page), "dne")])
    assert "it was …\nnote: … well [-end-]{+dne+}" in diff.plain(diff.excerpt(parts, context=10))


@given(WORDS, WORDS)
def test_a_text_written_anew_holds_both_texts(before: str, after: str) -> None:
    """Without what was inserted it is the one before, without what was deleted the one after."""
    parts = diff.rewritten(before, after)
    assert "".join(p.text for p in parts if p.change != "deleted") == after
    assert "".join(p.text for p in parts if p.change != "inserted") == before


def test_a_text_written_anew_is_compared_by_words() -> None:
    """Letters that two words happen to share are not kept apart."""
    assert diff.plain(diff.rewritten("it was damaged then", "it was destroyed then")) == (
        "it was [-damaged -]{+destroyed +}then"
    )


def test_only_what_is_near_a_mark_is_left_of_long_segments() -> None:
    """Where everything is marked nothing is left out."""
    page = Passage(text="so " * 30 + "Berlin" + " it" * 30, marks=((90, 96, "LOC", 1.0),))
    assert "".join(part.text for part in diff.near(diff.segments(page), 7)) == "… so so Berlin it it …"
    whole = Passage(text="so " * 30, marks=((0, 90, "", 1.0),))
    assert diff.near(diff.segments(whole), 7) == diff.segments(whole)


def test_a_line_for_the_terminal_is_inert() -> None:
    """Deleted and inserted text has signs, and control characters are escaped."""
    assert diff.inline("a\x1b[2Jb", [(5, 6, "\u202ec")]).plain == "a\\x1b[2J[-b-]{+\\u202ec+}"


@given(WORDS, MARKS)
def test_segments_are_the_text(text: str, marks: list[tuple[int, int, str, float]]) -> None:
    """However marks overlap or overshoot, no character is lost and each label is said at most once."""
    found = diff.segments(Passage(text=text, marks=tuple(marks)))
    assert "".join(segment.text for segment in found) == text
    assert sum(len(segment.ending) for segment in found) <= len(marks)


def test_nested_marks_are_both_known_where_they_overlap() -> None:
    """A segment knows every mark that covers it."""
    marks = ((0, 8, "ORG", 1.0), (4, 8, "LOC", 1.0))
    found = diff.segments(Passage(text="Bank Zug.", marks=marks))
    assert [(s.text, [m[2] for m in s.marks]) for s in found] == [
        ("Bank", ["ORG"]),
        (" Zug", ["ORG", "LOC"]),
        (".", []),
    ]


def test_attribution_steps_are_symmetric_and_bounded() -> None:
    """Strength goes from −4 to 4, and nearly nothing is nothing."""
    assert [diff.step(w) for w in (-3.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0)] == [-4, -2, 0, 0, 0, 2, 4]


def test_a_field_whose_name_would_be_cut_in_two_is_shown_from_its_beginning() -> None:
    """What is left of a name says nothing."""
    page = f"one: Bergen {'so ' * 20}\ncandidate 9: Which"
    parts = diff.pieces(page, [(5, 6, "X"), (len(page) - 5, len(page), "Who")])
    assert diff.plain(diff.excerpt(parts, 9)).endswith("…\ncandidate 9: [-Which-]{+Who+}")


def test_a_line_for_the_terminal_ends_after_a_few_changes() -> None:
    """A text in which every second letter was hit does not fill the screen."""
    text = "so " * 90
    line = diff.inline(text, [(3 * at, 3 * at + 1, "d") for at in range(90)], context=30).plain
    assert len(line) < 120
    assert line.endswith("…")
