"""British and American English."""

from __future__ import annotations

import pytest

from harness.errors import UserError
from harness.perturb import dialect
from harness.perturb.sites import lines
from harness.text import Span, example
from tests.perturb.applied import drawn, everywhere, outcomes


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("The colour of my neighbour's lorry", "The color of my neighbor's truck"),
        ("we organised a travelling theatre", "we organized a traveling theater"),
        ("grey pyjamas in the car park", "gray pajamas in the parking lot"),
        ("MY FAVOURITE", "MY FAVORITE"),
    ],
)
def test_the_same_is_written_on_both_sides_of_the_atlantic(british: str, american: str) -> None:
    """Spelling and vocabulary, there and back again, in the casing of the text."""
    assert everywhere(dialect.dialect, british, to="american") == american
    assert everywhere(dialect.dialect, american, to="british") == british
    assert everywhere(dialect.dialect, british) == american
    assert everywhere(dialect.dialect, american) == british


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("The color of my truck", "american"),
        ("The colour of my lorry", "british"),
        ("a flat in the lift", "american"),
        ("check the tire of his program", "british"),
        ("the Department of Defense", "british"),
        ("the grey-haired man", "american"),
        ("an elevator", "british"),
    ],
)
def test_what_is_right_already_or_ambiguous_or_a_name_stays(text: str, to: str) -> None:
    """And so does what no longer fits the article before it."""
    assert everywhere(dialect.dialect, text, to=to) == text


def test_an_unknown_dialect_is_the_users_error() -> None:
    """The fault names the nearest one."""
    with pytest.raises(UserError, match="'american'"):
        outcomes(dialect.dialect, "colour", to="amercian")


def test_no_word_of_the_list_belongs_to_both_sides() -> None:
    """Otherwise one could not tell where a text is from, and every pair is listed once."""
    british, american = dialect._words("american"), dialect._words("british")
    assert not set(british) & set(american)
    assert len(british) > 700
    assert len(american) > 700
    assert len(set(lines("dialect"))) == len(lines("dialect"))


def test_gold_spans_keep_their_spelling() -> None:
    """A centre that is part of a name stays one."""
    source = example("a", "the theatre centre", (Span(4, 18, "ORG"),))
    assert all(variant.noop for variant in drawn(dialect.dialect, source))
