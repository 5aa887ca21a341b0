"""Tags and spans say the same thing in two ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities  # type: ignore[import-untyped]

from harness.data.tags import SCHEMES, from_tags, join, tag_problems, to_tags
from harness.text import Span

TAG = st.sampled_from(["O", *(f"{prefix}-{label}" for prefix in "BIES" for label in ("PER", "LOC"))])


def spans_of(tags: list[str]) -> list[tuple[str, int, int]]:
    """Spans by type, first and last word, given words that are one character long."""
    _, offsets = join(["x"] * len(tags))
    return [(span.label, span.start // 2, span.end // 2) for span in from_tags(offsets, tags)]


def test_words_are_joined_by_one_space() -> None:
    """The text and the places of the words in it belong together."""
    assert join(["Ann", "'s", "🎉"]) == ("Ann 's 🎉", [(0, 3), (4, 6), (7, 8)])


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-A I-A O", [("A", 0, 1)]),
        ("I-A I-A O", [("A", 0, 1)]),
        ("B-A B-A", [("A", 0, 0), ("A", 1, 1)]),
        ("B-A I-B", [("A", 0, 0), ("B", 1, 1)]),
        ("I-A B-A", [("A", 0, 0), ("A", 1, 1)]),
        ("B-A I-A E-A S-B S-B", [("A", 0, 2), ("B", 3, 3), ("B", 4, 4)]),
        ("B-A E-A I-A", [("A", 0, 1), ("A", 2, 2)]),
    ],
)
def test_tags_are_read_as_conlleval_does(tags: str, spans: list[tuple[str, int, int]]) -> None:
    """BIO, IOB1 and BIOES are read alike; what does not go on with an entity starts one."""
    assert spans_of(tags.split()) == spans


@given(st.lists(TAG, max_size=12))
def test_reading_tags_agrees_with_seqeval(tags: list[str]) -> None:
    """On any sequence, however broken, the entities are those of seqeval's default mode."""
    assert spans_of(tags) == get_entities(tags)


@given(st.lists(TAG, max_size=12))
def test_spans_survive_a_round_trip_through_tags(tags: list[str]) -> None:
    """Spans that end where words do are the same after writing and reading tags."""
    _, offsets = join(["x"] * len(tags))
    spans = from_tags(offsets, tags)
    written = to_tags(offsets, spans)
    assert from_tags(offsets, written) == spans
    assert not list(tag_problems(written, "bio"))


def test_a_span_that_ends_inside_a_word_takes_all_of_it() -> None:
    """The gold is kept as closely as words allow, and reading it back shows the difference."""
    words, spans = [(0, 6), (7, 9)], [Span(0, 5, "LOC")]
    assert to_tags(words, spans) == ["B-LOC", "O"]
    assert from_tags(words, to_tags(words, spans)) == (Span(0, 6, "LOC"),)


def test_words_need_no_space_between_them() -> None:
    """A span ends where the next word starts, as between a word and its comma."""
    assert to_tags([(0, 2), (2, 3), (4, 5)], [Span(0, 2, "A"), Span(4, 5, "A")]) == ["B-A", "O", "B-A"]


def test_the_span_after_one_that_shares_its_word_still_begins() -> None:
    """Where two spans meet in one word, the first has it, and the second begins with the next."""
    assert to_tags([(0, 4), (5, 6)], [Span(0, 2, "A"), Span(2, 6, "B")]) == ["B-A", "B-B"]


@pytest.mark.parametrize(
    ("scheme", "tags", "problems"),
    [
        ("bio", "B-A I-A O", []),
        ("bio", "O I-A I-A", [(1, "I-A does not go on with anything: it should follow B-A or I-A")]),
        ("bio", "B-A I-B", [(1, "I-B does not go on with anything: it should follow B-B or I-B")]),
        ("bio", "S-A", [(0, "tag 'S-A' is not of scheme bio, which has B, I and O")]),
        ("iob1", "O I-A I-B B-B", []),
        ("auto", "I-A E-A S-B", []),
        ("bioes", "B-A I-A E-A S-A O", []),
        ("bioes", "B-A O", [(1, "O cuts an entity short: E-A should come first")]),
        ("bioes", "B-A S-A", [(1, "S-A cuts an entity short: E-A should come first")]),
        ("bioes", "E-A", [(0, "E-A does not go on with anything: it should follow B-A or I-A")]),
        ("bioes", "O B-A", [(1, "the sentence ends inside an entity: E-A or S-A should end it")]),
    ],
)
def test_strict_schemes_name_each_broken_rule(
    scheme: str, tags: str, problems: list[tuple[int, str]]
) -> None:
    """A file that is declared to follow a scheme is held to it."""
    assert list(tag_problems(tags.split(), scheme)) == problems


@pytest.mark.parametrize("tag", ["", "o", "B", "B-", "B- ", "X-A", "U-A", "0", "b-A", "BI-A"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_malformed_tags_are_wrong_under_every_scheme(scheme: str, tag: str) -> None:
    """Only O and a known prefix with a type are tags."""
    message = f"tag {tag!r} should be O, or one of B-, I-, E-, S- and a type"
    assert list(tag_problems([tag], scheme)) == [(0, message)]
    with pytest.raises(ValueError, match="should be O"):
        from_tags([(0, 1)], [tag])


def test_as_many_tags_as_words_are_needed() -> None:
    """A caller that loses a tag is told instead of losing an entity."""
    with pytest.raises(ValueError):
        from_tags([(0, 1)], ["O", "O"])
